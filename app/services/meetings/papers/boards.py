"""The board of a park: which number each plot has, and which company is where on a day."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.db.companies.companies import companies_on
from app.db.land.footprints import footprints_on
from app.db.land.parks import check_park, park_names
from app.db.land.plots import plot_parks, plots_on
from app.db.sources import notice
from app.db.walking.walkways import walkways_on
from app.exchange.meetings.papers.board_pdf import board_pdf
from app.exchange.meetings.papers.park_map import BoardEntry, ParkBoard
from app.exchange.tours.drawing import Around
from app.services.tours.keys import slug
from app.services.tours.papers import PRINTER


def plot_numbers(connection: Connection, park: str) -> dict[str, int]:
    """Return the number of every plot that a park ever had, from 1 in the order of their keys.

    It hangs on no day and on no company: a successor on a plot has its predecessor's number.
    """
    keys = sorted((key for key, own in plot_parks(connection).items() if own == park), key=plot_order)
    return {key: n for n, key in enumerate(keys, 1)}


def plot_order(key: str) -> list[tuple[int, str]]:
    """Return what sorts the keys of plots as people count: 2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", key)]


def park_board(connection: Connection, park: str, on: date) -> ParkBoard:
    """Return the board of a park on a day.

    Raises
    ------
    NotFoundError
        When there is no such park.
    """
    check_park(connection, park)
    plots = plots_on(connection, on, park)
    numbers = plot_numbers(connection, park)
    return ParkBoard(
        park,
        park_names(connection)[park],
        on,
        Around(plots, walkways_on(connection, on), footprints_on(connection, on)),
        {key: numbers[key] for key in plots["key"]},
        _entries(connection, park, on, numbers),
        notice(connection).attribution,
    )


def with_hosts(board: ParkBoard, connection: Connection, companies: Collection[str]) -> ParkBoard:
    """Return a board on which the plots of some companies stand out."""
    there = companies_on(connection, board.on, board.park)
    return replace(board, hosts=frozenset(there[there["company"].isin(companies)]["plot"].dropna()))


def printed_board(board: ParkBoard, language: str) -> bytes:
    """Return a board as a PDF of one page.

    Raises
    ------
    BusyError, SetupError
        When other papers are being printed, or this machine cannot print.
    """
    with PRINTER.held():
        return board_pdf(board, language)


def _entries(connection: Connection, park: str, on: date, numbers: dict[str, int]) -> list[BoardEntry]:
    there = companies_on(connection, on, park)
    found = [_entry(rows, numbers) for _, rows in there.groupby("company", sort=False)]
    return sorted(found, key=lambda entry: by_name(entry.name))


def _entry(rows: Any, numbers: dict[str, int]) -> BoardEntry:
    known = {numbers[plot] for plot in rows["plot"].dropna() if plot in numbers}
    places = [
        f"{row.street} {row.house_number or ''}".strip()
        for row in rows.itertuples(index=False)
        if isinstance(row.street, str)
    ]
    return BoardEntry(rows["name"].iloc[0], tuple(sorted(known)), ", ".join(dict.fromkeys(places)))


def by_name(name: str) -> tuple[str, str]:
    """Return what sorts names as a German list does: ä as a, small letters as large ones."""
    folded = name.translate(str.maketrans("äöüÄÖÜ", "aouAOU")).replace("ß", "ss")
    return slug(folded, name.casefold()), name

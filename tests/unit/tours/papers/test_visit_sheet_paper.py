"""The visit sheet as printed: no stop moved without need, no character lost in silence."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pypdfium2
import pytest

from app.domain.tours import Direction, TourPlan
from app.exchange.tours.printing import printed
from app.exchange.tours.visit_sheet import (
    GOOD_MAP_MM,
    LEAST_MAP_MM,
    MOST_MAP_MM,
    map_height_mm,
    printed_sheet,
    visit_sheet,
)
from tests.papers import nothing_around, papers, place

NAMES = ("Ελληνική Ω", "Кириллица Ж", "株式会社 木村 🌳")


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page in one line."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def walk_of(n_stops: int, n_turns: int) -> TourPlan:
    """Return a tour of many stops, each with a note and directions that fill some lines."""
    told = papers()
    turn = Direction("rechts auf den Weg entlang Brandgehaege, 117 m", place(0, 0))
    stops = tuple(
        replace(
            told.stops[n % 3], position=n + 1, name=f"Firma {n + 1:02} Fahrzeugtechnik", note="Am Tor melden"
        )
        for n in range(n_stops)
    )
    legs = tuple(
        replace(told.legs[n % 2], position=n + 1, to_position=n + 2, turns=(turn,) * n_turns, notes=())
        for n in range(n_stops - 1)
    )
    return replace(told, stops=stops, legs=legs)


def n_stops_on(page: str, walk: TourPlan) -> int:
    return sum(stop.name in page for stop in walk.stops)


@pytest.mark.parametrize(
    ("room_mm", "rows_mm", "height_mm"),
    [
        (200.0, [20.0] * 3, MOST_MAP_MM),  # room for all: the map is as large as it gets
        (200.0, [30.0] * 4, 80.0),  # all of the timetable under a smaller map
        (200.0, [30.0] * 6, 110.0),  # three stops, not two and an empty strip under a map of 130
        (200.0, [45.0] * 6, 110.0),
        (200.0, [150.0, 20.0], MOST_MAP_MM),  # the first stop alone is too high: it goes on
        (200.0, [], MOST_MAP_MM),
    ],
)
def test_the_map_gets_what_the_stops_leave(room_mm: float, rows_mm: list[float], height_mm: float) -> None:
    assert map_height_mm(room_mm, rows_mm) == pytest.approx(height_mm)


@pytest.mark.parametrize(("n_stops", "n_turns", "n_pages"), [(3, 6, 1), (4, 4, 1), (7, 5, 2)])
def test_no_stop_moves_to_the_next_page_without_need(n_stops: int, n_turns: int, n_pages: int) -> None:
    """The first page holds as many stops as it does under a smaller map that is still good."""
    walk = walk_of(n_stops, n_turns)
    pages = pages_of(printed_sheet(walk, nothing_around()))
    assert len(pages) == n_pages
    smaller = LEAST_MAP_MM if n_pages == 1 else GOOD_MAP_MM
    with_smaller_map = pages_of(printed(visit_sheet(walk, nothing_around(), smaller)).pdf)
    assert n_stops_on(pages[0], walk) == n_stops_on(with_smaller_map[0], walk)
    assert sum(n_stops_on(page, walk) for page in pages) == n_stops


def test_every_character_is_drawn_or_named() -> None:
    """What fontconfig, asked by itself, knows no font for stands on the sheet as a code."""
    told = papers()
    stops = tuple(replace(stop, name=name) for stop, name in zip(told.stops, NAMES, strict=True))
    text = "".join(pages_of(printed_sheet(replace(told, stops=stops), nothing_around())))
    characters = sorted(set("".join(NAMES)) - {" "})
    unknown = [character for character in characters if not _has_font(character)]
    named = [character for character in characters if f"U+{ord(character):04X}" in text]
    assert named == unknown
    assert ("statt ihrer steht ein Kästchen" in text) == bool(unknown)
    assert not set(unknown) & set(NAMES[0] + NAMES[1])


def test_a_character_without_any_font_is_named() -> None:
    """One of the private use area, which no font has."""
    told = papers(language="en", note="vorher \U0010fffd nachher", title="Rundgang")
    text = "".join(pages_of(printed_sheet(told, nothing_around())))
    assert "a box stands for each: U+10FFFD." in text


def _has_font(character: str) -> bool:
    asked = ["fc-list", f":charset={ord(character):x}", "family"]
    return bool(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())

"""What the map shows beside the collections: where to look, who followed whom, who met whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from app.db.companies import companies_on
from app.db.meetings import meetings
from app.db.parks import check_park, parks_on
from app.db.successions import successions
from app.maps.page import Box, view_of


def first_view(connection: Connection, on: date, park: str | None = None) -> Box:
    """Return the box around the parks of a day, or around `park`, in degrees.

    Raises
    ------
    NotFoundError
        For a park that does not exist.
    """
    check_park(connection, park)
    return view_of(parks_on(connection, on, park))


def company_links(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return successions and meetings as the map's cards tell them, JSON-ready, whatever the day.

    A succession carries each firm's name, the predecessor's last day and the successor's first
    day at the place, null where unknown. A meeting carries the parts that are known.
    """
    history = companies_on(connection, None)
    return {
        "successions": [_succession(row, history) for row in successions(connection)],
        "meetings": [_meeting(row) for row in meetings(connection)],
    }


def _succession(row: dict[str, Any], history: gpd.GeoDataFrame) -> dict[str, Any]:
    before, after = (_there(history, row[side], row["plot"]) for side in ("predecessor", "successor"))
    ends, starts = before["valid_to"].dropna(), after["valid_from"].dropna()
    last_on = max(ends) - timedelta(days=1) if len(ends) else None
    return {
        "predecessor": _party(row["predecessor"], before, last_on=_iso(last_on)),
        "successor": _party(row["successor"], after, first_on=_iso(min(starts) if len(starts) else None)),
        "kind": row["kind"],
        "happened_on": _iso(row["happened_on"]),
        "precision": row["precision"],
    }


def _there(history: gpd.GeoDataFrame, company: str, plot: str | None) -> gpd.GeoDataFrame:
    own = history.loc[history["company"] == company]
    on_plot = own.loc[own["plot"] == plot]
    return own if on_plot.empty else on_plot


def _party(key: str, rows: gpd.GeoDataFrame, **when: str | None) -> dict[str, Any]:
    return {"key": key, "name": key if rows.empty else rows["name"].iloc[0], **when}


def _meeting(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("key", "title", "tour")}
    return {**told, "held_on": _iso(row["held_on"]), "parts": row["participations"]}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()

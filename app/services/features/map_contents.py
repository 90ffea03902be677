"""What the map shows beside the collections (first view, successions, meetings), and the map as a file."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from app.analysis.neighborhood import company_neighbors, plot_neighbors
from app.db.companies.companies import companies_on
from app.db.companies.successions import successions
from app.db.land.parks import check_park, park_names, parks_on
from app.db.land.plots import plots_on
from app.db.meetings.meetings import meetings
from app.db.neighbors.adjacency import adjacency_on
from app.domain.feature_query import FeatureQuery, Span
from app.domain.localizer import Localizer
from app.domain.period import today
from app.errors import N_
from app.maps.page import Box, page_config, view_of
from app.maps.standalone import MapFile, standalone_html
from app.services.features.exporting import COLLECTIONS, take_out
from app.services.neighbors.neighborhood import neighbors_json, no_plot_note


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
    values = {name: row[name] for name in ("key", "title", "tour")}
    return {**values, "held_on": _iso(row["held_on"]), "parts": row["participations"]}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def map_file(connection: Connection, on: date, park: str | None, localizer: Localizer) -> str:
    """Return the map of a day as one HTML file that needs no network, of `park` or of all parks.

    Raises
    ------
    NotFoundError
        For a park that does not exist.
    SetupError
        When the browser assets are not set up.
    """
    box = first_view(connection, on, park)
    data = {name: _geojson(connection, name, on, park) for name in COLLECTIONS}
    data["neighbors"] = json.dumps(all_neighbors(connection, on, park, localizer), ensure_ascii=False)
    data["links"] = json.dumps(company_links(connection), ensure_ascii=False)
    parks = ", ".join(parks_on(connection, on, park)["name"])
    content = MapFile(
        title=localizer.translate(N_("%(parks)s, as of %(day)s"), parks=parks, day=on),
        language=localizer.language,
        config=page_config(on, today(), localizer.language, box, service={"isEmbedded": True}),
        data=data,
    )
    return standalone_html(content, localizer.translate)


def all_neighbors(connection: Connection, on: date, park: str | None, localizer: Localizer) -> dict[str, Any]:
    """Return the neighbors of every company and plot of a day, by ``company:key`` and ``plot:key``."""
    companies, plots = companies_on(connection, on), plots_on(connection, on)
    adjacency, parks = adjacency_on(connection, on), park_names(connection)
    answers: dict[str, Any] = {}
    for key, rows in _in_park(companies, park).groupby("company"):
        name, own = rows["name"].iloc[0], sorted(set(rows["plot"].dropna()))
        note = None if own else no_plot_note(rows, parks, localizer)
        found = company_neighbors(str(key), companies, plots, adjacency)
        subject = {"kind": "company", "key": key, "name": name, "plots": own}
        answers[f"company:{key}"] = neighbors_json(subject, found, on, localizer, note)
    for key in _in_park(plots, park)["key"]:
        subject = {"kind": "plot", "key": key, "name": key, "plots": [key]}
        answers[f"plot:{key}"] = neighbors_json(
            subject, plot_neighbors(key, companies, plots, adjacency), on, localizer, None
        )
    return answers


def _in_park(rows: gpd.GeoDataFrame, park: str | None) -> gpd.GeoDataFrame:
    return rows if park is None else rows.loc[rows["park"] == park]


def _geojson(connection: Connection, name: str, on: date, park: str | None) -> str:
    return "".join(take_out(connection, FeatureQuery(name, Span.on(on), park)).lines("geojson"))

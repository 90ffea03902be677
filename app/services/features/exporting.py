"""Export: what can be taken out, for which question, with which notices."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from app.db.changes import data_version
from app.db.companies.companies import companies_on, company_neighbors_on
from app.db.companies.successions import successions
from app.db.features import chunks, count, texts
from app.db.land.facilities import facilities_on
from app.db.land.footprints import footprints_on
from app.db.land.parks import check_park, parks_on
from app.db.land.plots import plots_on
from app.db.meetings.meetings import meetings
from app.db.neighbors.adjacency import adjacency_on
from app.db.sources import all_sources, notice
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.tours.records import stop_rows, tour_keys, tour_row
from app.db.walking.walkways import walkways_on
from app.domain.crs import to_wgs84
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span
from app.domain.frames import CONTRACTS, Contract, find_contract
from app.domain.localizer import localizer_for
from app.domain.period import PARK_ZONE
from app.errors import N_, DataError
from app.exchange.collections import dataset as data_folder
from app.exchange.collections.dataset import Dataset, write_dataset
from app.exchange.collections.files import FILE_LANGUAGE, Export
from app.exchange.collections.geojson import DECIMALS, OPEN_START
from app.exchange.tours.stored import parse_record
from app.services.features.column_guide import column_guide

Read = Callable[[Connection, date | None, str | None], gpd.GeoDataFrame]

# Raised when the form of the files changes, so that caches ask again.
FORM = "exports 2"

# Enough to be quick, few enough to be small in memory.
ROWS_AT_ONCE = 4_000


SCHEMATIC_PLOTS = N_("Plots schematic, not a cadastre.")
PLACEHOLDERS = N_("Where location_quality is “street”: location approximate (placeholder).")
SCHEMATIC_PLACES = N_("Where location_quality is “schematic”: outline or location schematic.")
DERIVED = N_("Computed from schematic plots, not a cadastre.")
HALF_OPEN = N_("valid_to is the first day on which the row is no longer valid.")


@dataclass(frozen=True)
class Collection:
    """One thing that can be taken out: its contract and who reads it."""

    contract: Contract
    read: Read


COLLECTIONS: Mapping[str, Collection] = {
    name: Collection(CONTRACTS[name], read)
    for name, read in {
        "plots": plots_on,
        "companies": companies_on,
        "facilities": facilities_on,
        "walkways": walkways_on,
        "adjacency": adjacency_on,
        "company-neighbors": company_neighbors_on,
        "tours": tours_on,
        "parks": parks_on,
        "footprints": footprints_on,
        "tour-stops": tour_stops_on,
        "tour-legs": tour_legs_on,
    }.items()
}


def take_out(connection: Connection, query: FeatureQuery) -> Export:
    """Return what a query asks for, ready to be written; rows are read when a form asks for them.

    Parameters
    ----------
    connection : Connection
        Open until all is written.
    query : FeatureQuery
        All its features are meant, whatever its page.

    Raises
    ------
    NotFoundError
        For a collection or park that does not exist.
    InputError
        For a property that the collection does not have, or a value that it cannot have.
    """
    contract = find_contract(query.collection)
    check_park(connection, query.park)
    around = FeatureQuery("plots", query.span, query.park, query.bbox)
    return Export(
        contract,
        _members(connection, query),
        features=partial(texts, connection, query),
        parts=partial(chunks, connection, query, n_rows=ROWS_AT_ONCE),
        plots=partial(chunks, connection, around, n_rows=ROWS_AT_ONCE),
        n_rows=partial(count, connection, query),
        columns=_column_lines(query.collection),
    )


def _column_lines(collection: str) -> list[tuple[str, ...]]:
    """Return what the columns of a collection mean as lines of a sheet, with a heading."""
    localizer = localizer_for(FILE_LANGUAGE)
    heading = (N_("Column"), N_("Name"), N_("Kind"), N_("Meaning"))
    lines = [tuple(map(localizer.translate, heading))]
    for column in column_guide(collection, localizer):
        codes = "".join(f"\n{code} = {meaning}" for code, meaning in column.codes.items())
        lines.append((column.name, column.title, column.kind, f"{column.meaning}{codes}"))
    return lines


def _members(connection: Connection, query: FeatureQuery) -> dict[str, str]:
    """Return what is said of the rows of a query."""
    about = {
        **_notices(connection, query.collection, _query_note(connection, query)),
        "state": state_of(query.span),
        "park": query.park or "",
        "selection": selection_of(query),
        "source": "; ".join(str(source["title"]) for source in all_sources(connection)),
        "generated_from": f"data version {data_version(connection)}, {FORM}",
    }
    return {name: text for name, text in about.items() if text}


def state_of(span: Span) -> str:
    """Return the day that is asked for, ``history`` for all days, or both ends of a period."""
    if span == ALL_TIME:
        return "history"
    first, last = (OPEN_START if day is None else day.isoformat() for day in (span.first, span.last))
    return first if span.is_instant else f"{first}/{last}"


def selection_of(query: FeatureQuery) -> str:
    """Return in words of the API what beside days and park narrows a query down; empty where nothing does."""
    box = query.bbox
    parts = {
        **query.equals,
        "bbox": "" if box is None else f"{box.minx},{box.miny},{box.maxx},{box.maxy} (EPSG:{box.srid})",
        "filter": "" if query.filter is None else json.dumps(query.filter, ensure_ascii=False),
    }
    return "; ".join(f"{name}={text}" for name, text in parts.items() if text)


def _notices(connection: Connection, name: str, note: str) -> dict[str, str]:
    """Return name, licence, attribution and note of rows; a note only where there is one to make."""
    notices = notice(connection)
    about = {"name": name, "licence": notices.licence, "attribution": notices.attribution, "note": note}
    return {key: text for key, text in about.items() if text}


_DERIVED = frozenset({"adjacency", "company-neighbors"})
# Column and value (None: any) -> what is not to be taken at its word where a row has it.
_NOTES = (
    ("quality", "schematic", SCHEMATIC_PLOTS),
    ("location_quality", "street", PLACEHOLDERS),
    ("location_quality", "schematic", SCHEMATIC_PLACES),
    ("valid_to", None, HALF_OPEN),
)


def _query_note(connection: Connection, query: FeatureQuery) -> str:
    """Return what in the rows of a query is not to be taken at its word."""
    columns = CONTRACTS[query.collection].columns
    notes = [DERIVED] if query.collection in _DERIVED else []
    for column, value, note in _NOTES:
        if column in columns and count(connection, _where(query, column, value)):
            notes.append(note)
    return _joined(notes)


def _where(query: FeatureQuery, column: str, value: str | None) -> FeatureQuery:
    """Return the query for those of its rows that have a value in a column, or any at all."""
    name = {"property": column}
    unknown = {"op": "isNull", "args": [name]}
    wanted = {"op": "not", "args": [unknown]} if value is None else {"op": "=", "args": [name, value]}
    both = wanted if query.filter is None else {"op": "and", "args": [query.filter, wanted]}
    return replace(query, filter=both)


def _frame_note(name: str, frame: gpd.GeoDataFrame) -> str:
    """Return what in these rows is not to be taken at its word."""
    notes = [DERIVED] if name in _DERIVED else []
    for column, value, note in _NOTES:
        if column in frame and (frame[column].notna() if value is None else frame[column] == value).any():
            notes.append(note)
    return _joined(notes)


def _joined(notes: Iterable[str]) -> str:
    return " ".join(map(localizer_for(FILE_LANGUAGE).translate, notes))


def export_dataset(connection: Connection, folder: Path) -> dict[str, int]:
    """Write a data folder with all history; return the number of rows by file."""
    names = [contract.name for contract in data_folder.COLLECTIONS]
    frames = {name: COLLECTIONS[name].read(connection, None, None) for name in names}
    content = Dataset(
        frames=frames,
        sources=all_sources(connection),
        successions=successions(connection),
        meetings=meetings(connection),
        tours=[_tour(connection, key) for key in tour_keys(connection, is_public=True)],
    )
    notices = {name: _notices(connection, name, _frame_note(name, frames[name])) for name in names}
    write_dataset(folder, content, notices)
    counts = {name: len(frame) for name, frame in frames.items()}
    relations = ("sources", "successions", "meetings", "tours")
    return {**counts, **{name: len(getattr(content, name)) for name in relations}}


def _tour(connection: Connection, key: str) -> dict[str, Any]:
    """Return a tour as ``tours.json`` tells it."""
    row = tour_row(connection, key)
    starts_at = row["starts_at"].astimezone(PARK_ZONE)
    precision = "seconds" if starts_at.second else "minutes"
    as_is = ("time_basis", "pace_m_s", "is_round", "note", "source")
    places = stop_rows(connection, row["tour_id"])
    meeting = {"meeting": _place(places[0])} if places[0]["position"] == 0 else {}
    own = {
        **{name: row[name] for name in ("key", "park", "title")},
        "starts_at": starts_at.isoformat(timespec=precision),
        **{name: row[name] for name in as_is},
    }
    visited = [stop for stop in places if stop["position"]]
    stops = [{**_place(stop), "dwell_min": stop["dwell_min"], "note": stop["note"]} for stop in visited]
    plain = {**own, **meeting, "stops": stops}
    if _is_implied(plain, row["wish"]):
        return plain
    numbered = [
        {**own_stop, "request_stop": stop["request_stop"]}
        for own_stop, stop in zip(stops, visited, strict=True)
    ]
    return {**own, "wish": row["wish"], **meeting, "stops": numbered}


def _is_implied(record: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Return whether the stops hold all that is asked of a tour, as in files that ask no more."""
    try:
        return bool(parse_record(record).request.given == request)
    except DataError:
        return False


def _place(stop: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names a stop's place: an occupancy, a facility, or a name and a point."""
    for kind in ("company", "facility"):
        if stop[kind] is not None:
            return {kind: stop[kind]}
    point = to_wgs84(stop["geometry"])
    return {"name": stop["name"], "lon": round(point.x, DECIMALS), "lat": round(point.y, DECIMALS)}

"""Export: what can be taken out, as of which day, with which notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from app.db.adjacency import adjacency_on
from app.db.changes import data_version
from app.db.companies import companies_on
from app.db.facilities import facilities_on
from app.db.footprints import footprints_on
from app.db.meetings import meetings
from app.db.parks import check_park, parks_on
from app.db.plots import plots_on
from app.db.sources import all_sources, notice
from app.db.successions import successions
from app.db.tour_records import tour_keys, tour_row
from app.db.tours import tour_legs_on, tour_stops_on, tours_on
from app.db.walkways import walkways_on
from app.domain.crs import to_wgs84
from app.domain.frames import CONTRACTS, Contract
from app.domain.period import PARK_ZONE
from app.errors import N_, NotFoundError
from app.exchange import dataset as data_folder
from app.exchange.dataset import Dataset, write_dataset
from app.exchange.files import Export
from app.exchange.geojson import DECIMALS

Read = Callable[[Connection, date | None, str | None], gpd.GeoDataFrame]

# Raised when the form of the files changes, so that caches ask again.
FORM = "exports 1"


SCHEMATIC_PLOTS = "Grundstücke schematisch, kein Kataster."
PLACEHOLDERS = "Wo location_quality „street“ ist: Lage ungefähr (Platzhalter)."
SCHEMATIC_PLACES = "Wo location_quality „schematic“ ist: Umriss oder Lage schematisch."
DERIVED = "Berechnet aus schematischen Grundstücken, kein Kataster."
HALF_OPEN = "valid_to ist der erste Tag, an dem die Zeile nicht mehr gilt."


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
        "tours": tours_on,
        "parks": parks_on,
        "footprints": footprints_on,
        "tour-stops": tour_stops_on,
        "tour-legs": tour_legs_on,
    }.items()
}


def find_collection(name: str) -> Collection:
    """Return the collection of this name.

    Raises
    ------
    NotFoundError
        Naming those there are.
    """
    if name not in COLLECTIONS:
        raise NotFoundError(
            N_("There is no collection “%(name)s”; there are: %(known)s."),
            name=name[:60],
            known=", ".join(COLLECTIONS),
        )
    return COLLECTIONS[name]


def take_out(connection: Connection, name: str, on: date | None, park: str | None = None) -> Export:
    """Return a collection as of a day, ready to be written.

    Parameters
    ----------
    connection : Connection
    name : str
        A name of `COLLECTIONS`.
    on : date or None
        The day; None for all of history.
    park : str or None
        Only rows of this park.

    Raises
    ------
    NotFoundError
        For a collection or park that does not exist.
    """
    collection = find_collection(name)
    check_park(connection, park)
    frame = collection.read(connection, on, park)
    about = {**about_rows(connection, name, frame), "state": on.isoformat() if on else "history"}
    if park is not None:
        about["park"] = park
    about["generated_from"] = f"data version {data_version(connection)}, {FORM}"
    return Export(collection.contract, frame, about, is_history=on is None)


def about_rows(connection: Connection, name: str, frame: gpd.GeoDataFrame) -> dict[str, str]:
    """Return name, licence, attribution and note of rows; a note only where there is one to make."""
    notices = notice(connection)
    about = {
        "name": name,
        "licence": notices.licence,
        "attribution": notices.attribution,
        "note": _note(name, frame),
    }
    return {key: text for key, text in about.items() if text}


def _note(name: str, frame: gpd.GeoDataFrame) -> str:
    """Say what in these rows is not to be taken at its word."""
    notes = []
    if name == "adjacency":
        notes.append(DERIVED)
    if "quality" in frame and (frame["quality"] == "schematic").any():
        notes.append(SCHEMATIC_PLOTS)
    if "location_quality" in frame and (frame["location_quality"] == "street").any():
        notes.append(PLACEHOLDERS)
    if "location_quality" in frame and (frame["location_quality"] == "schematic").any():
        notes.append(SCHEMATIC_PLACES)
    if "valid_to" in frame and frame["valid_to"].notna().any():
        notes.append(HALF_OPEN)
    return " ".join(notes)


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
    write_dataset(folder, content, {name: about_rows(connection, name, frames[name]) for name in names})
    counts = {name: len(frame) for name, frame in frames.items()}
    relations = ("sources", "successions", "meetings", "tours")
    return {**counts, **{name: len(getattr(content, name)) for name in relations}}


def _tour(connection: Connection, key: str) -> dict[str, Any]:
    """Return a tour as ``tours.json`` tells it."""
    row = tour_row(connection, key)
    starts_at = row["starts_at"].astimezone(PARK_ZONE).isoformat(timespec="minutes")
    as_is = ("time_basis", "pace_m_s", "is_round", "note", "source")
    stops = tour_stops_on(connection, None, None, key)
    return {
        **{name: row[name] for name in ("key", "park", "title")},
        "starts_at": starts_at,
        **{name: row[name] for name in as_is},
        "stops": [
            {**_place(stop), "dwell_min": stop["dwell_min"], "note": stop["note"]}
            for stop in stops.to_dict("records")
        ],
    }


def _place(stop: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names a stop's place: an occupancy, a facility, or a name and a point."""
    for kind in ("company", "facility"):
        if isinstance(stop[kind], str):
            return {kind: stop[kind]}
    point = to_wgs84(stop["geometry"])
    return {"name": stop["name"], "lon": round(point.x, DECIMALS), "lat": round(point.y, DECIMALS)}

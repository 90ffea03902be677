"""Facilities over time: truck parking, bus stops, fuel stations."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection, func, select

from app.db.models import Facility, Park, Plot, Source
from app.db.parks import named, park_ids
from app.db.plots import plot_ids
from app.db.reading import holds, life, read_frame, wkb
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, Tally, Way, period, records, resolve, store_versions
from app.domain.frames import FACILITIES
from app.errors import N_

UNKNOWN_PARK = N_("Facility %(row)s lies in the park “%(key)s”, which is not stored.")
UNKNOWN_PLOT = N_("Facility %(row)s lies on the plot “%(key)s”, which is not stored.")
AMENITY_SEPARATOR = "; "
AS_IS = ("key", "kind", "name", "capacity", "capacity_reserve", "fee", "security_level", "url")


def facilities_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the facilities of a day (None: of all history) with the columns of `FACILITIES`.

    `amenities` is one text, its parts joined by ``; ``.
    """
    statement = (
        select(
            Facility.key,
            Park.key.label("park"),
            Facility.kind,
            Facility.name,
            Plot.key.label("plot"),
            Facility.capacity,
            Facility.capacity_reserve,
            func.array_to_string(Facility.amenities, AMENITY_SEPARATOR).label("amenities"),
            Facility.fee,
            Facility.security_level,
            Facility.url,
            Facility.location_quality,
            *life(Facility.valid),
            Source.title.label("source"),
            wkb(Facility.geometry),
        )
        .join(Park, Park.park_id == Facility.park_id)
        .outerjoin(Plot, Plot.plot_id == Facility.plot_id)
        .outerjoin(Source, Source.source_id == Facility.source_id)
        .where(*holds(Facility.valid, on), *named(park))
        .order_by(Facility.key, func.lower(Facility.valid).nulls_first())
    )
    return read_frame(connection, statement, FACILITIES)


def store_facilities(connection: Connection, frame: gpd.GeoDataFrame, way: Way = AS_GIVEN) -> Tally:
    """Store the rows of a `FACILITIES` frame.

    Raises
    ------
    NotFoundError
        When a park or plot is not stored; for the rest see `app.db.versions.store_versions`.
    """
    parks, plots, sources = park_ids(connection), plot_ids(connection), source_ids(connection)
    rows = [
        {
            "row": row["key"],
            **{name: row[name] for name in (*AS_IS, "location_quality", "geometry")},
            "park_id": resolve(parks, row["park"], row["key"], UNKNOWN_PARK),
            "plot_id": resolve(plots, row["plot"], row["key"], UNKNOWN_PLOT),
            "amenities": _parts(row["amenities"]),
            "valid": period(row),
            "source_id": sources.get(row["source"]),
        }
        for row in records(frame)
    ]
    return store_versions(connection, Facility, "key", rows, way)


def _parts(amenities: str | None) -> list[str] | None:
    return None if amenities is None else [part.strip() for part in amenities.split(";") if part.strip()]

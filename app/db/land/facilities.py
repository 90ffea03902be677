"""Facilities over time: truck parking, bus stops, fuel stations."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection

from app.db.features.readers import frame_on
from app.db.land.parks import park_ids
from app.db.land.plots import plot_ids
from app.db.models import Facility
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, StoreOptions, Tally, period, records, resolve, store_versions
from app.errors import N_

UNKNOWN_PARK = N_("Facility %(row)s lies in the park “%(key)s”, which is not stored.")
UNKNOWN_PLOT = N_("Facility %(row)s lies on the plot “%(key)s”, which is not stored.")
AS_IS = ("key", "kind", "name", "capacity", "capacity_reserve", "fee", "security_level", "url")


def facilities_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the facilities of a day (None: of all history) with the columns of `FACILITIES`.

    `amenities` is one text, its parts joined by ``; ``.
    """
    return frame_on(connection, "facilities", on, park)


def store_facilities(
    connection: Connection, frame: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN
) -> Tally:
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
    return store_versions(connection, Facility, "key", rows, options)


def _parts(amenities: str | None) -> list[str] | None:
    return None if amenities is None else [part.strip() for part in amenities.split(";") if part.strip()]

"""Business parks: their outlines, and whether one exists."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection, func, select

from app.db.features.readers import frame_on
from app.db.models import Park
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, StoreOptions, Tally, period, records, store_versions
from app.errors import N_, NotFoundError


def parks_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the parks of a day (None: of all history) with the columns of `PARKS`, by key."""
    return frame_on(connection, "parks", on, park)


def park_ids(connection: Connection) -> dict[str, int]:
    """Return the id of every park by its key."""
    return {row.key: row.park_id for row in connection.execute(select(Park.key, Park.park_id))}


def park_names(connection: Connection) -> dict[str, str]:
    """Return the name of every park by its key, in the order of keys; of several names the latest."""
    rows = connection.execute(
        select(Park.key, Park.name).order_by(Park.key, func.lower(Park.valid).nulls_first())
    )
    return {row.key: row.name for row in rows}


def check_park(connection: Connection, park: str | None) -> None:
    """Refuse the key of a park that does not exist; None stands for all parks.

    Raises
    ------
    NotFoundError
        Naming the parks there are.
    """
    known = park_ids(connection)
    if park is not None and park not in known:
        raise NotFoundError(
            N_("There is no park “%(park)s”; available: %(known)s."),
            park=park[:60],
            known=", ".join(sorted(known)) or "–",
        )


def store_parks(connection: Connection, frame: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN) -> Tally:
    """Store the rows of a `PARKS` frame; see `app.db.versions.store_versions` for what is refused."""
    sources = source_ids(connection)
    rows = [
        {
            "row": row["key"],
            "key": row["key"],
            "name": row["name"],
            "geometry": row["geometry"],
            "valid": period(row),
            "source_id": sources.get(row["source"]),
        }
        for row in records(frame)
    ]
    return store_versions(connection, Park, "key", rows, options)

"""Business parks: their outlines, and whether one exists."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, Select, func, insert, select

from app.db.features.readers import frame_on
from app.db.models import Park, ParkVersion
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, StoreOptions, Tally, period, records, store_versions
from app.domain.period import PARK_ZONE
from app.errors import N_, NotFoundError


def parks_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the parks of a day (None: of all history) with the columns of `PARKS`, by key."""
    return frame_on(connection, "parks", on, park)


def park_ids(connection: Connection) -> dict[str, int]:
    """Return the id of every park by its key."""
    return {row.key: row.park_id for row in connection.execute(select(Park.key, Park.park_id))}


def park_names(connection: Connection) -> dict[str, str]:
    """Return the name of every park by its key, in the order of keys; of several names the latest."""
    version = ParkVersion
    statement = select(Park.key, version.name).join(version, version.park_id == Park.park_id)
    rows = connection.execute(statement.order_by(Park.key, func.lower(version.valid).nulls_first()))
    return {row.key: row.name for row in rows}


def name_at(park_id: Any, instant: Any) -> Any:
    """Return what a park is called at an instant in SQL; where it is not there then, its latest name."""
    version, day = ParkVersion, func.date(func.timezone(PARK_ZONE.key, instant))
    statement: Select[Any] = (
        select(version.name)
        .where(version.park_id == park_id)
        .order_by(version.valid.op("@>")(day).desc(), version.valid.desc())
        .limit(1)
    )
    return statement.scalar_subquery()


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
    given, sources, stored = records(frame), source_ids(connection), park_ids(connection)
    fresh = [{"key": key} for key in dict.fromkeys(row["key"] for row in given) if key not in stored]
    if fresh:
        connection.execute(insert(Park), fresh)
    parks = park_ids(connection)
    rows = [
        {
            "row": row["key"],
            "park_id": parks[row["key"]],
            "name": row["name"],
            "geometry": row["geometry"],
            "valid": period(row),
            "source_id": sources.get(row["source"]),
        }
        for row in given
    ]
    return store_versions(connection, ParkVersion, "park_id", rows, options)

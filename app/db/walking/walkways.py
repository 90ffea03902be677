"""The walk network's edges as rows.

Walkways divided where a new one meets them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import shapely
from geoalchemy2.shape import from_shape
from shapely import LineString, Point
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.engine import RowMapping

from app.db.features.readers import frame_on
from app.db.models import Walkway, WalkwayPermission
from app.db.row_frames import wkb
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, StoreOptions, Tally, period, records, refusals_in_words, store_versions
from app.domain.crs import STORAGE_SRID

_COPIED = ("kind", "name", "surface", "kerb", "access", "opening_hours", "source_id")
_PERMISSION = ("tour_id", "granted_by", "granted_on", "opens_at", "closes_at", "valid", "note")

_STORED = ("key", "kind", "name", "surface", "kerb", "access", "opening_hours", "geometry")


def walkways_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the edges of the walk network of a day.

    Parameters
    ----------
    connection : Connection
    on : date or None
        The day; None for all of history.
    park : str or None
        Only edges that run in or through this park; the network itself belongs to no park.

    Returns
    -------
    GeoDataFrame
        Columns of `WALKWAYS`, LineStrings in EPSG:25832, ordered by key; no rows where none hold.
    """
    return frame_on(connection, "walkways", on, park)


def store_walkways(
    connection: Connection, walkways: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN
) -> Tally:
    """Store edges of the walk network over time.

    Parameters
    ----------
    connection : Connection
    walkways : GeoDataFrame
        Columns of `WALKWAYS`; `length_m` is not read.
    options : StoreOptions
        How changes close older rows.

    Raises
    ------
    ConflictError, DataError
        As `store_versions`.
    """
    sources = source_ids(connection)
    rows = [
        {
            **{name: row[name] for name in _STORED},
            "valid": period(row),
            "source_id": sources.get(row["source"]),
            "row": row["key"],
        }
        for row in records(walkways)
    ]
    return store_versions(connection, Walkway, "key", rows, options)


def insert_walkway(connection: Connection, values: Mapping[str, Any], valid: Range[date]) -> None:
    """Store one edge: columns of `Walkway` but for its period, `geometry` a LineString in EPSG:25832.

    Raises
    ------
    ConflictError, DataError
        When the database refuses it.
    """
    geometry = from_shape(values["geometry"], srid=STORAGE_SRID)
    with refusals_in_words("walkway"), connection.begin_nested():
        connection.execute(insert(Walkway).values({**values, "geometry": geometry, "valid": valid}))


def walkways_near(
    connection: Connection, point: Point, distance_m: float, valid: Range[date]
) -> list[dict[str, Any]]:
    """Return the rows of `Walkway` within a distance of a point at some time of a period, by key.

    `geometry` is a LineString in EPSG:25832.
    """
    columns = [Walkway.walkway_id, Walkway.key, Walkway.valid, *(getattr(Walkway, name) for name in _COPIED)]
    near = func.ST_DWithin(Walkway.geometry, from_shape(point, srid=STORAGE_SRID), distance_m)
    statement = select(*columns, wkb(Walkway.geometry)).where(near, Walkway.valid.op("&&")(valid))
    rows = connection.execute(statement.order_by(Walkway.key, Walkway.walkway_id)).mappings()
    return [{**row, "geometry": shapely.from_wkb(row["geometry"])} for row in rows]


def divide_walkway(
    connection: Connection, row: dict[str, Any], pieces: Sequence[LineString], since: date | None
) -> None:
    """Put pieces in the place of a walkway from a day on, with the permissions there are for it.

    Parameters
    ----------
    connection : Connection
    row : dict
        As from `walkways_near`.
    pieces : sequence of LineString
        EPSG:25832, in order.
    since : date or None
        None, or a day before the walkway: for all its time.
    """
    stored: Range[date] = row["valid"]
    is_later = since is not None and (stored.lower is None or stored.lower < since)
    valid = Range(since if is_later else stored.lower, stored.upper, bounds="[)")
    is_row = Walkway.walkway_id == row["walkway_id"]
    permissions = permissions_of(connection, row["walkway_id"])
    if is_later:
        closed = Range(stored.lower, since, bounds="[)")
        connection.execute(update(Walkway).where(is_row).values(valid=closed))
    else:
        connection.execute(delete(Walkway).where(is_row))
    for key, piece in zip(_free_keys(connection, row["key"], len(pieces)), pieces, strict=True):
        values = {name: row[name] for name in _COPIED}
        geometry = from_shape(piece, srid=STORAGE_SRID)
        added = insert(Walkway).values(**values, key=key, geometry=geometry, valid=valid)
        walkway_id = connection.execute(added.returning(Walkway.walkway_id)).scalar_one()
        add_permissions(connection, walkway_id, permissions)


def add_permissions(connection: Connection, walkway_id: int, permissions: Sequence[RowMapping]) -> None:
    """Give a row of a walkway permissions that another one has."""
    if permissions:
        copies = [{**each, "walkway_id": walkway_id} for each in permissions]
        connection.execute(insert(WalkwayPermission), copies)


def permissions_of(connection: Connection, walkway_id: int) -> list[RowMapping]:
    """Return the permissions to use a row of a walkway, without numbers of their own."""
    columns = [getattr(WalkwayPermission, name) for name in _PERMISSION]
    statement = select(*columns).where(WalkwayPermission.walkway_id == walkway_id)
    return list(connection.execute(statement).mappings())


def _free_keys(connection: Connection, key: str, n: int) -> list[str]:
    """Return `key` with the lowest numbers behind it that were never a walkway's."""
    taken = set(connection.execute(select(Walkway.key).where(Walkway.key.startswith(f"{key}."))).scalars())
    numbered = (f"{key}.{number}" for number in range(1, len(taken) + n + 1))
    return [each for each in numbered if each not in taken][:n]

"""The walk network's edges as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
from geoalchemy2.shape import from_shape
from sqlalchemy import Connection, insert
from sqlalchemy.dialects.postgresql import Range

from app.db.features.readers import frame_on
from app.db.models import Walkway
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, Tally, Way, period, records, refusals_in_words, store_versions
from app.domain.crs import STORAGE_SRID

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


def store_walkways(connection: Connection, walkways: gpd.GeoDataFrame, way: Way = AS_GIVEN) -> Tally:
    """Store edges of the walk network over time.

    Parameters
    ----------
    connection : Connection
    walkways : GeoDataFrame
        Columns of `WALKWAYS`; `length_m` is not read.
    way : Way
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
    return store_versions(connection, Walkway, "key", rows, way)


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

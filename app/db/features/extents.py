"""Where and when a collection has anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, null

from app.cache import Cache
from app.db.changes import state_of_data
from app.db.features.selection import selection
from app.domain.crs import STORAGE_CRS, WGS84_CRS, transformer
from app.domain.feature_query import CRS84, FeatureQuery

Corners = tuple[float, float, float, float]

_EDGE_POINTS = 21
_STEPS_A_DEGREE = float(10**CRS84.decimals)
_BOUNDS = (func.lower, func.upper)


@dataclass(frozen=True)
class Extent:
    """The box around all features of all days, and those days.

    Attributes
    ----------
    bbox : tuple of float or None
        West, south, east, north in degrees; None without features.
    first, last : date or None
        Both included. None where a side is open, and for a collection without periods.
    """

    bbox: Corners | None
    first: date | None = None
    last: date | None = None


_known = Cache[tuple[str, str], Extent](100)


def extent(connection: Connection, collection: str) -> Extent:
    """Return where and when a collection has features; kept in this process until the data change.

    Raises
    ------
    NotFoundError
        For a collection that does not exist.
    """
    key = (state_of_data(connection), collection)
    return _known.get_or_make(key, lambda: _found(connection, collection))


def _found(connection: Connection, collection: str) -> Extent:
    chosen = selection(FeatureQuery(collection))
    box, valid = func.ST_Extent(chosen.rows.geometry), chosen.rows.valid
    sides = [side(box) for side in (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)]
    days = [null(), null()] if valid is None else [bound(func.range_agg(valid)) for bound in _BOUNDS]
    *corners, first, last = connection.execute(chosen.select(*sides, *days)).one()
    # A period ends before its upper bound.
    last_day = None if last is None else last - timedelta(days=1)
    return Extent(None if corners[0] is None else _in_degrees(*corners), first, last_day)


def _in_degrees(low_x: float, low_y: float, high_x: float, high_y: float) -> Corners:
    """Return the corners of an area in EPSG:25832 in degrees, rounded away from it."""
    to_degrees = transformer(STORAGE_CRS, WGS84_CRS)
    west, south, east, north = to_degrees.transform_bounds(
        low_x, low_y, high_x, high_y, densify_pts=_EDGE_POINTS
    )
    return _down(west), _down(south), -_down(-east), -_down(-north)


def _down(degrees: float) -> float:
    return math.floor(degrees * _STEPS_A_DEGREE) / _STEPS_A_DEGREE

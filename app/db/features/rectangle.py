"""A rectangle of any known reference system as an area in EPSG:25832."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from app.domain.crs import STORAGE_CRS, STORAGE_SRID, WGS84_CRS, WGS84_SRID, transformer
from app.domain.feature_query import Box
from app.errors import N_, InputError

# Farther away from zone 32 the projection of its coordinates means nothing.
_ZONE = (-36.0, -80.0, 54.0, 84.0)
_MERCATOR_EDGE_M = 20_037_508.342789244
_LEAST_SEGMENTS = 8
_SEGMENT_DEG = 0.25

Corners = tuple[float, float, float, float]


@lru_cache(maxsize=1024)
def rectangle_wkb(box: Box) -> bytes | None:
    """Return the area of a box in EPSG:25832 as WKB; None where it is out of the projection's reach.

    Edges straight in the box's own system are cut into short pieces, so that they run where they should
    to less than a millimetre a kilometre. A box from east to west spans the antimeridian; one without
    width or height is a line or a point.

    Raises
    ------
    InputError
        For a number that is not finite.
    """
    corners = (box.minx, box.miny, box.maxx, box.maxy)
    if not all(math.isfinite(value) for value in corners):
        raise InputError(N_("The corners of a box must be finite numbers."))
    if box.srid == STORAGE_SRID:
        return _wkb([_area(corners)])
    parts = (_area(_within(part, _ZONE)) for part in _degrees(corners, box.srid))
    return _wkb([_projected(part) for part in parts if part is not None])


def _wkb(parts: list[BaseGeometry | None]) -> bytes | None:
    known = [part for part in parts if part is not None]
    return bytes(shapely.to_wkb(shapely.union_all(known))) if known else None


def _degrees(corners: Corners, srid: int) -> list[Corners]:
    """Return the parts of a box in degrees: rectangles there too, whichever system it came in."""
    if srid != WGS84_SRID:
        to_degrees = transformer(f"EPSG:{srid}", WGS84_CRS).transform
        west, south, east, north = (max(-_MERCATOR_EDGE_M, min(_MERCATOR_EDGE_M, each)) for each in corners)
        return [(*to_degrees(west, south), *to_degrees(east, north))]
    west, south, east, north = corners
    if west > east:
        return [(west, south, 180.0, north), (-180.0, south, east, north)]
    return [corners]


def _within(inner: Corners, outer: Corners) -> Corners:
    low_x, low_y = (max(pair) for pair in zip(inner[:2], outer[:2], strict=True))
    high_x, high_y = (min(pair) for pair in zip(inner[2:], outer[2:], strict=True))
    return low_x, low_y, high_x, high_y


def _area(corners: Corners) -> BaseGeometry | None:
    low_x, low_y, high_x, high_y = corners
    if low_x > high_x or low_y > high_y:
        return None
    if low_x < high_x and low_y < high_y:
        return shapely.box(*corners)
    if corners[:2] == corners[2:]:
        return shapely.Point(low_x, low_y)
    return shapely.LineString([corners[:2], corners[2:]])


def _projected(area: BaseGeometry) -> BaseGeometry:
    low_x, low_y, high_x, high_y = area.bounds
    step = min(_SEGMENT_DEG, max(high_x - low_x, high_y - low_y) / _LEAST_SEGMENTS)
    fine = shapely.segmentize(area, step) if step > 0 else area
    project: Any = transformer(WGS84_CRS, STORAGE_CRS).transform
    moved: BaseGeometry = shapely.transform(fine, project, interleaved=False)
    return moved

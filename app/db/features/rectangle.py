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
_ZONE = shapely.box(-36, -80, 54, 84)
_LEAST_SEGMENTS = 8
_SEGMENT_DEG = 0.25


@lru_cache(maxsize=1024)
def rectangle_wkb(box: Box) -> bytes | None:
    """Return the area of a box in EPSG:25832 as WKB; None where it is out of the projection's reach.

    Edges straight in the box's own system are cut into short pieces, so that they run where they should
    to less than a millimetre a kilometre. A box from east to west spans the antimeridian.

    Raises
    ------
    InputError
        For a number that is not finite.
    """
    corners = (box.minx, box.miny, box.maxx, box.maxy)
    if not all(math.isfinite(value) for value in corners):
        raise InputError(N_("The corners of a box must be finite numbers."))
    if box.srid == STORAGE_SRID:
        return bytes(shapely.to_wkb(shapely.box(*corners)))
    area = shapely.intersection(_degrees(box), _ZONE)
    return None if area.is_empty else bytes(shapely.to_wkb(_projected(area)))


def _degrees(box: Box) -> BaseGeometry:
    """Return the box in degrees: a rectangle there too, whichever of the known systems it came in."""
    (low_x, low_y), (high_x, high_y) = (
        _to_degrees(x, y, box.srid) for x, y in ((box.minx, box.miny), (box.maxx, box.maxy))
    )
    if box.srid == WGS84_SRID and low_x > high_x:
        return shapely.union(shapely.box(low_x, low_y, 180, high_y), shapely.box(-180, low_y, high_x, high_y))
    return shapely.box(low_x, low_y, high_x, high_y)


def _to_degrees(x: float, y: float, srid: int) -> tuple[float, float]:
    if srid == WGS84_SRID:
        return x, y
    lon, lat = transformer(f"EPSG:{srid}", WGS84_CRS).transform(x, y)
    far = math.copysign(180, x), math.copysign(90, y)
    return (lon if math.isfinite(lon) else far[0]), (lat if math.isfinite(lat) else far[1])


def _projected(area: BaseGeometry) -> BaseGeometry:
    low_x, low_y, high_x, high_y = area.bounds
    step = min(_SEGMENT_DEG, max(high_x - low_x, high_y - low_y) / _LEAST_SEGMENTS)
    fine = shapely.segmentize(area, step) if step > 0 else area
    project: Any = transformer(WGS84_CRS, STORAGE_CRS).transform
    moved: BaseGeometry = shapely.transform(fine, project, interleaved=False)
    return moved

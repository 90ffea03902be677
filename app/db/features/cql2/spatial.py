"""How geometries of a filter lie to one another.

A geometry written in the filter is brought to EPSG:25832 here, so that the index on the stored ones
serves. Its long edges get points on the way: a straight edge of the filter stays straight in the filter's
own reference system, as its writer saw it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, not_

from app.db.features.cql2.operands import GEOMETRY, Operand, check_kind, flag, shown
from app.domain.crs import STORAGE_CRS, STORAGE_SRID, WGS84_CRS, WGS84_SRID, transformer
from app.domain.failure_reasons import invalid_reason
from app.errors import N_, InputError

_FUNCTIONS = {
    "s_contains": "ST_Contains",
    "s_crosses": "ST_Crosses",
    "s_equals": "ST_Equals",
    "s_intersects": "ST_Intersects",
    "s_overlaps": "ST_Overlaps",
    "s_touches": "ST_Touches",
    "s_within": "ST_Within",
}
SPATIAL = frozenset({*_FUNCTIONS, "s_disjoint"})
# Farther away the projection means nothing: what a filter covers there is cut off.
_REGION_DEG = (-36.0, -80.0, 54.0, 84.0)
# An edge of a hundredth of a degree bends by a centimeter; a filter as large as Europe may bend more.
_LONGEST_EDGE_DEG = 0.01
_MOST_POINTS = 2_000
_ENDLESS = 1e300
_M_IN_DEG = 111_319.49
# Half the extent of each reference system, x and y.
_FARTHEST = {WGS84_SRID: (180.0, 90.0), STORAGE_SRID: (1e8, 1e8), 3857: (20_037_508.35, 1e9)}


def related(op: str, operands: Sequence[Operand]) -> Operand:
    """Return how two geometries lie to one another; unknown where one is."""
    for operand in operands:
        check_kind(op, operand, GEOMETRY)
    shapes = [operand.sql for operand in operands]
    if op == "s_disjoint":  # which PostGIS, unlike its opposite, does not prepare for many rows
        return flag(not_(func.ST_Intersects(*shapes)), op)
    return flag(getattr(func, _FUNCTIONS[op])(*shapes), op)


def literal_geometry(node: Mapping[str, Any], srid: int) -> Operand:
    """Read a geometry in GeoJSON's form, or a ``bbox``, both x before y in the reference system `srid`.

    Raises
    ------
    InputError
        When it is none, has no extent there, crosses itself, or lies outside of the reference system.
    """
    shape = _rectangle(node["bbox"], srid) if "bbox" in node else _shape(node)
    _check_inside(shape, srid)
    if not shape.is_valid:
        raise InputError(
            N_("A geometry of the filter is not valid: %(reason)s."), reason=invalid_reason(shape)
        )
    name = "BBOX" if "bbox" in node else str(node["type"])
    return Operand(GEOMETRY, name, from_shape(stored_form(shape, srid), srid=STORAGE_SRID))


def _shape(node: Mapping[str, Any]) -> BaseGeometry:
    try:
        shape = shapely.from_geojson(json.dumps(dict(node)))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        shape = None
    if shape is None or shape.is_empty:
        raise InputError(
            N_("A geometry of the filter cannot be read: “%(geometry)s”."), geometry=shown(json.dumps(node))
        )
    return shapely.force_2d(shape)


def _rectangle(bounds: Any, srid: int) -> BaseGeometry:
    """Return a box, a line or a point; degrees from east to west span the antimeridian."""
    is_numbers = isinstance(bounds, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _ENDLESS
        for value in bounds
    )
    if not is_numbers or len(bounds) not in {4, 6}:
        raise InputError(N_("In the filter, BBOX needs four or six numbers."))
    low_x, low_y, high_x, high_y = (float(bounds[n]) for n in (0, 1, len(bounds) // 2, len(bounds) // 2 + 1))
    if low_y > high_y or (low_x > high_x and srid != WGS84_SRID):
        raise InputError(N_("In the filter, BBOX ends before it begins: the lower corner comes first."))
    if low_x > high_x:
        parts = [shapely.box(low_x, low_y, 180, high_y), shapely.box(-180, low_y, high_x, high_y)]
        return shapely.MultiPolygon(parts)
    if low_x == high_x and low_y == high_y:
        return shapely.Point(low_x, low_y)
    if low_x == high_x or low_y == high_y:
        return shapely.LineString([(low_x, low_y), (high_x, high_y)])
    return shapely.box(low_x, low_y, high_x, high_y)


def _check_inside(shape: BaseGeometry, srid: int) -> None:
    coordinates = shapely.get_coordinates(shape)
    if not np.all(np.abs(coordinates) <= np.array(_FARTHEST[srid])):
        raise InputError(
            N_("A geometry of the filter lies outside its reference system, EPSG:%(srid)s."),
            srid=str(srid),
        )


def stored_form(shape: BaseGeometry, srid: int) -> BaseGeometry:
    """Return a geometry of the reference system `srid` in EPSG:25832; empty where the projection ends."""
    if srid == STORAGE_SRID:
        return shape
    region = transformer(WGS84_CRS, f"EPSG:{srid}").transform_bounds(*_REGION_DEG)
    inside = _clipped(shape, region)
    longest = _LONGEST_EDGE_DEG * (1 if srid == WGS84_SRID else _M_IN_DEG)
    fine = shapely.segmentize(inside, max(longest, inside.length / _MOST_POINTS))
    project = transformer(f"EPSG:{srid}", STORAGE_CRS).transform
    return shapely.transform(fine, lambda points: np.column_stack(project(*points.T)))


def _clipped(shape: BaseGeometry, region: tuple[float, float, float, float]) -> BaseGeometry:
    """Return what lies in the region; what lies in it wholly keeps its points and their order."""
    area = shapely.box(*region)
    return shape if area.covers(shape) else shapely.intersection(shape, area)

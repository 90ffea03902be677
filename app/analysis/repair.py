"""Invalid boundaries made valid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]


def repaired(geometries: Geometries) -> tuple[Geometries, dict[int, str]]:
    """Return geometries, invalid areas among them made valid, and why each of those was not.

    Parameters
    ----------
    geometries : array of polygons, multipolygons and whatever else; may hold None
        Only invalid polygons and multipolygons are changed.

    Returns
    -------
    geometries : array
        A new one if anything was changed. What a repair leaves of a boundary that encloses nothing is an
        empty multipolygon.
    reasons : dict of int to str
        By position.

    Notes
    -----
    The area is what the rings enclose, holes left out, lines and points without area dropped: GEOS's
    "structure" method. A hole outside its shell is no hole but an area of its own. The CRS does not matter.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    >>> valid, reasons = repaired(np.array([bow_tie, shapely.box(0, 0, 1, 1)]))
    >>> shapely.area(valid).tolist(), reasons
    ([40.5, 1.0], {0: 'Self-intersection[4.5 4.5]'})
    """
    is_areal = np.isin(
        shapely.get_type_id(geometries), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    )
    broken = np.flatnonzero(is_areal & ~shapely.is_valid(geometries))
    if not len(broken):
        return geometries, {}
    valid = shapely.make_valid(geometries[broken], method="structure", keep_collapsed=False)
    mended = geometries.copy()
    mended[broken] = _areas(valid)
    reasons = shapely.is_valid_reason(geometries[broken])
    return mended, dict(zip(broken.tolist(), reasons.tolist(), strict=True))


def without_empty_parts(geometries: Geometries) -> Geometries:
    """Return geometries, multipolygons among them without their empty parts.

    Parameters
    ----------
    geometries : array of geometries, (n,)
        In any CRS; may hold None.

    Returns
    -------
    array, (n,)
        A new one if anything was changed.

    Examples
    --------
    >>> shapes = np.array([shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.Polygon()])])
    >>> shapely.get_num_geometries(without_empty_parts(shapes)).tolist()
    [1]
    """
    several = np.flatnonzero(shapely.get_type_id(geometries) == shapely.GeometryType.MULTIPOLYGON)
    parts, row = shapely.get_parts(geometries[several], return_index=True)
    holed = several[np.unique(row[shapely.is_empty(parts)])]
    if not len(holed):
        return geometries
    whole = geometries.copy()
    whole[holed] = _areas(geometries[holed])
    return whole


def _areas(geometries: Geometries) -> Geometries:
    """Return the polygons of each geometry as one multipolygon."""
    outer, row = shapely.get_parts(geometries, return_index=True)
    parts, nth = shapely.get_parts(outer, return_index=True)
    row = row[nth]
    is_area = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    areas = np.full(len(geometries), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[is_area], indices=row[is_area], out=areas)
    return areas

"""What is drawn on the map to show why two plots are neighbors."""

from __future__ import annotations

import numpy as np
import shapely

from app.analysis.adjacency.arrays import Floats, Geometries, Records
from app.analysis.adjacency.chunks import Threads
from app.analysis.adjacency.decision import EDGE, OVERLAP
from app.analysis.adjacency.layout import fabric_of
from app.analysis.adjacency.pairs import TypedPairs
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.stretches import common_stretches
from app.analysis.adjacency.tolerances import EPSILON_M, Tolerances


def evidence(plots: PlotArrays, pairs: TypedPairs, tolerances: Tolerances) -> Geometries:
    """Return what shows best why each pair are neighbors.

    The common border as it runs on the first plot (edge, overlap); the outline of the common area where an
    overlap has no common border; else the shortest connecting segment, a point where plots touch.

    Parameters
    ----------
    plots : PlotArrays
        The plots with which the pairs were found; rings closed.
    pairs : TypedPairs
        The pairs to show.
    tolerances : Tolerances
        The lengths with which they were found.

    Returns
    -------
    array of LineString, MultiLineString or Point
        In the coordinates of `plots`.
    """
    found = np.full(len(pairs.a), None, dtype=object)
    if not len(found):
        return found
    origin = np.floor(plots.xy.min(axis=0))
    with Threads(1) as threads:
        fabric = fabric_of(plots, threads)
    for relation in (EDGE, OVERLAP):
        rows = np.flatnonzero(pairs.relation == relation)
        stretches = common_stretches(
            fabric, pairs.a[rows], pairs.b[rows], tolerances.snap_m, is_opposed=relation == EDGE
        )
        found[rows] = _common_borders(stretches, len(rows), origin)
    is_bare = shapely.is_missing(found)
    for rows, drawn in (
        (np.flatnonzero(is_bare & (pairs.relation == OVERLAP)), _outlines),
        (np.flatnonzero(is_bare & (pairs.relation != OVERLAP)), _connections),
    ):
        a, b = (plots.geometries(positions[rows], -origin) for positions in (pairs.a, pairs.b))
        found[rows] = drawn(a, b)
    return np.asarray(shapely.transform(found, lambda xy: xy + origin))


def _common_borders(stretches: Records, n_pairs: int, origin: Floats) -> Geometries:
    """Return the stretches of each pair, pieces joined end to end; None for a pair without any."""
    ends = np.stack([stretches["x0"], stretches["y0"], stretches["x1"], stretches["y1"]], axis=1)
    lines = np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2) - origin))
    result = np.full(n_pairs, None, dtype=object)
    shapely.multilinestrings(lines, indices=stretches["pair"], out=result)
    # A micrometre grid makes the end of one stretch and the start of the next the same point.
    return shapely.line_merge(shapely.set_precision(result, EPSILON_M, mode="pointwise"))


def _connections(a: Geometries, b: Geometries) -> Geometries:
    """Return the shortest connecting segment of each pair, a point where the two touch."""
    lines = shapely.shortest_line(a, b)
    is_point = shapely.length(lines) <= EPSILON_M
    return np.where(is_point, shapely.get_point(lines, 0), lines)


def _outlines(a: Geometries, b: Geometries) -> Geometries:
    """Return the outline of the area that each pair has in common."""
    parts, pair = shapely.get_parts(shapely.intersection(a, b), return_index=True)
    is_areal = shapely.get_dimensions(parts) == 2
    areas = np.full(len(a), None, dtype=object)
    shapely.multipolygons(parts[is_areal], indices=pair[is_areal], out=areas)
    return shapely.line_merge(shapely.boundary(areas))

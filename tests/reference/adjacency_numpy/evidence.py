"""What is drawn on the map to show why two plots are neighbors."""

from __future__ import annotations

import numpy as np
import shapely

from app.analysis.adjacency.tolerances import EPSILON_M
from tests.reference.adjacency_numpy.contact import Stretches
from tests.reference.adjacency_numpy.segments import Geometries, Ints, Segments


def common_borders(segments: Segments, stretches: Stretches, a: Ints, b: Ints) -> Geometries:
    """Return the border that each plot `a` has in common with plot `b`, as it runs on `a`.

    Parameters
    ----------
    segments : Segments
        The borders of all plots.
    stretches : Stretches
        The stretches of segments that are common; the group is ``segment * n_plots + other plot``.
    a, b : arrays of ints
        Positions of plots, the pairs in ascending order.

    Returns
    -------
    array of LineString or MultiLineString
        None where a pair has no common border.
    """
    segment, other = np.divmod(stretches.group, segments.n_plots)
    pair_of_stretch = segments.plot[segment] * segments.n_plots + other
    pairs = a * segments.n_plots + b
    row = np.searchsorted(pairs, pair_of_stretch)
    is_wanted = np.append(pairs, -1)[row] == pair_of_stretch
    order = np.flatnonzero(is_wanted)[np.argsort(row[is_wanted], kind="stable")]
    lines = _lines(segments, segment[order], stretches.take(order))
    result = np.full(len(a), None, dtype=object)
    shapely.multilinestrings(lines, indices=row[order], out=result)
    return _joined(result)


def _lines(segments: Segments, segment: Ints, stretches: Stretches) -> Geometries:
    """Return stretches as lines of two points."""
    ends = np.stack([segments.at(segment, t) for t in (stretches.t0, stretches.t1)])
    return np.asarray(shapely.linestrings(ends.transpose(2, 0, 1)))


def _joined(lines: Geometries) -> Geometries:
    """Return the lines with pieces joined end to end; a single piece is a LineString."""
    # A micrometre grid makes the end of one stretch and the start of the next the same point.
    return shapely.line_merge(shapely.set_precision(lines, EPSILON_M, mode="pointwise"))


def connections(a: Geometries, b: Geometries) -> Geometries:
    """Return the shortest connecting segment of each pair, a point where the two touch."""
    lines = shapely.shortest_line(a, b)
    is_point = shapely.length(lines) <= EPSILON_M
    return np.where(is_point, shapely.get_point(lines, 0), lines)


def outlines(a: Geometries, b: Geometries) -> Geometries:
    """Return the outline of the area that each pair has in common."""
    parts, pair = shapely.get_parts(shapely.intersection(a, b), return_index=True)
    is_areal = shapely.get_dimensions(parts) == 2
    areas = np.full(len(a), None, dtype=object)
    shapely.multipolygons(parts[is_areal], indices=pair[is_areal], out=areas)
    return shapely.line_merge(shapely.boundary(areas))

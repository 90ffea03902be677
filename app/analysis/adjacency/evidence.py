"""What is drawn on the map to show why two plots are neighbors."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import shapely

from app.analysis.adjacency.chunks import Threads
from app.analysis.adjacency.connections import Rings, connections, rings_of
from app.analysis.adjacency.kernels.arrays import Floats, Geometries, Ints, Records
from app.analysis.adjacency.kernels.decision import EDGE, OVERLAP
from app.analysis.adjacency.kernels.layout import Fabric, fabric_of, ranks_of
from app.analysis.adjacency.kernels.stretches import common_stretches
from app.analysis.adjacency.pairs import TypedPairs
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.adjacency.tolerances import EPSILON_M, Tolerances

# Pairs that a thread draws at once.
SOME_PAIRS = 8_000
# Of a metre; a power of ten divides and multiplies without loss.
GRID = round(1 / EPSILON_M)


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
    array of LineString, MultiLineString or Point, (n_pairs,)
        In the coordinates of `plots`; ends of common borders are rounded to a micrometre. Empty for no pairs.

    Notes
    -----
    Lines of a common border run as the focal plot's ring does with its interior on the left. Of several
    shortest connections it is the one that GEOS chooses, see `connections`.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import box
    >>> from app.analysis.adjacency import typed_pairs_of_arrays
    >>> plots = PlotArrays.from_geometries(np.array([box(0, 0, 20, 20), box(20, 15, 40, 40)]))
    >>> evidence(plots, typed_pairs_of_arrays(plots), Tolerances())
    array([<LINESTRING (20 15, 20 20)>], dtype=object)
    """
    with Threads(os.cpu_count() or 1) as threads:
        return drawn(plots, fabric_of(plots, threads), pairs, tolerances.snap_m, threads)


def drawn(
    plots: PlotArrays, fabric: Fabric, pairs: TypedPairs, snap_m: float, threads: Threads
) -> Geometries:
    """Return the evidence of pairs whose plots are laid out already; see `evidence`."""
    found = np.full(len(pairs.a), None, dtype=object)
    if not len(found):
        return found
    origin = np.floor(plots.xy.min(axis=0))
    rank, rings = ranks_of(fabric), rings_of(plots)

    def draw(first: int, last: int) -> None:
        some = pairs.take(slice(first, last))
        lines = _common_borders(fabric, rank, some, snap_m, origin)
        _add_bare(plots, rings, some, lines, origin)
        found[first:last] = lines

    for _ in threads.in_chunks(draw, len(found), SOME_PAIRS):
        pass
    return found


def _common_borders(
    fabric: Fabric, rank: Ints, pairs: TypedPairs, snap_m: float, origin: Floats
) -> Geometries:
    """Return the common border of each pair that has one, else None."""
    rows = np.flatnonzero((pairs.relation == EDGE) | (pairs.relation == OVERLAP))
    a, b, is_opposed = rank[pairs.a[rows]], rank[pairs.b[rows]], pairs.relation[rows] == EDGE
    lines = _joined(common_stretches(fabric, a, b, snap_m, is_opposed), origin)
    drawn = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, lines.xy, (lines.offset,))
    is_alone = np.bincount(lines.pair, minlength=len(rows))[lines.pair] == 1
    found, several = np.full((2, len(pairs.a)), None, dtype=object)
    found[rows[lines.pair[is_alone]]] = drawn[is_alone]
    if not is_alone.all():
        shapely.multilinestrings(drawn[~is_alone], indices=rows[lines.pair[~is_alone]], out=several)
        merged = np.unique(rows[lines.pair[~is_alone]])
        # Among them those that run on where a ring begins.
        found[merged] = shapely.line_merge(several[merged])
    return found


class _Lines(NamedTuple):
    """Lines of pairs: where each starts in `xy`, (n + 1,), and its pair, (n,)."""

    xy: Floats
    offset: Ints
    pair: Ints


def _joined(stretches: Records, origin: Floats) -> _Lines:
    """Return stretches as lines, those of a pair that follow each other joined end to end."""
    # A micrometre grid makes the end of one stretch and the start of the next the same point.
    ends = stretches.view(np.float64).reshape(-1, 5)[:, 1:] - np.tile(origin, 2)
    ends = np.floor(ends * GRID + 0.5)
    start, end = ends[:, :2], ends[:, 2:]
    is_long = (start != end).any(axis=1)
    start, end, pair = start[is_long], end[is_long], stretches["pair"][is_long]
    is_first = np.ones(len(pair), dtype=np.bool_)
    is_first[1:] = (pair[1:] != pair[:-1]) | (start[1:] != end[:-1]).any(axis=1)
    line = np.cumsum(is_first)
    xy = np.empty((len(pair) + (line[-1] if len(line) else 0), 2))
    at = np.arange(len(pair)) + line - 1
    # The end of what is not a line's last is overwritten by the start of the next.
    xy[at + 1] = end
    xy[at] = start
    offset = np.append(at[is_first], len(xy))
    return _Lines(xy / GRID + origin, offset, pair[is_first])


def _add_bare(plots: PlotArrays, rings: Rings, pairs: TypedPairs, found: Geometries, origin: Floats) -> None:
    """Draw what has no common border: the outline of an overlap, else the shortest connection."""
    is_bare = shapely.is_missing(found)
    rows = np.flatnonzero(is_bare & (pairs.relation == OVERLAP))
    if len(rows):
        a, b = (plots.geometries(positions[rows], -origin) for positions in (pairs.a, pairs.b))
        found[rows] = shapely.transform(_outlines(a, b), lambda xy: xy + origin)
    rows = np.flatnonzero(is_bare & (pairs.relation != OVERLAP))
    ends = connections(rings, pairs.a[rows], pairs.b[rows], origin).reshape(-1, 2, 2)
    is_point = np.hypot(*(ends[:, 1] - ends[:, 0]).T) <= EPSILON_M
    found[rows[is_point]] = shapely.points(ends[is_point, 0] + origin)
    found[rows[~is_point]] = shapely.linestrings(ends[~is_point] + origin)


def _outlines(a: Geometries, b: Geometries) -> Geometries:
    """Return the outline of the area that each pair has in common."""
    parts, pair = shapely.get_parts(shapely.intersection(a, b), return_index=True)
    is_areal = shapely.get_dimensions(parts) == 2
    areas = np.full(len(a), None, dtype=object)
    shapely.multipolygons(parts[is_areal], indices=pair[is_areal], out=areas)
    return shapely.line_merge(shapely.boundary(areas))

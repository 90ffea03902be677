"""Which plots are certainly valid: asked of GEOS only where that is not clear at once."""

from __future__ import annotations

import numpy as np

from app.analysis.adjacency.kernels.arrays import Flags, Floats, Ints
from app.analysis.adjacency.kernels.layout import normal
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.machine_code import compiled

# Every side is compared with every other: rings of more points are left to GEOS.
MOST_POINTS = 128
# Rounding falsifies a sum of two products by less than this share of them (Shewchuk, 1997: 3.3e-16).
ROUNDING = 1e-15


def certainly_valid(plots: PlotArrays) -> Flags:
    """Return which plots are one closed ring that clearly meets itself nowhere.

    Parameters
    ----------
    plots : PlotArrays
        Finite coordinates.

    Returns
    -------
    array of bool, (n,)
        False where a plot may be valid nevertheless: it has holes, several parts, very many points, or sides
        so near each other that rounding could deceive. Empty for no plots.

    Notes
    -----
    The sign of a cross product is trusted where it exceeds what rounding can falsify, the filter of
    Shewchuk's adaptive predicates (1997), which GEOS uses, too.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import Polygon, box
    >>> bow_tie = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    >>> certainly_valid(PlotArrays.from_geometries(np.array([box(0, 0, 9, 9), bow_tie])))
    array([ True, False])
    """
    given = normal(plots)
    found = np.empty(len(given), dtype=np.bool_)
    ring = given.part_offset[given.plot_offset]
    _fill(given.xy, given.ring_offset, ring, np.empty((MOST_POINTS, 2)), found)
    return found


@compiled
def _fill(xy: Floats, ring_offset: Ints, plot_ring: Ints, corners: Floats, found: Flags) -> None:
    """Write which plots are certainly valid."""
    for plot in range(len(found)):
        ring = plot_ring[plot]
        first, last = ring_offset[ring], ring_offset[plot_ring[plot + 1]]
        found[plot] = False
        if plot_ring[plot + 1] - ring != 1 or not 4 <= last - first <= MOST_POINTS:
            continue
        if xy[first, 0] == xy[last - 1, 0] and xy[first, 1] == xy[last - 1, 1]:
            found[plot] = _is_simple(corners, _note_corners(xy, first, last, corners))


@compiled
def _note_corners(xy: Floats, first: int, last: int, corners: Floats) -> int:
    """Write the points of a closed ring, repeated ones once; return how many there are, the last left out."""
    n_corners = 0
    for point in range(first, last - 1):
        if xy[point, 0] != xy[point + 1, 0] or xy[point, 1] != xy[point + 1, 1]:
            corners[n_corners, 0], corners[n_corners, 1] = xy[point, 0], xy[point, 1]
            n_corners += 1
    return n_corners


@compiled
def _is_simple(corners: Floats, n: int) -> bool:
    """Return whether sides surely meet only the next one, and that only in the corner between them."""
    if n < 3:
        return False
    for side in range(n):
        here, there, beyond = corners[side], corners[(side + 1) % n], corners[(side + 2) % n]
        if _hand(here, there, beyond) == 0 and not _goes_on(here, there, beyond):
            return False
        for other in range(side + 2, n - (side == 0)):
            if not _are_apart(here, there, corners[other], corners[(other + 1) % n]):
                return False
    return True


@compiled
def _goes_on(a: Floats, b: Floats, c: Floats) -> bool:
    """Return whether the way from `a` over `b` to `c` does not turn back."""
    return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) > 0


@compiled
def _hand(a: Floats, b: Floats, c: Floats) -> int:
    """Return 1 where `c` surely lies left of the line from `a` to `b`, -1 right of it, else 0."""
    left, right = (b[0] - a[0]) * (c[1] - a[1]), (b[1] - a[1]) * (c[0] - a[0])
    sure = ROUNDING * (abs(left) + abs(right))
    return (left - right > sure) - (right - left > sure)


@compiled
def _are_apart(a: Floats, b: Floats, c: Floats, d: Floats) -> bool:
    """Return whether the segments from `a` to `b` and from `c` to `d` surely have no point in common."""
    for axis in range(2):
        if max(a[axis], b[axis]) < min(c[axis], d[axis]) or max(c[axis], d[axis]) < min(a[axis], b[axis]):
            return True
    return _hand(a, b, c) * _hand(a, b, d) > 0 or _hand(c, d, a) * _hand(c, d, b) > 0

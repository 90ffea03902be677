"""Who faces whom: what a border sees when it looks straight out, the nearest border hiding the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from app.analysis.adjacency.tolerances import EPSILON_M
from tests.reference.adjacency_numpy.contact import Stretches
from tests.reference.adjacency_numpy.segments import (
    Bounds,
    Candidates,
    Flags,
    Floats,
    Geometries,
    Ints,
    Rows,
    Segments,
    Views,
    chunks,
    counted,
    views,
)

# Long borders look in pieces, so that the box around a slanted view stays small.
LONGEST_VIEW_M = 40.0

CHUNK = 2_000


@dataclass(frozen=True)
class Sight(Rows):
    """Plot `a` sees plot `b` over `length_m` of its border; one entry an ordered pair."""

    a: Ints
    b: Ints
    length_m: Floats


def sights(
    segments: Segments,
    stretches: Stretches,
    snap_m: float,
    across_m: float,
    report: Callable[[float], None],
) -> Sight:
    """Return over what length plots see each other, looking straight out of their borders.

    A point of a border sees the plot whose border its outward normal meets first within `across_m`.
    The plot's own border hides, too. A border up to `snap_m` behind the point counts as met when it
    faces the point, so that a sliver overlap hides like an exact common border.

    Parameters
    ----------
    segments : Segments
        The borders of all plots.
    stretches : Stretches
        Where to look out; the group is the segment.
    snap_m, across_m : float
        How far a point looks behind itself and ahead, metres.
    report : callable
        Told the share of the work that is done.
    """
    looking = _cut(stretches)
    tree = shapely.STRtree(segments.boxes(0.0))
    found = []
    for rows in chunks(len(looking.group), CHUNK):
        some = looking.take(rows)
        seen_by, seen, length_m = first_seen(*_obstacles(segments, tree, some, snap_m, across_m))
        found.append(Sight(segments.plot[some.group[seen_by]], seen, length_m))
        report(rows.stop / max(len(looking.group), 1))
    return _summed(Sight.joined(found), segments.n_plots)


def _summed(sight: Sight, n_plots: int) -> Sight:
    """Return one row an ordered pair, in order; a plot that sees itself is left out."""
    sight = sight.take(sight.a != sight.b)
    pairs, position = np.unique(sight.a * n_plots + sight.b, return_inverse=True)
    length_m = np.bincount(position, weights=sight.length_m, minlength=len(pairs)).astype(np.float64)
    return Sight(pairs // max(n_plots, 1), pairs % max(n_plots, 1), length_m)


def _cut(stretches: Stretches) -> Stretches:
    """Cut stretches into equal pieces no longer than `LONGEST_VIEW_M`."""
    length_m = stretches.t1 - stretches.t0
    n_pieces = np.ceil(length_m / LONGEST_VIEW_M).astype(np.int64)
    whole, nth = counted(n_pieces)
    step = (length_m / np.maximum(n_pieces, 1))[whole]
    t0 = stretches.t0[whole] + nth * step
    return Stretches(stretches.group[whole], t0, t0 + step)


def _obstacles(
    segments: Segments, tree: shapely.STRtree, looking: Stretches, snap_m: float, across_m: float
) -> tuple[Views, Ints]:
    """Return what stands in the strips in front of stretches, and the plot each obstacle bounds."""
    strips = _strip_boxes(segments, looking, snap_m, across_m)
    viewer, seen = tree.query(strips)
    base = looking.group[viewer]
    cosine = segments.dx[base] * segments.dx[seen] + segments.dy[base] * segments.dy[seen]
    is_foreign = segments.plot[base] != segments.plot[seen]
    # Behind itself a border meets only what faces it. Anything else must stand truly in front: the viewer
    # itself does not, nor does a border that runs along with it.
    from_m = np.where(is_foreign & (cosine < 0), -snap_m - EPSILON_M, EPSILON_M)
    candidates = Candidates(viewer, base, seen)
    along = Bounds(looking.t0[viewer], looking.t1[viewer])
    found = views(segments, candidates, along, Bounds(from_m, across_m + EPSILON_M))
    return found, segments.plot[found.seen]


def _strip_boxes(segments: Segments, looking: Stretches, snap_m: float, across_m: float) -> Geometries:
    corners = [
        segments.at(looking.group, t, h) for t in (looking.t0, looking.t1) for h in (-snap_m, across_m)
    ]
    x, y = np.array([c[0] for c in corners]), np.array([c[1] for c in corners])
    return np.asarray(shapely.box(x.min(axis=0), y.min(axis=0), x.max(axis=0), y.max(axis=0)))


def first_seen(obstacles: Views, plot: Ints) -> tuple[Ints, Ints, Floats]:
    """Return which plots are the nearest over what length: the lower envelope of lines h(t).

    Between two neighboring ends of obstacles all lines run through; the line that is lowest at both ends
    is lowest all along. Where the lowest differ they cross, the interval is cut there and asked again.

    Parameters
    ----------
    obstacles : Views
        Lines h(t) from t0 to t1, each belonging to a viewer.
    plot : array of ints
        The plot of each obstacle; among equal lines the first plot is taken.

    Returns
    -------
    viewer, plot, length_m : arrays of one length
        Stretches of viewers and the plot that is nearest there.
    """
    open_intervals, interval, line = _elementary(obstacles)
    found: list[tuple[Ints, Ints, Floats]] = []
    while len(line):
        t0, t1 = open_intervals.t0, open_intervals.t1
        h0, h1 = _height(obstacles, line, t0[interval]), _height(obstacles, line, t1[interval])
        low_first = line[_lowest(interval, h0, h1, plot[line])]
        low_last = line[_lowest(interval, h1, h0, plot[line])]
        cut = _crossing(obstacles, low_first, low_last)
        crosses = (cut > t0 + EPSILON_M) & (cut < t1 - EPSILON_M)
        done = open_intervals.take(~crosses)
        # Lines that meet at an end are told apart in the middle.
        middle = (t0 + t1) / 2
        is_later = _height(obstacles, low_last, middle) < _height(obstacles, low_first, middle) - 1e-9
        lowest = np.where(is_later, low_last, low_first)
        found.append((done.group, plot[lowest[~crosses]], done.t1 - done.t0))
        open_intervals, interval, line = _halved(open_intervals, interval, line, crosses, cut)
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    viewer, nearest, length_m = zip(*found, strict=True)
    return np.concatenate(viewer), np.concatenate(nearest), np.concatenate(length_m)


def _elementary(obstacles: Views) -> tuple[Stretches, Ints, Ints]:
    """Return the intervals between neighboring obstacle ends, and the (interval, line) pairs that run there.

    The group of an interval is its viewer; every interval has at least one line.
    """
    viewer, t = np.tile(obstacles.viewer, 2), np.concatenate([obstacles.t0, obstacles.t1])
    order = np.lexsort((t, viewer))
    is_new = np.ones(len(t), dtype=bool)
    is_new[1:] = (np.diff(t[order]) > 1e-9) | (np.diff(viewer[order]) != 0)
    rank = np.empty(len(t), np.int64)
    rank[order] = np.cumsum(is_new) - 1
    first, last = np.split(rank, 2)
    line, nth = counted(last - first)
    used, interval = np.unique(first[line] + nth, return_inverse=True)
    cuts = t[order][is_new]
    following = np.minimum(used + 1, max(len(cuts) - 1, 0))
    return Stretches(viewer[order][is_new][used], cuts[used], cuts[following]), interval, line


def _height(obstacles: Views, line: Ints, t: Floats) -> Floats:
    """Return h of each line at t."""
    share = (t - obstacles.t0[line]) / (obstacles.t1[line] - obstacles.t0[line])
    return obstacles.h0[line] + share * (obstacles.h1[line] - obstacles.h0[line])


def _lowest(interval: Ints, h: Floats, then: Floats, plot: Ints) -> Ints:
    """Return for each interval the position of its line with the least h, then least `then`, then plot."""
    order = np.lexsort((plot, then, h, interval))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = np.diff(interval[order]) != 0
    return order[is_first]


def _crossing(obstacles: Views, a: Ints, b: Ints) -> Floats:
    """Return the t where line a meets line b; NaN for parallel lines and for a line with itself."""
    slope_a, slope_b = _slope(obstacles, a), _slope(obstacles, b)
    start_a = obstacles.h0[a] - slope_a * obstacles.t0[a]
    start_b = obstacles.h0[b] - slope_b * obstacles.t0[b]
    turn = slope_a - slope_b
    return np.where(turn == 0, np.nan, (start_b - start_a) / np.where(turn == 0, 1.0, turn))


def _slope(obstacles: Views, line: Ints) -> Floats:
    return (obstacles.h1[line] - obstacles.h0[line]) / (obstacles.t1[line] - obstacles.t0[line])


def _halved(
    intervals: Stretches, interval: Ints, line: Ints, crosses: Flags, cut: Floats
) -> tuple[Stretches, Ints, Ints]:
    """Return the halves of the intervals with a crossing, and the (interval, line) pairs for both halves."""
    rest, at = intervals.take(crosses), cut[crosses]
    running = crosses[interval]
    renumbered = (np.cumsum(crosses) - 1)[interval[running]]
    halves = Stretches(np.tile(rest.group, 2), np.concatenate([rest.t0, at]), np.concatenate([at, rest.t1]))
    return halves, np.concatenate([renumbered, renumbered + len(at)]), np.tile(line[running], 2)

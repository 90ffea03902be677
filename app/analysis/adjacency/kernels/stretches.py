"""The stretches of border that given pairs of plots have in common."""

from __future__ import annotations

import numpy as np

from app.analysis.adjacency.kernels.arrays import Flags, Floats, Ints, Positions, Records
from app.analysis.adjacency.kernels.buffers import VIEW
from app.analysis.adjacency.kernels.contact import sort_views
from app.analysis.adjacency.kernels.decision import gap_m2
from app.analysis.adjacency.kernels.layout import Fabric, ranks_of
from app.analysis.adjacency.kernels.segment_frame import (
    NOTHING_M,
    ClipBox,
    Frame,
    clipped,
    frame_of,
    is_near_parallel,
    line_in,
    may_meet,
)
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.machine_code import compiled

# A stretch of the border of a pair's first plot: the number of the pair, and where it starts and ends.
STRETCH = np.dtype(
    [("pair", np.int64), ("x0", np.float64), ("y0", np.float64), ("x1", np.float64), ("y1", np.float64)]
)


def common_stretches(fabric: Fabric, a: Ints, b: Ints, snap_m: float, is_opposed: Flags) -> Records:
    """Return the stretches of the borders of `a` within `snap_m` of those of `b`, records of `STRETCH`.

    Parameters
    ----------
    fabric : Fabric
        The borders of all plots.
    a, b : array of int64, (n,)
        Ranks of plots, pair by pair.
    snap_m : float
        How near borders count as common.
    is_opposed : array of bool, (n,)
        Whether only borders count that turn their outsides to each other: common borders proper. Plots that
        overlap have others, too, that run side by side with the interior on the same hand.
    """
    views = np.empty(len(fabric.x) + 1, dtype=VIEW)
    found, first, n_rows = [np.empty(0, STRETCH)], 0, 16 + 4 * len(a)
    while first < len(a):
        rows = np.empty(n_rows, dtype=STRETCH)
        first, n_used = _fill(fabric, views, a, b, snap_m + EPSILON_M, is_opposed, first, rows)
        found.append(rows[:n_used])
        n_rows *= 2
    return found[1] if len(found) == 2 else np.concatenate(found)


def common_lengths_m(fabric: Fabric, a: Positions, b: Positions, snap_m: float) -> Floats:
    """Return the smaller of both plots' lengths of border near the other's, whichever way it runs."""
    rank, any_way = ranks_of(fabric), np.zeros(len(a), dtype=np.bool_)
    there = _lengths_m(common_stretches(fabric, rank[a], rank[b], snap_m, any_way), len(a))
    back = _lengths_m(common_stretches(fabric, rank[b], rank[a], snap_m, any_way), len(a))
    return np.minimum(there, back)


def _lengths_m(stretches: Records, n_pairs: int) -> Floats:
    length_m = np.hypot(stretches["x1"] - stretches["x0"], stretches["y1"] - stretches["y0"])
    return np.bincount(stretches["pair"], weights=length_m, minlength=n_pairs).astype(np.float64)


@compiled
def _fill(
    fabric: Fabric,
    views: Records,
    a: Ints,
    b: Ints,
    reach_m: float,
    is_opposed: Flags,
    first: int,
    rows: Records,
) -> tuple[int, int]:
    """Write the stretches of pairs of ranks from the first on; return the pair without room, and how many."""
    n_rows = 0
    for pair in range(first, len(a)):
        n_before, box = n_rows, fabric.plot_boxes.box[b[pair]]
        for run in range(fabric.plots[a[pair]]["first"], fabric.plots[a[pair]]["last"]):
            if gap_m2(fabric.run_boxes.box[run], box) > reach_m * reach_m:
                continue
            for segment in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
                frame = frame_of(fabric.x, fabric.y, segment)
                n_views = _note_views(fabric, views, frame, b[pair], reach_m, is_opposed[pair])
                if n_rows + n_views > len(rows):
                    return pair, n_before
                n_rows = _write_joined(frame, views, n_views, pair, rows, n_rows)
    return len(a), n_rows


@compiled
def _note_views(
    fabric: Fabric, views: Records, frame: Frame, other: int, reach_m: float, is_opposed: bool
) -> int:
    """Write where the border of a plot runs along a segment; return how many views there are."""
    x, y, n_views = fabric.x, fabric.y, 0
    clip = ClipBox(0.0, frame.length_m, -reach_m, reach_m)
    for run in range(fabric.plots[other]["first"], fabric.plots[other]["last"]):
        if not may_meet(fabric.run_boxes.box[run], frame, clip):
            continue
        for c in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
            line = line_in(frame, x[c], y[c], x[c + 1], y[c + 1])
            if (line.t1 >= line.t0 and is_opposed) or not is_near_parallel(line):
                continue
            is_there, part = clipped(line, 0.0, frame.length_m, -reach_m, reach_m)
            if is_there and part.t1 - part.t0 > NOTHING_M:
                view = views[n_views]
                view["t0"], view["t1"], view["slot"] = part.t0, part.t1, 0
                n_views += 1
    sort_views(views, n_views)
    return n_views


@compiled
def _write_joined(frame: Frame, views: Records, n_views: int, pair: int, rows: Records, n_rows: int) -> int:
    """Write the unions of a segment's views as stretches; return how many rows there are."""
    nth = 0
    while nth < n_views:
        t0, t1 = views[nth]["t0"], views[nth]["t1"]
        nth += 1
        while nth < n_views and views[nth]["t0"] - EPSILON_M <= t1:
            t1 = max(t1, views[nth]["t1"])
            nth += 1
        row = rows[n_rows]
        row["pair"] = pair
        row["x0"], row["y0"] = frame.x + t0 * frame.dx, frame.y + t0 * frame.dy
        row["x1"], row["y1"] = frame.x + t1 * frame.dx, frame.y + t1 * frame.dy
        n_rows += 1
    return n_rows

"""Which pairs of plots may overlap by more than a sliver: a fast test that misses none."""

from __future__ import annotations

import math

from app.analysis.adjacency.kernels.arrays import Floats
from app.analysis.adjacency.kernels.buffers import Buffers
from app.analysis.adjacency.kernels.contact import sort_views
from app.analysis.adjacency.kernels.containment import is_inside
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.adjacency.kernels.segment_frame import Frame, clipped, frame_of, line_in
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.machine_code import compiled

# Two plots with more vertices than this are not asked for a straight line between them.
MOST_VERTICES = 80

# Narrower gaps between what blocks a way are rounding.
GAP_M = 1e-7


@compiled
def may_overlap(fabric: Fabric, buffers: Buffers, a: int, b: int, snap_m: float) -> bool:
    """Return whether the common interior of two plots may hold a circle wider than `snap_m`.

    If it does, take the place of its border nearest to the middle of such a circle. It lies on the border of
    one plot, and straight inward from there one meets no border of the other for `snap_m` / 2. So it is
    enough to look for such places: stretches of a border where nothing of the other's blocks the way in, and
    the way lies within the other. (A corner that points into the plot has no way straight in; but the circle
    can be rolled about it until it meets a border that has.) No border of either lying wholly within the
    other, out of reach of its border, is supposed to be known already.
    """
    if _common_width(fabric.plot_boxes.box[a], fabric.plot_boxes.box[b]) <= snap_m:
        return False
    if _is_parted(fabric, a, b, snap_m) or _is_parted(fabric, b, a, snap_m):
        return False
    return _has_way_in(fabric, buffers, a, b, snap_m / 2) or _has_way_in(fabric, buffers, b, a, snap_m / 2)


@compiled
def _common_width(a: Floats, b: Floats) -> float:
    """Return the lesser side of what two boxes have in common."""
    return min(min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1]))


@compiled
def _is_parted(fabric: Fabric, a: int, b: int, snap_m: float) -> bool:
    """Return whether a strip along a side of `a`, no wider than `snap_m`, holds all they have in common."""
    first, last = _vertices(fabric, a)
    other_first, other_last = _vertices(fabric, b)
    if last - first + other_last - other_first > MOST_VERTICES:
        return False
    for run in range(fabric.plots[a]["first"], fabric.plots[a]["last"]):
        for segment in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
            x, y = fabric.x[segment], fabric.y[segment]
            run_x, run_y = fabric.x[segment + 1] - x, fabric.y[segment + 1] - y
            # Areas instead of heights: the length of the segment goes on the other side.
            wide_m2 = snap_m * math.sqrt(run_x * run_x + run_y * run_y)
            deep_m2 = _reach_m2(fabric.x, fabric.y, x, y, -run_x, -run_y, other_first, other_last, wide_m2)
            if deep_m2 <= wide_m2:
                deep_m2 += _reach_m2(fabric.x, fabric.y, x, y, run_x, run_y, first, last, wide_m2)
            if deep_m2 <= wide_m2:
                return True
    return False


@compiled
def _vertices(fabric: Fabric, plot: int) -> tuple[int, int]:
    """Return the first vertex of a plot and the one after its last."""
    first, last = fabric.plots[plot]["first"], fabric.plots[plot]["last"]
    if first == last:
        return 0, 0
    return fabric.runs[first]["first"], fabric.runs[last - 1]["last"] + 1


@compiled
def _reach_m2(
    xs: Floats,
    ys: Floats,
    x: float,
    y: float,
    run_x: float,
    run_y: float,
    first: int,
    last: int,
    enough_m2: float,
) -> float:
    """Return how far vertices reach to the right of a segment, times its length, or more than enough."""
    reach_m2 = 0.0
    for vertex in range(first, last):
        reach_m2 = max(reach_m2, (xs[vertex] - x) * run_y - (ys[vertex] - y) * run_x)
        if reach_m2 > enough_m2:
            break
    return reach_m2


@compiled
def _has_way_in(fabric: Fabric, buffers: Buffers, a: int, b: int, way_m: float) -> bool:
    """Return whether somewhere on the border of `a` the way `way_m` inward lies in `b`, not blocked."""
    box = fabric.plot_boxes.box[b]
    for run in range(fabric.plots[a]["first"], fabric.plots[a]["last"]):
        if not _is_by(fabric.run_boxes.box[run], box[0], box[1], box[2], box[3], way_m):
            continue
        for segment in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
            frame = frame_of(fabric.x, fabric.y, segment)
            n_blocks = _note_blocks(fabric, buffers, segment, frame, b, way_m)
            if n_blocks >= 0 and _lies_in(fabric, buffers, frame, b, n_blocks, way_m):
                return True
    return False


@compiled
def _is_by(box: Floats, left: float, bottom: float, right: float, top: float, reach_m: float) -> bool:
    """Return whether a box comes within `reach_m` of another."""
    return (
        box[0] <= right + reach_m
        and box[2] >= left - reach_m
        and box[1] <= top + reach_m
        and box[3] >= bottom - reach_m
    )


@compiled
def _note_blocks(fabric: Fabric, buffers: Buffers, segment: int, frame: Frame, b: int, way_m: float) -> int:
    """Write where the border of `b` blocks the way in; return how many stretches, -1 if it is not near."""
    x, y = fabric.x, fabric.y
    left, right = min(x[segment], x[segment + 1]), max(x[segment], x[segment + 1])
    bottom, top = min(y[segment], y[segment + 1]), max(y[segment], y[segment + 1])
    n_blocks, is_near = 0, False
    for run in range(fabric.plots[b]["first"], fabric.plots[b]["last"]):
        if not _is_by(fabric.run_boxes.box[run], left, bottom, right, top, 2 * way_m):
            continue
        is_near = True
        for c in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
            line = line_in(frame, x[c], y[c], x[c + 1], y[c + 1])
            # A border that runs along with this one and at it leaves the interior of both on one side.
            high_h = EPSILON_M if line.t1 < line.t0 else -EPSILON_M
            is_there, part = clipped(line, 0.0, frame.length_m, -way_m, high_h)
            if is_there:
                block = buffers.views[n_blocks]
                block["t0"], block["t1"] = part.t0, part.t1
                n_blocks += 1
    return n_blocks if is_near else -1


@compiled
def _lies_in(fabric: Fabric, buffers: Buffers, frame: Frame, b: int, n_blocks: int, way_m: float) -> bool:
    """Return whether the way in lies in `b` anywhere between the blocks."""
    sort_views(buffers.views, n_blocks)
    end_m = 0.0
    for nth in range(n_blocks + 1):
        next_m = buffers.views[nth]["t0"] if nth < n_blocks else frame.length_m
        if next_m - end_m > GAP_M:
            t, h = (end_m + next_m) / 2, -way_m / 2
            if is_inside(
                fabric, b, frame.x + t * frame.dx + h * frame.dy, frame.y + t * frame.dy - h * frame.dx
            ):
                return True
        if nth < n_blocks:
            end_m = max(end_m, buffers.views[nth]["t1"])
    return False

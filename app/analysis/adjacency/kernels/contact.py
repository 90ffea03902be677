"""Where borders run together: stretches within `snap_m` of another plot's border."""

from __future__ import annotations

from app.analysis.adjacency.kernels.arrays import Floats, Ints, Record, Records
from app.analysis.adjacency.kernels.box_tree import find_meeting
from app.analysis.adjacency.kernels.buffers import Buffers, Slots, slot_for
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.adjacency.kernels.segment_frame import (
    NOTHING_M,
    Frame,
    Line,
    clipped,
    frame_of,
    is_near_parallel,
    line_in,
)
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.machine_code import compiled


@compiled
def feel_run(
    fabric: Fabric, buffers: Buffers, run: int, n_slots: int, n_openings: int, reach_m: float
) -> tuple[int, int]:
    """Measure what the segments of a run have in common with other plots, and where none covers them.

    Parameters
    ----------
    fabric : Fabric
        The borders of all plots.
    buffers : Buffers
        Slots and openings of the plot are written to it.
    run : int
        The run.
    n_slots, n_openings : int
        How many there are before.
    reach_m : float
        How near borders count as common.

    Returns
    -------
    n_slots, n_openings : int
        How many there are then. Openings that there is no room for are counted only.
    """
    n_sides = _gather_sides(fabric, buffers, run, reach_m)
    for segment in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
        frame = frame_of(fabric.x, fabric.y, segment)
        n_met = _meet_sides(fabric.x, fabric.y, segment, buffers.sides, n_sides, buffers.met, reach_m)
        n_slots, n_views = _note_met(
            buffers.slots, buffers.views, buffers.sides, buffers.met, n_met, frame, n_slots, reach_m
        )
        sort_views(buffers.views, n_views)
        _count_shared(buffers.slots.rows, buffers.views, n_views, segment)
        n_openings = _note_openings(
            buffers.openings, buffers.views, n_views, run, segment, frame.length_m, n_openings
        )
    return n_slots, n_openings


@compiled
def _gather_sides(fabric: Fabric, buffers: Buffers, run: int, reach_m: float) -> int:
    """Write the segments of other plots that come near the box of a run; return how many there are."""
    x, y, sides, n_sides = fabric.x, fabric.y, buffers.sides, 0
    left, bottom, right, top = _grown(fabric.run_boxes.box[run], reach_m)
    n_near = find_meeting(fabric.run_boxes, left, bottom, right, top, buffers.stack, buffers.near)
    for nth in range(n_near):
        other = fabric.runs[buffers.near[nth]]
        if other["plot"] == fabric.runs[run]["plot"]:
            continue
        for c in range(other["first"], other["last"]):
            side = sides[n_sides]
            side["plot"], side["x0"], side["y0"], side["x1"], side["y1"] = (
                other["plot"],
                x[c],
                y[c],
                x[c + 1],
                y[c + 1],
            )
            # Written in any case and kept where it is due: which of them is near cannot be foretold.
            n_sides += _beside_m(side, left, bottom, right, top) <= 0
    return n_sides


@compiled
def _grown(box: Floats, by_m: float) -> tuple[float, float, float, float]:
    """Return a box grown on all sides."""
    return box[0] - by_m, box[1] - by_m, box[2] + by_m, box[3] + by_m


@compiled
def _beside_m(side: Record, left: float, bottom: float, right: float, top: float) -> float:
    """Return how far the box around a segment lies beside another, 0 or less where they meet."""
    low_x, high_x = min(side["x0"], side["x1"]), max(side["x0"], side["x1"])
    low_y, high_y = min(side["y0"], side["y1"]), max(side["y0"], side["y1"])
    beside_x, beside_y = max(low_x - right, left - high_x), max(low_y - top, bottom - high_y)
    return max(beside_x, beside_y)


@compiled
def _meet_sides(
    x: Floats, y: Floats, segment: int, sides: Records, n_sides: int, met: Ints, reach_m: float
) -> int:
    """Write the numbers of the gathered segments that come near one of the run; return how many there are."""
    left, right = min(x[segment], x[segment + 1]) - reach_m, max(x[segment], x[segment + 1]) + reach_m
    bottom, top = min(y[segment], y[segment + 1]) - reach_m, max(y[segment], y[segment + 1]) + reach_m
    n_met = 0
    for nth in range(n_sides):
        met[n_met] = nth
        n_met += _beside_m(sides[nth], left, bottom, right, top) <= 0
    return n_met


@compiled
def _note_met(
    slots: Slots,
    views: Records,
    sides: Records,
    met: Ints,
    n_met: int,
    frame: Frame,
    n_slots: int,
    reach_m: float,
) -> tuple[int, int]:
    """Write the views of one segment; return how many slots and views there are."""
    n_views = 0
    for nth in range(n_met):
        side = sides[met[nth]]
        slot = slot_for(slots, n_slots, side["plot"])
        n_slots = max(n_slots, slot + 1)
        line = line_in(frame, side["x0"], side["y0"], side["x1"], side["y1"])
        _measure_distance(slots, slot, frame.length_m, line)
        if line.t1 < line.t0 and is_near_parallel(line):
            n_views = _note_view(slots, views, slot, n_views, frame.length_m, line, reach_m)
    return n_slots, n_views


@compiled
def _measure_distance(slots: Slots, slot: int, length_m: float, line: Line) -> None:
    """Keep the least distance of a plot's vertices; nothing where its border crosses the segment."""
    beyond = max(-line.t0, line.t0 - length_m, 0.0)
    near_m2 = line.h0 * line.h0 + beyond * beyond
    if line.h0 * line.h1 < 0:
        at = line.t0 + (line.t1 - line.t0) * (line.h0 / (line.h0 - line.h1))
        if 0 <= at <= length_m:
            near_m2 = 0.0
    slots.rows[slot]["near_m2"] = min(slots.rows[slot]["near_m2"], near_m2)


@compiled
def _note_view(
    slots: Slots, views: Records, slot: int, n_views: int, length_m: float, line: Line, reach_m: float
) -> int:
    """Write what runs along the segment within reach; return how many views there are."""
    is_there, part = clipped(line, 0.0, length_m, -reach_m, reach_m)
    if not is_there or part.t1 - part.t0 <= NOTHING_M:
        return n_views
    view = views[n_views]
    view["t0"], view["t1"], view["slot"] = part.t0, part.t1, slot
    gap_m = max(part.h0, part.h1)
    slots.rows[slot]["gap_m"] = max(slots.rows[slot]["gap_m"], gap_m)
    return n_views + 1


@compiled
def sort_views(views: Records, n_views: int) -> None:
    """Sort views by start, then end: what is summed must not depend on the order of plots."""
    for nth in range(1, n_views):
        at = nth
        views[n_views] = views[nth]
        while at and _is_before(views[n_views], views[at - 1]):
            views[at] = views[at - 1]
            at -= 1
        views[at] = views[n_views]


@compiled
def _is_before(a: Record, b: Record) -> bool:
    return a["t0"] < b["t0"] or (a["t0"] == b["t0"] and a["t1"] < b["t1"])


@compiled
def _count_shared(slots: Records, views: Records, n_views: int, segment: int) -> None:
    """Add the stretches of a segment to the common borders, each metre of a pair once."""
    for nth in range(n_views):
        view = views[nth]
        slot = slots[view["slot"]]
        if slot["segment"] != segment or view["t0"] - EPSILON_M > slot["end_m"]:
            slot["segment"], slot["end_m"] = segment, view["t0"]
        if view["t1"] > slot["end_m"]:
            slot["shared_m"] += view["t1"] - slot["end_m"]
            slot["end_m"] = view["t1"]


@compiled
def _note_openings(
    openings: Records, views: Records, n_views: int, run: int, segment: int, length_m: float, n_openings: int
) -> int:
    """Write the stretches of a segment that no view covers; return how many openings there are."""
    end_m = 0.0
    for nth in range(n_views + 1):
        next_m = views[nth]["t0"] if nth < n_views else length_m
        if next_m - end_m > EPSILON_M:
            if n_openings < len(openings):
                opening = openings[n_openings]
                opening["run"], opening["segment"] = run, segment
                opening["t0"], opening["t1"] = end_m, next_m
            n_openings += 1
        if nth < n_views:
            end_m = max(end_m, views[nth]["t1"])
    return n_openings

"""Where borders run together: stretches within `snap_m` of another plot's border."""

from __future__ import annotations

from app.analysis.adjacency.arrays import Records
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.desk import Desk, slot_for
from app.analysis.adjacency.frame import NOTHING_M, Frame, Line, clipped, frame_of, is_near_parallel, line_in
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.adjacency.tree import find_holding, find_meeting


@compiled
def near_runs(fabric: Fabric, desk: Desk, run: int, reach_m: float) -> int:
    """Write the runs near a run to the desk; return how many there are."""
    left, bottom, right, top = fabric.runs.box[run]
    return find_meeting(
        fabric.runs, left - reach_m, bottom - reach_m, right + reach_m, top + reach_m, desk.stack, desk.near
    )


@compiled
def feel_border(
    fabric: Fabric, desk: Desk, run: int, segment: int, n_near: int, n_slots: int, reach_m: float
) -> tuple[int, int]:
    """Measure what a segment has in common with other plots, and where none of them covers it.

    Parameters
    ----------
    fabric : Fabric
        The borders of all plots.
    desk : Desk
        Holds the runs near by; the slots and the openings of the segment are written to it.
    run, segment : int
        The run, and the segment of it.
    n_near, n_slots : int
        How many runs are near by, how many slots there are before.
    reach_m : float
        How near borders count as common.

    Returns
    -------
    n_slots, n_openings : int
        How many there are then.
    """
    frame = frame_of(fabric.x, fabric.y, segment)
    n_slots, n_views = _note_near(fabric, desk, run, segment, frame, n_near, n_slots, reach_m)
    sort_views(desk.views, n_views)
    _count_shared(desk, segment, n_views)
    return n_slots, _note_openings(desk, frame.length_m, n_views)


@compiled
def _note_near(
    fabric: Fabric,
    desk: Desk,
    from_run: int,
    segment: int,
    frame: Frame,
    n_near: int,
    n_slots: int,
    reach_m: float,
) -> tuple[int, int]:
    """Write the views of one segment; return how many slots and views there are."""
    x, y, boxes = fabric.x, fabric.y, fabric.runs.box
    left, right = min(x[segment], x[segment + 1]) - reach_m, max(x[segment], x[segment + 1]) + reach_m
    bottom, top = min(y[segment], y[segment + 1]) - reach_m, max(y[segment], y[segment + 1]) + reach_m
    plot, ring, n_views = fabric.run_plot[from_run], fabric.run_ring[from_run], 0
    for nth in range(n_near):
        run = desk.near[nth]
        if boxes[run, 0] > right or boxes[run, 2] < left or boxes[run, 1] > top or boxes[run, 3] < bottom:
            continue
        other = fabric.run_plot[run]
        if other == plot:
            continue
        for c in range(fabric.run_first[run], fabric.run_last[run]):
            x0, y0, x1, y1 = x[c], y[c], x[c + 1], y[c + 1]
            if min(x0, x1) > right or max(x0, x1) < left or min(y0, y1) > top or max(y0, y1) < bottom:
                continue
            slot = slot_for(desk, n_slots, other)
            n_slots = max(n_slots, slot + 1)
            desk.slots[slot]["ring"] = ring
            line = line_in(frame, x0, y0, x1, y1)
            _measure_distance(desk.slots, slot, frame.length_m, line)
            if line.t1 < line.t0 and is_near_parallel(line):
                n_views = _note_view(desk, slot, n_views, frame.length_m, line, reach_m)
    return n_slots, n_views


@compiled
def _measure_distance(slots: Records, slot: int, length_m: float, line: Line) -> None:
    """Keep the least distance of a plot's vertices; nothing where its border crosses the segment."""
    beyond = max(-line.t0, line.t0 - length_m, 0.0)
    near_m2 = line.h0 * line.h0 + beyond * beyond
    if line.h0 * line.h1 < 0:
        at = line.t0 + (line.t1 - line.t0) * (line.h0 / (line.h0 - line.h1))
        if 0 <= at <= length_m:
            near_m2 = 0.0
    if near_m2 < slots[slot]["near_m2"]:
        slots[slot]["near_m2"] = near_m2


@compiled
def _note_view(desk: Desk, slot: int, n_views: int, length_m: float, line: Line, reach_m: float) -> int:
    """Write what runs along the segment within reach; return how many views there are."""
    is_there, part = clipped(line, 0.0, length_m, -reach_m, reach_m)
    if not is_there or part.t1 - part.t0 <= NOTHING_M:
        return n_views
    view = desk.views[n_views]
    view["t0"], view["t1"], view["slot"] = part.t0, part.t1, slot
    gap_m = max(part.h0, part.h1)
    if gap_m > desk.slots[slot]["gap_m"]:
        desk.slots[slot]["gap_m"] = gap_m
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
def _is_before(a: Records, b: Records) -> bool:
    return bool(a["t0"] < b["t0"] or (a["t0"] == b["t0"] and a["t1"] < b["t1"]))


@compiled
def _count_shared(desk: Desk, segment: int, n_views: int) -> None:
    """Add the stretches of a segment to the common borders, each metre of a pair once."""
    for nth in range(n_views):
        view = desk.views[nth]
        slot = desk.slots[view["slot"]]
        if slot["segment"] != segment or view["t0"] - EPSILON_M > slot["end_m"]:
            slot["segment"], slot["end_m"] = segment, view["t0"]
        if view["t1"] > slot["end_m"]:
            slot["shared_m"] += view["t1"] - slot["end_m"]
            slot["end_m"] = view["t1"]


@compiled
def _note_openings(desk: Desk, length_m: float, n_views: int) -> int:
    """Write the stretches of a segment that no view covers; return how many there are."""
    n_openings, end_m = 0, 0.0
    for nth in range(n_views + 1):
        next_m = desk.views[nth]["t0"] if nth < n_views else length_m
        if next_m - end_m > EPSILON_M:
            opening = desk.openings[n_openings]
            opening["t0"], opening["t1"] = end_m, next_m
            n_openings += 1
        if nth < n_views:
            end_m = max(end_m, desk.views[nth]["t1"])
    return n_openings


@compiled
def note_surroundings(fabric: Fabric, desk: Desk, plot: int, last_run: int, n_slots: int) -> int:
    """Mark the plots that the ring which ends with `last_run` lies in without touching their borders."""
    ring, first_run = fabric.run_ring[last_run], last_run
    while first_run > fabric.plot_run[plot] and fabric.run_ring[first_run - 1] == ring:
        first_run -= 1
    left, bottom, right, top = fabric.runs.box[first_run]
    for run in range(first_run + 1, last_run + 1):
        box = fabric.runs.box[run]
        left, bottom, right, top = (
            min(left, box[0]),
            min(bottom, box[1]),
            max(right, box[2]),
            max(top, box[3]),
        )
    n_found = find_holding(fabric.plots, left, bottom, right, top, desk.stack, desk.found)
    vertex = fabric.run_first[first_run]
    for nth in range(n_found):
        other = desk.found[nth]
        slot = desk.slot_of[other] - 1
        if other == plot or (slot >= 0 and desk.slots[slot]["ring"] == ring):
            continue
        if is_inside(fabric, other, fabric.x[vertex], fabric.y[vertex]):
            slot = slot_for(desk, n_slots, other)
            n_slots = max(n_slots, slot + 1)
            desk.slots[slot]["is_inside"], desk.slots[slot]["near_m2"] = 1, 0.0
    return n_slots


@compiled
def is_inside(fabric: Fabric, plot: int, x: float, y: float) -> bool:
    """Return whether a point lies in a plot: whether a ray to the right meets its borders an odd number of times."""
    inside = False
    for run in range(fabric.plot_run[plot], fabric.plot_run[plot + 1]):
        box = fabric.runs.box[run]
        if box[1] > y or box[3] < y or box[2] < x:
            continue
        for segment in range(fabric.run_first[run], fabric.run_last[run]):
            x0, y0 = fabric.x[segment] - x, fabric.y[segment] - y
            x1, y1 = fabric.x[segment + 1] - x, fabric.y[segment + 1] - y
            if (y0 > 0) != (y1 > 0) and (x0 * y1 - x1 * y0 > 0) == (y1 > y0):
                inside = not inside
    return inside

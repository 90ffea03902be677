"""Who faces whom: what a border sees when it looks straight out, the nearest border hiding the rest."""

from __future__ import annotations

import math
from typing import NamedTuple

from app.analysis.adjacency.arrays import Floats, Records
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.desk import Desk
from app.analysis.adjacency.envelope import add_first_seen
from app.analysis.adjacency.frame import NOTHING_M, Frame, clipped, frame_of, line_in
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.adjacency.tree import find_meeting


class Window(NamedTuple):
    """The strip in front of a stretch, in the frame of its segment, metres."""

    low_t: float
    high_t: float
    low_h: float
    high_h: float


@compiled
def look_out(
    fabric: Fabric, desk: Desk, plot: int, n_openings: int, n_slots: int, snap_m: float, across_m: float
) -> int:
    """Add over what length each plot is seen, looking straight out of the openings of a plot.

    A point of a border sees the plot whose border its outward normal meets first within `across_m`.
    The plot's own border hides, too. A border up to `snap_m` behind the point counts as met when it
    faces the point, so that a sliver overlap hides like an exact common border.

    Returns
    -------
    int
        How many slots there are then.
    """
    low_h, high_h = -snap_m - EPSILON_M, across_m + EPSILON_M
    first = 0
    while first < n_openings:
        last = _last_of_run(desk.openings, first, n_openings)
        n_found = _find_ahead(fabric, desk, first, last, low_h, high_h)
        for nth in range(first, last):
            opening = desk.openings[nth]
            frame = frame_of(fabric.x, fabric.y, opening["segment"])
            window = Window(opening["t0"], opening["t1"], low_h, high_h)
            n_lines = _note_obstacles(fabric, desk, plot, frame, window, n_found)
            n_slots = add_first_seen(desk.strip, desk.slots, plot, n_lines, n_slots)
        first = last
    return n_slots


@compiled
def _last_of_run(openings: Records, first: int, n_openings: int) -> int:
    """Return the opening after the last one that lies on the run of the first."""
    last = first + 1
    while last < n_openings and openings[last]["run"] == openings[first]["run"]:
        last += 1
    return last


@compiled
def _find_ahead(fabric: Fabric, desk: Desk, first: int, last: int, low_h: float, high_h: float) -> int:
    """Write the runs that may stand in front of some openings; return how many there are."""
    left, bottom, right, top = math.inf, math.inf, -math.inf, -math.inf
    for nth in range(first, last):
        opening = desk.openings[nth]
        frame = frame_of(fabric.x, fabric.y, opening["segment"])
        box = _box_around(frame, Window(opening["t0"], opening["t1"], low_h, high_h))
        left, bottom, right, top = (
            min(left, box[0]),
            min(bottom, box[1]),
            max(right, box[2]),
            max(top, box[3]),
        )
    return find_meeting(fabric.run_boxes, left, bottom, right, top, desk.stack, desk.found)


@compiled
def _note_obstacles(fabric: Fabric, desk: Desk, plot: int, frame: Frame, window: Window, n_found: int) -> int:
    """Write what stands in front of a stretch of a segment; return how many lines it is."""
    x, y, n_lines = fabric.x, fabric.y, 0
    left, bottom, right, top = _box_around(frame, window)
    for nth in range(n_found):
        box = fabric.run_boxes.box[desk.found[nth]]
        if box[0] > right or box[2] < left or box[1] > top or box[3] < bottom:
            continue
        if not _may_meet(box, frame, window):
            continue
        run = fabric.runs[desk.found[nth]]
        is_own, place = run["plot"] == plot, fabric.plots[run["plot"]]["position"]
        for c in range(run["first"], run["last"]):
            line = line_in(frame, x[c], y[c], x[c + 1], y[c + 1])
            # Behind itself a border meets only what faces it. Anything else must stand truly in front: the
            # viewer itself does not, nor does a border that runs along with it.
            low_h = EPSILON_M if is_own or line.t1 >= line.t0 else window.low_h
            is_there, part = clipped(line, window.low_t, window.high_t, low_h, window.high_h)
            if is_there and part.t1 - part.t0 > NOTHING_M:
                new = desk.strip.lines[n_lines]
                new["t0"], new["t1"], new["h0"], new["h1"] = part.t0, part.t1, part.h0, part.h1
                new["plot"], new["place"] = run["plot"], place
                n_lines += 1
    return n_lines


@compiled
def _box_around(frame: Frame, window: Window) -> tuple[float, float, float, float]:
    """Return (left, bottom, right, top) of a window."""
    x0, x1 = frame.x + window.low_t * frame.dx, frame.x + window.high_t * frame.dx
    y0, y1 = frame.y + window.low_t * frame.dy, frame.y + window.high_t * frame.dy
    behind_x, ahead_x = window.low_h * frame.dy, window.high_h * frame.dy
    behind_y, ahead_y = -window.low_h * frame.dx, -window.high_h * frame.dx
    return (
        min(x0, x1) + min(behind_x, ahead_x),
        min(y0, y1) + min(behind_y, ahead_y),
        max(x0, x1) + max(behind_x, ahead_x),
        max(y0, y1) + max(behind_y, ahead_y),
    )


@compiled
def _may_meet(box: Floats, frame: Frame, window: Window) -> bool:
    """Return whether any of a box may lie in a window."""
    x, y = (box[0] + box[2]) / 2 - frame.x, (box[1] + box[3]) / 2 - frame.y
    wide, high = (box[2] - box[0]) / 2 + EPSILON_M, (box[3] - box[1]) / 2 + EPSILON_M
    t, h = x * frame.dx + y * frame.dy, x * frame.dy - y * frame.dx
    spread_t = wide * abs(frame.dx) + high * abs(frame.dy)
    spread_h = wide * abs(frame.dy) + high * abs(frame.dx)
    return (
        t + spread_t >= window.low_t
        and t - spread_t <= window.high_t
        and h + spread_h >= window.low_h
        and h - spread_h <= window.high_h
    )

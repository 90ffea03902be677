"""Who faces whom: what a border sees when it looks straight out, the nearest border hiding the rest."""

from __future__ import annotations

import math

from app.analysis.adjacency.kernels.arrays import Floats, Record, Records
from app.analysis.adjacency.kernels.box_tree import find_meeting
from app.analysis.adjacency.kernels.buffers import Buffers
from app.analysis.adjacency.kernels.envelope import add_first_seen
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.adjacency.kernels.segment_frame import (
    NOTHING_M,
    ClipBox,
    Frame,
    Line,
    beyond_m,
    clipped,
    frame_of,
    line_in,
    may_meet,
)
from app.analysis.adjacency.tolerances import EPSILON_M, Lengths
from app.analysis.machine_code import compiled

# Openings shorter than this are slits.
SLIT_M = 0.5


@compiled
def look_out(
    fabric: Fabric, buffers: Buffers, plot: int, n_openings: int, n_slots: int, lengths: Lengths
) -> int:
    """Add over what length each plot is seen, looking straight out of the openings of a plot.

    A point of a border sees the plot whose border its outward normal meets first within `across_m`.
    The plot's own border hides, too. A border up to `snap_m` behind the point counts as met when it
    faces the point, so that a sliver overlap hides like an exact common border.

    Dirt leaves slits of centimetres between common borders. They are looked out of last, and only where one
    may show a plot that is seen over `facing_m` with all of them: for other plots, too little may be added.

    Returns
    -------
    int
        How many slots there are then.
    """
    slits_m = _length_of_slits(buffers.openings, n_openings)
    enough_m = lengths.facing_m - slits_m - 2 * EPSILON_M
    # Where slits alone could show a plot they are openings like others.
    least_m, first = SLIT_M if enough_m > 0 else 0.0, 0
    while first < n_openings:
        last = _last_of_run(buffers.openings, first, n_openings)
        n_slots = _look_out_of_run(fabric, buffers, plot, first, last, n_slots, least_m, lengths)
        first = last
    if enough_m > 0 and slits_m > 0:
        n_slots = _look_out_of_slits(fabric, buffers, plot, n_openings, n_slots, enough_m, lengths)
    return n_slots


@compiled
def _length_of_slits(openings: Records, n_openings: int) -> float:
    """Return the length of all slits together."""
    length_m = 0.0
    for nth in range(n_openings):
        if openings[nth]["t1"] - openings[nth]["t0"] < SLIT_M:
            length_m += openings[nth]["t1"] - openings[nth]["t0"]
    return length_m


@compiled
def _look_out_of_run(
    fabric: Fabric,
    buffers: Buffers,
    plot: int,
    first: int,
    last: int,
    n_slots: int,
    least_m: float,
    lengths: Lengths,
) -> int:
    """Look out of the openings of a run from `least_m` on; return how many slots there are."""
    n_found = _find_ahead(fabric, buffers, first, last, least_m, lengths)
    for nth in range(first, last):
        opening = buffers.openings[nth]
        if opening["t1"] - opening["t0"] >= least_m:
            frame = frame_of(fabric.x, fabric.y, opening["segment"])
            n_lines = _note_obstacles(fabric, buffers, plot, frame, _ahead(opening, lengths), n_found)
            n_slots = add_first_seen(buffers.strip, buffers.slots, plot, n_lines, n_slots)
    return n_slots


@compiled
def _ahead(opening: Record, lengths: Lengths) -> ClipBox:
    """Return the strip that can be seen from an opening."""
    return ClipBox(opening["t0"], opening["t1"], -lengths.snap_m - EPSILON_M, lengths.across_m + EPSILON_M)


@compiled
def _look_out_of_slits(
    fabric: Fabric,
    buffers: Buffers,
    plot: int,
    n_openings: int,
    n_slots: int,
    enough_m: float,
    lengths: Lengths,
) -> int:
    """Look out of slits that may show a plot seen over `enough_m` so far; return how many slots there are."""
    for nth in range(n_openings):
        opening = buffers.openings[nth]
        if opening["t1"] - opening["t0"] < SLIT_M:
            frame = frame_of(fabric.x, fabric.y, opening["segment"])
            if _may_show(fabric, buffers, n_slots, frame, _ahead(opening, lengths), enough_m):
                n_slots = _look_out_of_run(fabric, buffers, plot, nth, nth + 1, n_slots, 0.0, lengths)
    return n_slots


@compiled
def _may_show(
    fabric: Fabric, buffers: Buffers, n_slots: int, frame: Frame, clip: ClipBox, enough_m: float
) -> bool:
    """Return whether a plot that is seen over `enough_m` already may lie in a clip box."""
    for nth in range(n_slots):
        slot = buffers.slots.rows[nth]
        if slot["facing_m"] >= enough_m and may_meet(fabric.plot_boxes.box[slot["plot"]], frame, clip):
            return True
    return False


@compiled
def _last_of_run(openings: Records, first: int, n_openings: int) -> int:
    """Return the opening after the last one that lies on the run of the first."""
    last = first + 1
    while last < n_openings and openings[last]["run"] == openings[first]["run"]:
        last += 1
    return last


@compiled
def _find_ahead(
    fabric: Fabric, buffers: Buffers, first: int, last: int, least_m: float, lengths: Lengths
) -> int:
    """Write the runs that may stand in front of openings from `least_m` on; return how many there are."""
    left, bottom, right, top = math.inf, math.inf, -math.inf, -math.inf
    for nth in range(first, last):
        opening = buffers.openings[nth]
        if opening["t1"] - opening["t0"] >= least_m:
            box = _box_around(frame_of(fabric.x, fabric.y, opening["segment"]), _ahead(opening, lengths))
            left, bottom = min(left, box[0]), min(bottom, box[1])
            right, top = max(right, box[2]), max(top, box[3])
    return find_meeting(fabric.run_boxes, left, bottom, right, top, buffers.stack, buffers.found)


@compiled
def _note_obstacles(
    fabric: Fabric, buffers: Buffers, plot: int, frame: Frame, clip: ClipBox, n_found: int
) -> int:
    """Write what stands in front of a stretch of a segment; return how many lines it is."""
    x, y, n_lines = fabric.x, fabric.y, 0
    for nth in range(n_found):
        if not may_meet(fabric.run_boxes.box[buffers.found[nth]], frame, clip):
            continue
        run = fabric.runs[buffers.found[nth]]
        other, place = run["plot"], fabric.plots[run["plot"]]["position"]
        # The first that one meets of a plot is a border that faces one, unless one stands within the plot.
        has_back = other != plot and _may_hold(fabric.plot_boxes.box[other], frame, clip)
        for c in range(run["first"], run["last"]):
            line = line_in(frame, x[c], y[c], x[c + 1], y[c + 1])
            new = buffers.strip.lines[n_lines]
            new["t0"], new["t1"], new["h0"], new["h1"] = line.t0, line.t1, line.h0, line.h1
            new["plot"], new["place"] = other, place
            # Written in any case and kept where it is due: what is in the way cannot be foretold.
            n_lines += (beyond_m(line, clip) <= 0) & ((line.t1 < line.t0) | has_back)
    return _clip_lines(buffers.strip.lines, n_lines, plot, clip)


@compiled
def _clip_lines(lines: Records, n_lines: int, plot: int, clip: ClipBox) -> int:
    """Cut lines down to what of them lies in a clip box; return how many are left."""
    n_kept = 0
    for nth in range(n_lines):
        line = Line(lines[nth]["t0"], lines[nth]["h0"], lines[nth]["t1"], lines[nth]["h1"])
        # Behind itself a border meets only what faces it. Anything else must stand truly in front: the viewer
        # itself does not, nor does a border that runs along with it.
        is_behind_met = line.t1 < line.t0 and lines[nth]["plot"] != plot
        low_h = clip.low_h if is_behind_met else EPSILON_M
        is_there, part = clipped(line, clip.low_t, clip.high_t, low_h, clip.high_h)
        if is_there and part.t1 - part.t0 > NOTHING_M:
            new = lines[n_kept]
            new["t0"], new["t1"], new["h0"], new["h1"] = part.t0, part.t1, part.h0, part.h1
            new["plot"], new["place"] = lines[nth]["plot"], lines[nth]["place"]
            n_kept += 1
    return n_kept


@compiled
def _box_around(frame: Frame, clip: ClipBox) -> tuple[float, float, float, float]:
    """Return (left, bottom, right, top) of a clip box."""
    x0, x1 = frame.x + clip.low_t * frame.dx, frame.x + clip.high_t * frame.dx
    y0, y1 = frame.y + clip.low_t * frame.dy, frame.y + clip.high_t * frame.dy
    behind_x, ahead_x = clip.low_h * frame.dy, clip.high_h * frame.dy
    behind_y, ahead_y = -clip.low_h * frame.dx, -clip.high_h * frame.dx
    return (
        min(x0, x1) + min(behind_x, ahead_x),
        min(y0, y1) + min(behind_y, ahead_y),
        max(x0, x1) + max(behind_x, ahead_x),
        max(y0, y1) + max(behind_y, ahead_y),
    )


@compiled
def _may_hold(box: Floats, frame: Frame, clip: ClipBox) -> bool:
    """Return whether any of the stretch that is looked out of may lie in a box."""
    x0, x1 = frame.x + clip.low_t * frame.dx, frame.x + clip.high_t * frame.dx
    y0, y1 = frame.y + clip.low_t * frame.dy, frame.y + clip.high_t * frame.dy
    return (
        box[0] <= max(x0, x1) + EPSILON_M
        and box[2] >= min(x0, x1) - EPSILON_M
        and box[1] <= max(y0, y1) + EPSILON_M
        and box[3] >= min(y0, y1) - EPSILON_M
    )

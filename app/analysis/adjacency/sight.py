"""Who faces whom: what a border sees when it looks straight out, the nearest border hiding the rest."""

from __future__ import annotations

import math

from app.analysis.adjacency.arrays import Floats
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.desk import Desk
from app.analysis.adjacency.envelope import add_first_seen
from app.analysis.adjacency.frame import NOTHING_M, Frame, clipped, frame_of, line_in
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.adjacency.tree import find_meeting

# Long borders look in pieces, so that the box around a slanted view stays small.
LONGEST_VIEW_M = 40.0


@compiled
def look_out(
    fabric: Fabric,
    desk: Desk,
    plot: int,
    segment: int,
    n_openings: int,
    n_slots: int,
    snap_m: float,
    across_m: float,
) -> int:
    """Add over what length each plot is seen, looking straight out of the openings of a segment.

    A point of a border sees the plot whose border its outward normal meets first within `across_m`.
    The plot's own border hides, too. A border up to `snap_m` behind the point counts as met when it
    faces the point, so that a sliver overlap hides like an exact common border.

    Returns
    -------
    int
        How many slots there are then.
    """
    frame = frame_of(fabric.x, fabric.y, segment)
    for nth in range(n_openings):
        t0, length_m = desk.openings[nth]["t0"], desk.openings[nth]["t1"] - desk.openings[nth]["t0"]
        n_pieces = math.ceil(length_m / LONGEST_VIEW_M)
        step_m = length_m / n_pieces
        for piece in range(n_pieces):
            low_t, high_t = t0 + piece * step_m, t0 + (piece + 1) * step_m
            n_lines = _note_obstacles(fabric, desk, plot, segment, frame, low_t, high_t, snap_m, across_m)
            n_slots = add_first_seen(fabric, desk, plot, n_lines, n_slots)
    return n_slots


@compiled
def _note_obstacles(
    fabric: Fabric,
    desk: Desk,
    plot: int,
    segment: int,
    frame: Frame,
    low_t: float,
    high_t: float,
    snap_m: float,
    across_m: float,
) -> int:
    """Write what stands in front of a stretch of a segment; return how many lines it is."""
    n_found = _find_ahead(fabric, desk, frame, low_t, high_t, snap_m, across_m)
    x, y, n_lines = fabric.x, fabric.y, 0
    for nth in range(n_found):
        run = desk.found[nth]
        if not _may_stand_ahead(fabric.runs.box[run], frame, low_t, high_t, snap_m, across_m):
            continue
        other = fabric.run_plot[run]
        for c in range(fabric.run_first[run], fabric.run_last[run]):
            line = line_in(frame, x[c], y[c], x[c + 1], y[c + 1])
            # Behind itself a border meets only what faces it. Anything else must stand truly in front: the
            # viewer itself does not, nor does a border that runs along with it.
            low_h = -snap_m - EPSILON_M if other != plot and line.t1 < line.t0 else EPSILON_M
            is_there, part = clipped(line, low_t, high_t, low_h, across_m + EPSILON_M)
            if is_there and part.t1 - part.t0 > NOTHING_M:
                new = desk.lines[n_lines]
                new["t0"], new["t1"], new["h0"], new["h1"] = part.t0, part.t1, part.h0, part.h1
                new["plot"], new["place"] = other, fabric.position[other]
                n_lines += 1
    return n_lines


@compiled
def _find_ahead(
    fabric: Fabric, desk: Desk, frame: Frame, low_t: float, high_t: float, snap_m: float, across_m: float
) -> int:
    """Write the runs whose boxes meet the box around the strip in front; return how many there are."""
    behind_m, ahead_m = -snap_m - EPSILON_M, across_m + EPSILON_M
    x0, x1 = frame.x + low_t * frame.dx, frame.x + high_t * frame.dx
    y0, y1 = frame.y + low_t * frame.dy, frame.y + high_t * frame.dy
    left = min(x0, x1) + min(behind_m * frame.dy, ahead_m * frame.dy)
    right = max(x0, x1) + max(behind_m * frame.dy, ahead_m * frame.dy)
    bottom = min(y0, y1) + min(-behind_m * frame.dx, -ahead_m * frame.dx)
    top = max(y0, y1) + max(-behind_m * frame.dx, -ahead_m * frame.dx)
    return find_meeting(fabric.runs, left, bottom, right, top, desk.stack, desk.found)


@compiled
def _may_stand_ahead(
    box: Floats, frame: Frame, low_t: float, high_t: float, snap_m: float, across_m: float
) -> bool:
    """Return whether any of a box may stand in the strip in front of a stretch."""
    x, y = (box[0] + box[2]) / 2 - frame.x, (box[1] + box[3]) / 2 - frame.y
    wide, high = (box[2] - box[0]) / 2 + EPSILON_M, (box[3] - box[1]) / 2 + EPSILON_M
    t, h = x * frame.dx + y * frame.dy, x * frame.dy - y * frame.dx
    spread_t = wide * abs(frame.dx) + high * abs(frame.dy)
    spread_h = wide * abs(frame.dy) + high * abs(frame.dx)
    return (
        t + spread_t >= low_t
        and t - spread_t <= high_t
        and h + spread_h >= -snap_m - EPSILON_M
        and h - spread_h <= across_m + EPSILON_M
    )

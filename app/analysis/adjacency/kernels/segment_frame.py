"""How one segment looks from another."""

from __future__ import annotations

import math
from typing import NamedTuple

from app.analysis.adjacency.kernels.arrays import Floats
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.machine_code import compiled

# Segments that meet at a greater angle cross or part, they do not run together. Wide enough for the tilt
# that centimetres of noise give to short segments, narrow enough that borders parting at a junction do not
# count as common beyond it.
NEAR_PARALLEL = math.sin(math.radians(15))

# Stretches shorter than this, in metres, are nothing but rounding.
NOTHING_M = 1e-9


class Frame(NamedTuple):
    """A segment to look from: its start, unit direction and length in metres.

    A place in it is (t, h): t metres along the segment, h metres outward of it.
    """

    x: float
    y: float
    dx: float
    dy: float
    length_m: float


class Line(NamedTuple):
    """A segment in a frame, from (t0, h0) to (t1, h1)."""

    t0: float
    h0: float
    t1: float
    h1: float


class ClipBox(NamedTuple):
    """The strip in front of a stretch, in the frame of its segment, metres."""

    low_t: float
    high_t: float
    low_h: float
    high_h: float


@compiled
def frame_of(x: Floats, y: Floats, segment: int) -> Frame:
    """Return the frame of a segment."""
    run_x, run_y = x[segment + 1] - x[segment], y[segment + 1] - y[segment]
    length_m = math.sqrt(run_x * run_x + run_y * run_y)
    return Frame(x[segment], y[segment], run_x / length_m, run_y / length_m, length_m)


@compiled
def line_in(frame: Frame, x0: float, y0: float, x1: float, y1: float) -> Line:
    """Return how a segment from (x0, y0) to (x1, y1) runs in a frame."""
    # Differences first: they are exact, wherever on earth the two are.
    from_x, from_y, to_x, to_y = x0 - frame.x, y0 - frame.y, x1 - frame.x, y1 - frame.y
    return Line(
        from_x * frame.dx + from_y * frame.dy,
        from_x * frame.dy - from_y * frame.dx,
        to_x * frame.dx + to_y * frame.dy,
        to_x * frame.dy - to_y * frame.dx,
    )


@compiled
def beyond_m(line: Line, clip: ClipBox) -> float:
    """Return how far a line ends before a side of a clip box, 0 or less where it reaches all four."""
    low_t, high_t = min(line.t0, line.t1), max(line.t0, line.t1)
    low_h, high_h = min(line.h0, line.h1), max(line.h0, line.h1)
    # One number instead of four questions: which of them fails cannot be foretold.
    beside_t = max(clip.low_t - high_t, low_t - clip.high_t)
    beside_h = max(clip.low_h - high_h, low_h - clip.high_h)
    return max(beside_t, beside_h)


@compiled
def may_meet(box: Floats, frame: Frame, clip: ClipBox) -> bool:
    """Return whether any of a box may lie in a clip box."""
    x, y = (box[0] + box[2]) / 2 - frame.x, (box[1] + box[3]) / 2 - frame.y
    wide, high = (box[2] - box[0]) / 2 + EPSILON_M, (box[3] - box[1]) / 2 + EPSILON_M
    t, h = x * frame.dx + y * frame.dy, x * frame.dy - y * frame.dx
    spread_t = wide * abs(frame.dx) + high * abs(frame.dy)
    spread_h = wide * abs(frame.dy) + high * abs(frame.dx)
    beside_t = max(clip.low_t - t, t - clip.high_t) - spread_t
    beside_h = max(clip.low_h - h, h - clip.high_h) - spread_h
    return max(beside_t, beside_h) <= 0


@compiled
def is_near_parallel(line: Line) -> bool:
    """Return whether a segment runs along with the frame's, in either direction."""
    run_t, run_h = line.t1 - line.t0, line.h1 - line.h0
    return run_h * run_h <= NEAR_PARALLEL**2 * (run_t * run_t + run_h * run_h)


@compiled
def clipped(line: Line, low_t: float, high_t: float, low_h: float, high_h: float) -> tuple[bool, Line]:
    """Return whether any of a line lies within a clip box, and that part, turned so that t rises."""
    # Most lines lie beside the clip box; the divisions below would find that, too, only later.
    if max(line.t0, line.t1) < low_t or min(line.t0, line.t1) > high_t:
        return False, line
    if max(line.h0, line.h1) < low_h or min(line.h0, line.h1) > high_h:
        return False, line
    run_t, run_h = line.t1 - line.t0, line.h1 - line.h0
    from_t, to_t = _within(line.t0, run_t, low_t, high_t)
    from_h, to_h = _within(line.h0, run_h, low_h, high_h)
    u0, u1 = max(from_t, from_h), min(to_t, to_h)
    if u1 <= u0:
        return False, line
    if run_t < 0:
        u0, u1 = u1, u0
    part = Line(line.t0 + u0 * run_t, line.h0 + u0 * run_h, line.t0 + u1 * run_t, line.h0 + u1 * run_h)
    return True, part


@compiled
def _within(start: float, change: float, low: float, high: float) -> tuple[float, float]:
    """Return the part of u in [0, 1] where start + u change lies within bounds; none is (1, 0)."""
    if change == 0.0:
        return (0.0, 1.0) if low <= start <= high else (1.0, 0.0)
    a, b = (low - start) / change, (high - start) / change
    return max(min(a, b), 0.0), min(max(a, b), 1.0)

"""The shortest connection of two plots, and where it runs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.kernels.arrays import Floats, Ints, Positions
from app.analysis.adjacency.kernels.layout import fill_boxes, normal
from app.analysis.adjacency.plot_arrays import PlotArrays
from app.analysis.machine_code import compiled

Point = tuple[float, float]


class Rings(NamedTuple):
    """Plots as given, and the box (left, bottom, right, top) of each ring."""

    xy: Floats
    ring_offset: Ints
    part_offset: Ints
    plot_offset: Ints
    box: Floats


class Segment(NamedTuple):
    """A segment from (x0, y0) to (x1, y1)."""

    x0: float
    y0: float
    x1: float
    y1: float


def rings_of(plots: PlotArrays) -> Rings:
    """Return the rings of plots with their boxes."""
    given = normal(plots)
    n_rings = len(given.ring_offset) - 1
    box = np.empty((n_rings, 4))
    fill_boxes(given.xy, given.ring_offset, np.arange(n_rings + 1), box)
    return Rings(given.xy, given.ring_offset, given.part_offset, given.plot_offset, box)


def connections(rings: Rings, a: Positions, b: Positions, origin: Floats) -> Floats:
    """Return the shortest connection of each pair of plots.

    Of several equally short ones, the first met along the border of `a` as it was given, then of `b`; where
    plots have a point in common, a first corner of a part that lies in the other, if there is one. This is
    the connection that GEOS chooses.

    Parameters
    ----------
    rings : Rings
        The borders of all plots, closed.
    a, b : array of int, (n,)
        Positions of plots, pair by pair.
    origin : array of float64, (2,)
        Near the plots, whole metres.

    Returns
    -------
    array of float64, (n, 4)
        x, y on `a`, then x, y on `b`, metres from `origin`.
    """
    found = np.empty((len(a), 4))
    _fill(rings, a, b, origin[0], origin[1], found)
    return found


@compiled
def _fill(rings: Rings, a: Positions, b: Positions, x: float, y: float, found: Floats) -> None:
    """Write the connection of each pair, in metres from (x, y)."""
    for nth in range(len(a)):
        if _is_corner_in(rings, a[nth], b[nth], x, y, found[nth]):
            continue
        if not _is_corner_in(rings, b[nth], a[nth], x, y, found[nth]):
            _connect(rings, a[nth], b[nth], x, y, found[nth])


@compiled
def _is_corner_in(rings: Rings, plot: int, other: int, x: float, y: float, found: Floats) -> bool:
    """Return whether the first corner of a part lies in another plot, and write the first that does."""
    for part in range(rings.plot_offset[plot], rings.plot_offset[plot + 1]):
        ring = rings.part_offset[part]
        corner = rings.ring_offset[ring]
        if ring == rings.part_offset[part + 1] or corner == rings.ring_offset[ring + 1]:
            continue
        if _holds(rings, other, rings.xy[corner, 0], rings.xy[corner, 1]):
            found[0], found[1] = rings.xy[corner, 0] - x, rings.xy[corner, 1] - y
            found[2], found[3] = found[0], found[1]
            return True
    return False


@compiled
def _holds(rings: Rings, plot: int, x: float, y: float) -> bool:
    """Return whether a point lies in a plot or on its border."""
    inside = False
    first, last = rings.part_offset[rings.plot_offset[plot]], rings.part_offset[rings.plot_offset[plot + 1]]
    for ring in range(first, last):
        if rings.box[ring, 1] > y or rings.box[ring, 3] < y or rings.box[ring, 2] < x:
            continue
        for c in range(rings.ring_offset[ring], rings.ring_offset[ring + 1] - 1):
            x0, y0 = rings.xy[c, 0] - x, rings.xy[c, 1] - y
            x1, y1 = rings.xy[c + 1, 0] - x, rings.xy[c + 1, 1] - y
            beside = x0 * y1 - x1 * y0
            if beside == 0 and x0 * x1 <= 0 and y0 * y1 <= 0:
                return True
            if (y0 > 0) != (y1 > 0) and (beside > 0) == (y1 > y0):
                inside = not inside
    return inside


@compiled
def _connect(rings: Rings, a: int, b: int, x: float, y: float, found: Floats) -> None:
    """Write the shortest connection of the borders of two plots."""
    best_m = math.inf
    first_b, last_b = rings.part_offset[rings.plot_offset[b]], rings.part_offset[rings.plot_offset[b + 1]]
    for ring in range(rings.part_offset[rings.plot_offset[a]], rings.part_offset[rings.plot_offset[a + 1]]):
        for other in range(first_b, last_b):
            if _gap_m2(_box_segment(rings.box[ring]), _box_segment(rings.box[other])) <= best_m * best_m:
                best_m = _nearer(rings, ring, other, best_m, x, y, found)


@compiled
def _box_segment(box: Floats) -> Segment:
    """Return the diagonal of a box."""
    return Segment(box[0], box[1], box[2], box[3])


@compiled
def _gap_m2(s: Segment, t: Segment) -> float:
    """Return the square of the distance of the boxes around two segments."""
    x = max(max(min(s.x0, s.x1), min(t.x0, t.x1)) - min(max(s.x0, s.x1), max(t.x0, t.x1)), 0.0)
    y = max(max(min(s.y0, s.y1), min(t.y0, t.y1)) - min(max(s.y0, s.y1), max(t.y0, t.y1)), 0.0)
    return x * x + y * y


@compiled
def _nearer(rings: Rings, ring: int, other: int, best_m: float, x: float, y: float, found: Floats) -> float:
    """Write the connection of two rings if it is shorter than `best_m`; return the shorter length."""
    xy, box = rings.xy, _box_segment(rings.box[other])
    for i in range(rings.ring_offset[ring], rings.ring_offset[ring + 1] - 1):
        s = Segment(xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1])
        if _gap_m2(s, box) > best_m * best_m:
            continue
        for j in range(rings.ring_offset[other], rings.ring_offset[other + 1] - 1):
            t = Segment(xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1])
            if _gap_m2(s, t) > best_m * best_m:
                continue
            if _do_cross(s, t):
                found[0], found[1] = _crossing(s, t, x, y)
                found[2], found[3] = found[0], found[1]
                return 0.0
            ends_of_s_m = min(_apart_m(s.x0, s.y0, t), _apart_m(s.x1, s.y1, t))
            apart_m = min(ends_of_s_m, _apart_m(t.x0, t.y0, s), _apart_m(t.x1, t.y1, s))
            if apart_m < best_m:
                best_m = apart_m
                _write_nearest(s, t, x, y, found)
            if best_m <= 0:
                return best_m
    return best_m


@compiled
def _do_cross(s: Segment, t: Segment) -> bool:
    """Return whether two segments that are not parallel have a point in common."""
    denominator = (s.x1 - s.x0) * (t.y1 - t.y0) - (s.y1 - s.y0) * (t.x1 - t.x0)
    if denominator == 0 or _gap_m2(s, t) > 0:
        return False
    along_s = ((s.y0 - t.y0) * (t.x1 - t.x0) - (s.x0 - t.x0) * (t.y1 - t.y0)) / denominator
    along_t = ((s.y0 - t.y0) * (s.x1 - s.x0) - (s.x0 - t.x0) * (s.y1 - s.y0)) / denominator
    return 0 <= along_s <= 1 and 0 <= along_t <= 1


@compiled
def _crossing(s: Segment, t: Segment, x: float, y: float) -> Point:
    """Return the point that two segments have in common, an end of one where it is that."""
    for px, py in ((s.x0, s.y0), (s.x1, s.y1)):
        if (px == t.x0 and py == t.y0) or (px == t.x1 and py == t.y1):
            return px - x, py - y
    denominator = (s.x1 - s.x0) * (t.y1 - t.y0) - (s.y1 - s.y0) * (t.x1 - t.x0)
    along_t = ((s.y0 - t.y0) * (s.x1 - s.x0) - (s.x0 - t.x0) * (s.y1 - s.y0)) / denominator
    if along_t == 0:
        return t.x0 - x, t.y0 - y
    if along_t == 1:
        return t.x1 - x, t.y1 - y
    along_s = ((s.y0 - t.y0) * (t.x1 - t.x0) - (s.x0 - t.x0) * (t.y1 - t.y0)) / denominator
    if along_s == 1:
        return s.x1 - x, s.y1 - y
    return (s.x0 - x) + along_s * (s.x1 - s.x0), (s.y0 - y) + along_s * (s.y1 - s.y0)


@compiled
def _apart_m(x: float, y: float, s: Segment) -> float:
    """Return the distance of a point from a segment."""
    run_x, run_y, from_x, from_y = s.x1 - s.x0, s.y1 - s.y0, x - s.x0, y - s.y0
    length_m2 = run_x * run_x + run_y * run_y
    if length_m2 == 0:
        return math.sqrt(from_x * from_x + from_y * from_y)
    along = (from_x * run_x + from_y * run_y) / length_m2
    if along <= 0:
        return math.sqrt(from_x * from_x + from_y * from_y)
    if along >= 1:
        return math.sqrt((x - s.x1) * (x - s.x1) + (y - s.y1) * (y - s.y1))
    return abs((from_x * run_y - from_y * run_x) / length_m2) * math.sqrt(length_m2)


@compiled
def _write_nearest(s: Segment, t: Segment, x: float, y: float, found: Floats) -> None:
    """Write the nearest points of two segments that do not cross: one of them is an end."""
    best_m = math.inf
    for nth in range(4):
        here, there = (s, t) if nth < 2 else (t, s)
        end_x, end_y = (there.x0, there.y0) if nth % 2 == 0 else (there.x1, there.y1)
        foot_x, foot_y = _foot(end_x, end_y, here, x, y)
        to_x, to_y = foot_x - (end_x - x), foot_y - (end_y - y)
        apart_m = math.sqrt(to_x * to_x + to_y * to_y)
        if apart_m < best_m:
            best_m, at = apart_m, 0 if nth < 2 else 2
            found[at], found[at + 1] = foot_x, foot_y
            found[2 - at], found[3 - at] = end_x - x, end_y - y


@compiled
def _foot(px: float, py: float, s: Segment, x: float, y: float) -> Point:
    """Return the place of a segment that is nearest to a point, in metres from (x, y)."""
    run_x, run_y = s.x1 - s.x0, s.y1 - s.y0
    length_m2 = run_x * run_x + run_y * run_y
    along = ((px - s.x0) * run_x + (py - s.y0) * run_y) / length_m2 if length_m2 > 0 else 0.0
    if 0 < along < 1:
        return (s.x0 - x) + along * run_x, (s.y0 - y) + along * run_y
    near_m = math.sqrt((px - s.x0) * (px - s.x0) + (py - s.y0) * (py - s.y0))
    far_m = math.sqrt((px - s.x1) * (px - s.x1) + (py - s.y1) * (py - s.y1))
    return (s.x0 - x, s.y0 - y) if near_m < far_m else (s.x1 - x, s.y1 - y)

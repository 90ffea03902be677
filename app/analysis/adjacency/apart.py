"""How far two plots are from each other."""

from __future__ import annotations

import math

from app.analysis.adjacency.arrays import Floats
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.layout import Fabric


@compiled
def distance(fabric: Fabric, a: int, b: int) -> float:
    """Return the least distance of the borders of two plots that do not meet, metres."""
    best_m2 = math.inf
    for run in range(fabric.plot_run[a], fabric.plot_run[a + 1]):
        for other in range(fabric.plot_run[b], fabric.plot_run[b + 1]):
            if _gap_m2(fabric.runs.box[run], fabric.runs.box[other]) <= best_m2:
                best_m2 = _nearer(fabric, run, other, best_m2)
    return math.sqrt(best_m2)


@compiled
def _gap_m2(a: Floats, b: Floats) -> float:
    """Return the square of the distance of two boxes, a hair less so that rounding passes over nothing."""
    x = max(a[0] - b[2], b[0] - a[2], 0.0)
    y = max(a[1] - b[3], b[1] - a[3], 0.0)
    return (x * x + y * y) * (1 - 1e-9)


@compiled
def _nearer(fabric: Fabric, run: int, other: int, best_m2: float) -> float:
    """Return the square of the distance of two runs, or `best_m2` if that is less."""
    x, y = fabric.x, fabric.y
    for s in range(fabric.run_first[run], fabric.run_last[run]):
        for c in range(fabric.run_first[other], fabric.run_last[other]):
            best_m2 = min(best_m2, _point_m2(x[c], y[c], x[s], y[s], x[s + 1], y[s + 1]))
            best_m2 = min(best_m2, _point_m2(x[s], y[s], x[c], y[c], x[c + 1], y[c + 1]))
    # A run ends where a segment starts that may lie in another one.
    s, c = fabric.run_last[run], fabric.run_last[other]
    for segment in range(fabric.run_first[other], c):
        best_m2 = min(best_m2, _point_m2(x[s], y[s], x[segment], y[segment], x[segment + 1], y[segment + 1]))
    for segment in range(fabric.run_first[run], s):
        best_m2 = min(best_m2, _point_m2(x[c], y[c], x[segment], y[segment], x[segment + 1], y[segment + 1]))
    return best_m2


@compiled
def _point_m2(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the square of the distance of a point from a segment."""
    run_x, run_y, from_x, from_y = x1 - x0, y1 - y0, x - x0, y - y0
    share = (from_x * run_x + from_y * run_y) / (run_x * run_x + run_y * run_y)
    share = min(max(share, 0.0), 1.0)
    gap_x, gap_y = from_x - share * run_x, from_y - share * run_y
    return gap_x * gap_x + gap_y * gap_y

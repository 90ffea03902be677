"""How far two plots are from each other."""

from __future__ import annotations

import math

from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.kernels.arrays import Floats, Record
from app.analysis.adjacency.kernels.layout import Fabric


@compiled
def distance(fabric: Fabric, a: int, b: int) -> float:
    """Return the least distance of the borders of two plots that do not meet, metres."""
    best_m2 = math.inf
    for run in range(fabric.plots[a]["first"], fabric.plots[a]["last"]):
        for other in range(fabric.plots[b]["first"], fabric.plots[b]["last"]):
            if gap_m2(fabric.run_boxes.box[run], fabric.run_boxes.box[other]) <= best_m2:
                best_m2 = _nearer(fabric.x, fabric.y, fabric.runs[run], fabric.runs[other], best_m2)
    return math.sqrt(best_m2)


@compiled
def gap_m2(a: Floats, b: Floats) -> float:
    """Return the square of the distance of two boxes, a hair less so that rounding passes over nothing."""
    x = max(a[0] - b[2], b[0] - a[2], 0.0)
    y = max(a[1] - b[3], b[1] - a[3], 0.0)
    return (x * x + y * y) * (1 - 1e-9)


@compiled
def _nearer(x: Floats, y: Floats, run: Record, other: Record, best_m2: float) -> float:
    """Return the square of the distance of two runs, or `best_m2` if that is less."""
    for s in range(run["first"], run["last"]):
        # A run ends with a vertex that may come near a segment of another one.
        for c in range(other["first"], other["last"] + 1):
            best_m2 = min(best_m2, _point_m2(x[c], y[c], x[s], y[s], x[s + 1], y[s + 1]))
    for c in range(other["first"], other["last"]):
        for s in range(run["first"], run["last"] + 1):
            best_m2 = min(best_m2, _point_m2(x[s], y[s], x[c], y[c], x[c + 1], y[c + 1]))
    return best_m2


@compiled
def _point_m2(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the square of the distance of a point from a segment."""
    run_x, run_y, from_x, from_y = x1 - x0, y1 - y0, x - x0, y - y0
    along, length_m2 = from_x * run_x + from_y * run_y, run_x * run_x + run_y * run_y
    if along <= 0:
        return from_x * from_x + from_y * from_y
    if along >= length_m2:
        return (x - x1) * (x - x1) + (y - y1) * (y - y1)
    beside = from_x * run_y - from_y * run_x
    return beside * beside / length_m2

"""What lies within a plot."""

from __future__ import annotations

from app.analysis.adjacency.kernels.box_tree import find_holding
from app.analysis.adjacency.kernels.buffers import Buffers, slot_for
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.machine_code import compiled


@compiled
def note_surroundings(
    fabric: Fabric, buffers: Buffers, plot: int, first: int, last: int, n_slots: int
) -> int:
    """Mark the plots in which a ring begins that their boxes hold; return how many slots there are.

    So none is missed that the ring lies in wholly, however far from its border.

    Parameters
    ----------
    fabric : Fabric
        The borders of all plots.
    buffers : Buffers
        Holds the slots of the plot.
    plot : int
        The rank of the ring's plot.
    first, last : int
        The first run of the ring and the one after its last.
    n_slots : int
        How many slots there are before.
    """
    boxes = fabric.run_boxes.box
    left, bottom, right, top = boxes[first]
    for run in range(first + 1, last):
        left, bottom = min(left, boxes[run, 0]), min(bottom, boxes[run, 1])
        right, top = max(right, boxes[run, 2]), max(top, boxes[run, 3])
    n_found = find_holding(fabric.plot_boxes, left, bottom, right, top, buffers.stack, buffers.found)
    vertex = fabric.runs[first]["first"]
    for nth in range(n_found):
        other = buffers.found[nth]
        if other != plot and is_inside(fabric, other, fabric.x[vertex], fabric.y[vertex]):
            slot = slot_for(buffers.slots, n_slots, other)
            n_slots = max(n_slots, slot + 1)
            buffers.slots.rows[slot]["is_inside"], buffers.slots.rows[slot]["near_m2"] = 1, 0.0
    return n_slots


@compiled
def is_inside(fabric: Fabric, plot: int, x: float, y: float) -> bool:
    """Return whether a point lies in a plot: a ray to the right meets its borders an odd number of times."""
    inside, boxes = False, fabric.run_boxes.box
    for run in range(fabric.plots[plot]["first"], fabric.plots[plot]["last"]):
        if boxes[run, 1] > y or boxes[run, 3] < y or boxes[run, 2] < x:
            continue
        for segment in range(fabric.runs[run]["first"], fabric.runs[run]["last"]):
            x0, y0 = fabric.x[segment] - x, fabric.y[segment] - y
            x1, y1 = fabric.x[segment + 1] - x, fabric.y[segment + 1] - y
            if (y0 > 0) != (y1 > 0) and (x0 * y1 - x1 * y0 > 0) == (y1 > y0):
                inside = not inside
    return inside

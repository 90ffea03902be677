"""What one thread needs to hold while it goes from plot to plot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.kernels.arrays import Floats, Ints, Positions, Records
from app.analysis.adjacency.kernels.box_tree import STACK_SIZE
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.machine_code import compiled

# A plot that has to do with the present one: its rank; whether a ring of the present plot begins in it;
# length and largest gap of the common border; square of the least distance met; length in sight; up to where
# on which segment the common border is counted.
SLOT = np.dtype(
    [
        ("plot", np.int64),
        ("is_inside", np.int64),
        ("shared_m", np.float64),
        ("gap_m", np.float64),
        ("near_m2", np.float64),
        ("facing_m", np.float64),
        ("segment", np.int64),
        ("end_m", np.float64),
    ]
)
# A stretch of the present segment along which another plot's border runs, and that plot's slot.
VIEW = np.dtype([("t0", np.float64), ("t1", np.float64), ("slot", np.int64)])
# A stretch of a segment that nothing covers.
OPENING = np.dtype([("run", np.int64), ("segment", np.int64), ("t0", np.float64), ("t1", np.float64)])
USUAL_OPENINGS = 4096
# A segment of another plot that comes near the present run.
SIDE = np.dtype(
    [("plot", np.int64), ("x0", np.float64), ("y0", np.float64), ("x1", np.float64), ("y1", np.float64)]
)
# What stands in front of such a stretch: a straight line h(t), the rank of its plot, and the place where
# that was given.
LINE = np.dtype(
    [
        ("t0", np.float64),
        ("t1", np.float64),
        ("h0", np.float64),
        ("h1", np.float64),
        ("plot", np.int64),
        ("place", np.int64),
    ]
)


class Slots(NamedTuple):
    """Records of `SLOT`; `of` holds the slot of each plot, counted from 1, and 0 for a plot without any."""

    of: Positions
    rows: Records


class Strip(NamedTuple):
    """What stands in front of a stretch.

    `lines` are records of `LINE`, with room for one more to sort with; `active` the lines that run at the
    present place; `cuts` where lines start and end, `rest` the right ends of what is still to be asked.
    """

    lines: Records
    active: Ints
    cuts: Floats
    rest: Floats


class Buffers(NamedTuple):
    """Room for the worst case everywhere; memory that is never written to is never taken.

    `views` (records of `VIEW`) have room for one more to sort with, `openings` (records of `OPENING`) for a
    plot's usual number. `near` holds the runs near the present one, `sides` (records of `SIDE`) the segments
    near it and `met` the numbers of those near the present segment; both have room for one more that is
    written before it is judged. `found` holds what another search in a tree gave, `stack` is the stack of a
    search.
    """

    slots: Slots
    views: Records
    openings: Records
    strip: Strip
    near: Ints
    sides: Records
    met: Ints
    found: Ints
    stack: Ints


def buffers_for(fabric: Fabric) -> Buffers:
    """Return buffers with room for any plot of the fabric."""
    n_plots, n_runs, n_vertices = len(fabric.plots), len(fabric.runs), len(fabric.x)
    return Buffers(
        Slots(np.zeros(n_plots, dtype=np.int32), np.empty(n_plots, dtype=SLOT)),
        np.empty(n_vertices + 1, dtype=VIEW),
        np.empty(USUAL_OPENINGS, dtype=OPENING),
        Strip(
            np.empty(n_vertices + 1, dtype=LINE),
            np.empty(n_vertices, dtype=np.int64),
            np.empty(2 * n_vertices),
            np.empty(2 * n_vertices + 1),
        ),
        np.empty(n_runs, dtype=np.int64),
        np.empty(n_vertices + 1, dtype=SIDE),
        np.empty(n_vertices + 1, dtype=np.int64),
        np.empty(max(n_runs, n_plots), dtype=np.int64),
        np.empty(STACK_SIZE, dtype=np.int64),
    )


@compiled
def slot_for(slots: Slots, n_slots: int, plot: int) -> int:
    """Return the slot of a plot, a new one if it has none: then the slot is `n_slots`."""
    slot = slots.of[plot] - 1
    if slot >= 0:
        return slot
    slots.of[plot] = n_slots + 1
    new = slots.rows[n_slots]
    new["plot"], new["is_inside"], new["segment"] = plot, 0, -1
    new["shared_m"], new["gap_m"], new["facing_m"], new["end_m"] = 0.0, 0.0, 0.0, 0.0
    new["near_m2"] = np.inf
    return n_slots


@compiled
def clear(slots: Slots, n_slots: int) -> None:
    """Forget all slots."""
    for slot in range(n_slots):
        slots.of[slots.rows[slot]["plot"]] = 0

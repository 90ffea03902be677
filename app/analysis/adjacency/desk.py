"""What one thread needs to hold while it goes from plot to plot."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.arrays import Floats, Ints, Positions, Records
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.tree import STACK_SIZE

# A plot that has to do with the present one: its rank; the last ring of the present plot that came near it;
# whether a ring of the present plot lies in it; length and largest gap of the common border; square of the
# least distance met; length in sight; up to where on which segment the common border is counted.
SLOT = np.dtype(
    [
        ("plot", np.int64),
        ("ring", np.int64),
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
# A stretch of the present segment that nothing covers.
OPENING = np.dtype([("t0", np.float64), ("t1", np.float64)])
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


class Desk(NamedTuple):
    """Room for the worst case everywhere; memory that is never written to is never taken.

    Views and lines have room for one more, to sort with.

    Parameters
    ----------
    slot_of : int32, one a plot
        The slot of a plot that has to do with the present one, counted from 1; 0 for all others.
    slots, views, openings, lines : records
        See `SLOT`, `VIEW`, `OPENING`, `LINE`.
    numbers : float64, (2, n)
        Where lines start and end; right ends of what is still to be asked.
    active : int64
        The lines that run at the present place.
    near, found, stack : int64
        The runs near the present one; what another search in a tree gave; the stack of a search.
    """

    slot_of: Positions
    slots: Records
    views: Records
    openings: Records
    lines: Records
    numbers: Floats
    active: Ints
    near: Ints
    found: Ints
    stack: Ints


def desk_for(fabric: Fabric) -> Desk:
    """Return a desk with room for any plot of the fabric."""
    n_plots, n_vertices = len(fabric.position), len(fabric.x)
    return Desk(
        np.zeros(n_plots, dtype=np.int32),
        np.empty(n_plots, dtype=SLOT),
        np.empty(n_vertices + 1, dtype=VIEW),
        np.empty(n_vertices + 1, dtype=OPENING),
        np.empty(n_vertices + 1, dtype=LINE),
        np.empty((2, 2 * n_vertices + 2)),
        np.empty(n_vertices, dtype=np.int64),
        np.empty(len(fabric.run_plot), dtype=np.int64),
        np.empty(max(len(fabric.run_plot), n_plots), dtype=np.int64),
        np.empty(STACK_SIZE, dtype=np.int64),
    )


@compiled
def slot_for(desk: Desk, n_slots: int, plot: int) -> int:
    """Return the slot of a plot, a new one if it has none: then the slot is `n_slots`."""
    slot = desk.slot_of[plot] - 1
    if slot >= 0:
        return int(slot)
    desk.slot_of[plot] = n_slots + 1
    new = desk.slots[n_slots]
    new["plot"], new["ring"], new["is_inside"], new["segment"] = plot, -1, 0, -1
    new["shared_m"], new["gap_m"], new["facing_m"], new["end_m"] = 0.0, 0.0, 0.0, 0.0
    new["near_m2"] = np.inf
    return n_slots


@compiled
def clear(desk: Desk, n_slots: int) -> None:
    """Forget all slots."""
    for slot in range(n_slots):
        desk.slot_of[desk.slots[slot]["plot"]] = 0

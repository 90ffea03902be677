"""The sweep over all plots: what each has in common with the others, and what it sees of them."""

from __future__ import annotations

import numpy as np

from app.analysis.adjacency.kernels.arrays import Records
from app.analysis.adjacency.kernels.buffers import OPENING, Buffers, clear
from app.analysis.adjacency.kernels.contact import feel_run
from app.analysis.adjacency.kernels.containment import note_surroundings
from app.analysis.adjacency.kernels.layout import Fabric
from app.analysis.adjacency.kernels.visibility import look_out
from app.analysis.adjacency.tolerances import EPSILON_M, Lengths
from app.analysis.machine_code import compiled

# What plot `a` has to do with plot `b`, by rank, as met on the borders of `a`: length and largest gap of the
# common border, square of the least distance met (-1 where a ring of `a` begins in `b`), length in sight.
MEETING = np.dtype(
    [
        ("a", np.int32),
        ("b", np.int32),
        ("shared_m", np.float64),
        ("gap_m", np.float64),
        ("near_m2", np.float64),
        ("facing_m", np.float64),
    ]
)
INSIDE = -1.0

# Room for the meetings of a plot; where that is not enough, more is made.
USUAL_MEETINGS = 12


def meetings(fabric: Fabric, buffers: Buffers, first: int, last: int, lengths: Lengths) -> list[Records]:
    """Return what the plots of ranks `first` to `last` (left out) have to do with others, by rank."""
    found, n_room = [], USUAL_MEETINGS * (last - first)
    while first < last:
        rows = np.empty(n_room, dtype=MEETING)
        first, n_rows, n_slots, n_openings = _fill(fabric, buffers, first, last, lengths, rows)
        found.append(rows[:n_rows])
        n_room = max(n_room, n_slots)
        if n_openings > len(buffers.openings):
            buffers = buffers._replace(openings=np.empty(n_openings, dtype=OPENING))
    return found


@compiled
def _fill(
    fabric: Fabric, buffers: Buffers, first: int, last: int, lengths: Lengths, rows: Records
) -> tuple[int, int, int, int]:
    """Write the meetings of plots while there is room.

    Returns
    -------
    plot, n_rows, n_slots, n_openings : int
        The first plot that is not done, how many rows there are, and how many slots and openings the plot has
        for which there was no room.
    """
    n_rows = 0
    for plot in range(first, last):
        n_slots, n_openings = _meet(fabric, buffers, plot, lengths)
        if n_openings > len(buffers.openings) or n_rows + n_slots > len(rows):
            clear(buffers.slots, n_slots)
            return plot, n_rows, n_slots, n_openings
        n_rows = _keep_meetings(buffers.slots.rows, plot, n_slots, rows, n_rows, lengths)
        clear(buffers.slots, n_slots)
    return last, n_rows, 0, 0


@compiled
def _meet(fabric: Fabric, buffers: Buffers, plot: int, lengths: Lengths) -> tuple[int, int]:
    """Fill the slots of what has to do with a plot; return how many slots and openings there are."""
    n_slots, n_openings = 0, 0
    first, last = fabric.plots[plot]["first"], fabric.plots[plot]["last"]
    reach_m, start = lengths.snap_m + EPSILON_M, first
    for run in range(first, last):
        n_slots, n_openings = feel_run(fabric, buffers, run, n_slots, n_openings, reach_m)
        if run + 1 == last or fabric.runs[run + 1]["ring"] != fabric.runs[run]["ring"]:
            n_slots = note_surroundings(fabric, buffers, plot, start, run + 1, n_slots)
            start = run + 1
    if lengths.across_m > 0 and _may_face(buffers.openings, n_openings, lengths.facing_m):
        n_slots = look_out(fabric, buffers, plot, n_openings, n_slots, lengths)
    return n_slots, n_openings


@compiled
def _may_face(openings: Records, n_openings: int, facing_m: float) -> bool:
    """Return whether all openings together are long enough to face anything, and there was room for them."""
    if n_openings > len(openings):
        return False
    length_m = 0.0
    for nth in range(n_openings):
        length_m += openings[nth]["t1"] - openings[nth]["t0"]
    return length_m >= facing_m - EPSILON_M


@compiled
def _keep_meetings(
    slots: Records, plot: int, n_slots: int, rows: Records, n_rows: int, lengths: Lengths
) -> int:
    """Write the slots that may make neighbors; return how many rows there are."""
    reach_m2 = (lengths.snap_m + EPSILON_M) ** 2
    for nth in range(n_slots):
        slot = slots[nth]
        is_near = slot["near_m2"] <= reach_m2 or slot["shared_m"] > 0
        if not is_near and slot["facing_m"] < lengths.facing_m - EPSILON_M:
            continue
        row = rows[n_rows]
        row["a"], row["b"] = plot, slot["plot"]
        row["shared_m"], row["gap_m"], row["facing_m"] = slot["shared_m"], slot["gap_m"], slot["facing_m"]
        row["near_m2"] = INSIDE if slot["is_inside"] else slot["near_m2"]
        n_rows += 1
    return n_rows

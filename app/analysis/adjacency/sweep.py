"""The sweep over all plots: what each has in common with the others, and what it sees of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.arrays import Records
from app.analysis.adjacency.compiled import compiled
from app.analysis.adjacency.contact import feel_border, near_runs, note_surroundings
from app.analysis.adjacency.desk import Desk, clear
from app.analysis.adjacency.layout import Fabric
from app.analysis.adjacency.sight import look_out
from app.analysis.adjacency.tolerances import EPSILON_M

# What plot `a` has to do with plot `b`, by rank, as met on the borders of `a`: length and largest gap of the
# common border, square of the least distance met (-1 where a ring of `a` lies in `b`), length in sight.
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

USUAL_MEETINGS = 10


class Lengths(NamedTuple):
    """The lengths of the definition, metres; `across_m` is 0 where nobody looks across streets."""

    snap_m: float
    across_m: float
    facing_m: float
    edge_m: float


@compiled
def meetings(fabric: Fabric, desk: Desk, first: int, last: int, lengths: Lengths) -> Records:
    """Return what the plots of ranks `first` to `last` (left out) have to do with others, by rank."""
    rows = np.empty(USUAL_MEETINGS * (last - first) + 1, dtype=MEETING)
    n_rows = 0
    for plot in range(first, last):
        n_slots = _meet(fabric, desk, plot, lengths)
        if n_rows + n_slots > len(rows):
            longer = np.empty(2 * len(rows) + n_slots, dtype=MEETING)
            longer[:n_rows] = rows[:n_rows]
            rows = longer
        n_rows = _keep_meetings(desk, plot, n_slots, rows, n_rows, lengths)
        clear(desk, n_slots)
    return rows[:n_rows].copy()


@compiled
def _meet(fabric: Fabric, desk: Desk, plot: int, lengths: Lengths) -> int:
    """Fill the slots of the plots that have to do with a plot; return how many there are."""
    n_slots, last = 0, fabric.plot_run[plot + 1]
    reach_m = lengths.snap_m + EPSILON_M
    for run in range(fabric.plot_run[plot], last):
        n_near = near_runs(fabric, desk, run, reach_m)
        for segment in range(fabric.run_first[run], fabric.run_last[run]):
            n_slots, n_openings = feel_border(fabric, desk, run, segment, n_near, n_slots, reach_m)
            if lengths.across_m > 0:
                n_slots = look_out(
                    fabric, desk, plot, segment, n_openings, n_slots, lengths.snap_m, lengths.across_m
                )
        if run + 1 == last or fabric.run_ring[run + 1] != fabric.run_ring[run]:
            n_slots = note_surroundings(fabric, desk, plot, run, n_slots)
    return n_slots


@compiled
def _keep_meetings(desk: Desk, plot: int, n_slots: int, rows: Records, n_rows: int, lengths: Lengths) -> int:
    """Write the slots that may make neighbors; return how many rows there are."""
    reach_m2 = (lengths.snap_m + EPSILON_M) ** 2
    for nth in range(n_slots):
        slot = desk.slots[nth]
        is_near = slot["near_m2"] <= reach_m2 or slot["shared_m"] > 0
        if not is_near and slot["facing_m"] < lengths.facing_m - EPSILON_M:
            continue
        row = rows[n_rows]
        row["a"], row["b"] = plot, slot["plot"]
        row["shared_m"], row["gap_m"], row["facing_m"] = slot["shared_m"], slot["gap_m"], slot["facing_m"]
        row["near_m2"] = INSIDE if slot["is_inside"] else slot["near_m2"]
        n_rows += 1
    return n_rows

"""Subset dynamic programming: the soonest and the latest moment to have visited every set of a few stops.

The classic table over (stops visited, last stop): M. Held, R. M. Karp, A dynamic programming approach to
sequencing problems, 1962. It knows no pause, no longest walk, and no walk home to a stop that is not fixed:
with these it is a bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.tours.bounds.remaining import Bounds
from app.analysis.tours.problem import Array
from app.analysis.tours.search.subset_tables import (
    IMPOSSIBLE,
    LENGTH_BITS,
    ArcTables,
    came_from,
    fill_latest,
    fill_soonest,
)
from app.analysis.tours.tasks import LOSS, NEVER, TaskData

# Twice the time and memory for each stop more.
MOST_SUBSET_STOPS = 16
MOST_SPAN_S = 1 << 28


@dataclass(frozen=True)
class SubsetTable:
    """The table over every set of stops (bits) and the last of it.

    Attributes
    ----------
    arcs : ArcTables
    soonest : array of int64, shape (2**n, n)
        Seconds from the task's start until the stops were visited, and the least length (millimetres) of
        doing it in that time, as one number; `IMPOSSIBLE` or more where it cannot be.
    is_exact : bool
        Whether the table covers all that the task asks for: then no tour has more value.
    best, last : int
        The set that the best tour visits, 0 where there is none, and where it ends.
    """

    arcs: ArcTables
    soonest: Array
    is_exact: bool
    best: int
    last: int


def has_few_stops(task: TaskData) -> bool:
    """Return whether value is what counts, and the table over every set of stops is small enough."""
    longest, span = int(task.legs["length"].max(initial=0)) * task.n, task.ends - task.starts
    is_small = task.n <= MOST_SUBSET_STOPS and longest < 1 << LENGTH_BITS and span < MOST_SPAN_S
    return bool(is_small and task.measures[0] == LOSS)


def subset_table(task: TaskData, bounds: Bounds, least: int, stop: Array) -> SubsetTable:
    """Return the soonest moments of every set, and the best tour by them.

    Parameters
    ----------
    task : TaskData
        One for which `has_few_stops` holds.
    bounds : Bounds
    least : int
        Tours of less value than that are not looked for.
    stop : array of int64, shape (1,)
        Anything but 0 ends the work.
    """
    arcs, best = _arc_tables(task), np.array([0, -1, -1, IMPOSSIBLE], dtype=np.int64)
    soonest = np.full((1 << task.n, task.n), IMPOSSIBLE, dtype=np.int64)
    fill_soonest(task, arcs, bounds, soonest, best, least, stop)
    is_whole = not (task.has_pause or task.most_length < NEVER or (task.is_round and task.first < 0))
    return SubsetTable(arcs, soonest, is_whole, int(best[0]), int(best[1]))


def latest_of(task: TaskData, table: SubsetTable, value: int, stop: Array) -> Array:
    """Return by when one must have visited a set, at its last stop, so that a tour can have a value.

    Parameters
    ----------
    task : TaskData
    table : SubsetTable
    value : int
        Of the whole tour at least.
    stop : array of int64, shape (1,)

    Returns
    -------
    array of int64, shape (2**n, n)
        ``-NEVER`` or less where that value is impossible; undefined where `SubsetTable.soonest` is
        impossible.
    """
    latest = np.full(table.soonest.shape, -NEVER, dtype=np.int64)
    fill_latest(task, table.arcs, table.soonest, latest, value, stop)
    return latest


def _arc_tables(task: TaskData) -> ArcTables:
    """Return the arcs that are open at any time as tables, and which stops others lead from."""
    combined = np.full((task.n, task.n), IMPOSSIBLE, dtype=np.int64)
    seconds = np.full((task.n, task.n), NEVER, dtype=np.int64)
    gated = np.zeros(task.n, dtype=np.int64)
    pair = np.repeat(np.arange(task.n**2), np.diff(task.legs_from))
    for leg, at, to in zip(task.legs, *np.divmod(pair, task.n), strict=True):
        if at == task.last:
            continue
        if leg["way"] >= 0:
            gated[to] |= 1 << at
        else:
            combined[to, at] = (leg["walk"] << LENGTH_BITS) + leg["length"]
            seconds[to, at] = leg["walk"]
    return ArcTables(combined, seconds, gated)


def order_of(task: TaskData, table: SubsetTable, visited: int, last: int) -> tuple[int, ...]:
    """Return in which order to visit a set soonest, found from its last stop backwards."""
    at, order = last, []
    while visited:
        order.append(at)
        visited ^= 1 << at
        if visited:
            at = int(came_from(task, table.arcs, table.soonest, visited, at))
    return tuple(order[::-1])

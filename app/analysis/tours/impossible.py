"""Infeasibility seen without a search: by time windows, orders, positions, metres and sums of visits.

The visits between two moments fill a machine that does one job at a time: J. Carlier, E. Pinson, An algorithm
for solving the job-shop problem, 1989.
"""

from __future__ import annotations

import numpy as np

from app.analysis.tours.bounds.remaining import Bounds
from app.analysis.tours.bounds.tightening import has_window, needed_stops, orders_of
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER, TaskData


def is_plainly_impossible(task: TaskData, bounds: Bounds) -> bool:
    """Return whether no tour can meet a tightened task; False decides nothing.

    A required visit has no time left to begin at; two of them would each come before the other, or more come
    before one than its position allows; all of them, or those that must lie between two moments, take longer
    than there is, or lie farther apart than may be walked.
    """
    return (
        not has_window(task)[needed_stops(task)].all()
        or _has_no_order(task, bounds)
        or bounds.time.least + task.pause_dwell > task.ends - task.starts
        or bounds.length.least > task.most_length
        or _is_crowded(task, bounds)
    )


def _has_no_order(task: TaskData, bounds: Bounds) -> bool:
    """Return whether orders, positions and missing walks contradict each other."""
    needed = np.flatnonzero(needed_stops(task))
    place = task.stops["position"][needed]
    is_before = (orders_of(task) | (bounds.shortest_s.T > NEVER // 2))[np.ix_(needed, needed)]
    is_before |= (place[:, None] >= 0) & (place[:, None] < place[None, :])
    for by in range(len(needed)):
        is_before |= is_before[:, by, None] & is_before[None, by, :]
    is_too_soon = (place >= 0) & (is_before.sum(axis=0) > place)
    return bool(is_before.diagonal().any() or is_too_soon.any())


def _is_crowded(task: TaskData, bounds: Bounds) -> bool:
    """Return whether the visits that must lie between two moments take longer than there is between them."""
    needed = needed_stops(task)
    opens, dwell = bounds.stops["opens"][needed], task.stops["dwell"][:-1][needed]
    share, over = bounds.stops["share"][needed], bounds.stops["closes"][needed] + dwell
    by_end = np.argsort(over, kind="stable")
    return any(
        _takes_longer(moment, by_end[opens[by_end] >= moment], over, share, dwell) for moment in set(opens)
    )


def _takes_longer(moment: int, visits: Array, over: Array, share: Array, dwell: Array) -> bool:
    """Return whether the first of some visits, which all begin from a moment on, cannot be over in time.

    One walks to each of them from there on, but for the first.
    """
    walks = np.maximum.accumulate(share[visits] - dwell[visits])
    return bool((moment + share[visits].cumsum() - walks > over[visits]).any())

"""What the rest of a tour brings at most, where it is forgotten which stops far away were visited.

From each stop, at each time, the best way on is worked out backwards from the end. A way on remembers only
the visits to the neighbors of where it is, so it may come back to others; a toll on each visit makes
that dear (R. Baldacci, A. Mingozzi, R. Roberti, New state-space relaxations for solving the traveling
salesman problem with time windows, 2012).
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from app.analysis.tours.looking_back import Outlook, fill_room, follow, look_back
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, Task

# Seconds may be told apart that finely.
MOST_MOMENTS = 3000


class Sharpness(NamedTuple):
    """How far an outlook goes: neighbors remembered, moments told apart, rounds of adjusting tolls."""

    n_near: int
    n_moments: int
    n_rounds: int


ROUGH, SHARP = Sharpness(4, 256, 6), Sharpness(6, 512, 30)


def no_outlook(task: Task) -> Outlook:
    """Return an outlook of which nothing is known."""
    best = np.zeros((1, 1, 1), dtype=np.int64)
    near = np.full((task.n, 1), -1, dtype=np.int64)
    return Outlook(False, False, best, near, np.zeros(task.n, dtype=np.int64), 1)


def outlook_of(
    task: Task, reach: Array, best_known: int, sharpness: Sharpness, stop: Array, limit_s: float
) -> Outlook:
    """Return the outlook of a task with an end in time that asks for value or little walking.

    Parameters
    ----------
    task : Task
    reach : array of int64, shape (n, n)
        Least times between stops.
    best_known : int
        The first measure of the best tour known.
    sharpness : Sharpness
    stop : array of int64, shape (1,)
    limit_s : float
        Seconds after which tolls are good enough.
    """
    ends, moment = _horizon(task), 0
    if ends < NEVER and task.measures[0] in (LENGTH, LOSS) and task.n > 1:
        moment = _moment(task, reach, ends, sharpness)
    if not moment:
        return no_outlook(task)
    near = _near(task, reach, sharpness.n_near)
    n_moments = (ends - task.starts) // moment + 1
    toll = np.zeros(task.n, dtype=np.int64)
    best = np.empty((n_moments, task.n, (1 << sharpness.n_near) + 1), dtype=np.int64)
    is_shiftable = (
        not (
            task.has_pause
            or (task.hours["closes"] < NEVER).any()
            or (task.hours["opens"] > task.starts).any()
        )
        and not (task.legs["way"] >= 0).any()
    )
    outlook = Outlook(True, is_shiftable, best, near, toll, moment)
    _adjust_tolls(task._replace(ends=ends), outlook, best_known, sharpness.n_rounds, stop, limit_s)
    return no_outlook(task) if stop[0] else outlook


def _horizon(task: Task) -> int:
    """Return when any tour has ended; NEVER if it may go on."""
    closes = np.maximum.reduceat(task.hours["closes"], task.stops["hours_from"][:-1])
    return min(task.ends, int((closes + task.stops["dwell"][:-1]).max()) if not task.is_round else NEVER)


def _moment(task: Task, reach: Array, ends: int, sharpness: Sharpness) -> int:
    """Return how far moments lie apart: not so far that one could walk and visit in no time; 0: too many."""
    steps = (reach + task.stops["dwell"][:-1])[~np.eye(task.n, dtype=bool)]
    span = ends - task.starts
    moment = min(max(span // sharpness.n_moments, 1), int(steps.min()))
    return moment if moment > 0 and span // moment < MOST_MOMENTS else 0


def _near(task: Task, reach: Array, n_near: int) -> Array:
    """Return the stops that lead to each stop soonest."""
    apart = np.minimum(reach, reach.T).astype(float)
    np.fill_diagonal(apart, np.inf)
    if task.first >= 0:
        apart[:, task.first] = np.inf
    order = np.argsort(apart, axis=1, kind="stable")[:, :n_near]
    near = np.full((task.n, n_near), -1, dtype=np.int64)
    near[:, : order.shape[1]] = np.where(np.take_along_axis(apart, order, 1) < NEVER, order, -1)
    return near


def _adjust_tolls(
    task: Task, outlook: Outlook, best_known: int, n_rounds: int, stop: Array, limit_s: float
) -> None:
    """Look back again and again with tolls that make the best way on visit each stop once."""
    until, toll = time.monotonic() + limit_s, outlook.toll
    n_visits, room = np.zeros(task.n, dtype=np.int64), _room(task, outlook)
    goal = task.most_value - best_known if task.measures[0] == LOSS else -best_known
    is_required = (task.required >> np.arange(task.n) & 1).astype(bool)
    least, best_toll, patience, eagerness = NEVER, toll.copy(), 0, 1.0
    for _ in range(n_rounds):
        look_back(task, outlook, room, stop)
        most = follow(task, outlook, room, n_visits) + int(toll.sum())
        if stop[0]:
            return
        if most < least:
            least, patience = most, 0
            best_toll[:] = toll
        elif (patience := patience + 1) == 3:
            eagerness, patience = eagerness / 2, 0
        excess = np.where(is_required | (toll > 0), n_visits - 1, np.maximum(n_visits - 1, 0))
        norm = int((excess**2).sum())
        if not norm or time.monotonic() > until or most <= goal:
            break
        toll += np.rint(eagerness * max(most - goal, 1) / norm * excess).astype(np.int64)
        np.maximum(toll, 0, out=toll, where=~is_required)
    toll[:] = best_toll
    look_back(task, outlook, room, stop)


def _room(task: Task, outlook: Outlook) -> Array:
    """Return which neighbors of a stop are visited once one comes there, shape (n, n, 2**n_near).

    ``[v, u, visited]`` is for coming from v, with those of its neighbors visited, to u; the column of none
    where one was there.
    """
    coming = np.zeros((task.n, task.n, outlook.best.shape[2] - 1), dtype=np.int64)
    fill_room(outlook.near, coming)
    return coming

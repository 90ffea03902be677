"""What the rest of a tour brings at most, where it is forgotten which stops far away were visited.

From each stop, at each time, the best way on is worked out backwards from the end. A way on remembers only
the visits to the neighbors of where it is, so it may come back to others; a toll on each visit makes
that dear (R. Baldacci, A. Mingozzi, R. Roberti, New state-space relaxations for solving the traveling
salesman problem with time windows, 2012).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.analysis.tours.bounds.backward_labels import Outlook, fill_room, follow, look_back
from app.analysis.tours.bounds.remaining import Bounds
from app.analysis.tours.bounds.tightening import has_between, needed_stops, orders_of, spans_of
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, Task

# Seconds may be told apart that finely.
MOST_MOMENTS = 3000
MOST_MOMENT_S = 300
EAGER, PATIENCE, DEFLECT = 1.0, 4, 0.5
# Neighbors remembered at first, more at once, and at most.
N_NEAR, N_NEARER, MOST_NEAR = 4, 2, 8


class Sharpness(NamedTuple):
    """Moments told apart; how often to sharpen, in how many rounds; neighbors remembered at most."""

    n_moments: int
    n_phases: int
    n_rounds: int
    most_near: int


ROUGH, SHARP = Sharpness(128, 1, 12, 4), Sharpness(128, 3, 12, 8)


def no_outlook(task: Task) -> Outlook:
    """Return an outlook of which nothing is known."""
    best, none = np.zeros((1, 1), dtype=np.int64), np.full((task.n, 1), -1, dtype=np.int64)
    moments, toll = np.zeros((task.n, 2), dtype=np.int64), np.zeros(task.n, dtype=np.int64)
    columns = np.zeros(task.n + 1, dtype=np.int64)
    return Outlook(False, False, False, best, columns, none, toll, moments, none, 1)


def first_tolls(task: Task, bounds: Bounds, best_known: int) -> Array:
    """Return tolls to begin with: the prices that make a tree look like a tour, and what a visit is worth."""
    measure = task.measures[0]
    if measure == LOSS:
        return np.zeros(task.n, dtype=np.int64)
    rest = bounds.length if measure == LENGTH else bounds.time
    tolls: Array = np.where(needed_stops(task), -rest.price - best_known // task.n, 0)
    return tolls


def outlook_of(
    task: Task, bounds: Bounds, before: Outlook, best_known: int, sharpness: Sharpness, stop: Array
) -> Outlook:
    """Return the outlook of a task for which time matters.

    Parameters
    ----------
    task : Task
    bounds : Bounds
    before : Outlook
        To begin with; may be one of which nothing is known.
    best_known : int
        The first measure of the best tour known.
    sharpness : Sharpness
    stop : array of int64, shape (1,)
    """
    horizon, moment = _horizon(task), 0
    if task.n > 1 and not task.is_timeless and horizon.ends < NEVER:
        moment = _moment(task, bounds.reach, horizon, sharpness)
    if not moment:
        return no_outlook(task)
    last_moment = (horizon.ends - task.starts) // moment
    opens, closes = spans_of(task)
    moments = np.stack([opens, closes], axis=1) + task.stops["dwell"][:-1, None] - task.starts
    outlook = before._replace(
        is_known=True,
        is_shiftable=is_shiftable(task),
        is_short=horizon.ends < task.ends,
        best=np.empty((last_moment + 1, 1), dtype=np.int64),
        near=before.near if before.is_known else _near(task, bounds.reach),
        toll=before.toll.copy() if before.is_known else first_tolls(task, bounds, best_known),
        moments=np.minimum(moments // moment, last_moment),
        next_stops=_next_stops(task),
        moment=moment,
    )
    goal = task.most_value - best_known if task.measures[0] == LOSS else -best_known
    adjusting = _Adjusting(task, goal, np.zeros(task.n))
    loops = np.zeros((task.n, task.n), dtype=np.int64)
    for _ in range(sharpness.n_phases):
        outlook = _with_columns(_with_nearer(outlook, loops, sharpness.most_near))
        loops = adjusting.run(outlook, sharpness.n_rounds, stop)
        if stop[0]:
            return no_outlook(task)
        if adjusting.is_done:
            break
    return outlook


class _Horizon(NamedTuple):
    """From when on the clock does not matter, and when any tour that does not dawdle has ended."""

    quiet: int
    ends: int


def _horizon(task: Task) -> _Horizon:
    """Return until when to look; without an end, until stops without hours were visited behind the rest."""
    if task.ends < NEVER:
        return _Horizon(task.ends, task.ends)
    closes, dwell = spans_of(task)[1], task.stops["dwell"][:-1]
    has_hours, gates = closes < NEVER // 2, task.legs[task.legs["way"] >= 0]
    quiet = max(
        task.starts,
        int(task.hours["opens"].max() + dwell.max()),
        int((closes + dwell).max(where=has_hours, initial=0)),
        int((gates["closes"] + gates["walk"]).max(initial=0)),
        task.pause_closes + task.pause_dwell if task.has_pause else 0,
    )
    tail = int((dwell + task.legs["walk"].max(initial=0))[~has_hours].sum())
    return _Horizon(quiet, quiet + tail + 2 * MOST_MOMENT_S)


def is_shiftable(task: Task) -> bool:
    """Return whether what can be done in some time can be done in the same time later."""
    has_hours = (task.hours["closes"] < NEVER).any() or (task.hours["opens"] > task.starts).any()
    return not (task.has_pause or has_hours or (task.legs["way"] >= 0).any())


def _moment(task: Task, reach: Array, horizon: _Horizon, sharpness: Sharpness) -> int:
    """Return how far moments lie apart: not so far that one could walk and visit in no time; 0: too many."""
    steps = (reach + task.stops["dwell"][:-1])[~np.eye(task.n, dtype=bool)]
    moment = max((horizon.quiet - task.starts) // sharpness.n_moments, 1)
    moment = min(moment, int(steps.min()), MOST_MOMENT_S)
    return moment if moment > 0 and (horizon.ends - task.starts) // moment < MOST_MOMENTS else 0


def _next_stops(task: Task) -> Array:
    """Return where one may go from each stop as far as orders and ends go."""
    is_before = orders_of(task)
    leads = ~(is_before.T | has_between(task, is_before) | np.eye(task.n, dtype=bool))
    leads[:, max(task.first, 0)] &= task.first < 0
    leads[max(task.last, 0)] &= task.last < 0
    next_stops = np.full((task.n, task.n), -1, dtype=np.int64)
    for at in range(task.n):
        to = np.flatnonzero(leads[at])
        next_stops[at, : len(to)] = to
    return next_stops


def _near(task: Task, reach: Array) -> Array:
    """Return the stops that lead to each stop soonest and may come before it or behind it."""
    is_before = orders_of(task)
    apart = np.minimum(reach, reach.T).astype(float)
    apart[is_before | is_before.T | np.eye(task.n, dtype=bool)] = np.inf
    order = np.argsort(apart, axis=1, kind="stable")[:, :N_NEAR]
    near = np.full((task.n, MOST_NEAR), -1, dtype=np.int64)
    near[:, : order.shape[1]] = np.where(np.take_along_axis(apart, order, 1) < NEVER, order, -1)
    return near


def _with_columns(outlook: Outlook) -> Outlook:
    """Return an outlook with room for what is near each stop."""
    column = np.zeros(len(outlook.near) + 1, dtype=np.int64)
    np.cumsum((1 << (outlook.near >= 0).sum(axis=1)) + 1, out=column[1:])
    best = np.empty((len(outlook.best), column[-1]), dtype=np.int64)
    return outlook._replace(best=best, column=column)


def _with_nearer(outlook: Outlook, loops: Array, most_near: int) -> Outlook:
    """Return an outlook that remembers what was come back to most often.

    R. Roberti, A. Mingozzi, Dynamic ng-path relaxation for the delivery man problem, 2014.
    """
    near = outlook.near.copy()
    for at, row in enumerate(loops):
        n_near = int((near[at] >= 0).sum())
        for stop in np.argsort(-row, kind="stable")[:N_NEARER]:
            if row[stop] and n_near < most_near:
                near[at, n_near] = stop
                n_near += 1
    return outlook._replace(near=near)


@dataclass
class _Adjusting:
    """How tolls are being adjusted: how far a change goes, after how many that were in vain, and where to."""

    task: Task
    goal: int
    direction: Array
    eagerness: float = EAGER
    patience: int = 0
    is_done: bool = False

    def run(self, outlook: Outlook, n_rounds: int, stop: Array) -> Array:
        """Look back again and again with tolls that make the best way on visit each stop once.

        Each change goes on a bit in the direction of the one before: P. M. Camerini, L. Fratta, F. Maffioli,
        On improving relaxation methods by modified gradient techniques, 1975.

        Returns
        -------
        array of int64, shape (n, n)
            How often the best way leads by a stop (row) back to another (column).
        """
        task, toll = self.task, outlook.toll
        way, loops = np.full(len(outlook.best) + 2, -1), np.zeros((task.n, task.n), dtype=np.int64)
        room = np.zeros((task.n, task.n, int(np.diff(outlook.column).max()) - 1), dtype=np.int32)
        fill_room(outlook, room)
        least, best_toll, seen_toll = NEVER, toll.copy(), toll.copy()
        for _ in range(n_rounds):
            look_back(task, outlook, room, stop)
            seen_toll[:] = toll
            most = follow(task, outlook, room, way) + int(toll.sum())
            if stop[0]:
                return loops
            stops = way[: int((way < 0).argmax())]
            _count_loops(stops, loops)
            if most < least:
                least, self.patience = most, 0
                best_toll[:] = toll
            elif self._is_in_vain():
                toll[:] = best_toll
                continue
            if most <= self.goal or self._change(toll, stops, most):
                self.is_done = True
                break
        toll[:] = best_toll
        if (seen_toll != best_toll).any():
            look_back(task, outlook, room, stop)
        return loops

    def _is_in_vain(self) -> bool:
        self.patience += 1
        if self.patience < PATIENCE:
            return False
        self.eagerness, self.patience = self.eagerness / 2, 0
        self.direction[:] = 0
        return True

    def _change(self, toll: Array, stops: Array, most: int) -> bool:
        """Change the tolls; return whether there is nothing to change."""
        is_required = needed_stops(self.task)
        n_visits = np.bincount(stops, minlength=self.task.n)
        excess = np.where(is_required | (toll > 0), n_visits - 1, np.maximum(n_visits - 1, 0))
        if not excess.any():
            return True
        self.direction[:] = excess + DEFLECT * self.direction
        by = self.eagerness * max(most - self.goal, 1) / max(float((self.direction**2).sum()), 1e-9)
        toll += np.rint(by * self.direction).astype(np.int64)
        np.maximum(toll, 0, out=toll, where=~is_required)
        return False


def _count_loops(stops: Array, loops: Array) -> None:
    """Count by which stops a way leads back to where it was."""
    last: dict[int, int] = {}
    for i, stop in enumerate(stops.tolist()):
        if stop in last:
            loops[stops[last[stop] + 1 : i], stop] += 1
        last[stop] = i

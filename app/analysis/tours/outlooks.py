"""What the rest of a tour brings at most, where it is forgotten which stops far away were visited.

From each stop, at each time, the best way on is worked out backwards from the end. A way on remembers only the
visits to the neighbors of where it is, so it may come back to others; a toll on each visit makes that dear
(R. Baldacci, A. Mingozzi, R. Roberti, New state-space relaxations for solving the traveling salesman problem
with time windows, 2012).
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from app.analysis.tours.compiled import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, Task

NOWHERE = -NEVER // 2
# Seconds may be told apart that finely.
MOST_MOMENTS = 3000


class Sharpness(NamedTuple):
    """How far an outlook goes: neighbors remembered, moments told apart, rounds of adjusting tolls."""

    n_near: int
    n_moments: int
    n_rounds: int


ROUGH, SHARP = Sharpness(4, 256, 6), Sharpness(6, 512, 30)


class Outlook(NamedTuple):
    """The best ways on.

    Attributes
    ----------
    is_known : bool
        False: there is nothing in here.
    is_shiftable : bool
        Whether what can be done in some time can be done in the same time later.
    best : array of int64, shape (n_moments, n, 2**n_near + 1)
        Most value, or least length as a negative number, less tolls, of a way on from a stop at a moment with
        some of its neighbors (bits) visited; below `NOWHERE` where there is none, as in the last column.
    near : array of int64, shape (n, n_near)
        The neighbors of each stop; -1 for none.
    toll : array of int64, shape (n,)
    moment : int
        Seconds from one moment to the next, the first one being the task's start.
    """

    is_known: bool
    is_shiftable: bool
    best: Array
    near: Array
    toll: Array
    moment: int


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

    ``[v, u, visited]`` is for coming from v, with those of its neighbors visited, to u; the column of none where one was there.
    """
    coming = np.zeros((task.n, task.n, outlook.best.shape[2] - 1), dtype=np.int64)
    fill_room(outlook.near, coming)
    return coming


@compiled
def fill_room(near: Array, coming: Array) -> None:
    """Write `_room`."""
    n, n_near = near.shape
    for v in range(n):
        for visited in range(coming.shape[2]):
            stops = 1 << v
            for bit in range(n_near):
                if visited >> bit & 1 and near[v, bit] >= 0:
                    stops |= 1 << near[v, bit]
            for u in range(n):
                coming[v, u, visited] = coming.shape[2] if stops >> u & 1 else near_bits(near, u, stops)


@compiled
def near_bits(near: Array, at: int, stops: int) -> int:
    """Return which neighbors of a stop are among `stops`, as bits."""
    bits = 0
    for bit in range(near.shape[1]):
        stop = near[at, bit]
        if stop >= 0 and stops >> stop & 1:
            bits |= 1 << bit
    return bits


@compiled
def look_back(task: Task, outlook: Outlook, room: Array, stop: Array) -> None:
    """Fill the table of best ways on, the last moment first."""
    best = outlook.best
    for moment in range(best.shape[0] - 1, -1, -1):
        if stop[0] != 0:
            return
        for at in range(task.n):
            ending = _ending(task, at, task.starts + moment * outlook.moment)
            for visited in range(best.shape[2]):
                best[moment, at, visited] = ending
            best[moment, at, best.shape[2] - 1] = -NEVER
            if at != task.last:
                for to in range(task.n):
                    if _leads(task, at, to):
                        _look_from(task, outlook, room, moment, at, to)


@compiled
def _leads(task: Task, at: int, to: int) -> bool:
    """Return whether one may go from one stop to another as far as orders and ends go."""
    return to != at and to != task.first and not task.stops[to].behind >> at & 1


@compiled
def _ending(task: Task, at: int, ready: int) -> int:
    """Return what ending a tour here brings: 0, less the way home; -NEVER: it cannot."""
    if task.last >= 0:
        return 0 if at == task.last else -NEVER
    if not task.is_round or task.first < 0 or at == task.first:
        return 0
    ending = -NEVER
    for leg in range(task.legs_from[at * task.n + task.first], task.legs_from[at * task.n + task.first + 1]):
        one = task.legs[leg]
        if ready <= one.closes and max(ready, one.opens) + one.walk <= task.ends:
            ending = max(ending, -one.length if task.measures[0] == LENGTH else 0)
    return ending


@compiled
def _look_from(task: Task, outlook: Outlook, room: Array, moment: int, at: int, to: int) -> None:
    """Take over the ways on that go to one stop next, where they are better."""
    best, ready = outlook.best, task.starts + moment * outlook.moment
    pair = at * task.n + to
    for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
        then = _visited(task, leg, to, ready)
        if then > task.ends:
            continue
        later = (then - task.starts) // outlook.moment
        gain = task.stops[to].value if task.measures[0] == LOSS else -task.legs[leg].length
        gain -= outlook.toll[to]
        _take_over(best[moment, at], best[later, to], room[at, to], gain)


@compiled
def _take_over(here: Array, there: Array, coming: Array, gain: int) -> None:
    for visited in range(len(coming)):
        here[visited] = max(here[visited], gain + there[coming[visited]])


@compiled
def _visited(task: Task, leg: int, to: int, ready: int) -> int:
    """Return when a visit ends at the earliest, walking there from ready; NEVER: it cannot be."""
    one = task.legs[leg]
    if ready > one.closes:
        return NEVER
    arrives = max(ready, one.opens) + one.walk
    then = NEVER
    for hours in range(task.stops[to].hours_from, task.stops[to + 1].hours_from):
        if arrives <= task.hours[hours].closes:
            then = min(then, max(arrives, task.hours[hours].opens) + task.stops[to].dwell)
    return then


@compiled
def follow(task: Task, outlook: Outlook, room: Array, n_visits: Array) -> int:
    """Return what the best way from the start brings, and count in `n_visits` how often it visits each stop."""
    best, most = outlook.best, -NEVER
    at, moment, visited = 0, 0, 0
    for stop in range(task.n):
        n_visits[stop] = 0
        then = _first_visit(task, stop)
        if (task.first < 0 or stop == task.first) and then <= task.ends:
            later = (then - task.starts) // outlook.moment
            gain = (task.stops[stop].value if task.measures[0] == LOSS else 0) - outlook.toll[stop]
            if best[later, stop, 0] > NOWHERE and gain + best[later, stop, 0] > most:
                at, moment, most = stop, later, gain + best[later, stop, 0]
    if most > NOWHERE:
        n_visits[at] += 1
        while at >= 0:
            at, moment, visited = _next(task, outlook, room, at, moment, visited)
            if at >= 0:
                n_visits[at] += 1
    return most


@compiled
def _first_visit(task: Task, stop: int) -> int:
    then = NEVER
    for hours in range(task.stops[stop].hours_from, task.stops[stop + 1].hours_from):
        if task.starts <= task.hours[hours].closes:
            then = min(then, max(task.starts, task.hours[hours].opens) + task.stops[stop].dwell)
    return then


@compiled
def _next(
    task: Task, outlook: Outlook, room: Array, at: int, moment: int, visited: int
) -> tuple[int, int, int]:
    """Return where the best way goes next; -1: it ends."""
    best, ready = outlook.best, task.starts + moment * outlook.moment
    here = best[moment, at, visited]
    if here == _ending(task, at, ready):
        return -1, 0, 0
    for to in range(task.n):
        if _leads(task, at, to):
            pair = at * task.n + to
            for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
                then = _visited(task, leg, to, ready)
                coming = room[at, to, visited]
                if then <= task.ends:
                    later = (then - task.starts) // outlook.moment
                    gain = task.stops[to].value if task.measures[0] == LOSS else -task.legs[leg].length
                    if gain - outlook.toll[to] + best[later, to, coming] == here:
                        return to, later, coming
    return -1, 0, 0


@compiled
def gain_ahead(
    task: Task, outlook: Outlook, at: int, visited: int, ready: int, least: int
) -> tuple[int, int]:
    """Return what the rest of a tour brings at most, and how much time it takes to bring `least`.

    The time is 0 where that cannot be told.
    """
    near, tolls = near_bits(outlook.near, at, visited), 0
    for stop in range(task.n):
        if not visited >> stop & 1:
            tolls += outlook.toll[stop]
    moment = (ready - task.starts) // outlook.moment
    n_moments = outlook.best.shape[0]
    if moment >= n_moments:
        return -NEVER, 0
    most = outlook.best[moment, at, near]
    if most < NOWHERE:
        return -NEVER, 0
    if not outlook.is_shiftable or most + tolls < least:
        return most + tolls, 0
    low, high = moment, n_moments
    while high - low > 1:
        middle = (low + high) // 2
        if outlook.best[middle, at, near] + tolls >= least:
            low = middle
        else:
            high = middle
    return most + tolls, max(task.ends - task.starts - (low + 1) * outlook.moment + 1, 0)

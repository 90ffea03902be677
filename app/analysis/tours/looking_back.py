"""The compiled part of an outlook: the best ways on, from the end backwards."""

from __future__ import annotations

from typing import NamedTuple

from app.analysis.tours.compiled import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, Task

NOWHERE = -NEVER // 2


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
    if to == at or task.stops[to].behind >> at & 1:
        return False
    return to != task.first


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
    """Return what the best way from the start brings; count in `n_visits` how often it visits each stop."""
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

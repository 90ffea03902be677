"""The compiled part of an outlook: the best ways on, from the end backwards."""

from __future__ import annotations

from typing import NamedTuple

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import DURATION, LENGTH, LOSS, NEVER, Task

NOWHERE = -NEVER // 2


class Outlook(NamedTuple):
    """The best ways on.

    Attributes
    ----------
    is_known : bool
        False: there is nothing in here.
    is_shiftable : bool
        Whether what can be done in some time can be done in the same time later.
    is_short : bool
        Whether tours may go on beyond its last moment.
    best : array of int64, shape (n_moments, n_columns)
        Most value, or least length or time as a negative number, less tolls, of a way on from a stop within a
        moment with some of its neighbors (bits) visited; below `NOWHERE` where there is none, as in a stop's
        last column. Undefined before the first and after the last moment of a stop.
    column : array of int64, shape (n + 1,)
        The first column of each stop.
    near : array of int64, shape (n, n_near)
        The neighbors of each stop; -1 for none.
    toll : array of int64, shape (n,)
    moments : array of int64, shape (n, 2)
        First and last moment in which a visit to each stop can end.
    next_stops : array of int64, shape (n, n)
        Where one may go from each stop; -1 behind the last.
    moment : int
        Seconds from one moment to the next, the first one being the task's start.
    """

    is_known: bool
    is_shiftable: bool
    is_short: bool
    best: Array
    column: Array
    near: Array
    toll: Array
    moments: Array
    next_stops: Array
    moment: int


@compiled
def fill_room(outlook: Outlook, room: Array) -> None:
    """Write to which column of `u` one comes from `v`, ``[v, u, visited]``: its last if one was there."""
    near, column = outlook.near, outlook.column
    n, n_near = near.shape
    for v in range(n):
        for visited in range(column[v + 1] - column[v] - 1):
            stops = 1 << v
            for bit in range(n_near):
                if visited >> bit & 1 and near[v, bit] >= 0:
                    stops |= 1 << near[v, bit]
            for u in range(n):
                last = column[u + 1] - 1
                room[v, u, visited] = last if stops >> u & 1 else column[u] + near_bits(near, u, stops)


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
    best, moments = outlook.best, outlook.moments
    for moment in range(best.shape[0] - 1, -1, -1):
        if stop[0] != 0:
            return
        for at in range(task.n):
            if moments[at, 0] <= moment <= moments[at, 1]:
                ending, last = _ending(task, outlook, at, moment), outlook.column[at + 1] - 1
                for column in range(outlook.column[at], last):
                    best[moment, column] = ending
                best[moment, last] = -NEVER
                _look_from(task, outlook, room, moment, at)


@compiled
def _ending(task: Task, outlook: Outlook, at: int, moment: int) -> int:
    """Return what ending a tour here brings: 0, less the way home; -NEVER: it cannot."""
    if task.last >= 0:
        return 0 if at == task.last else -NEVER
    if not task.is_round or task.first < 0 or at == task.first:
        return 0
    ending, ready = -NEVER, task.starts + moment * outlook.moment
    for leg in range(task.legs_from[at * task.n + task.first], task.legs_from[at * task.n + task.first + 1]):
        one = task.legs[leg]
        if ready <= one.closes and max(ready, one.opens) + one.walk <= task.ends:
            gain = 0
            if task.measures[0] == LENGTH:
                gain = -one.length
            elif task.measures[0] == DURATION:
                late = min(ready + outlook.moment - 1, one.closes)
                gain = late - max(late, one.opens) - one.walk
            ending = max(ending, gain)
    return ending


@compiled
def _look_from(task: Task, outlook: Outlook, room: Array, moment: int, at: int) -> None:
    """Take over the ways on from a stop within a moment, where they are better."""
    here = outlook.best[moment, outlook.column[at] : outlook.column[at + 1] - 1]
    for i in range(task.n):
        to = outlook.next_stops[at, i]
        if to < 0:
            break
        pair = at * task.n + to
        for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
            for hours in range(task.stops[to].hours_from, task.stops[to + 1].hours_from):
                soon, late, gain = _step(task, outlook, moment, to, leg, hours)
                if soon >= 0:
                    _take_over(here, outlook.best[soon], room[at, to], gain)
                    if late != soon:
                        _take_over(here, outlook.best[late], room[at, to], gain)


@compiled
def _take_over(here: Array, there: Array, coming: Array, gain: int) -> None:
    for visited in range(len(here)):
        here[visited] = max(here[visited], gain + there[coming[visited]])


@compiled
def _step(task: Task, outlook: Outlook, moment: int, to: int, leg: int, hours: int) -> tuple[int, int, int]:
    """Return in which moments a visit ends if one sets out within a moment, and what it brings at most.

    The first is -1 where it cannot be.
    """
    walk, open_, dwell = task.legs[leg], task.hours[hours], task.stops[to].dwell
    ready = task.starts + moment * outlook.moment
    arrives = max(ready, walk.opens) + walk.walk
    then = max(arrives, open_.opens) + dwell
    if ready > walk.closes or arrives > open_.closes or then > task.ends:
        return -1, -1, 0
    first, last = outlook.moments[to, 0], outlook.moments[to, 1]
    soon = max((then - task.starts) // outlook.moment, first)
    if soon > last:
        return -1, -1, 0
    if task.measures[0] == LENGTH:
        return soon, soon, -walk.length - outlook.toll[to]
    if task.measures[0] == LOSS:
        return soon, soon, task.stops[to].value - outlook.toll[to]
    ready = min(ready + outlook.moment - 1, walk.closes, open_.closes - walk.walk)
    then = max(max(ready, walk.opens) + walk.walk, open_.opens) + dwell
    late = min(max((then - task.starts) // outlook.moment, first), last)
    return soon, late, ready - then - outlook.toll[to]


@compiled
def follow(task: Task, outlook: Outlook, room: Array, way: Array) -> int:
    """Return what the best way from the start brings; write its stops to `way`, and -1 behind the last."""
    best, most = outlook.best, -NEVER
    at, moment, n_visits = 0, 0, 0
    for stop in range(task.n):
        if task.first < 0 or stop == task.first:
            for begin in range(outlook.moments[stop, 0], _last_start(task, outlook, stop) + 1):
                gain = best[begin, outlook.column[stop]] - outlook.toll[stop]
                if task.measures[0] == LOSS:
                    gain += task.stops[stop].value
                elif task.measures[0] == DURATION:
                    gain -= task.stops[stop].dwell
                if gain > NOWHERE and gain > most:
                    at, moment, most = stop, begin, gain
    column = outlook.column[at]
    while most > NOWHERE and at >= 0:
        way[n_visits] = at
        n_visits += 1
        at, moment, column = _next(task, outlook, room, at, moment, column)
    way[n_visits] = -1
    return most


@compiled
def _last_start(task: Task, outlook: Outlook, stop: int) -> int:
    """Return the last moment in which it may pay to have visited a stop first."""
    if task.measures[0] == DURATION:
        return outlook.moments[stop, 1]
    return outlook.moments[stop, 0]


@compiled
def _next(
    task: Task, outlook: Outlook, room: Array, at: int, moment: int, column: int
) -> tuple[int, int, int]:
    """Return where the best way goes next, in which moment and column; -1: it ends."""
    best = outlook.best
    here, visited = best[moment, column], column - outlook.column[at]
    if here == _ending(task, outlook, at, moment):
        return -1, 0, 0
    for i in range(task.n):
        to = outlook.next_stops[at, i]
        if to < 0:
            break
        pair, coming = at * task.n + to, room[at, to, visited]
        for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
            for hours in range(task.stops[to].hours_from, task.stops[to + 1].hours_from):
                soon, late, gain = _step(task, outlook, moment, to, leg, hours)
                if soon >= 0 and gain + best[soon, coming] == here:
                    return to, soon, coming
                if soon >= 0 and gain + best[late, coming] == here:
                    return to, late, coming
    return -1, 0, 0


@compiled
def gain_ahead(
    task: Task, outlook: Outlook, at: int, visited: int, tolls: int, ready: int, until: int, least: int
) -> tuple[int, int]:
    """Return what the rest of a tour brings at most, and how much time it takes to bring `least`.

    One is ready at `ready`, or where that is better as late as `until`; `tolls` are those of all stops that
    were not visited. The time is 0 where that cannot be told.
    """
    column = outlook.column[at] + near_bits(outlook.near, at, visited)
    moment = (ready - task.starts) // outlook.moment
    n_moments = outlook.best.shape[0]
    if moment >= n_moments and outlook.is_short:
        return NEVER, 0
    if moment > outlook.moments[at, 1]:
        return -NEVER, 0
    moment = max(moment, outlook.moments[at, 0])
    most = outlook.best[moment, column]
    if task.measures[0] == DURATION:
        late = min((min(until, NEVER) - task.starts) // outlook.moment, outlook.moments[at, 1])
        for later in range(moment + 1, late + 1):
            most = max(most, outlook.best[later, column])
    if most < NOWHERE:
        return -NEVER, 0
    if not outlook.is_shiftable or most + tolls < least:
        return most + tolls, 0
    low, high = moment, outlook.moments[at, 1] + 1
    while high - low > 1:
        middle = (low + high) // 2
        if outlook.best[middle, column] + tolls >= least:
            low = middle
        else:
            high = middle
    return most + tolls, max(task.ends - task.starts - (low + 1) * outlook.moment + 1, 0)

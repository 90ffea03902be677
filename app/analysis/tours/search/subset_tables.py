"""The compiled tables of subset dynamic programming.

Moments are seconds from the task's start and millimetres walked in one number, so that the soonest
is the least, and of several equally soon ones the shortest.
"""

from __future__ import annotations

from typing import NamedTuple

from app.analysis.machine_code import compiled
from app.analysis.tours.bounds.remaining import Bounds
from app.analysis.tours.problem import Array
from app.analysis.tours.search.candidates import candidates, n_bits
from app.analysis.tours.tasks import NEVER, TaskData

LENGTH_BITS = 32
# More than any moment; two of them still fit into 64 bits.
IMPOSSIBLE = 1 << 61


class ArcTables(NamedTuple):
    """The arcs between stops as tables.

    Attributes
    ----------
    combined : array of int64, shape (n, n)
        Seconds and millimetres as one number, ``[to, from]``, of those that are open at any time.
    seconds : array of int64, shape (n, n)
        The same in seconds; `NEVER` where one cannot walk.
    gated : array of int64, shape (n,)
        The stops (bits) from which a walk leads here at certain times.
    """

    combined: Array
    seconds: Array
    gated: Array


@compiled
def fill_soonest(
    task: TaskData, arcs: ArcTables, bounds: Bounds, soonest: Array, best: Array, least: int, stop: Array
) -> None:
    """Fill the table of soonest moments; `best` gets set, last stop, value and soonest moment at the end.

    Sets that lead to less value than `least` need not be followed.
    """
    coming = candidates(task, 0, 0)
    for at in range(task.n):
        if (task.first < 0 or at == task.first) and coming >> at & 1:
            soonest[1 << at, at] = _visited(task, at, 0)
    for visited in range(1, soonest.shape[0]):
        if visited & 1023 == 0 and stop[0] != 0:
            return
        here = soonest[visited]
        ready = _soonest_of(here)
        if ready < IMPOSSIBLE:
            value = value_of(task, visited)
            if value + _most_more(task, bounds, visited, (ready >> LENGTH_BITS) + task.starts) < least:
                here[:] = IMPOSSIBLE
                continue
            _end(task, here, visited, value, best)
            coming = candidates(task, visited, n_bits(visited))
            for to in range(task.n):
                if coming >> to & 1:
                    soonest[visited | 1 << to, to] = _visited(task, to, _arrival(task, arcs, here, to))


@compiled
def _soonest_of(here: Array) -> int:
    least = IMPOSSIBLE
    for at in range(len(here)):
        least = min(least, here[at])
    return least


@compiled
def _most_more(task: TaskData, bounds: Bounds, visited: int, ready: int) -> int:
    """Return the most value that stops can still add, each given its least time."""
    value, time, left = 0, task.ends - ready, task.required & ~visited
    for stop in range(task.n):
        if left >> stop & 1:
            time -= bounds.stops[stop].share
    for i in range(len(bounds.by_worth)):
        stop = bounds.by_worth[i]
        if not visited >> stop & 1:
            takes = bounds.stops[stop].share
            if takes > time:
                return value + int(float(task.stops[stop].value) * max(time, 0) / takes + 1)
            value += task.stops[stop].value
            time -= takes
    return value


@compiled
def _arrival(task: TaskData, arcs: ArcTables, here: Array, to: int) -> int:
    """Return when one arrives from any of the stops one may be at."""
    least, combined = IMPOSSIBLE, arcs.combined[to]
    for at in range(len(here)):
        least = min(least, here[at] + combined[at])
    if arcs.gated[to]:
        for at in range(len(here)):
            if arcs.gated[to] >> at & 1 and here[at] < IMPOSSIBLE:
                least = min(least, _walked(task, here[at], at, to))
    return least


@compiled
def _walked(task: TaskData, ready: int, at: int, to: int) -> int:
    """Return the arrival by the best arc, time-dependent ones among them."""
    least, time = IMPOSSIBLE, (ready >> LENGTH_BITS) + task.starts
    for leg in range(task.legs_from[at * task.n + to], task.legs_from[at * task.n + to + 1]):
        one = task.legs[leg]
        if time <= one.closes:
            takes = max(time, one.opens) - time + one.walk
            least = min(least, ready + (takes << LENGTH_BITS) + one.length)
    return least


@compiled
def _visited(task: TaskData, at: int, arrives: int) -> int:
    """Return when a visit ends."""
    if arrives >= IMPOSSIBLE:
        return IMPOSSIBLE
    least, time = IMPOSSIBLE, (arrives >> LENGTH_BITS) + task.starts
    for window in range(task.stops[at].windows_from, task.stops[at + 1].windows_from):
        if time <= task.windows[window].closes:
            ends = max(time, task.windows[window].opens) + task.stops[at].dwell
            if ends <= task.ends:
                least = min(least, arrives + ((ends - time) << LENGTH_BITS))
    return least


@compiled
def _end(task: TaskData, here: Array, visited: int, value: int, best: Array) -> None:
    """Compare the tours that end with a set to the best one."""
    if task.required & ~visited or value < best[2]:
        return
    ends, at = _soonest_end(task, here)
    if ends < IMPOSSIBLE and (value > best[2] or ends < best[3]):
        best[0], best[1], best[2], best[3] = visited, at, value, ends


@compiled
def _soonest_end(task: TaskData, here: Array) -> tuple[int, int]:
    """Return when a tour that has visited a set ends soonest, and at which stop."""
    least, last = IMPOSSIBLE, -1
    for at in range(task.n):
        if here[at] < IMPOSSIBLE and (task.last < 0 or at == task.last):
            ends = here[at]
            if task.is_round and task.first >= 0 and at != task.first:
                ends = _walked(task, here[at], at, task.first)
            is_in_time = ends < IMPOSSIBLE and (ends >> LENGTH_BITS) + task.starts <= task.ends
            if is_in_time and ends < least:
                least, last = ends, at
    return least, last


@compiled
def value_of(task: TaskData, visited: int) -> int:
    """Return what a set of stops is worth."""
    value = 0
    for stop in range(task.n):
        if visited >> stop & 1:
            value += task.stops[stop].value
    return value


@compiled
def came_from(task: TaskData, arcs: ArcTables, soonest: Array, before: int, to: int) -> int:
    """Return the back-pointer: the stop of a set before `to`; -1 where there is none."""
    here, combined = soonest[before], arcs.combined[to]
    for at in range(task.n):
        if here[at] < IMPOSSIBLE:
            arrives = here[at] + combined[at]
            if arcs.gated[to] >> at & 1:
                arrives = _walked(task, here[at], at, to)
            if _visited(task, to, arrives) == soonest[before | 1 << to, to]:
                return at
    return -1


@compiled
def fill_latest(
    task: TaskData, arcs: ArcTables, soonest: Array, latest: Array, value: int, stop: Array
) -> None:
    """Fill the table of latest moments, the largest sets first."""
    for visited in range(soonest.shape[0] - 1, 0, -1):
        if visited & 1023 == 0 and stop[0] != 0:
            return
        if _soonest_of(soonest[visited]) >= IMPOSSIBLE:
            continue
        here = latest[visited]
        if not task.required & ~visited and value_of(task, visited) >= value:
            _latest_end(task, here)
        coming = candidates(task, visited, n_bits(visited))
        for to in range(task.n):
            if coming >> to & 1:
                begins = _latest_begin(task, to, latest[visited | 1 << to, to])
                if begins > -NEVER:
                    _depart(task, arcs, here, to, begins)


@compiled
def _latest_end(task: TaskData, here: Array) -> None:
    """Note when one must be ready where a tour may end."""
    for at in range(len(here)):
        if task.last < 0 or at == task.last:
            here[at] = task.ends
            if task.is_round and task.first >= 0 and at != task.first:
                here[at] = _latest_walk(task, at, task.first, task.ends)


@compiled
def _latest_begin(task: TaskData, to: int, ready: int) -> int:
    """Return the latest begin of a visit that is over by a moment."""
    latest = -NEVER
    for window in range(task.stops[to].windows_from, task.stops[to + 1].windows_from):
        begins = min(task.windows[window].closes, ready - task.stops[to].dwell)
        if begins >= task.windows[window].opens:
            latest = max(latest, begins)
    return latest


@compiled
def _depart(task: TaskData, arcs: ArcTables, here: Array, to: int, begins: int) -> None:
    """Note the latest departure for a visit."""
    seconds = arcs.seconds[to]
    for at in range(len(here)):
        here[at] = max(here[at], begins - seconds[at])
    if arcs.gated[to]:
        for at in range(len(here)):
            if arcs.gated[to] >> at & 1:
                here[at] = max(here[at], _latest_walk(task, at, to, begins))


@compiled
def _latest_walk(task: TaskData, at: int, to: int, arrives: int) -> int:
    """Return the latest departure to arrive by a moment."""
    latest = -NEVER
    for leg in range(task.legs_from[at * task.n + to], task.legs_from[at * task.n + to + 1]):
        departs = min(arrives - task.legs[leg].walk, task.legs[leg].closes)
        if departs >= task.legs[leg].opens:
            latest = max(latest, departs)
    return latest

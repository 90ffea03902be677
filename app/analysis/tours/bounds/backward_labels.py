"""Backward labels: the compiled table of best completions, filled from the last time bucket to the first."""

from __future__ import annotations

from typing import NamedTuple

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import DURATION, LENGTH, LOSS, NEVER, TaskData

UNREACHABLE = -NEVER // 2


class CompletionBound(NamedTuple):
    """The table of a completion bound (ng-route relaxation): the best completion of any partial tour.

    Attributes
    ----------
    is_known : bool
        False: the table is empty, and bounds nothing.
    is_shiftable : bool
        Whether a completion that takes some time takes no longer later.
    is_short : bool
        Whether tours may go on beyond the last bucket.
    best : array of int64, shape (n_buckets, n_columns)
        Most value, or least length or time as a negative number, less dual values, of a completion from a
        stop within a bucket with some of its ng-set (bits) visited; below `UNREACHABLE` where there is none,
        as in a stop's last column. Undefined before the first and after the last bucket of a stop.
    column : array of int64, shape (n + 1,)
        The first column of each stop.
    ng : array of int64, shape (n, n_ng)
        The ng-set of each stop: the stops whose visit is remembered there; -1 for none.
    dual : array of int64, shape (n,)
        The dual value of visiting each stop once.
    buckets : array of int64, shape (n, 2)
        First and last bucket in which a visit to each stop can end.
    successors : array of int64, shape (n, n)
        The stops that may follow each stop; -1 behind the last.
    bucket_s : int
        Seconds from one bucket to the next, the first one being the task's start.
    """

    is_known: bool
    is_shiftable: bool
    is_short: bool
    best: Array
    column: Array
    ng: Array
    dual: Array
    buckets: Array
    successors: Array
    bucket_s: int


@compiled
def fill_transitions(bound: CompletionBound, transitions: Array) -> None:
    """Write the column of `u` after `v`, ``[v, u, visited]``: its last one if it was visited."""
    ng, column = bound.ng, bound.column
    n, n_ng = ng.shape
    for v in range(n):
        for visited in range(column[v + 1] - column[v] - 1):
            stops = 1 << v
            for bit in range(n_ng):
                if visited >> bit & 1 and ng[v, bit] >= 0:
                    stops |= 1 << ng[v, bit]
            for u in range(n):
                last = column[u + 1] - 1
                transitions[v, u, visited] = last if stops >> u & 1 else column[u] + ng_bits(ng, u, stops)


@compiled
def ng_bits(ng: Array, at: int, stops: int) -> int:
    """Return which of the ng-set of a stop are among `stops`, as bits."""
    bits = 0
    for bit in range(ng.shape[1]):
        stop = ng[at, bit]
        if stop >= 0 and stops >> stop & 1:
            bits |= 1 << bit
    return bits


@compiled
def fill_backward(task: TaskData, bound: CompletionBound, transitions: Array, stop: Array) -> None:
    """Fill the table of best completions, the last bucket first."""
    best, buckets = bound.best, bound.buckets
    for bucket in range(best.shape[0] - 1, -1, -1):
        if stop[0] != 0:
            return
        for at in range(task.n):
            if buckets[at, 0] <= bucket <= buckets[at, 1]:
                ending, last = _ending(task, bound, at, bucket), bound.column[at + 1] - 1
                for column in range(bound.column[at], last):
                    best[bucket, column] = ending
                best[bucket, last] = -NEVER
                _extend_backward(task, bound, transitions, bucket, at)


@compiled
def _ending(task: TaskData, bound: CompletionBound, at: int, bucket: int) -> int:
    """Return the gain of ending a tour here: 0, less the leg home; -NEVER: it cannot end here."""
    if task.last >= 0:
        return 0 if at == task.last else -NEVER
    if not task.is_round or task.first < 0 or at == task.first:
        return 0
    ending, ready = -NEVER, task.starts + bucket * bound.bucket_s
    for leg in range(task.legs_from[at * task.n + task.first], task.legs_from[at * task.n + task.first + 1]):
        one = task.legs[leg]
        if ready <= one.closes and max(ready, one.opens) + one.walk <= task.ends:
            gain = 0
            if task.measures[0] == LENGTH:
                gain = -one.length
            elif task.measures[0] == DURATION:
                late = min(ready + bound.bucket_s - 1, one.closes)
                gain = late - max(late, one.opens) - one.walk
            ending = max(ending, gain)
    return ending


@compiled
def _extend_backward(
    task: TaskData, bound: CompletionBound, transitions: Array, bucket: int, at: int
) -> None:
    """Extend backward labels to a stop within a bucket, where that is better."""
    here = bound.best[bucket, bound.column[at] : bound.column[at + 1] - 1]
    for i in range(task.n):
        to = bound.successors[at, i]
        if to < 0:
            break
        pair = at * task.n + to
        for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
            for window in range(task.stops[to].windows_from, task.stops[to + 1].windows_from):
                soon, late, gain = _step(task, bound, bucket, to, leg, window)
                if soon >= 0:
                    _relax(here, bound.best[soon], transitions[at, to], gain)
                    if late != soon:
                        _relax(here, bound.best[late], transitions[at, to], gain)


@compiled
def _relax(here: Array, there: Array, coming: Array, gain: int) -> None:
    for visited in range(len(here)):
        here[visited] = max(here[visited], gain + there[coming[visited]])


@compiled
def _step(
    task: TaskData, bound: CompletionBound, bucket: int, to: int, leg: int, window: int
) -> tuple[int, int, int]:
    """Return the first and the last bucket in which the next visit ends, and its most gain.

    The first is -1 where there is no such visit.
    """
    walk, open_, dwell = task.legs[leg], task.windows[window], task.stops[to].dwell
    ready = task.starts + bucket * bound.bucket_s
    arrives = max(ready, walk.opens) + walk.walk
    then = max(arrives, open_.opens) + dwell
    if ready > walk.closes or arrives > open_.closes or then > task.ends:
        return -1, -1, 0
    first, last = bound.buckets[to, 0], bound.buckets[to, 1]
    soon = max((then - task.starts) // bound.bucket_s, first)
    if soon > last:
        return -1, -1, 0
    if task.measures[0] == LENGTH:
        return soon, soon, -walk.length - bound.dual[to]
    if task.measures[0] == LOSS:
        return soon, soon, task.stops[to].value - bound.dual[to]
    ready = min(ready + bound.bucket_s - 1, walk.closes, open_.closes - walk.walk)
    then = max(max(ready, walk.opens) + walk.walk, open_.opens) + dwell
    late = min(max((then - task.starts) // bound.bucket_s, first), last)
    return soon, late, ready - then - bound.dual[to]


@compiled
def best_path(task: TaskData, bound: CompletionBound, transitions: Array, path: Array) -> int:
    """Return the gain of the best path from the start; write its stops to `path`, and -1 behind the last."""
    best, most = bound.best, -NEVER
    at, bucket, n_visits = 0, 0, 0
    for stop in range(task.n):
        if task.first < 0 or stop == task.first:
            for begin in range(bound.buckets[stop, 0], _last_start(task, bound, stop) + 1):
                gain = best[begin, bound.column[stop]] - bound.dual[stop]
                if task.measures[0] == LOSS:
                    gain += task.stops[stop].value
                elif task.measures[0] == DURATION:
                    gain -= task.stops[stop].dwell
                if gain > UNREACHABLE and gain > most:
                    at, bucket, most = stop, begin, gain
    column = bound.column[at]
    while most > UNREACHABLE and at >= 0:
        path[n_visits] = at
        n_visits += 1
        at, bucket, column = _next(task, bound, transitions, at, bucket, column)
    path[n_visits] = -1
    return most


@compiled
def _last_start(task: TaskData, bound: CompletionBound, stop: int) -> int:
    """Return the last bucket in which it may pay to have visited a stop first."""
    if task.measures[0] == DURATION:
        return bound.buckets[stop, 1]
    return bound.buckets[stop, 0]


@compiled
def _next(
    task: TaskData, bound: CompletionBound, transitions: Array, at: int, bucket: int, column: int
) -> tuple[int, int, int]:
    """Return the next stop of the best path, its bucket and column; -1: the path ends."""
    best = bound.best
    here, visited = best[bucket, column], column - bound.column[at]
    if here == _ending(task, bound, at, bucket):
        return -1, 0, 0
    for i in range(task.n):
        to = bound.successors[at, i]
        if to < 0:
            break
        pair, coming = at * task.n + to, transitions[at, to, visited]
        for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
            for window in range(task.stops[to].windows_from, task.stops[to + 1].windows_from):
                soon, late, gain = _step(task, bound, bucket, to, leg, window)
                if soon >= 0 and gain + best[soon, coming] == here:
                    return to, soon, coming
                if soon >= 0 and gain + best[late, coming] == here:
                    return to, late, coming
    return -1, 0, 0


@compiled
def completion_gain(
    task: TaskData,
    bound: CompletionBound,
    at: int,
    visited: int,
    duals: int,
    ready: int,
    until: int,
    least: int,
) -> tuple[int, int]:
    """Return the most gain of any completion of a partial tour, and the least time for a gain of `least`.

    The partial tour is ready at `ready`, or where that is better as late as `until`; `duals` is the sum over
    all stops not visited. The time is 0 where it is not bounded.
    """
    column = bound.column[at] + ng_bits(bound.ng, at, visited)
    bucket = (ready - task.starts) // bound.bucket_s
    n_buckets = bound.best.shape[0]
    if bucket >= n_buckets and bound.is_short:
        return NEVER, 0
    if bucket > bound.buckets[at, 1]:
        return -NEVER, 0
    bucket = max(bucket, bound.buckets[at, 0])
    most = bound.best[bucket, column]
    if task.measures[0] == DURATION:
        late = min((min(until, NEVER) - task.starts) // bound.bucket_s, bound.buckets[at, 1])
        for later in range(bucket + 1, late + 1):
            most = max(most, bound.best[later, column])
    if most < UNREACHABLE:
        return -NEVER, 0
    if not bound.is_shiftable or most + duals < least:
        return most + duals, 0
    low, high = bucket, bound.buckets[at, 1] + 1
    while high - low > 1:
        middle = (low + high) // 2
        if bound.best[middle, column] + duals >= least:
            low = middle
        else:
            high = middle
    return most + duals, max(task.ends - task.starts - (low + 1) * bound.bucket_s + 1, 0)

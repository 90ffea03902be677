"""Precedence and time windows tightened: which of two stops must come first, when a visit can begin at all.

A stop that cannot be reached in time from another comes before it wherever both are visited; so what is
required on either side of a visit narrows its window: A. Langevin, M. Desrochers, J. Desrosiers,
S. Gélinas, F. Soumis, A two-commodity flow formulation for the traveling salesman and the makespan problems
with time windows, 1993; S. Dash, O. Günlük, A. Lodi, A. Tramontani, A time bucket formulation for the
traveling salesman problem with time windows, 2012. No feasible tour is lost.
"""

from __future__ import annotations

import numpy as np

from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER, TaskData, are_in, bits_of_rows

# Each round needs the one before; more than these bring next to nothing.
N_ROUNDS = 4


def tightened(task: TaskData) -> TaskData:
    """Return a task with the same tours, its windows as narrow as is known, its orders complete.

    One without time windows is returned as it is.
    """
    if not ((task.windows["closes"] < NEVER).any() or (task.windows["opens"] > task.starts).any()):
        return task
    dwell = task.stops["dwell"][:-1]
    shortest_s = shortest_times(cheapest_legs(task, "walk"), dwell)
    opens, closes = spans_of(task)
    is_needed = needed_stops(task)
    is_before = orders_of(task)
    is_before[task.first, :] |= task.first >= 0
    is_before[:, task.last] |= task.last >= 0
    for _ in range(N_ROUNDS):
        is_before |= (opens + dwell)[None, :] + shortest_s.T > closes[:, None]
        np.fill_diagonal(is_before, val=False)
        for by in range(task.n):
            if is_needed[by]:
                is_before |= is_before[:, by, None] & is_before[None, by, :]
        is_sure = is_before & is_needed[:, None]
        soonest = np.where(is_sure, (opens + dwell)[:, None] + shortest_s, -NEVER).max(axis=0)
        is_sure = is_before & is_needed[None, :]
        latest = np.where(is_sure, closes[None, :] - shortest_s - dwell[:, None], NEVER).min(axis=1)
        opens, closes = np.maximum(opens, soonest), np.minimum(closes, latest)
    return _with_spans(_with_orders(task, is_before), opens, closes)


def spans_of(task: TaskData) -> tuple[Array, Array]:
    """Return the first and the last moment at which each visit may begin, over all its windows."""
    begins = task.stops["windows_from"][:-1]
    opens = np.maximum(np.minimum.reduceat(task.windows["opens"], begins), task.starts)
    closes = np.maximum.reduceat(task.windows["closes"], begins)
    return opens, np.minimum(closes, task.ends - task.stops["dwell"][:-1])


def cheapest_legs(task: TaskData, column: str) -> Array:
    """Return the least `column` of `LEG` from stop to stop, shape (n, n); NEVER where there is none."""
    pairs = task.n * task.n
    cheapest = np.full(pairs, NEVER, dtype=np.int64)
    np.minimum.at(cheapest, np.repeat(np.arange(pairs), np.diff(task.legs_from)), task.legs[column])
    return cheapest.reshape(task.n, task.n)


def with_stops_between(cost: Array, between: range | list[int]) -> Array:
    """Return the least cost from stop to stop over some others (Floyd, Warshall)."""
    cost = cost.copy()
    for by in between:
        np.minimum(cost, cost[:, by, None] + cost[None, by, :], out=cost)
    return np.minimum(cost, NEVER)


def shortest_times(walk: Array, dwell: Array) -> Array:
    """Return the least time from ready at one stop to arriving at another, over other stops or directly."""
    shortest_s: Array = with_stops_between(walk + dwell, range(len(dwell))) - dwell
    np.fill_diagonal(shortest_s, 0)
    return shortest_s


def needed_stops(task: TaskData) -> Array:
    """Return whether each stop must be visited."""
    return are_in(task.required, task.n)


def has_window(task: TaskData) -> Array:
    """Return whether each stop has a window in which a visit may begin and be over in time."""
    dwell = np.repeat(task.stops["dwell"][:-1], np.diff(task.stops["windows_from"]))
    soonest = np.maximum(task.windows["opens"], task.starts)
    latest = np.minimum(task.windows["closes"], task.ends - dwell)
    are_there: Array = np.logical_or.reduceat(soonest <= latest, task.stops["windows_from"][:-1])
    return are_there


def orders_of(task: TaskData) -> Array:
    """Return whether one stop comes before another wherever both are visited, shape (n, n)."""
    return are_in(task.stops["behind"][:-1], task.n)


def has_between(task: TaskData, is_before: Array) -> Array:
    """Return whether something required comes behind one stop and before another, shape (n, n)."""
    needed = needed_stops(task)
    between: Array = is_before[:, needed].astype(int) @ is_before[needed].astype(int) > 0
    return between


def _with_orders(task: TaskData, is_before: Array) -> TaskData:
    stops = task.stops.copy()
    stops["behind"][:-1], stops["before"][:-1] = bits_of_rows(is_before), bits_of_rows(is_before.T)
    return task._replace(stops=stops)


def _with_spans(task: TaskData, opens: Array, closes: Array) -> TaskData:
    windows = task.windows.copy()
    stop = np.repeat(np.arange(task.n), np.diff(task.stops["windows_from"]))
    windows["opens"] = np.maximum(windows["opens"], opens[stop])
    windows["closes"] = np.minimum(windows["closes"], closes[stop])
    return task._replace(windows=windows)

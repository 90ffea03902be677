"""Which of two stops must come first, and when a visit can begin at all, as far as hours tell.

A stop that cannot be reached in time from another comes before it wherever both are visited; so what is
required on either side of a visit moves its hours together: A. Langevin, M. Desrochers, J. Desrosiers,
S. Gélinas, F. Soumis, A two-commodity flow formulation for the traveling salesman and the makespan problems
with time windows, 1993; S. Dash, O. Günlük, A. Lodi, A. Tramontani, A time bucket formulation for the
traveling salesman problem with time windows, 2012. No tour that keeps the wish is lost.
"""

from __future__ import annotations

import numpy as np

from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER, Task, are_in, bits_of_rows

# Each round needs the one before; more than these bring next to nothing.
N_ROUNDS = 4


def tightened(task: Task) -> Task:
    """Return a task with the same tours, its hours as short as they can be told, its orders complete.

    One without hours is returned as it is.
    """
    if not ((task.hours["closes"] < NEVER).any() or (task.hours["opens"] > task.starts).any()):
        return task
    reach, dwell = least_times(task), task.stops["dwell"][:-1]
    opens, closes = spans_of(task)
    is_needed = needed_stops(task)
    is_before = orders_of(task)
    is_before[task.first, :] |= task.first >= 0
    is_before[:, task.last] |= task.last >= 0
    for _ in range(N_ROUNDS):
        is_before |= (opens + dwell)[None, :] + reach.T > closes[:, None]
        np.fill_diagonal(is_before, val=False)
        for by in range(task.n):
            if is_needed[by]:
                is_before |= is_before[:, by, None] & is_before[None, by, :]
        is_sure = is_before & is_needed[:, None]
        soonest = np.where(is_sure, (opens + dwell)[:, None] + reach, -NEVER).max(axis=0)
        is_sure = is_before & is_needed[None, :]
        latest = np.where(is_sure, closes[None, :] - reach - dwell[:, None], NEVER).min(axis=1)
        opens, closes = np.maximum(opens, soonest), np.minimum(closes, latest)
    return _with_spans(_with_orders(task, is_before), opens, closes)


def spans_of(task: Task) -> tuple[Array, Array]:
    """Return the first and the last moment at which each visit may begin, whatever its hours."""
    begins = task.stops["hours_from"][:-1]
    opens = np.maximum(np.minimum.reduceat(task.hours["opens"], begins), task.starts)
    closes = np.maximum.reduceat(task.hours["closes"], begins)
    return opens, np.minimum(closes, task.ends - task.stops["dwell"][:-1])


def least_times(task: Task) -> Array:
    """Return the least time from ready at one stop to arriving at another, by way of others or not."""
    n, dwell = task.n, task.stops["dwell"][:-1]
    cost = np.full(n * n, NEVER, dtype=np.int64)
    np.minimum.at(cost, np.repeat(np.arange(n * n), np.diff(task.legs_from)), task.legs["walk"])
    cost = np.minimum(cost.reshape(n, n) + dwell, NEVER)
    for by in range(n):
        np.minimum(cost, cost[:, by, None] + cost[None, by, :], out=cost)
    reach: Array = np.minimum(cost, NEVER) - dwell
    np.fill_diagonal(reach, 0)
    return reach


def needed_stops(task: Task) -> Array:
    """Return whether each stop must be visited."""
    return are_in(task.required, task.n)


def has_hours(task: Task) -> Array:
    """Return whether each stop has hours in which a visit may begin and be over in time."""
    dwell = np.repeat(task.stops["dwell"][:-1], np.diff(task.stops["hours_from"]))
    soonest = np.maximum(task.hours["opens"], task.starts)
    latest = np.minimum(task.hours["closes"], task.ends - dwell)
    are_there: Array = np.logical_or.reduceat(soonest <= latest, task.stops["hours_from"][:-1])
    return are_there


def orders_of(task: Task) -> Array:
    """Return whether one stop comes before another wherever both are visited, shape (n, n)."""
    return are_in(task.stops["behind"][:-1], task.n)


def has_between(task: Task, is_before: Array) -> Array:
    """Return whether something required comes behind one stop and before another, shape (n, n)."""
    needed = needed_stops(task)
    between: Array = is_before[:, needed].astype(int) @ is_before[needed].astype(int) > 0
    return between


def _with_orders(task: Task, is_before: Array) -> Task:
    stops = task.stops.copy()
    stops["behind"][:-1], stops["before"][:-1] = bits_of_rows(is_before), bits_of_rows(is_before.T)
    return task._replace(stops=stops)


def _with_spans(task: Task, opens: Array, closes: Array) -> Task:
    hours = task.hours.copy()
    stop = np.repeat(np.arange(task.n), np.diff(task.stops["hours_from"]))
    hours["opens"] = np.maximum(hours["opens"], opens[stop])
    hours["closes"] = np.minimum(hours["closes"], closes[stop])
    return task._replace(hours=hours)

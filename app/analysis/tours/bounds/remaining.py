"""What the rest of a tour takes at least.

The stops left are joined by a tree of least cost, which the rest of any tour is an instance of; prices on
setting out from a stop and on arriving at it make the tree look like a tour: M. Held, R. M. Karp, The
traveling-salesman problem and minimum spanning trees, 1970.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.tours.bounds.duals import pricing_of
from app.analysis.tours.bounds.one_tree import Rest
from app.analysis.tours.bounds.tightening import has_between, needed_stops, orders_of, spans_of
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import DURATION, LENGTH, NEVER, Task

# First and last moment at which a visit may begin, whatever its hours; least time to walk there and visit.
SPAN = np.dtype([("opens", np.int64), ("closes", np.int64), ("share", np.int64)])


class Bounds(NamedTuple):
    """All that looks ahead.

    Attributes
    ----------
    length, time : Rest
        `time` includes the visits.
    reach : array of int64, shape (n, n)
        Least time from ready at one stop to arriving at another, by way of others or not.
    stops : array of SPAN, shape (n,)
    by_closing : array of int64, shape (n,)
        The stops, those that close first first.
    by_worth : array of int64
        Optional stops with a value, the most value for their `share` first.
    """

    length: Rest
    time: Rest
    reach: Array
    stops: Array
    by_closing: Array
    by_worth: Array


def bounds_of(task: Task) -> Bounds:
    """Return what looks ahead in a task."""
    spans = begin_spans(task)
    walk, length = possible_legs(task, spans)
    dwell = task.stops["dwell"][:-1]
    spans["share"] = _least_arrival(walk) + dwell
    reach = _with_stops_between(walk + dwell, range(task.n)) - dwell
    np.fill_diagonal(reach, 0)
    return Bounds(
        length=_rest_of(task, length, np.zeros_like(dwell)),
        time=_rest_of(task, walk, dwell),
        reach=reach,
        stops=spans,
        by_closing=np.argsort(spans["closes"], kind="stable").astype(np.int64),
        by_worth=_by_worth(task, spans["share"]),
    )


def least_of(task: Task, bounds: Bounds) -> int:
    """Return what no tour's first measure is less than, as far as legs and visits go."""
    match int(task.measures[0]):
        case measure if measure == LENGTH:
            return bounds.length.least
        case measure if measure == DURATION:
            return bounds.time.least + task.pause_dwell
    most = _most_value(task, bounds)
    return task.most_value - most + most % task.value_step


def _most_value(task: Task, bounds: Bounds) -> int:
    """Return the most value that optional stops can add, each given its least time.

    No walk leads to the first stop.
    """
    if task.ends >= NEVER:
        return task.most_value
    share, value = bounds.stops["share"], task.stops["value"]
    arrivals = share - task.stops["dwell"][:-1]
    left = task.ends - task.starts - task.pause_dwell + int(arrivals.max(initial=0))
    left -= int(share[needed_stops(task)].sum())
    most = 0
    for stop in bounds.by_worth:
        if share[stop] > left:
            more = int(value[stop] * left / share[stop] + 1) if left > 0 else 0
            return min(most + more, task.most_value)
        most, left = most + int(value[stop]), left - int(share[stop])
    return most


def least_for_value(task: Task, bounds: Bounds, measure: int, value: int) -> int:
    """Return the least length or time of a tour whose optional stops are worth at least `value`.

    That of all that is required; or that of each stop by itself, where enough optional ones are visited,
    the cheapest for their value, and one of them only in part.
    """
    legs = possible_legs(task, begin_spans(task))[1 if measure == LENGTH else 0]
    dwell = np.zeros(task.n, dtype=np.int64) if measure == LENGTH else task.stops["dwell"][:-1]
    arrivals, needed = _least_arrival(legs), needed_stops(task)
    share, worth = arrivals + dwell, np.where(needed, 0, task.stops["value"][:-1])
    # No walk leads to the first stop.
    alone = int(share[needed].sum()) - int(arrivals.max())
    for stop in sorted(np.flatnonzero(worth).tolist(), key=lambda stop: share[stop] / worth[stop]):
        if value <= 0:
            break
        part = min(value, int(worth[stop]))
        alone += int(share[stop]) * part // int(worth[stop])
        value -= part
    rest, pause = (bounds.length, 0) if measure == LENGTH else (bounds.time, task.pause_dwell)
    return max(rest.least, alone) + pause


def begin_spans(task: Task) -> Array:
    """Return when the visits may begin, as `SPAN`; `share` is not filled yet."""
    spans = np.zeros(task.n, dtype=SPAN)
    spans["opens"], spans["closes"] = spans_of(task)
    return spans


def _by_worth(task: Task, share: Array) -> Array:
    value = task.stops["value"]
    worthy = [i for i in range(task.n) if value[i] > 0]
    worthy.sort(key=lambda i: (-float(value[i]) / max(float(share[i]), 1e-3), i))
    return np.array(worthy, dtype=np.int64)


def possible_legs(task: Task, spans: Array) -> tuple[Array, Array]:
    """Return the least time and length from stop to stop; NEVER where hours or orders exclude it."""
    walk, length = _cheapest_legs(task)
    _strike_impossible(task, walk, length, spans)
    return walk, length


def _cheapest_legs(task: Task) -> tuple[Array, Array]:
    """Return the least time and length of setting out at any hour; NEVER where one cannot walk."""
    n = task.n
    walk, length = np.full((2, n * n), NEVER, dtype=np.int64)
    pair = np.repeat(np.arange(n * n), np.diff(task.legs_from))
    np.minimum.at(walk, pair, task.legs["walk"])
    np.minimum.at(length, pair, task.legs["length"])
    return walk.reshape(n, n), length.reshape(n, n)


def _strike_impossible(task: Task, walk: Array, length: Array, spans: Array) -> None:
    """Close the walks that hours or orders exclude, but for the one home at the end of a round."""
    ready = (spans["opens"] + task.stops["dwell"][:-1])[:, None]
    is_before = orders_of(task)
    never = (ready + walk > spans["closes"][None, :]) | is_before.T | has_between(task, is_before)
    if task.first >= 0 and not task.is_round:
        never[:, task.first] = True
    if task.last >= 0:
        never[task.last] = True
    if task.is_round:
        # The walk home arrives at no visit.
        never[:, task.first if task.first >= 0 else slice(None)] = False
    walk[never] = length[never] = NEVER


def _least_arrival(walk: Array) -> Array:
    least = walk.min(axis=0, initial=NEVER)
    return np.where(least >= NEVER, 0, least)


def _with_stops_between(cost: Array, between: range | list[int]) -> Array:
    """Return the least cost from stop to stop by way of some others (Floyd, Warshall)."""
    cost = cost.copy()
    for by in between:
        np.minimum(cost, cost[:, by, None] + cost[None, by, :], out=cost)
    return np.minimum(cost, NEVER)


def _rest_of(task: Task, legs: Array, dwell: Array) -> Rest:
    cost, finishing = legs_and_ends(task, legs, dwell)
    pricing = pricing_of(task, cost, finishing)
    out, into = (np.rint(prices).astype(np.int64) for prices in (pricing.out, pricing.into))
    reduced = np.where(cost >= NEVER, NEVER, cost - out[:, None] - into[None, :])
    entering = np.where(cost >= NEVER, NEVER, cost - into[None, :])
    leaving = np.where(finishing >= NEVER, NEVER, finishing - out[None, :])
    costs = np.array([entering, np.minimum(reduced, reduced.T), leaving, finishing])
    return Rest(costs, out + into, task.last, pricing.least + first_visit_s(task, dwell))


def legs_and_ends(task: Task, legs: Array, dwell: Array) -> tuple[Array, Array]:
    """Return costs from stop to stop, by way of optional ones or not, and from each stop (column) to the end.

    ``[f, i]`` of the second leads from i to where a tour that began at f ends.
    """
    n = task.n
    optional = np.flatnonzero(~needed_stops(task)).tolist()
    cost = _with_stops_between(legs + dwell, optional)
    finishing = np.zeros((n, n), dtype=np.int64)
    if task.last >= 0:
        finishing[:] = cost[:, task.last]
        finishing[:, task.last] = 0
    elif task.is_round:
        finishing = np.minimum(cost.T - dwell[:, None], NEVER).copy()
        np.fill_diagonal(finishing, 0)
    return cost, finishing


def first_visit_s(task: Task, dwell: Array) -> int:
    """Return the least time of the visit that no walk leads to."""
    members = np.flatnonzero(needed_stops(task))
    if task.first >= 0:
        return int(dwell[task.first])
    return int(dwell[members[0]] if task.is_round and len(members) else dwell.min())

"""Lower bounds on the completion of a partial tour: 1-trees, shortest times, spans of visits.

The remaining stops are joined by a minimum spanning tree, which the rest of any tour is an instance of, with
Lagrange multipliers of departures and arrivals: M. Held, R. M. Karp, The traveling-salesman problem and
minimum spanning trees, 1970.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.tours.bounds.duals import multipliers_of
from app.analysis.tours.bounds.one_tree import OneTreeBound
from app.analysis.tours.bounds.tightening import (
    cheapest_legs,
    has_between,
    needed_stops,
    orders_of,
    shortest_times,
    spans_of,
    with_stops_between,
)
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import DURATION, LENGTH, NEVER, TaskData

# First and last moment at which a visit may begin, over all its time windows; least time to walk there and
# visit.
SPAN = np.dtype([("opens", np.int64), ("closes", np.int64), ("share", np.int64)])


class Bounds(NamedTuple):
    """What bounds completions.

    Attributes
    ----------
    length, time : OneTreeBound
        `time` includes the visits.
    shortest_s : array of int64, shape (n, n)
        Least time from ready at one stop to arriving at another, over other stops or directly.
    stops : array of SPAN, shape (n,)
    by_closing : array of int64, shape (n,)
        The stops, those that close first first.
    by_worth : array of int64
        Optional stops with a value, the most value for their `share` first.
    """

    length: OneTreeBound
    time: OneTreeBound
    shortest_s: Array
    stops: Array
    by_closing: Array
    by_worth: Array


def bounds_of(task: TaskData) -> Bounds:
    """Return the bounds of a task."""
    spans = begin_spans(task)
    walk, length = possible_legs(task, spans)
    dwell = task.stops["dwell"][:-1]
    spans["share"] = _least_arrival(walk) + dwell
    return Bounds(
        length=_one_tree_bound(task, length, np.zeros_like(dwell)),
        time=_one_tree_bound(task, walk, dwell),
        shortest_s=shortest_times(walk, dwell),
        stops=spans,
        by_closing=np.argsort(spans["closes"], kind="stable").astype(np.int64),
        by_worth=_by_worth(task, spans["share"]),
    )


def least_of(task: TaskData, bounds: Bounds) -> int:
    """Return what no tour's first measure is less than, as far as legs and visits go."""
    match int(task.measures[0]):
        case measure if measure == LENGTH:
            return bounds.length.least
        case measure if measure == DURATION:
            return bounds.time.least + task.pause_dwell
    most = _most_value(task, bounds)
    return task.most_value - most + most % task.value_step


def _most_value(task: TaskData, bounds: Bounds) -> int:
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


def least_for_value(task: TaskData, bounds: Bounds, measure: int, value: int) -> int:
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


def begin_spans(task: TaskData) -> Array:
    """Return when the visits may begin, as `SPAN`; `share` is not filled yet."""
    spans = np.zeros(task.n, dtype=SPAN)
    spans["opens"], spans["closes"] = spans_of(task)
    return spans


def _by_worth(task: TaskData, share: Array) -> Array:
    value = task.stops["value"]
    worthy = [i for i in range(task.n) if value[i] > 0]
    worthy.sort(key=lambda i: (-float(value[i]) / max(float(share[i]), 1e-3), i))
    return np.array(worthy, dtype=np.int64)


def possible_legs(task: TaskData, spans: Array) -> tuple[Array, Array]:
    """Return the least time and length from stop to stop; NEVER where windows or orders exclude it."""
    walk, length = cheapest_legs(task, "walk"), cheapest_legs(task, "length")
    _close_impossible(task, walk, length, spans)
    return walk, length


def _close_impossible(task: TaskData, walk: Array, length: Array, spans: Array) -> None:
    """Close the legs that windows or orders exclude, but for the one home at the end of a round."""
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


def _one_tree_bound(task: TaskData, legs: Array, dwell: Array) -> OneTreeBound:
    cost, finishing = legs_and_ends(task, legs, dwell)
    multipliers = multipliers_of(task, cost, finishing)
    out, into = (np.rint(one).astype(np.int64) for one in (multipliers.out, multipliers.into))
    reduced = np.where(cost >= NEVER, NEVER, cost - out[:, None] - into[None, :])
    entering = np.where(cost >= NEVER, NEVER, cost - into[None, :])
    leaving = np.where(finishing >= NEVER, NEVER, finishing - out[None, :])
    costs = np.array([entering, np.minimum(reduced, reduced.T), leaving, finishing])
    return OneTreeBound(costs, out + into, task.last, multipliers.least + first_visit_s(task, dwell))


def legs_and_ends(task: TaskData, legs: Array, dwell: Array) -> tuple[Array, Array]:
    """Return costs from stop to stop, over optional ones or directly, and from each stop (column) to the end.

    ``[f, i]`` of the second leads from i to where a tour that began at f ends.
    """
    n = task.n
    optional = np.flatnonzero(~needed_stops(task)).tolist()
    cost = with_stops_between(legs + dwell, optional)
    finishing = np.zeros((n, n), dtype=np.int64)
    if task.last >= 0:
        finishing[:] = cost[:, task.last]
        finishing[:, task.last] = 0
    elif task.is_round:
        finishing = np.minimum(cost.T - dwell[:, None], NEVER).copy()
        np.fill_diagonal(finishing, 0)
    return cost, finishing


def first_visit_s(task: TaskData, dwell: Array) -> int:
    """Return the least time of the visit that no walk leads to."""
    members = np.flatnonzero(needed_stops(task))
    if task.first >= 0:
        return int(dwell[task.first])
    return int(dwell[members[0]] if task.is_round and len(members) else dwell.min())

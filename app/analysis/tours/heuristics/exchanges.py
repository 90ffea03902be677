"""Moves that change an order of stops: two pieces, one behind the other, change places, each reversed or not.

Both reversed they are one piece reversed (2-opt), and one of them may be a single stop (or-opt): S. Lin,
Computer solutions of the traveling salesman problem, 1965; I. Or, Traveling salesman-type combinatorial
problems and their relation to the logistics of regional blood banking, 1976. Time warps: who comes late goes
back in time, at a penalty: Y. Nagata, O. Bräysy, W. Dullaert, A penalty-based edge assembly memetic algorithm
for the vehicle routing problem with time windows, 2010.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER

# The resources behind a visit (see `labels`), and the lateness of all visits so far.
CLOCK = np.dtype([(name, np.int64) for name in ("ready", "total", "latest", "late")])


class RoutingInstance(NamedTuple):
    """Arrays of an instance; the depot has the last number, before the first stop and after the last.

    Attributes
    ----------
    cost, walk : array of int64, shape (n + 1, n + 1)
    dwell, before : array of int64, shape (n + 1,)
        `before` as in `tasks.STOP`.
    windows : array of WINDOW
    windows_from : array of int64, shape (n + 2,)
    is_timed : bool
        Whether the time from start to end counts, not the cost alone.
    """

    cost: Array
    walk: Array
    dwell: Array
    before: Array
    windows: Array
    windows_from: Array
    is_timed: bool


class Route(NamedTuple):
    """A tour from depot to depot.

    Attributes
    ----------
    order : array of int64
    clock : array of CLOCK
    there, back : array of int64
        The least measure of the tour up to a place, and of the same against its direction.
    workspace : array of int64
    """

    order: Array
    clock: Array
    there: Array
    back: Array
    workspace: Array


class Move(NamedTuple):
    """The places from `begin` to before `middle` change places with those up to before `end`."""

    begin: int
    middle: int
    end: int
    reverses_first: bool
    reverses_second: bool


def new_route(order: Array) -> Route:
    """Return a route of an order, not yet timed."""
    there, back, workspace = np.zeros((3, len(order)), dtype=np.int64)
    return Route(order.copy(), np.zeros(len(order), dtype=CLOCK), there, back, workspace)


@compiled
def time_route(instance: RoutingInstance, route: Route) -> None:
    """Work out what moves are judged by."""
    order, clock = route.order, route.clock
    ready, total, latest, late = _visit(instance, order[0], -NEVER, 0, NEVER, 0)
    for place in range(len(order)):
        here = order[place]
        if place:
            before = order[place - 1]
            takes = instance.walk[before, here]
            ready, total, latest, late = _visit(instance, here, ready + takes, total + takes, latest, late)
            stay = instance.dwell[here] if instance.is_timed else 0
            route.there[place] = route.there[place - 1] + instance.cost[before, here] + stay
            route.back[place] = route.back[place - 1] + instance.cost[here, before] + stay
        clock[place].ready, clock[place].total = ready, total
        clock[place].latest, clock[place].late = latest, late


@compiled
def _visit(
    instance: RoutingInstance, stop: int, ready: int, total: int, latest: int, late: int
) -> tuple[int, int, int, int]:
    """Return the clock behind a visit in the first window that is not over, late where all are."""
    window, last = instance.windows_from[stop], instance.windows_from[stop + 1] - 1
    while window < last and ready > instance.windows[window].closes:
        window += 1
    closes = instance.windows[window].closes
    late += max(ready - closes, 0)
    ready = min(max(ready, instance.windows[window].opens), closes)
    latest = min(latest, closes - total)
    total = max(total, ready - latest)
    return ready + instance.dwell[stop], total + instance.dwell[stop], latest, late


@compiled
def measure_of(instance: RoutingInstance, route: Route) -> int:
    """Return the length or the time of a route."""
    return route.clock[-1].total if instance.is_timed else route.there[-1]


@compiled
def apply_move(route: Route, move: Move) -> None:
    """Change the order."""
    for place in range(move.begin, move.end):
        route.workspace[place] = _moved(route, move, place)
    for place in range(move.begin, move.end):
        route.order[place] = route.workspace[place]


@compiled
def _moved(route: Route, move: Move, place: int) -> int:
    """Return which stop a move brings to a place within its pieces."""
    n_second = move.end - move.middle
    at = place - move.begin
    if at < n_second:
        return route.order[move.end - 1 - at if move.reverses_second else move.middle + at]
    at -= n_second
    return route.order[move.middle - 1 - at if move.reverses_first else move.begin + at]


@compiled
def keeps_orders(instance: RoutingInstance, route: Route, move: Move) -> bool:
    """Return whether a move brings no stop before one that must come first."""
    left = 0
    for place in range(move.begin, move.end):
        left |= 1 << route.order[place]
    for place in range(move.begin, move.end):
        stop = _moved(route, move, place)
        if instance.before[stop] & left:
            return False
        left &= ~(1 << stop)
    return True


@compiled
def least_measure(instance: RoutingInstance, route: Route, move: Move) -> int:
    """Return the measure of a moved tour as far as walks and visits go, without waiting."""
    order, cost, there, back = route.order, instance.cost, route.there, route.back
    begin, middle, end = move.begin, move.middle, move.end
    before, behind = order[begin - 1], order[end]
    first, first_end, second, second_end = order[begin], order[middle - 1], order[middle], order[end - 1]
    measure = there[-1] - cost[before, first] - cost[first_end, second] - cost[second_end, behind]
    if move.reverses_first:
        measure += back[middle - 1] - back[begin] - there[middle - 1] + there[begin]
        first, first_end = first_end, first
    if move.reverses_second:
        measure += back[end - 1] - back[middle] - there[end - 1] + there[middle]
        second, second_end = second_end, second
    return measure + cost[before, second] + cost[second_end, first] + cost[first_end, behind]


@compiled
def penalized_measure(
    instance: RoutingInstance, route: Route, move: Move, least: int, penalty: float, most: float
) -> float:
    """Return the measure of a moved tour with the penalty of coming late; `most` where it is not less."""
    order, clock = route.order, route.clock
    here, before = order[move.begin - 1], clock[move.begin - 1]
    ready, total, latest, late = before.ready, before.total, before.latest, before.late
    least += waits_before(instance, route, move.begin)
    for place in range(move.begin, len(order)):
        stop = _moved(route, move, place) if place < move.end else order[place]
        takes, so_far = instance.walk[here, stop], total
        ready, total, latest, late = _visit(instance, stop, ready + takes, total + takes, latest, late)
        if instance.is_timed:
            least += total - so_far - takes - instance.dwell[stop]
        if least + penalty * late >= most:
            return most
        if not instance.is_timed and place >= move.end and ready == clock[place].ready:
            # From here on all is as it was.
            late += clock[-1].late - clock[place].late
            break
        here = stop
    return least + penalty * late


@compiled
def waits_before(instance: RoutingInstance, route: Route, place: int) -> int:
    """Return the waiting before a place wherever that counts."""
    return route.clock[place - 1].total - route.there[place - 1] if instance.is_timed else 0

"""Moves that change an order of stops: two pieces, one behind the other, change places, each turned or not.

Both turned they are one piece turned (2-opt), and one of them may be a single stop (or-opt): S. Lin, Computer
solutions of the traveling salesman problem, 1965; I. Or, Traveling salesman-type combinatorial problems and
their relation to the logistics of regional blood banking, 1976. Who comes late goes back in time, at a price:
Y. Nagata, O. Bräysy, W. Dullaert, A penalty-based edge assembly memetic algorithm for the vehicle routing
problem with time windows, 2010.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER

# How one is ready behind a visit (see `labels`), and how late one was at all visits so far.
CLOCK = np.dtype([(name, np.int64) for name in ("ready", "total", "latest", "late")])


class Ground(NamedTuple):
    """Where tours go; the depot, which has the last number, stands before the first stop and behind the last.

    Attributes
    ----------
    cost, walk : array of int64, shape (n + 1, n + 1)
    dwell, before : array of int64, shape (n + 1,)
        `before` as in `tasks.STOP`.
    hours : array of HOURS
    hours_from : array of int64, shape (n + 2,)
    is_timed : bool
        Whether the time from start to end counts, not the cost alone.
    """

    cost: Array
    walk: Array
    dwell: Array
    before: Array
    hours: Array
    hours_from: Array
    is_timed: bool


class Route(NamedTuple):
    """A tour from depot to depot.

    Attributes
    ----------
    order : array of int64
    clock : array of CLOCK
    there, back : array of int64
        The least measure of the tour up to a place, and of the same against its direction.
    room : array of int64
    """

    order: Array
    clock: Array
    there: Array
    back: Array
    room: Array


class Move(NamedTuple):
    """The places from `begin` to before `middle` change places with those up to before `end`."""

    begin: int
    middle: int
    end: int
    turns_first: bool
    turns_second: bool


def new_route(order: Array) -> Route:
    """Return a route of an order, not yet timed."""
    there, back, room = np.zeros((3, len(order)), dtype=np.int64)
    return Route(order.copy(), np.zeros(len(order), dtype=CLOCK), there, back, room)


@compiled
def time_route(ground: Ground, route: Route) -> None:
    """Work out what moves are judged by."""
    order, clock = route.order, route.clock
    ready, total, latest, late = _visit(ground, order[0], -NEVER, 0, NEVER, 0)
    for place in range(len(order)):
        here = order[place]
        if place:
            before = order[place - 1]
            takes = ground.walk[before, here]
            ready, total, latest, late = _visit(ground, here, ready + takes, total + takes, latest, late)
            stay = ground.dwell[here] if ground.is_timed else 0
            route.there[place] = route.there[place - 1] + ground.cost[before, here] + stay
            route.back[place] = route.back[place - 1] + ground.cost[here, before] + stay
        clock[place].ready, clock[place].total = ready, total
        clock[place].latest, clock[place].late = latest, late


@compiled
def _visit(
    ground: Ground, stop: int, ready: int, total: int, latest: int, late: int
) -> tuple[int, int, int, int]:
    """Return the clock behind a visit in the first hours that are not over, too late where all are."""
    hours, last = ground.hours_from[stop], ground.hours_from[stop + 1] - 1
    while hours < last and ready > ground.hours[hours].closes:
        hours += 1
    closes = ground.hours[hours].closes
    late += max(ready - closes, 0)
    ready = min(max(ready, ground.hours[hours].opens), closes)
    latest = min(latest, closes - total)
    total = max(total, ready - latest)
    return ready + ground.dwell[stop], total + ground.dwell[stop], latest, late


@compiled
def measure_of(ground: Ground, route: Route) -> int:
    """Return the length or the time of a route."""
    return route.clock[-1].total if ground.is_timed else route.there[-1]


@compiled
def apply_move(route: Route, move: Move) -> None:
    """Change the order."""
    for place in range(move.begin, move.end):
        route.room[place] = _moved(route, move, place)
    for place in range(move.begin, move.end):
        route.order[place] = route.room[place]


@compiled
def _moved(route: Route, move: Move, place: int) -> int:
    """Return which stop a move brings to a place within its pieces."""
    n_second = move.end - move.middle
    at = place - move.begin
    if at < n_second:
        return route.order[move.end - 1 - at if move.turns_second else move.middle + at]
    at -= n_second
    return route.order[move.middle - 1 - at if move.turns_first else move.begin + at]


@compiled
def keeps_orders(ground: Ground, route: Route, move: Move) -> bool:
    """Return whether a move brings no stop before one that must come first."""
    left = 0
    for place in range(move.begin, move.end):
        left |= 1 << route.order[place]
    for place in range(move.begin, move.end):
        stop = _moved(route, move, place)
        if ground.before[stop] & left:
            return False
        left &= ~(1 << stop)
    return True


@compiled
def least_measure(ground: Ground, route: Route, move: Move) -> int:
    """Return the measure of a moved tour as far as walks and visits go, without waiting."""
    order, cost, there, back = route.order, ground.cost, route.there, route.back
    begin, middle, end = move.begin, move.middle, move.end
    before, behind = order[begin - 1], order[end]
    first, first_end, second, second_end = order[begin], order[middle - 1], order[middle], order[end - 1]
    measure = there[-1] - cost[before, first] - cost[first_end, second] - cost[second_end, behind]
    if move.turns_first:
        measure += back[middle - 1] - back[begin] - there[middle - 1] + there[begin]
        first, first_end = first_end, first
    if move.turns_second:
        measure += back[end - 1] - back[middle] - there[end - 1] + there[middle]
        second, second_end = second_end, second
    return measure + cost[before, second] + cost[second_end, first] + cost[first_end, behind]


@compiled
def worth_of_move(ground: Ground, route: Route, move: Move, least: int, price: float, most: float) -> float:
    """Return the measure of a moved tour with the price of coming late; `most` where it is not less."""
    order, clock = route.order, route.clock
    here, before = order[move.begin - 1], clock[move.begin - 1]
    ready, total, latest, late = before.ready, before.total, before.latest, before.late
    least += waits_before(ground, route, move.begin)
    for place in range(move.begin, len(order)):
        stop = _moved(route, move, place) if place < move.end else order[place]
        takes, so_far = ground.walk[here, stop], total
        ready, total, latest, late = _visit(ground, stop, ready + takes, total + takes, latest, late)
        if ground.is_timed:
            least += total - so_far - takes - ground.dwell[stop]
        if least + price * late >= most:
            return most
        if not ground.is_timed and place >= move.end and ready == clock[place].ready:
            # From here on all is as it was.
            late += clock[-1].late - clock[place].late
            break
        here = stop
    return least + price * late


@compiled
def waits_before(ground: Ground, route: Route, place: int) -> int:
    """Return for how long one waits before a place wherever that counts."""
    return route.clock[place - 1].total - route.there[place - 1] if ground.is_timed else 0

"""A tour that keeps everything that can be asked for, of however many stops, which proves nothing.

Stops are moved at random, and a change stays unless it is worse than what was there some changes ago: E. K.
Burke, Y. Bykov, The late acceptance hill-climbing heuristic, 2017. What a wish forbids has a price; so the
pause, walks with hours, positions, orders, and stops that may be left out are all looked at, in time that
grows with the number of stops alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from app.analysis.tours.bounds.tightening import has_between, needed_stops, orders_of, spans_of
from app.analysis.machine_code import compiled
from app.analysis.tours.heuristics.depots import FAR, with_depot
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, Task

SEED = 1
# What stands for one place off, one order broken, one visit late: so many seconds.
PER_BREACH_S, UNWALKABLE_S = 60, 36000
# Of how many legs of middling length an hour's sixtieth of being late takes the place.
DEAR = 3.0
# Changes remembered at first; twice as many each time; how many changes for each that is remembered.
N_REMEMBERED, N_CHANGES_EACH, N_LESSONS = 100, 300, 8
N_NEAR, LONGEST = 12, 3
# Columns of dice: which change, of which stop, beside which other or where, of how many, beside or anywhere.
N_DICE = 5
# Up to where a die means that a stop is inserted, removed, a piece turned, two stops swapped; the rest moves.
INSERTED, REMOVED, TURNED, SWAPPED = 0.15, 0.25, 0.45, 0.6
TURNED_PIECES, NEARBY = 0.3, 0.7
# What `Grounds.limits` holds.
STARTS, ENDS, MOST_LENGTH, PAUSE_OPENS, PAUSE_CLOSES, PAUSE_DWELL, FIRST, LAST, IS_ROUND, MEASURE = range(10)


class Grounds(NamedTuple):
    """A task of `n` stops; the pause, where there is one, is number `n` of an order.

    Attributes
    ----------
    walk, length : array of int64, shape (n, n)
        Of the walks open at any time; `depots.FAR` for none.
    legs, legs_from : array
        All walks, as in `tasks.Task`.
    is_gated : array of bool, shape (n, n)
        Where a walk with hours leads.
    dwell, value, position : array of int64, shape (n,)
    is_needed : array of bool, shape (n + 1,)
    hours, hours_from : array
    pairs : array of int64, shape (m, 2)
        The first before the second.
    near : array of int64, shape (n + 1, n_near)
    limits : array of int64, shape (10,)
    prices : array of float64, shape (2,)
        Of a second late, and of value left out.
    """

    walk: Array
    length: Array
    legs: Array
    legs_from: Array
    is_gated: Array
    dwell: Array
    value: Array
    position: Array
    is_needed: Array
    hours: Array
    hours_from: Array
    pairs: Array
    near: Array
    limits: Array
    prices: Array


class Walk(NamedTuple):
    """An order in the making.

    Attributes
    ----------
    order, trial, best : array of int64, shape (n or n + 1,)
        All stops, those left out behind the `size` visited.
    size : array of int64, shape (3,)
        How many are visited, of each.
    place : array of int64, shape (n + 1,)
        Room for where each is.
    cost : array of float64, shape (3,)
        Of each; `inf` for the best while none keeps the wish.
    """

    order: Array
    trial: Array
    best: Array
    size: Array
    place: Array
    cost: Array


NOW, TRIAL, BEST = range(3)


def kept_orders(task: Task, begin: Sequence[int], stop: Array, n_sure: int = 1) -> Iterator[tuple[int, ...]]:
    """Yield ever better orders that keep the wish as far as they were timed; the first ones come soon.

    Parameters
    ----------
    task : Task
    begin : sequence of int
        An order to begin with: stops that must be visited and are not in it are put behind.
    stop : array of int64, shape (1,)
        Anything but 0 ends the work.
    n_sure : int
        In so many lessons a first tour is looked for in any case: whether it is found must not hang on how
        busy the machine is.
    """
    grounds, rng = grounds_of(task), np.random.default_rng(SEED)
    walk, never = _walk_of(task, begin), np.zeros(1, dtype=np.int64)
    walk.cost[NOW] = cost_of(grounds, walk.order, walk.size[NOW], walk.place)[0]
    for lesson in range(N_LESSONS):
        is_first = lesson < n_sure and walk.cost[BEST] == np.inf
        if stop[0] and not is_first:
            return
        n = N_REMEMBERED << lesson
        for _ in range(N_CHANGES_EACH // 100):
            dice = rng.random((100 * n, N_DICE))
            before = walk.cost[BEST]
            remembered = np.full(n, walk.cost[NOW])
            change(grounds, walk, dice, remembered, never if is_first else stop)
            if walk.cost[BEST] < before:
                order = walk.best[: walk.size[BEST]].tolist()
                yield tuple(one for one in order if one < task.n)
            if stop[0] and not is_first:
                return
        if walk.cost[BEST] < np.inf:
            walk.order[:], walk.size[NOW], walk.cost[NOW] = walk.best, walk.size[BEST], walk.cost[BEST]


def grounds_of(task: Task) -> Grounds:
    """Return what orders are made of and judged by."""
    n, is_before = task.n, orders_of(task)
    walk, length = with_depot(task, "walk")[:n, :n], with_depot(task, "length")[:n, :n]
    pairs = np.argwhere(is_before & ~has_between(task, is_before)).astype(np.int64)
    is_gated = np.zeros(n * n, dtype=bool)
    is_gated[np.repeat(np.arange(n * n), np.diff(task.legs_from))[task.legs["way"] >= 0]] = True
    near = np.argsort(np.where(np.eye(n, dtype=bool), NEVER, walk), axis=1, kind="stable")[:, :N_NEAR]
    first, last, measure = task.first, task.last, int(task.measures[0])
    limits = [task.starts, task.ends, task.most_length, task.pause_opens, task.pause_closes, task.pause_dwell]
    return Grounds(
        walk=np.ascontiguousarray(walk),
        length=np.ascontiguousarray(length),
        legs=task.legs,
        legs_from=task.legs_from.astype(np.int64),
        is_gated=is_gated.reshape(n, n),
        dwell=task.stops["dwell"][:n].astype(np.int64),
        value=task.stops["value"][:n].astype(np.int64),
        position=task.stops["position"][:n].astype(np.int64),
        is_needed=np.append(needed_stops(task), True),
        hours=task.hours,
        hours_from=task.stops["hours_from"].astype(np.int64),
        pairs=np.ascontiguousarray(pairs.reshape(-1, 2)),
        near=np.vstack([near, near[:1]]).astype(np.int64),
        limits=np.array([*limits, first, last, task.is_round, measure], dtype=np.int64),
        prices=_prices(task, walk if measure != LENGTH else length),
    )


def _prices(task: Task, cost: Array) -> Array:
    walks = cost[(cost > 0) & (cost < FAR)]
    late = DEAR * (float(np.median(walks)) if len(walks) else 1.0) / PER_BREACH_S
    if task.measures[0] != LOSS:
        return np.array([late, 0.0])
    # A step of value is worth more than any time, and being late more than any stop.
    longest = min(
        task.ends - task.starts, int(task.stops["dwell"].sum()) + task.n * int(walks.max(initial=1))
    )
    per_value = (longest + 1) / task.value_step
    return np.array([late + per_value * int(task.stops["value"].max()) / PER_BREACH_S, per_value])


def _walk_of(task: Task, begin: Sequence[int]) -> Walk:
    """Return the order to begin with, first and last where they belong, the pause in its middle."""
    closes = spans_of(task)[1]
    missing = set(np.flatnonzero(needed_stops(task)).tolist()) - set(begin)
    order = [*begin, *sorted(missing, key=lambda stop: (int(closes[stop]), stop))]
    if task.first >= 0:
        order = [task.first, *(stop for stop in order if stop != task.first)]
    if task.last >= 0:
        order = [*(stop for stop in order if stop != task.last), task.last]
    order = _placed(task, order)
    if task.has_pause:
        order.insert((len(order) + 1) // 2, task.n)
    size = len(order)
    order += [stop for stop in range(task.n) if stop not in set(order)]
    now = np.array(order, dtype=np.int64)
    sizes, costs = np.full(3, size, dtype=np.int64), np.full(3, np.inf)
    return Walk(now, now.copy(), now.copy(), sizes, np.zeros(task.n + 1, dtype=np.int64), costs)


def _placed(task: Task, order: list[int]) -> list[int]:
    """Return the order with those stops that have a position there, as far as there are so many."""
    position = task.stops["position"]
    there = {int(position[stop]): stop for stop in order if 0 <= position[stop] < len(order)}
    others = iter([stop for stop in order if stop not in set(there.values())])
    return [there[place] if place in there else next(others) for place in range(len(order))]


@compiled
def change(grounds: Grounds, walk: Walk, dice: Array, remembered: Array, stop: Array) -> None:
    """Make a change for each row of dice, and keep what is not worse than what is remembered."""
    for i in range(len(dice)):
        if stop[0] != 0:
            return
        for place in range(len(walk.order)):
            walk.trial[place] = walk.order[place]
        walk.size[TRIAL] = walk.size[NOW]
        if not _change_trial(grounds, walk, dice[i]):
            continue
        cost, breaches = cost_of(grounds, walk.trial, walk.size[TRIAL], walk.place)
        slot = i % len(remembered)
        if cost <= walk.cost[NOW] or cost <= remembered[slot]:
            for place in range(len(walk.order)):
                walk.order[place] = walk.trial[place]
            walk.size[NOW], walk.cost[NOW] = walk.size[TRIAL], cost
            if breaches == 0 and cost < walk.cost[BEST]:
                for place in range(len(walk.order)):
                    walk.best[place] = walk.trial[place]
                walk.size[BEST], walk.cost[BEST] = walk.size[TRIAL], cost
        remembered[slot] = min(remembered[slot], walk.cost[NOW])


@compiled
def _change_trial(grounds: Grounds, walk: Walk, dice: Array) -> bool:
    """Change the order on trial as the dice say; False where they say nothing that can be done."""
    size, n_all = walk.size[TRIAL], len(walk.trial)
    lowest = 1 if grounds.limits[FIRST] >= 0 else 0
    highest = size - 1 if grounds.limits[LAST] >= 0 else size
    if dice[0] < INSERTED and n_all > size:
        _take(walk.trial, size + int(dice[2] * (n_all - size)), size)
        _put(grounds, walk.trial, size, lowest + int(dice[1] * (highest - lowest + 1)), True)
        walk.size[TRIAL] += 1
        return True
    if highest <= lowest:
        return False
    begin = lowest + int(dice[1] * (highest - lowest))
    if dice[0] < REMOVED and not grounds.is_needed[walk.trial[begin]]:
        _put(grounds, walk.trial, begin, size - 1, False)
        walk.size[TRIAL] -= 1
        return True
    return _move(grounds, walk.trial, dice, lowest, highest, begin)


@compiled
def _move(grounds: Grounds, order: Array, dice: Array, lowest: int, highest: int, begin: int) -> bool:
    """Turn a piece, or let two stops or a piece and others change places."""
    goal = _goal(grounds, order, dice, lowest, highest, begin)
    if dice[0] < TURNED:
        _turn(grounds, order, min(begin, goal), max(begin, goal))
        return True
    if dice[0] < SWAPPED:
        _take(order, begin, goal)
        return True
    length = min(1 + int(dice[3] * LONGEST), highest - begin)
    if begin <= goal < begin + length:
        return False
    if dice[3] * LONGEST % 1.0 < TURNED_PIECES:
        _turn(grounds, order, begin, begin + length - 1)
    for k in range(length):
        if goal < begin:
            _put(grounds, order, begin + k, goal + k, True)
        else:
            _put(grounds, order, begin, goal, True)
    return True


@compiled
def _goal(grounds: Grounds, order: Array, dice: Array, lowest: int, highest: int, begin: int) -> int:
    """Return a place: mostly that of a neighbor of the stop at `begin`, otherwise any."""
    goal = lowest + int(dice[2] * (highest - lowest))
    if dice[4] < NEARBY:
        beside = grounds.near[order[begin], int(dice[2] * grounds.near.shape[1])]
        for place in range(lowest, highest):
            if order[place] == beside:
                return place
    return goal


@compiled
def _take(order: Array, place: int, to: int) -> None:
    order[place], order[to] = order[to], order[place]


@compiled
def _put(grounds: Grounds, order: Array, place: int, to: int, keeps: bool) -> None:
    """Move what is at a place to another one, all between by one; perhaps not those that have their place."""
    moved, step = order[place], 1 if to > place else -1
    is_free = keeps and not _is_placed(grounds, moved)
    at = place
    while at != to:
        at += step
        if not (is_free and _is_placed(grounds, order[at])):
            order[place] = order[at]
            place = at
    order[place] = moved


@compiled
def _is_placed(grounds: Grounds, node: int) -> bool:
    """Return whether a stop has its position; the pause changes none, so it stays, too."""
    return node == len(grounds.dwell) or grounds.position[node] >= 0


@compiled
def _turn(grounds: Grounds, order: Array, first: int, last: int) -> None:
    """Turn a piece round but for those that have their place."""
    while first < last:
        if _is_placed(grounds, order[first]):
            first += 1
        elif _is_placed(grounds, order[last]):
            last -= 1
        else:
            order[first], order[last] = order[last], order[first]
            first += 1
            last -= 1


@compiled
def cost_of(grounds: Grounds, order: Array, size: int, place_of: Array) -> tuple[float, int]:
    """Return what an order costs, and what of that are breaches of the wish (in seconds; 0: it keeps it)."""
    limits, n = grounds.limits, len(grounds.dwell)
    ready, total, latest, late, length, value = limits[STARTS], 0, NEVER, 0, 0, 0
    here, begin, n_visits = -1, -1, 0
    for place in range(len(order)):
        place_of[order[place]] = place if place < size else -1
    for place in range(size):
        node = order[place]
        if node == n:
            ready, total, latest, late = _through(
                ready, total, latest, late, limits[PAUSE_OPENS], limits[PAUSE_CLOSES], limits[PAUSE_DWELL]
            )
            continue
        if here >= 0:
            ready, total, latest, late, length = _walk(
                grounds, here, node, ready, total, latest, late, length
            )
        else:
            begin = node
        ready, total, latest, late = _visit(grounds, node, ready, total, latest, late)
        if grounds.position[node] >= 0 and grounds.position[node] != n_visits:
            late += PER_BREACH_S * (2 + abs(grounds.position[node] - n_visits))
        value += grounds.value[node]
        here, n_visits = node, n_visits + 1
    if limits[IS_ROUND] and here != begin:
        ready, total, latest, late, length = _walk(grounds, here, begin, ready, total, latest, late, length)
    late += _excess(limits, ready, length) + _breaches(grounds, place_of)
    if n_visits == 0:
        late += UNWALKABLE_S
    measure = length if limits[MEASURE] == LENGTH else max(total, ready - latest)
    return measure + grounds.prices[0] * late - grounds.prices[1] * value, late


@compiled
def _excess(limits: Array, ready: int, length: int) -> int:
    """Return for what seconds an end too late and a walk too long stand."""
    late = 0
    if ready > limits[ENDS]:
        late += PER_BREACH_S + ready - limits[ENDS]
    if length > limits[MOST_LENGTH]:
        late += PER_BREACH_S + int(60 * PER_BREACH_S * (length / max(limits[MOST_LENGTH], 1) - 1))
    return late


@compiled
def _visit(
    grounds: Grounds, node: int, ready: int, total: int, latest: int, late: int
) -> tuple[int, int, int, int]:
    """Return the clock behind a visit in the first hours that are not over, too late where all are."""
    hours, last = grounds.hours_from[node], grounds.hours_from[node + 1] - 1
    while hours < last and ready > grounds.hours[hours].closes:
        hours += 1
    one = grounds.hours[hours]
    return _through(ready, total, latest, late, one.opens, one.closes, grounds.dwell[node])


@compiled
def _breaches(grounds: Grounds, place_of: Array) -> int:
    """Return for what seconds the orders that are broken stand."""
    late = 0
    for i in range(len(grounds.pairs)):
        before, behind = place_of[grounds.pairs[i, 0]], place_of[grounds.pairs[i, 1]]
        if behind >= 0 and before > behind:
            late += PER_BREACH_S * (2 + before - behind)
    return late


@compiled
def _walk(
    grounds: Grounds,
    here: int,
    there: int,
    ready: int,
    total: int,
    latest: int,
    late: int,
    length: int,
) -> tuple[int, int, int, int, int]:
    """Return how one arrives by the walk that brings one there first."""
    if not grounds.is_gated[here, there]:
        takes = grounds.walk[here, there]
        if takes >= FAR:
            return ready, total, latest, late + UNWALKABLE_S, length
        return ready + takes, total + takes, latest, late, length + grounds.length[here, there]
    soonest, best, pair = NEVER, -1, here * len(grounds.dwell) + there
    for leg in range(grounds.legs_from[pair], grounds.legs_from[pair + 1]):
        one = grounds.legs[leg]
        if ready <= one.closes and max(ready, one.opens) + one.walk < soonest:
            soonest, best = max(ready, one.opens) + one.walk, leg
    if best < 0:
        best = grounds.legs_from[pair + 1] - 1
    leg = grounds.legs[best]
    ready, total, latest, late = _through(ready, total, latest, late, leg.opens, leg.closes, leg.walk)
    return ready, total, latest, late, length + leg.length


@compiled
def _through(
    ready: int, total: int, latest: int, late: int, opens: int, closes: int, takes: int
) -> tuple[int, int, int, int]:
    """Return the clock behind something that begins within hours; who is late goes back in time."""
    if ready > closes:
        late += PER_BREACH_S + ready - closes
    ready = min(max(ready, opens), closes)
    latest = min(latest, closes - total)
    total = max(total, ready - latest)
    return ready + takes, total + takes, latest, late

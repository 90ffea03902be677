"""A feasible tour of however many stops under all that can be asked for: late acceptance hill climbing.

Stops are moved at random, and a change is accepted unless it is worse than the cost some changes ago: E. K.
Burke, Y. Bykov, The late acceptance hill-climbing heuristic, 2017. Violations have a penalty; so pause,
time-dependent arcs, positions, orders and optional stops all count, in time that grows with the number of
stops alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.bounds.tightening import has_between, needed_stops, orders_of, spans_of
from app.analysis.tours.heuristics.depots import FAR, with_depot
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, NEVER, TaskData, are_in

SEED = 1
# Penalty of one place off, one order broken, one visit late, and of a missing walk, in seconds.
PER_VIOLATION_S, UNWALKABLE_S = 60, 36000
# How many legs of median length a minute of being late costs.
LEGS_PER_LATE_MINUTE = 3.0
# Changes remembered at first; twice as many each time; how many changes for each that is remembered.
N_REMEMBERED, N_CHANGES_EACH, N_STAGES = 100, 300, 8
N_NEAR, LONGEST = 12, 3
# Columns of dice: which change, of which stop, beside which other or where, of how many, beside or anywhere.
N_DICE = 5
# Up to where a die means that a stop is inserted, removed, a piece reversed, two stops swapped; the rest
# moves.
INSERTED, REMOVED, REVERSED, SWAPPED = 0.15, 0.25, 0.45, 0.6
REVERSED_PIECES, NEARBY = 0.3, 0.7
# What `SoftInstance.limits` holds.
STARTS, ENDS, MOST_LENGTH, PAUSE_OPENS, PAUSE_CLOSES, PAUSE_DWELL, FIRST, LAST, IS_ROUND, MEASURE = range(10)


class SoftInstance(NamedTuple):
    """A task of `n` stops; the pause, where there is one, is number `n` of an order.

    Attributes
    ----------
    walk, length : array of int64, shape (n, n)
        Of the walks open at any time; `depots.FAR` for none.
    legs, legs_from : array
        All walks, as in `tasks.TaskData`.
    is_gated : array of bool, shape (n, n)
        Where a time-dependent arc leads.
    dwell, value, position : array of int64, shape (n,)
    is_needed : array of bool, shape (n + 1,)
    window, windows_from : array
    pairs : array of int64, shape (m, 2)
        The first before the second.
    near : array of int64, shape (n + 1, n_near)
    limits : array of int64, shape (10,)
    penalties : array of float64, shape (2,)
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
    windows: Array
    windows_from: Array
    pairs: Array
    near: Array
    limits: Array
    penalties: Array


class Orders(NamedTuple):
    """The order at present, the one on trial, the best one.

    Attributes
    ----------
    order, trial, best : array of int64, shape (n or n + 1,)
        All stops, those left out behind the `size` visited.
    size : array of int64, shape (3,)
        How many are visited, of each.
    place : array of int64, shape (n + 1,)
        Workspace for the place of each.
    cost : array of float64, shape (3,)
        Of each; `inf` for the best while none is feasible.
    """

    order: Array
    trial: Array
    best: Array
    size: Array
    place: Array
    cost: Array


NOW, TRIAL, BEST = range(3)


def feasible_orders(
    task: TaskData, stop: Array, begin: Sequence[int] = (), *, n_sure: int = 1
) -> Iterator[tuple[int, ...]]:
    """Yield ever better feasible orders; the first ones come soon.

    Parameters
    ----------
    task : TaskData
    stop : array of int64, shape (1,)
        Anything but 0 ends the work.
    begin : sequence of int
        An order to begin with: stops that must be visited and are not in it are put behind.
    n_sure : int
        In so many stages a first tour is looked for in any case: whether it is found must not depend on how
        busy the machine is.
    """
    instance, rng = soft_instance(task), np.random.default_rng(SEED)
    orders, never = _first_orders(task, begin), np.zeros(1, dtype=np.int64)
    orders.cost[NOW] = cost_of(instance, orders.order, orders.size[NOW], orders.place)[0]
    for stage in range(N_STAGES):
        is_first = stage < n_sure and orders.cost[BEST] == np.inf
        if stop[0] and not is_first:
            return
        n = N_REMEMBERED << stage
        for _ in range(N_CHANGES_EACH // 100):
            dice = rng.random((100 * n, N_DICE))
            before = orders.cost[BEST]
            remembered = np.full(n, orders.cost[NOW])
            run_changes(instance, orders, dice, remembered, never if is_first else stop)
            if orders.cost[BEST] < before:
                order = orders.best[: orders.size[BEST]].tolist()
                yield tuple(one for one in order if one < task.n)
            if stop[0] and not is_first:
                return
        if orders.cost[BEST] < np.inf:
            orders.order[:], orders.size[NOW], orders.cost[NOW] = (
                orders.best,
                orders.size[BEST],
                orders.cost[BEST],
            )


def soft_instance(task: TaskData) -> SoftInstance:
    """Return the instance of a task, with penalties."""
    n, is_before = task.n, orders_of(task)
    walk, length = with_depot(task, "walk")[:n, :n], with_depot(task, "length")[:n, :n]
    pairs = np.argwhere(is_before & ~has_between(task, is_before)).astype(np.int64)
    is_gated = np.zeros(n * n, dtype=bool)
    is_gated[np.repeat(np.arange(n * n), np.diff(task.legs_from))[task.legs["way"] >= 0]] = True
    near = np.argsort(np.where(np.eye(n, dtype=bool), NEVER, walk), axis=1, kind="stable")[:, :N_NEAR]
    first, last, measure = task.first, task.last, int(task.measures[0])
    limits = [task.starts, task.ends, task.most_length, task.pause_opens, task.pause_closes, task.pause_dwell]
    return SoftInstance(
        walk=np.ascontiguousarray(walk),
        length=np.ascontiguousarray(length),
        legs=task.legs,
        legs_from=task.legs_from.astype(np.int64),
        is_gated=is_gated.reshape(n, n),
        dwell=task.stops["dwell"][:n].astype(np.int64),
        value=task.stops["value"][:n].astype(np.int64),
        position=task.stops["position"][:n].astype(np.int64),
        is_needed=np.append(needed_stops(task), True),
        windows=task.windows,
        windows_from=task.stops["windows_from"].astype(np.int64),
        pairs=np.ascontiguousarray(pairs.reshape(-1, 2)),
        near=np.vstack([near, near[:1]]).astype(np.int64),
        limits=np.array([*limits, first, last, task.is_round, measure], dtype=np.int64),
        penalties=_penalties(task, walk if measure != LENGTH else length),
    )


def _penalties(task: TaskData, cost: Array) -> Array:
    walks = cost[(cost > 0) & (cost < FAR)]
    late = LEGS_PER_LATE_MINUTE * (float(np.median(walks)) if len(walks) else 1.0) / PER_VIOLATION_S
    if task.measures[0] != LOSS:
        return np.array([late, 0.0])
    # A step of value outweighs any time, and being late any stop.
    longest = min(
        task.ends - task.starts, int(task.stops["dwell"].sum()) + task.n * int(walks.max(initial=1))
    )
    per_value = (longest + 1) / task.value_step
    return np.array([late + per_value * int(task.stops["value"].max()) / PER_VIOLATION_S, per_value])


def _first_orders(task: TaskData, begin: Sequence[int]) -> Orders:
    """Return the orders to begin with, first and last where they belong, the pause in the middle."""
    order = [*begin, *(stop for stop in _early_first(task) if stop not in set(begin))]
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
    return Orders(now, now.copy(), now.copy(), sizes, np.zeros(task.n + 1, dtype=np.int64), costs)


def _early_first(task: TaskData) -> list[int]:
    """Return the stops that must be visited, those first that can and must come first."""
    opens, closes = spans_of(task)
    left, before = set(np.flatnonzero(needed_stops(task)).tolist()), are_in(task.stops["before"][:-1], task.n)
    order: list[int] = []
    while left:
        # Where stops must come before each other in a circle any of them is as bad.
        free = [stop for stop in left if not before[stop, list(left)].any()] or left
        order.append(min(free, key=lambda stop: (int(opens[stop] + closes[stop]), stop)))
        left.remove(order[-1])
    return order


def _placed(task: TaskData, order: list[int]) -> list[int]:
    """Return the order with those stops that have a position there, as far as there are so many."""
    position = task.stops["position"]
    there = {int(position[stop]): stop for stop in order if 0 <= position[stop] < len(order)}
    others = iter([stop for stop in order if stop not in set(there.values())])
    return [there[place] if place in there else next(others) for place in range(len(order))]


@compiled
def run_changes(instance: SoftInstance, orders: Orders, dice: Array, remembered: Array, stop: Array) -> None:
    """Make a change for each row of dice, and keep what is not worse than what is remembered."""
    for i in range(len(dice)):
        if stop[0] != 0:
            return
        for place in range(len(orders.order)):
            orders.trial[place] = orders.order[place]
        orders.size[TRIAL] = orders.size[NOW]
        if not _change_trial(instance, orders, dice[i]):
            continue
        cost, violations = cost_of(instance, orders.trial, orders.size[TRIAL], orders.place)
        slot = i % len(remembered)
        if cost <= orders.cost[NOW] or cost <= remembered[slot]:
            for place in range(len(orders.order)):
                orders.order[place] = orders.trial[place]
            orders.size[NOW], orders.cost[NOW] = orders.size[TRIAL], cost
            if violations == 0 and cost < orders.cost[BEST]:
                for place in range(len(orders.order)):
                    orders.best[place] = orders.trial[place]
                orders.size[BEST], orders.cost[BEST] = orders.size[TRIAL], cost
        remembered[slot] = min(remembered[slot], orders.cost[NOW])


@compiled
def _change_trial(instance: SoftInstance, orders: Orders, dice: Array) -> bool:
    """Change the order on trial by a row of dice; False where that is no change."""
    size, n_all = orders.size[TRIAL], len(orders.trial)
    lowest = 1 if instance.limits[FIRST] >= 0 else 0
    highest = size - 1 if instance.limits[LAST] >= 0 else size
    if dice[0] < INSERTED and n_all > size:
        _take(orders.trial, size + int(dice[2] * (n_all - size)), size)
        _put(instance, orders.trial, size, lowest + int(dice[1] * (highest - lowest + 1)), True)
        orders.size[TRIAL] += 1
        return True
    if highest <= lowest:
        return False
    begin = lowest + int(dice[1] * (highest - lowest))
    if dice[0] < REMOVED and not instance.is_needed[orders.trial[begin]]:
        _put(instance, orders.trial, begin, size - 1, False)
        orders.size[TRIAL] -= 1
        return True
    return _move(instance, orders.trial, dice, lowest, highest, begin)


@compiled
def _move(instance: SoftInstance, order: Array, dice: Array, lowest: int, highest: int, begin: int) -> bool:
    """Reverse a piece, swap two stops, or move a piece."""
    goal = _goal(instance, order, dice, lowest, highest, begin)
    if dice[0] < REVERSED:
        _reverse(instance, order, min(begin, goal), max(begin, goal))
        return True
    if dice[0] < SWAPPED:
        _take(order, begin, goal)
        return True
    length = min(1 + int(dice[3] * LONGEST), highest - begin)
    if begin <= goal < begin + length:
        return False
    if dice[3] * LONGEST % 1.0 < REVERSED_PIECES:
        _reverse(instance, order, begin, begin + length - 1)
    for k in range(length):
        if goal < begin:
            _put(instance, order, begin + k, goal + k, True)
        else:
            _put(instance, order, begin, goal, True)
    return True


@compiled
def _goal(instance: SoftInstance, order: Array, dice: Array, lowest: int, highest: int, begin: int) -> int:
    """Return a place: mostly that of a neighbor of the stop at `begin`, otherwise any."""
    goal = lowest + int(dice[2] * (highest - lowest))
    if dice[4] < NEARBY:
        beside = instance.near[order[begin], int(dice[2] * instance.near.shape[1])]
        for place in range(lowest, highest):
            if order[place] == beside:
                return place
    return goal


@compiled
def _take(order: Array, place: int, to: int) -> None:
    order[place], order[to] = order[to], order[place]


@compiled
def _put(instance: SoftInstance, order: Array, place: int, to: int, keeps: bool) -> None:
    """Move what is at a place to another one, all between by one; perhaps not those that have a position."""
    moved, step = order[place], 1 if to > place else -1
    is_free = keeps and not _is_placed(instance, moved)
    at = place
    while at != to:
        at += step
        if not (is_free and _is_placed(instance, order[at])):
            order[place] = order[at]
            place = at
    order[place] = moved


@compiled
def _is_placed(instance: SoftInstance, node: int) -> bool:
    """Return whether a stop has its position; the pause changes none, so it stays, too."""
    return node == len(instance.dwell) or instance.position[node] >= 0


@compiled
def _reverse(instance: SoftInstance, order: Array, first: int, last: int) -> None:
    """Reverse a piece but for those that have a position."""
    while first < last:
        if _is_placed(instance, order[first]):
            first += 1
        elif _is_placed(instance, order[last]):
            last -= 1
        else:
            order[first], order[last] = order[last], order[first]
            first += 1
            last -= 1


@compiled
def cost_of(instance: SoftInstance, order: Array, size: int, place_of: Array) -> tuple[float, int]:
    """Return the cost of an order, and the seconds that its violations count as; 0: it is feasible."""
    limits, n = instance.limits, len(instance.dwell)
    ready, total, latest, late, length, value = limits[STARTS], 0, NEVER, 0, 0, 0
    here, begin, n_visits = -1, -1, 0
    for place in range(len(order)):
        place_of[order[place]] = place if place < size else -1
    for place in range(size):
        node = order[place]
        if node == n:
            ready, total, latest, late = _extended(
                ready, total, latest, late, limits[PAUSE_OPENS], limits[PAUSE_CLOSES], limits[PAUSE_DWELL]
            )
            continue
        if here >= 0:
            ready, total, latest, late, length = _arrive(
                instance, here, node, ready, total, latest, late, length
            )
        else:
            begin = node
        ready, total, latest, late = _visit(instance, node, ready, total, latest, late)
        if instance.position[node] >= 0 and instance.position[node] != n_visits:
            late += PER_VIOLATION_S * (2 + abs(instance.position[node] - n_visits))
        value += instance.value[node]
        here, n_visits = node, n_visits + 1
    if limits[IS_ROUND] and here != begin:
        ready, total, latest, late, length = _arrive(
            instance, here, begin, ready, total, latest, late, length
        )
    late += _excess(limits, ready, length) + _violations(instance, place_of)
    if n_visits == 0:
        late += UNWALKABLE_S
    measure = length if limits[MEASURE] == LENGTH else max(total, ready - latest)
    return measure + instance.penalties[0] * late - instance.penalties[1] * value, late


@compiled
def _excess(limits: Array, ready: int, length: int) -> int:
    """Return the seconds that an end too late and a walk too long count as."""
    late = 0
    if ready > limits[ENDS]:
        late += PER_VIOLATION_S + ready - limits[ENDS]
    if length > limits[MOST_LENGTH]:
        late += PER_VIOLATION_S + int(60 * PER_VIOLATION_S * (length / max(limits[MOST_LENGTH], 1) - 1))
    return late


@compiled
def _visit(
    instance: SoftInstance, node: int, ready: int, total: int, latest: int, late: int
) -> tuple[int, int, int, int]:
    """Return the clock behind a visit in the first window that is not over, late where all are."""
    window, last = instance.windows_from[node], instance.windows_from[node + 1] - 1
    while window < last and ready > instance.windows[window].closes:
        window += 1
    one = instance.windows[window]
    return _extended(ready, total, latest, late, one.opens, one.closes, instance.dwell[node])


@compiled
def _violations(instance: SoftInstance, place_of: Array) -> int:
    """Return the seconds that violated orders count as."""
    late = 0
    for i in range(len(instance.pairs)):
        before, behind = place_of[instance.pairs[i, 0]], place_of[instance.pairs[i, 1]]
        if behind >= 0 and before > behind:
            late += PER_VIOLATION_S * (2 + before - behind)
    return late


@compiled
def _arrive(
    instance: SoftInstance, here: int, there: int, ready: int, total: int, latest: int, late: int, length: int
) -> tuple[int, int, int, int, int]:
    """Return the clock and length behind the walk that arrives first."""
    if not instance.is_gated[here, there]:
        takes = instance.walk[here, there]
        if takes >= FAR:
            return ready, total, latest, late + UNWALKABLE_S, length
        return ready + takes, total + takes, latest, late, length + instance.length[here, there]
    soonest, best, pair = NEVER, -1, here * len(instance.dwell) + there
    for leg in range(instance.legs_from[pair], instance.legs_from[pair + 1]):
        one = instance.legs[leg]
        if ready <= one.closes and max(ready, one.opens) + one.walk < soonest:
            soonest, best = max(ready, one.opens) + one.walk, leg
    if best < 0:
        best = instance.legs_from[pair + 1] - 1
    leg = instance.legs[best]
    ready, total, latest, late = _extended(ready, total, latest, late, leg.opens, leg.closes, leg.walk)
    return ready, total, latest, late, length + leg.length


@compiled
def _extended(
    ready: int, total: int, latest: int, late: int, opens: int, closes: int, takes: int
) -> tuple[int, int, int, int]:
    """Return the clock behind something that begins within a window, with a time warp where that is over."""
    if ready > closes:
        late += PER_VIOLATION_S + ready - closes
    ready = min(max(ready, opens), closes)
    latest = min(latest, closes - total)
    total = max(total, ready - latest)
    return ready + takes, total + takes, latest, late

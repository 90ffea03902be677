"""A good tour of many stops soon, without a bound: iterated local search.

Each round perturbs an order and descends by exchanges to a local optimum, and the next one goes on from there
unless that is worse. Coming late has a penalty, which rises when a round ends late and falls when it does
not: H. R. Lourenço, O. C. Martin, T. Stützle, Iterated local search, 2003; J.-F. Cordeau, G. Laporte, A.
Mercier, A unified tabu search heuristic for vehicle routing problems with time windows, 2001.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.bounds.tightening import needed_stops, spans_of
from app.analysis.tours.heuristics.depots import FAR, with_depot
from app.analysis.tours.heuristics.exchanges import (
    Move,
    Route,
    RoutingInstance,
    apply_move,
    keeps_orders,
    least_measure,
    measure_of,
    new_route,
    penalized_measure,
    time_route,
    waits_before,
)
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, NEVER, WINDOW, TaskData, are_in

SEED = 1
# Random exchanges a round (perturbation), of pieces of so many stops at most.
N_PERTURBATIONS, LONGEST = 20, 8
# What coming late by a second costs at first (millimetres or seconds), and by what that changes each round.
FIRST_PENALTY, PENALTY_RISE, PENALTY_FALL = 1000.0, 1.02, 0.99
LEAST_PENALTY, MOST_PENALTY = 0.1, 1e6
# Rounds between looks at the clock; rounds without anything better after which it starts anew; how often.
N_ROUNDS, N_IDLE, N_CLIMBS = 25, 250, 12
MOST_ROUNDS = 1 << 30
# Columns of what a climb notes: measures of the order kept and of the best; how late the one kept is.
KEPT, KEPT_LATE, BEST = range(3)


def good_order(
    task: TaskData, stop: Array, limit_s: float = math.inf, *, n_rounds: int = MOST_ROUNDS, seed: int = SEED
) -> tuple[int, ...]:
    """Return a good order of the stops that must be visited, or none, for the least length or time.

    A pause, time-dependent arcs, positions and a longest walk are disregarded: the answer must be checked.

    Parameters
    ----------
    task : TaskData
    stop : array of int64, shape (1,)
        Anything but 0 ends the work.
    limit_s : float
    n_rounds : int
        In all; the answer after a number of rounds does not depend on how busy the machine is.
    seed : int
    """
    order, until = first_order(task), time.monotonic() + limit_s
    if len(order) < 2:
        return ()
    instance, rng, climbs = routing_instance(task), np.random.default_rng(seed), []
    left = _Left(n_rounds, until)
    for _ in range(N_CLIMBS):
        climbs.append(_climbed(instance, [task.n, *order, task.n], rng, stop, left))
        if stop[0] or left.is_over:
            break
    best = min(climbs, key=lambda climb: int(climb.measures[BEST]))
    return tuple(best.best[1:-1].tolist()) if best.measures[BEST] < NEVER else ()


def first_order(task: TaskData) -> list[int]:
    """Return the stops that must be visited, those first that can and must come first."""
    opens, closes = spans_of(task)
    left, before = set(np.flatnonzero(needed_stops(task)).tolist()), are_in(task.stops["before"][:-1], task.n)
    order: list[int] = []
    while left:
        free = [stop for stop in left if not before[stop, list(left)].any()]
        if not free:
            return []
        order.append(min(free, key=lambda stop: (int(opens[stop] + closes[stop]), stop)))
        left.remove(order[-1])
    return order


def routing_instance(task: TaskData) -> RoutingInstance:
    """Return the instance of a task."""
    walk, is_timed = with_depot(task, "walk"), bool(task.measures[0] != LENGTH)
    cost = walk if is_timed else np.where(walk >= FAR, FAR, with_depot(task, "length"))
    # The last row of stops stands for none, so for the depot; its window is that of the tour.
    windows = np.append(task.windows, np.array([(task.starts, task.ends)], dtype=WINDOW))
    return RoutingInstance(
        cost=cost,
        walk=walk,
        dwell=np.ascontiguousarray(task.stops["dwell"]),
        before=np.ascontiguousarray(task.stops["before"]),
        windows=windows,
        windows_from=np.append(task.stops["windows_from"], len(windows)),
        is_timed=is_timed,
    )


class _Climb(NamedTuple):
    """A search from one order on.

    Attributes
    ----------
    trial : Route
    kept, best : array of int64
        The order that a round begins with, and the best that is never late.
    measures : array of int64, shape (3,)
        Of the order kept, how late that is, and of the best.
    penalty : array of float64, shape (1,)
    """

    trial: Route
    kept: Array
    best: Array
    measures: Array
    penalty: Array


@dataclass
class _Left:
    """How many rounds, and until when."""

    n_rounds: int
    until: float

    @property
    def is_over(self) -> bool:
        return self.n_rounds <= 0 or time.monotonic() > self.until


def _climbed(
    instance: RoutingInstance, order: list[int], rng: np.random.Generator, stop: Array, left: _Left
) -> _Climb:
    """Return a search that was run until nothing better came for long, or time is over."""
    first = np.array(order, dtype=np.int64)
    measures = np.array([NEVER, 0, NEVER], dtype=np.int64)
    climb = _Climb(new_route(first), first.copy(), first.copy(), measures, np.array([FIRST_PENALTY]))
    n_idle = 0
    while n_idle < N_IDLE and not stop[0] and not left.is_over:
        before = int(measures[BEST])
        left.n_rounds -= N_ROUNDS
        dice = rng.integers(1, (len(first) - 1, LONGEST + 1, LONGEST + 1, 5), (N_ROUNDS, N_PERTURBATIONS, 4))
        run_rounds(instance, climb, dice, stop)
        n_idle = 0 if measures[BEST] < before else n_idle + N_ROUNDS
    return climb


@compiled
def run_rounds(instance: RoutingInstance, climb: _Climb, dice: Array, stop: Array) -> None:
    """Run a round for each row of dice."""
    trial, measures, penalty = climb.trial, climb.measures, climb.penalty
    for i in range(len(dice)):
        _copy(climb.kept, trial.order)
        _perturb(instance, trial, dice[i])
        _descend(instance, trial, penalty[0], stop)
        if stop[0]:
            return
        measure, late = measure_of(instance, trial), trial.clock[-1].late
        if measure + penalty[0] * late <= measures[KEPT] + penalty[0] * measures[KEPT_LATE]:
            _copy(trial.order, climb.kept)
            measures[KEPT], measures[KEPT_LATE] = measure, late
        if late == 0 and measure < measures[BEST]:
            _copy(trial.order, climb.best)
            measures[BEST] = measure
        penalty[0] = (
            min(penalty[0] * PENALTY_RISE, MOST_PENALTY)
            if late
            else max(penalty[0] * PENALTY_FALL, LEAST_PENALTY)
        )


@compiled
def _copy(order: Array, into: Array) -> None:
    for place in range(len(order)):
        into[place] = order[place]


@compiled
def _perturb(instance: RoutingInstance, trial: Route, dice: Array) -> None:
    """Make the exchanges of the dice as far as there are such pieces and orders allow them."""
    for i in range(len(dice)):
        begin, middle = dice[i, 0], dice[i, 0] + dice[i, 1]
        turns = dice[i, 3]
        move = Move(begin, middle, middle + dice[i, 2], turns & 1 > 0, turns & 2 > 0)
        if move.end < len(trial.order) and keeps_orders(instance, trial, move):
            apply_move(trial, move)


@compiled
def _descend(instance: RoutingInstance, trial: Route, penalty: float, stop: Array) -> None:
    """Make exchanges that are better until there is none."""
    time_route(instance, trial)
    begin, n_idle, n_begins = 1, 0, len(trial.order) - 3
    while n_idle < n_begins and stop[0] == 0:
        if _improve(instance, trial, begin, penalty):
            time_route(instance, trial)
            n_idle = 0
        else:
            begin, n_idle = begin % n_begins + 1, n_idle + 1


@compiled
def _improve(instance: RoutingInstance, trial: Route, begin: int, penalty: float) -> bool:
    """Make the first exchange of pieces from `begin` on that is better, if there is any."""
    order, clock = trial.order, trial.clock
    now = measure_of(instance, trial) + penalty * clock[-1].late
    sure = penalty * clock[begin - 1].late + waits_before(instance, trial, begin)
    passed = 0
    for middle in range(begin + 1, len(order) - 1):
        passed |= 1 << order[middle - 1]
        for end in range(middle + 1, len(order)):
            if instance.before[order[end - 1]] & passed:
                break
            for turns in range(4):
                move = Move(begin, middle, end, turns & 1 > 0, turns & 2 > 0)
                least = least_measure(instance, trial, move)
                if least + sure >= now or not (turns == 0 or keeps_orders(instance, trial, move)):
                    continue
                if penalized_measure(instance, trial, move, least, penalty, now) < now:
                    apply_move(trial, move)
                    return True
    return False

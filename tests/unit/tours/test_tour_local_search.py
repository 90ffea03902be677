"""First tours of many stops: what moves are worth, and that the orders found are good and allowed."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from threading import Event
from typing import Any

import numpy as np
import pytest

from app.analysis.tours import Objective, Problem, compile_planner, solve
from app.analysis.tours.bounds.tightening import tightened
from app.analysis.tours.heuristics.exchanges import (
    Move,
    apply_move,
    keeps_orders,
    least_measure,
    measure_of,
    new_route,
    penalized_measure,
    time_route,
)
from app.analysis.tours.heuristics.local_search import first_order, good_order, routing_instance, run_rounds
from app.analysis.tours.search import anytime
from app.analysis.tours.search.labels import Criteria
from app.analysis.tours.tasks import NEVER, TaskData, task_of
from tests.unit.tours.tour_problems import LONG_S, park_tour
from tests.unit.tours.tours_by_trying import assert_plan_keeps

PRICE = 3.0
OBJECTIVES = (Objective.WALKING, Objective.DURATION)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def tour(seed: int, n: int, objective: Objective, hours_s: int = 2700) -> Problem:
    return park_tour(np.random.default_rng(seed), n, objective=objective, hours_s=hours_s)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_moves_are_worth_what_the_moved_tour_is(objective: Objective) -> None:
    task = task_of(tour(1, 7, objective))
    instance, order = routing_instance(task), np.array([7, *np.random.default_rng(2).permutation(7), 7])
    route, worths = new_route(order), set()
    time_route(instance, route)
    for places in combinations(range(1, 9), 3):
        for turns in range(4):
            move, moved = Move(*places, turns & 1 > 0, turns & 2 > 0), new_route(order)
            apply_move(moved, move)
            time_route(instance, moved)
            expected = measure_of(instance, moved) + PRICE * moved.clock[-1]["late"]
            least = least_measure(instance, route, move)
            assert penalized_measure(instance, route, move, least, PRICE, float(NEVER)) == expected
            # Nothing worse than what is known is worked out to its end.
            assert penalized_measure(instance, route, move, least, PRICE, expected) == expected
            assert sorted(moved.order) == sorted(order)
            worths.add(expected)
    assert len(worths) > 50


def test_no_move_brings_a_stop_before_one_that_comes_first() -> None:
    instance = routing_instance(task_of(replace(tour(1, 5, Objective.WALKING), orders=((0, 1),))))
    route = new_route(np.array([5, 0, 2, 1, 3, 4, 5]))
    assert not keeps_orders(instance, route, Move(1, 2, 4, False, False))
    assert not keeps_orders(instance, route, Move(1, 3, 4, False, False))
    assert keeps_orders(instance, route, Move(1, 2, 3, False, False))
    assert keeps_orders(instance, route, Move(3, 4, 6, False, True))


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(3))
def test_an_order_found_is_as_good_as_the_best_tour(seed: int, objective: Objective) -> None:
    problem = tour(seed, 14, objective)
    best = solve(problem, limit_s=LONG_S)
    task, stop = tightened(task_of(problem)), np.zeros(1, dtype=np.int64)
    order = good_order(task, stop, limit_s=LONG_S)
    instance, route = routing_instance(task), new_route(np.array([14, *order, 14]))
    time_route(instance, route)
    assert best.is_proved
    assert route.clock[-1]["late"] == 0
    expected = best.length_m * 1000 if objective == Objective.WALKING else best.ends_s - best.starts_s
    assert measure_of(instance, route) == pytest.approx(expected)
    assert good_order(task, stop, limit_s=LONG_S) == order


def test_orders_in_a_circle_have_no_first_one() -> None:
    task = task_of(tour(0, 4, Objective.WALKING))
    task.stops["before"][:2] = [2, 1]
    assert first_order(task) == []
    assert good_order(task, np.zeros(1, dtype=np.int64), limit_s=1) == ()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_fifty_stops_with_hours_are_planned(objective: Objective, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the local search finds is a tour as it stands, whenever the search is ended."""
    problem, has_taken = tour(4, 50, objective, hours_s=7200), Event()
    take_over = anytime.AnytimeSearch.take_over

    def taken(self: anytime.AnytimeSearch, *given: Any) -> None:
        take_over(self, *given)
        has_taken.set()

    monkeypatch.setattr(anytime.AnytimeSearch, "take_over", taken)
    plan = solve(problem, limit_s=LONG_S, cancelled=has_taken.is_set)
    assert has_taken.is_set()
    assert plan.is_feasible
    assert_plan_keeps(problem, plan)
    walk_m = sum(problem.length_m[one, other] for one, other in zip(plan.order, plan.order[1:], strict=False))
    assert plan.length_m == pytest.approx(walk_m)


def test_a_tour_that_few_labels_miss_is_found_before_many_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    given = park_tour(np.random.default_rng(6), 25, objective=Objective.DURATION, hours_s=14400, minutes=390)
    stops = tuple(replace(stop, windows=()) if i % 3 == 0 else stop for i, stop in enumerate(given.stops))
    widths: list[tuple[int, bool]] = []
    look = anytime.AnytimeSearch._run_layers

    def looked(self: anytime.AnytimeSearch, task: TaskData, wanted: Criteria, width: int, *rest: Any) -> None:
        widths.append((width, self.has_tour))
        look(self, task, wanted, width, *rest)

    monkeypatch.setattr(anytime.AnytimeSearch, "_run_layers", looked)
    plan = solve(replace(given, stops=stops), limit_s=LONG_S)
    assert_plan_keeps(replace(given, stops=stops), plan)
    # At first none is known; before the width grows one is.
    assert widths[0] == (anytime.FIRST_WIDTH, False)
    assert all(is_known for width, is_known in widths if width > anytime.FIRST_WIDTH)


def test_nobody_waits_for_the_compiler() -> None:
    """All that is compiled for tours of many stops was compiled beforehand."""
    n_before = len(run_rounds.signatures)
    good_order(task_of(tour(0, 10, Objective.WALKING)), np.zeros(1, dtype=np.int64), limit_s=1)
    assert n_before == len(run_rounds.signatures) == 1

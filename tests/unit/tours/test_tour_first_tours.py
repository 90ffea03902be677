"""First tours of many stops: the orders found are good and feasible."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest

from app.analysis.tours import Objective, Problem, compile_planner, solve
from app.analysis.tours.bounds.tightening import tightened
from app.analysis.tours.heuristics.late_acceptance import feasible_orders
from app.analysis.tours.heuristics.pyvrp_start import start_order
from app.analysis.tours.search import anytime
from app.analysis.tours.search.labels import Criteria
from app.analysis.tours.search.timing import timed
from app.analysis.tours.tasks import TaskData, task_of
from tests.unit.tours.tour_problems import LONG_S, park_tour
from tests.unit.tours.tours_by_trying import assert_plan_keeps

OBJECTIVES = (Objective.WALKING, Objective.DURATION)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def tour(seed: int, n: int, objective: Objective, hours_s: int = 2700) -> Problem:
    return park_tour(np.random.default_rng(seed), n, objective=objective, hours_s=hours_s)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(3))
def test_an_order_found_is_as_good_as_the_best_tour(seed: int, objective: Objective) -> None:
    problem, stop = tour(seed, 14, objective), np.zeros(1, dtype=np.int64)
    best = solve(problem, limit_s=LONG_S)
    task = tightened(task_of(problem))
    order = start_order(task, stop, limit_s=LONG_S)
    found = timed(task, order)
    assert best.is_proved
    assert found is not None
    expected = best.length_m * 1000 if objective == Objective.WALKING else best.ends_s - best.starts_s
    assert found.measures[task.measures[0]] == pytest.approx(expected)
    assert start_order(task, stop, limit_s=LONG_S) == order


def test_orders_in_a_circle_have_no_tour() -> None:
    task = task_of(tour(0, 4, Objective.WALKING))
    task.stops["before"][:2], task.stops["behind"][:2] = [2, 1], [2, 1]
    assert list(feasible_orders(task, np.zeros(1, dtype=np.int64))) == []


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_fifty_stops_with_hours_are_planned(objective: Objective, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found first is a tour as it stands, whenever the search is ended."""
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

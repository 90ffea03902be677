"""What may be left out is visited whenever the time allows, and only then the tour is made short."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from app.analysis.tours import Objective, Plan, Problem, Stop, Window, compile_planner, solve
from app.analysis.tours.reasons.changes import only
from tests.unit.tours.tour_problems import park_tour
from tests.unit.tours.tours_by_trying import measures

LONG_S = 60.0


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def with_all(problem: Problem) -> Problem:
    """Return the problem in which every stop must be visited."""
    return replace(problem, stops=tuple(replace(stop, value=None) for stop in problem.stops))


def measured(problem: Problem, plan: Plan, value: float) -> tuple[int, ...]:
    """Return what a plan that had to visit all its stops is compared by, these being worth a value."""
    return measures(problem, replace(plan, value=value))


def best_of_all_sets(problem: Problem) -> tuple[int, ...]:
    """Return the best measures of the tours that must visit a set of stops, over all sets."""
    n, found = len(problem.stops), []
    for size in range(1, n + 1):
        for kept in combinations(range(n), size):
            plan = solve(with_all(only(problem, kept)), limit_s=LONG_S)
            assert plan.is_proved
            if plan.visits:
                value = sum(problem.stops[i].value or 0 for i in kept)
                found.append(measured(problem, plan, value))
    return min(found)


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize(("minutes", "hours_s"), [(50, None), (60, 2400)])
def test_no_set_of_stops_makes_a_better_tour(objective: Objective, minutes: int, hours_s: int | None) -> None:
    n_left_out = 0
    for seed in range(3):
        problem = park_tour(
            np.random.default_rng(seed), 7, objective=objective, hours_s=hours_s, is_optional=True,
            minutes=minutes,
        )  # fmt: skip
        plan = solve(problem, limit_s=LONG_S)
        n_left_out += 7 - len(plan.order)
        assert plan.is_proved
        assert measures(problem, plan) == best_of_all_sets(problem)
    assert n_left_out > 0


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("n_stops", [9, 18])
def test_where_all_fits_in_the_tour_and_what_is_known_of_it_are_those_of_stops_that_must_be_visited(
    objective: Objective, n_stops: int
) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        given = park_tour(rng, n_stops, objective=objective, hours_s=5400, is_optional=True)
        required = with_all(given)
        if objective == Objective.VALUE:
            required = replace(required, objective=Objective.DURATION)
        plan, known = solve(given, limit_s=LONG_S), solve(required, limit_s=LONG_S)
        assert len(plan.order) == n_stops
        assert plan.is_proved
        assert known.is_proved
        assert plan.visits == known.visits
        assert plan.value == plan.most_value == pytest.approx(sum(stop.value or 0 for stop in given.stops))
        assert plan.bound == (plan.value if objective == Objective.VALUE else known.bound)


def waiting(objective: Objective, value: float) -> Problem:
    """Return two stops side by side, the second of which receives an hour later."""
    late = Stop("late", 600, (Window(3600, 7200),), value)
    walks = np.array([[0, 60], [60, 0]])
    return Problem((Stop("now", 600, (Window(0, 900),)), late), walks, walks * 1.25, objective=objective)


@pytest.mark.parametrize("objective", list(Objective))
def test_a_stop_that_costs_nothing_but_waiting_is_visited(objective: Objective) -> None:
    plan = solve(waiting(objective, 1.0))
    assert plan.order == (0, 1)
    assert plan.wait_s > 2000
    assert plan.is_proved


@pytest.mark.parametrize("objective", list(Objective))
def test_a_stop_worth_nothing_is_not_waited_for(objective: Objective) -> None:
    assert solve(waiting(objective, 0.0)).order == (0,)


def test_a_place_that_two_may_have_goes_to_the_one_of_more_value() -> None:
    """All cannot be visited, for that contradicts itself; it is not refused for it."""
    walks = np.full((3, 3), 60)
    stops = (Stop("A"), Stop("B", value=1.0, position=1), Stop("C", value=2.0, position=1))
    plan = solve(Problem(stops, walks, walks * 1.25))
    assert plan.order == (0, 2)
    assert (plan.value, plan.most_value, plan.is_proved) == (2.0, 2.0, True)

"""The planner against every order tried, and against what is known otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.tours import Objective, Plan, Problem, check_problem, compile_planner, solve
from app.analysis.tours.reasons.changes import only
from app.analysis.tours.search import anytime
from app.analysis.tours.search.subset_dp import has_few_stops
from app.analysis.tours.tasks import task_of
from app.errors import InputError
from tests.reference.shortest_order import shortest_order
from tests.unit.tours.tour_problems import LONG_S, park_tour, random_problem, with_order
from tests.unit.tours.tours_by_trying import assert_plan_keeps, best_by_trying, measures


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def problems(seed: int, n_stops: int, n_problems: int) -> Iterator[Problem]:
    """Yield random problems that are not refused."""
    rng, n = np.random.default_rng(seed), 0
    while n < n_problems:
        problem = random_problem(rng, n_stops)
        try:
            check_problem(problem)
        except InputError:
            continue
        n += 1
        yield problem


def assert_best(problem: Problem) -> bool:
    """Check a plan against all orders; return whether there is a tour."""
    plan, best = solve(problem, limit_s=LONG_S), best_by_trying(problem)
    assert plan.is_proved
    assert plan.is_feasible is (best is not None)
    if best is None:
        return False
    assert measures(problem, plan) == best[0]
    assert_plan_keeps(problem, plan)
    first = {"walking": plan.length_m, "duration": plan.ends_s - plan.starts_s, "value": plan.value}
    assert plan.bound == pytest.approx(first[problem.objective])
    assert plan.most_value == pytest.approx(plan.value)
    return True


@pytest.mark.parametrize(
    ("n_stops", "n_problems"), [(1, 200), (2, 400), (3, 700), (4, 500), (5, 120), (6, 12)]
)
def test_is_the_best_of_all_orders(n_stops: int, n_problems: int) -> None:
    n_met = sum(assert_best(problem) for problem in problems(n_stops, n_stops, n_problems))
    assert n_met > n_problems // 5


@pytest.mark.parametrize(("n_stops", "n_problems"), [(3, 100), (4, 200), (5, 60)])
def test_narrow_beginnings_and_outlooks_do_not_change_the_answer(
    n_stops: int, n_problems: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    completion_bound_of, outlooks = anytime.completion_bound_of, []
    monkeypatch.setattr(anytime, "FIRST_WIDTH", 1)
    monkeypatch.setattr(anytime, "WIDER", 3)
    monkeypatch.setattr(anytime, "DROPPED_FOR_COARSE", 0)
    monkeypatch.setattr(anytime, "DROPPED_FOR_FINE", 0)
    monkeypatch.setattr(anytime, "has_few_stops", lambda _: False)
    monkeypatch.setattr(
        anytime,
        "completion_bound_of",
        lambda *asked: outlooks.append(completion_bound_of(*asked)) or outlooks[-1],
    )
    for problem in problems(50 + n_stops, n_stops, n_problems):
        assert_best(problem)
    assert any(completion.is_known for completion in outlooks)


@pytest.mark.parametrize(("n_stops", "n_problems"), [(1, 100), (3, 300), (4, 300), (5, 60)])
def test_every_set_of_stops_gives_the_most_value(n_stops: int, n_problems: int) -> None:
    for problem in problems(80 + n_stops, n_stops, n_problems):
        ends_s = problem.starts_s + 60 if problem.ends_s is None else problem.ends_s
        wish = replace(problem, objective=Objective.VALUE, ends_s=ends_s)
        assert has_few_stops(task_of(wish))
        assert_best(wish)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), n_stops=st.integers(1, 4))
def test_any_problem(seed: int, n_stops: int) -> None:
    for problem in problems(seed, n_stops, 1):
        assert_best(problem)


@pytest.mark.parametrize("seed", range(5))
def test_walks_as_little_as_the_shortest_order(seed: int) -> None:
    problem = park_tour(np.random.default_rng(seed), 11, is_round=bool(seed % 2))
    plan = solve(problem, limit_s=LONG_S)
    _, length_m = shortest_order(problem.length_m, is_round=problem.is_round)
    assert plan.is_proved
    assert plan.length_m == pytest.approx(length_m)


@pytest.mark.parametrize("objective", list(Objective))
def test_keeps_hours_and_its_own_bound_where_time_is_short(objective: Objective) -> None:
    """The search is cancelled soon, long before it could prove anything, not after some time."""
    is_optional = objective == Objective.VALUE
    minutes = 300 if is_optional else None
    problem = park_tour(
        np.random.default_rng(1),
        50,
        hours_s=7200,
        objective=objective,
        is_optional=is_optional,
        minutes=minutes,
    )
    n_asked = itertools.count()
    plan = solve(problem, limit_s=3600, cancelled=lambda: next(n_asked) >= 3)
    assert_plan_keeps(problem, plan)
    assert is_optional or len(plan.visits) == 50
    assert not plan.is_proved
    assert plan.most_value >= plan.value
    measure, bound = plan.measure(objective), plan.bound
    assert measure < bound if is_optional else measure > bound > 0
    assert plan.gap(objective) == pytest.approx(abs(measure - bound) / measure)


def test_an_order_given_by_positions_is_timed_not_changed() -> None:
    problem = park_tour(np.random.default_rng(2), 12)
    order = tuple(int(i) for i in np.random.default_rng(3).permutation(12))
    assert solve(with_order(problem, order), limit_s=LONG_S).order == order


def test_the_same_twice() -> None:
    problem = park_tour(np.random.default_rng(4), 14, hours_s=5400)
    first, second = (replace(solve(problem, limit_s=LONG_S), seconds=0) for _ in range(2))
    assert first == second


def shuffled(problem: Problem, rng: np.random.Generator) -> Problem:
    """Return the same problem with its stops and ways in another order; a name tells which stop is which."""
    mixed = only(problem, rng.permutation(len(problem.stops)).tolist())
    return replace(mixed, ways=tuple(mixed.ways[i] for i in rng.permutation(len(mixed.ways))))


def visit_rows(problem: Problem, plan: Plan) -> list[tuple[object, ...]]:
    """Return visits by the names of stops and what the ways are, not by their numbers."""
    return [
        (problem.stops[visit.stop].name, replace(visit, stop=0, way=None), visit.way is None)
        for visit in plan.visits
    ]


@pytest.mark.parametrize(("n_stops", "n_problems"), [(2, 40), (3, 100), (4, 100), (6, 60)])
def test_the_same_in_whatever_order_stops_are_given(n_stops: int, n_problems: int) -> None:
    rng = np.random.default_rng(60 + n_stops)
    for random in problems(70 + n_stops, n_stops, n_problems):
        # Lengths of one to three metres: many tours are equally good.
        coarse = np.maximum(random.length_m // 4, 1)
        problem = replace(
            random, length_m=coarse, walk_s=np.where(random.walk_s < 0, -1, 60 * coarse).astype(int)
        )
        mixed = shuffled(problem, rng)
        assert visit_rows(problem, solve(problem, limit_s=LONG_S)) == visit_rows(
            mixed, solve(mixed, limit_s=LONG_S)
        )


@pytest.mark.parametrize("objective", list(Objective))
def test_the_same_tour_of_a_park_in_whatever_order_stops_are_given(objective: Objective) -> None:
    rng = np.random.default_rng(5)
    is_optional = objective == Objective.VALUE
    given = park_tour(
        rng, 12, objective=objective, is_optional=is_optional, minutes=120 if is_optional else None
    )
    # A grid of streets a hundred metres apart.
    length_m = np.ceil(given.length_m / 300) * 100
    problem = replace(given, length_m=length_m, walk_s=length_m.astype(int))
    answers = [
        visit_rows(mixed, solve(mixed, limit_s=LONG_S))
        for mixed in (problem, *(shuffled(problem, rng) for _ in range(4)))
    ]
    assert all(answer == answers[0] for answer in answers)


def test_ends_once_cancelled_and_lets_others_work() -> None:
    """Who cancels is asked, and may say so, while the search goes on; its own limit is an hour away."""
    problem = park_tour(np.random.default_rng(0), 60, hours_s=20000)
    n_asked = itertools.count()
    plan = solve(problem, limit_s=3600, cancelled=lambda: next(n_asked) >= 5)
    assert next(n_asked) == 6
    assert not plan.is_proved

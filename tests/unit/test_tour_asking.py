"""Questions asked again: from one table, or above a bar, the answer is that of a search of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.tours import Objective, Plan, Problem, compile_planner, solve
from app.analysis.tours.asking import Asking
from app.analysis.tours.changes import must_visit, with_stop
from app.analysis.tours.set_answers import SetAnswers
from tests.unit.test_tour_solver import problems
from tests.unit.tour_problems import park_tour
from tests.unit.tours_by_trying import assert_plan_keeps, measures


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def free_wishes(n_wishes: int) -> Iterator[Problem]:
    """Yield wishes for the most value in which the clock matters for the end alone."""
    rng = np.random.default_rng(90)
    for seed in range(n_wishes):
        yield _free_wish(rng, seed)


def _free_wish(rng: np.random.Generator, seed: int) -> Problem:
    n = int(rng.integers(4, 9))
    is_round, has_last = seed % 4 == 0, seed % 4 == 1
    given = park_tour(
        rng,
        n,
        objective=Objective.VALUE,
        is_optional=True,
        minutes=int(rng.integers(20, 90)),
        is_round=is_round,
        first=0 if is_round or seed % 3 == 0 else None,
        last=n - 1 if has_last else None,
        orders=((1, 2),) if seed % 2 else (),
    )
    return must_visit(given, 1) if seed % 5 == 0 else given


def varied(rng: np.random.Generator, problem: Problem) -> Problem:
    """Return the problem with another end and start, a shorter visit, perhaps a stop that must be visited."""
    stop, must = (int(i) for i in rng.integers(len(problem.stops), size=2))
    changed = with_stop(problem, stop, dwell_s=int(problem.stops[stop].dwell_s * rng.random()))
    changed = must_visit(changed, must) if rng.random() < 0.4 else changed
    later_s = int(rng.integers(0, 1800))
    ends_s = None if rng.random() < 0.1 else problem.ends_s + later_s
    return replace(changed, ends_s=ends_s, starts_s=problem.starts_s - int(rng.integers(0, 600)))


def test_answers_of_the_table_are_those_of_a_search() -> None:
    rng, n_tours = np.random.default_rng(91), 0
    for problem in free_wishes(40):
        answers = SetAnswers.of(problem, np.zeros(1, dtype=np.int64))
        assert answers is not None
        for changed in (problem, *(varied(rng, problem) for _ in range(6))):
            assert answers.does_cover(changed)
            found, plan = answers.best(changed), solve(changed, limit_s=30)
            assert (found is None) == (not plan.visits)
            if found:
                n_tours += 1
                assert_plan_keeps(changed, found)
                assert measures(changed, found) == measures(changed, plan)
    assert n_tours > 150


def test_no_table_where_the_clock_matters() -> None:
    stop = np.zeros(1, dtype=np.int64)
    given = next(free_wishes(2))
    assert SetAnswers.of(given, stop) is not None
    window = given.stops[0].windows or park_tour(np.random.default_rng(0), 1, hours_s=900).stops[0].windows
    for other in (
        with_stop(given, 0, windows=window),
        with_stop(given, 0, position=0),
        replace(given, max_walk_m=900.0),
        replace(given, objective=Objective.WALKING),
        replace(given, ends_s=None),
    ):
        assert SetAnswers.of(other, stop) is None
        assert not SetAnswers.of(given, stop).does_cover(other) or other.ends_s is None


def worse_bars(problem: Problem, plan: Plan) -> list[Plan]:
    """Return bars that are a bit lower than a plan, in each of the first measures."""
    return [
        plan,
        replace(plan, ends_s=plan.ends_s + 1),
        replace(plan, length_m=plan.length_m + 5),
        replace(plan, value=plan.value - 1),
        replace(plan, ends_s=plan.ends_s + 60, length_m=plan.length_m + 60, value=plan.value - 2),
    ]


def better_bars(problem: Problem, plan: Plan) -> list[Plan]:
    """Return bars that no tour reaches."""
    first = {
        Objective.WALKING: replace(plan, length_m=plan.length_m - 0.001),
        Objective.DURATION: replace(plan, ends_s=plan.ends_s - 1),
        Objective.VALUE: replace(plan, value=plan.value + 0.5),
    }
    return [first[problem.objective], replace(plan, starts_s=plan.starts_s - 1, ends_s=plan.ends_s - 1)]


@pytest.mark.parametrize(("n_stops", "n_problems"), [(3, 120), (4, 120), (5, 60)])
def test_above_a_bar_there_is_the_best_tour_or_none(n_stops: int, n_problems: int) -> None:
    n_bars = 0
    for problem in problems(95 + n_stops, n_stops, n_problems):
        plan = solve(problem, limit_s=30)
        if not plan.visits:
            continue
        for bar in worse_bars(problem, plan):
            above = solve(problem, limit_s=30, bar=bar)
            assert above.is_proved
            assert measures(problem, above) == measures(problem, plan)
        for bar in better_bars(problem, plan):
            n_bars += 1
            assert solve(problem, limit_s=30, bar=bar).is_feasible is False
    assert n_bars > n_problems // 4


def test_what_lets_a_stop_in_is_told_without_the_whole_search() -> None:
    asking, told = Asking(60.0), []
    for seed in range(12):
        problem = park_tour(
            np.random.default_rng(seed),
            9,
            objective=Objective.VALUE,
            is_optional=True,
            minutes=70,
            hours_s=5400,
        )
        plan = solve(problem, limit_s=30)
        for stop in sorted(set(range(9)) - set(plan.order)):
            changed = with_stop(problem, stop, dwell_s=60)
            told.append(asking.does_let_in(changed, stop, plan))
            assert told[-1] == (stop in solve(changed, limit_s=30).order)
    assert set(told) == {True, False}


def test_a_turn_that_runs_out_leaves_its_time_to_others() -> None:
    asking, asked = Asking(60.0), []
    with asking.turn(0.5) as long:
        asked.append("first")
        with asking.turn(0.0) as short:
            asking.left_s()
            asked.append("never")
        asking.left_s()
        asked.append("second")
    assert asking.left_s() > 50
    assert asked == ["first", "second"]
    assert (long.is_over, short.is_over) == (False, True)


@pytest.mark.parametrize("has_ways", [False, True])
def test_whether_a_stop_can_be_visited_is_told_as_by_the_whole_search(has_ways: bool) -> None:
    told = []
    for problem in problems(97, 5, 60):
        if bool(problem.ways) != has_ways:
            continue
        for stop in range(5):
            told.append(Asking(60.0).can_visit(problem, stop))
            assert told[-1] == (Asking(60.0).best(must_visit(problem, stop)) is not None)
    assert set(told) == {True, False}

"""Every objective with all that can be asked for, up to the largest tour."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.tours import MOST_PROVED, Objective, Plan, Problem, Window, compile_planner, solve
from app.analysis.tours.bounds.arc_elimination import can_eliminate_legs, without_eliminated_legs
from app.analysis.tours.bounds.remaining import bounds_of, least_for_value, least_of
from app.analysis.tours.bounds.tightening import tightened
from app.analysis.tours.heuristics.depots import is_known_to_routing
from app.analysis.tours.heuristics.late_acceptance import feasible_orders, run_changes
from app.analysis.tours.many_stops import HeuristicSearch, keeps_order
from app.analysis.tours.optional_stops import has_choice, with_most
from app.analysis.tours.search import anytime
from app.analysis.tours.search.timing import timed
from app.analysis.tours.tasks import LOSS, TaskData, task_of
from tests.unit.tours.hidden_tours import Asked, hidden_tour
from tests.unit.tours.test_tour_solver import problems
from tests.unit.tours.tour_problems import LONG_S, park_tour
from tests.unit.tours.tours_by_trying import assert_plan_keeps, best_by_trying, measures

# What a bound is told in, as whole numbers that are compared: millimetres, seconds, millionths.
UNIT = {Objective.WALKING: 1000, Objective.DURATION: 1, Objective.VALUE: -(10**6)}
SIZES = (13, 20, 30, 40, 64, 65, 100, 200)
ASKED = (
    Asked(last=True),
    Asked(first=True, last=True, orders=True, service=True),
    Asked(first=True, last=True, positions=True, orders=True, one_way=True),
    Asked(last=True, windows=True, optional=True),
    Asked(is_round=True, first=True, one_way=True, most_walk=True),
    Asked(is_round=True, service=True),
    Asked(windows=True, pause=True, gates=True, orders=True),
)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def assert_sound(problem: Problem, plan: Plan) -> None:
    """Check a plan, or that none was found, against the wish and the plan's own bound."""
    assert plan.is_feasible is not False
    if plan.visits:
        assert_plan_keeps(problem, plan)
        own = measures(problem, plan)[0 if problem.objective == Objective.VALUE else 1]
        bound, measure = round(UNIT[problem.objective] * plan.bound), own
        assert bound <= measure
        assert plan.is_proved == (bound == measure and plan.value == pytest.approx(plan.most_value))


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("asked", ASKED[:2])
def test_a_fixed_last_stop_is_planned(asked: Asked, n: int, objective: Objective) -> None:
    problem = hidden_tour(np.random.default_rng(n), n, objective, asked)
    plan = solve(problem, limit_s=0.3)
    assert plan.is_feasible
    assert_sound(problem, plan)


@settings(max_examples=40, deadline=None)
@given(
    n=st.sampled_from(SIZES),
    objective=st.sampled_from(list(Objective)),
    asked=st.sampled_from(ASKED),
    seed=st.integers(0, 1000),
)
def test_what_is_asked_for_is_kept_up_to_the_largest_size(
    n: int, objective: Objective, asked: Asked, seed: int
) -> None:
    problem = hidden_tour(np.random.default_rng(seed), n, objective, asked)
    assert solve(problem, limit_s=0.2).visits


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("asked", [Asked(windows=True, pause=True, gates=True, orders=True), ASKED[2]])
def test_more_stops_than_are_proved_keep_what_only_few_searches_know(
    asked: Asked, objective: Objective
) -> None:
    problem = hidden_tour(np.random.default_rng(65), MOST_PROVED + 1, objective, asked)
    plan = solve(problem, limit_s=1)
    assert plan.is_feasible
    assert_sound(problem, plan)
    assert plan.method == "local search"


@pytest.mark.parametrize("objective", list(Objective))
def test_a_first_tour_hangs_on_no_clock(objective: Objective) -> None:
    """With no time at all a tour is found, as it is on a machine that does a hundred other things."""
    asked = Asked(first=True, last=True, windows=True)
    for n in (25, 64, 65):
        problem = hidden_tour(np.random.default_rng(n), n, objective, asked)
        plan = solve(problem, limit_s=1e-6)
        assert plan.is_feasible
        assert_sound(problem, plan)


def test_time_that_is_left_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no more labels can be kept the best tour is improved for as long as there is time."""
    problem = park_tour(np.random.default_rng(8), 40, objective=Objective.DURATION, hours_s=5400)
    for name, value in {
        "MOST_WIDTH": 8,
        "FIRST_WIDTH": 8,
        "START_SHARE": 1e-9,
        "HOPELESS_SHARE": 1e-9,
    }.items():
        monkeypatch.setattr(anytime, name, value)
    limits_s: list[float] = []
    routed = anytime.AnytimeSearch._routed

    def improving(search: anytime.AnytimeSearch, stop: Any, limit_s: float, *given: Any, **how: Any) -> Any:
        if given:  # the tour to begin with
            limits_s.append(limit_s)
        return routed(search, stop, limit_s, *given, **how)

    monkeypatch.setattr(anytime.AnytimeSearch, "_routed", improving)
    plan = solve(problem, limit_s=LONG_S, cancelled=lambda: bool(limits_s))
    assert limits_s
    assert limits_s[0] > 0
    assert_plan_keeps(problem, plan)


@pytest.mark.parametrize(("n_stops", "n_problems"), [(2, 60), (3, 200), (4, 200), (5, 40)])
def test_the_search_for_many_stops_finds_no_better_than_the_best(n_stops: int, n_problems: int) -> None:
    """With few stops, where all orders can be tried: what it finds keeps the wish, and its bound holds."""
    n_found = n_best = n_met = 0
    for problem in problems(300 + n_stops, n_stops, n_problems):
        best = best_by_trying(problem)
        task = asked_of(problem)
        search = HeuristicSearch(task, bounds_of(task), np.zeros(1, dtype=np.int64), limit_s=0.01)
        order = next(feasible_orders(task, np.ones(1, dtype=np.int64)), ())
        n_met += best is not None
        assert best is not None or not order or timed(task, order) is None
        if best is not None:
            assert search.bound <= first_of(task, problem, best[0])
        if best is not None and order:
            search._take_over(order)
            n_found += bool(search.choices)
            told = tuple(int(search.best[i]) for i in task.measures)
            expected = first_of(task, problem, best[0])
            assert not search.choices or told[0] >= expected
            n_best += bool(search.choices) and told[0] == expected
    assert n_found > 0.75 * n_met
    assert n_best > 0.6 * n_met


def asked_of(problem: Problem) -> TaskData:
    """Return a problem as it is searched: most value first where there is a choice."""
    task = task_of(problem)
    return tightened(with_most(task) if has_choice(task) else task)


def first_of(task: TaskData, problem: Problem, found: tuple[int, ...]) -> int:
    """Return the first measure as the search tells it: value as what is left out of it."""
    return found[0] + task.most_value + task.sure_value if task.measures[0] == LOSS else found[1]


@pytest.mark.parametrize(("n_stops", "n_problems"), [(3, 150), (4, 150)])
def test_no_tour_worth_as_much_is_better_than_the_bound(n_stops: int, n_problems: int) -> None:
    n_bounded = 0
    for problem in problems(800 + n_stops, n_stops, n_problems):
        best, task = best_by_trying(problem), asked_of(problem)
        if best is None or task.measures[0] != LOSS:
            continue
        value = -best[0][0] - task.sure_value
        bound = least_for_value(task, bounds_of(task), int(task.measures[1]), value)
        assert bound <= best[0][1]
        n_bounded += bound > 0
    assert n_bounded > n_problems // 5


@pytest.mark.parametrize("objective", [Objective.WALKING, Objective.DURATION])
def test_metres_and_seconds_are_bounded_where_not_everything_fits_in(objective: Objective) -> None:
    given = park_tour(np.random.default_rng(3), 26, objective=objective, is_optional=True, minutes=150)
    stops = (*(replace(stop, value=None) for stop in given.stops[:6]), *given.stops[6:])
    plan = solve(replace(given, stops=stops), limit_s=0.3)
    own = plan.length_m if objective == Objective.WALKING else plan.ends_s - plan.starts_s
    assert len(plan.order) < 26
    assert own / 4 < plan.bound <= own


@pytest.mark.parametrize("n", [30, 65])
def test_values_of_many_digits_are_planned(n: int) -> None:
    """What stops are worth goes to PyVRP as whole numbers, which must not grow until sums are rounded."""
    given = hidden_tour(np.random.default_rng(n), n, Objective.VALUE, Asked(optional=True))
    stops = tuple(
        replace(stop, value=None if stop.value is None else stop.value + i * 1e-6)
        for i, stop in enumerate(given.stops)
    )
    problem = replace(given, stops=stops, ends_s=(given.ends_s or 0) - 1800)
    assert solve(problem, limit_s=0.2).visits


def test_orders_that_hours_imply_are_no_riddle_to_routing() -> None:
    hours = hidden_tour(np.random.default_rng(1), 65, Objective.DURATION, Asked(first=True, windows=True))
    orders = hidden_tour(np.random.default_rng(1), 65, Objective.DURATION, Asked(orders=True))
    assert tightened(task_of(hours)).stops["behind"].any()
    assert is_known_to_routing(task_of(hours))
    assert not is_known_to_routing(task_of(orders))


@pytest.mark.parametrize(("n_stops", "n_problems"), [(3, 200), (4, 200)])
def test_an_order_is_timed_as_well_as_can_be(n_stops: int, n_problems: int) -> None:
    n_timed = 0
    for problem in problems(400 + n_stops, n_stops, n_problems):
        best = best_by_trying(problem)
        if best is None:
            continue
        task = asked_of(problem)
        found = timed(task, best[1])
        assert found is not None
        assert keeps_order(task, best[1])
        told = [int(found.measures[i]) for i in task.measures]
        assert told[0] == first_of(task, problem, best[0])
        n_timed += 1
    assert n_timed > n_problems // 5


@pytest.mark.parametrize(("n_stops", "n_problems"), [(4, 300), (5, 60)])
def test_no_walk_of_a_best_tour_is_struck(n_stops: int, n_problems: int) -> None:
    n_struck = 0
    for wish in problems(500 + n_stops, n_stops, n_problems):
        problem = replace(wish, stops=tuple(replace(stop, value=None) for stop in wish.stops))
        best, task = best_by_trying(problem), tightened(task_of(problem))
        if best is None or not can_eliminate_legs(task):
            continue
        least = first_of(task, problem, best[0])
        assert least_of(task, bounds_of(task)) <= least
        struck = without_eliminated_legs(task, least)
        n_struck += len(task.legs) - len(struck.legs)
        order = [*best[1], best[1][0]] if problem.is_round and n_stops > 1 else best[1]
        for here, there in pairwise(order):
            pair = here * n_stops + there
            assert np.diff(struck.legs_from)[pair] == np.diff(task.legs_from)[pair]
    assert n_struck > 50


@pytest.mark.parametrize("objective", [Objective.WALKING, Objective.DURATION])
@pytest.mark.parametrize("asked", [Asked(service=True, first=True), Asked(one_way=True, last=True)])
def test_twenty_stops_with_asymmetric_costs_are_proved(asked: Asked, objective: Objective) -> None:
    for seed in range(3):
        problem = hidden_tour(np.random.default_rng(seed), 20, objective, asked)
        plan = solve(problem, limit_s=LONG_S)
        assert plan.is_proved
        assert_sound(problem, plan)


def test_a_stop_that_nobody_can_reach_in_time_is_no_reason_to_leave_it_out() -> None:
    """PyVRP is not told of hours that nobody can keep: a tour of its without that stop is none."""
    given = park_tour(np.random.default_rng(2), 30, objective=Objective.VALUE, is_optional=True, minutes=120)
    late = Window(given.ends_s or 0, (given.ends_s or 0) + 3600)
    stops = (replace(given.stops[0], value=None, windows=(late,)), *given.stops[1:])
    plan = solve(replace(given, stops=stops), limit_s=LONG_S)
    assert plan.is_feasible is False
    assert plan.visits == ()


def test_nobody_waits_for_the_compiler_with_many_stops() -> None:
    problem = hidden_tour(np.random.default_rng(1), 66, Objective.VALUE, ASKED[6])
    solve(problem, limit_s=0.1)
    assert len(run_changes.signatures) == 1

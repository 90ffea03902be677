"""What the planner expects of the rest of a tour, and what it strikes beforehand, against known tours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest

from app.analysis.tours import Objective, Plan, Problem, Window, compile_planner, solve
from app.analysis.tours.bounds.backward_labels import CompletionBound, completion_gain
from app.analysis.tours.bounds.completion import Resolution, completion_bound_of, no_completion_bound
from app.analysis.tours.bounds.remaining import bounds_of
from app.analysis.tours.bounds.tightening import orders_of, tightened
from app.analysis.tours.heuristics.pyvrp_start import start_order
from app.analysis.tours.reasons.changes import only, with_stop
from app.analysis.tours.search import anytime
from app.analysis.tours.tasks import DURATION, LOSS, MM_PER_M, VALUES_PER_ONE, TaskData, task_of
from tests.unit.tours.test_tour_solver import problems
from tests.unit.tours.tour_problems import LONG_S, park_tour, with_order
from tests.unit.tours.tours_by_trying import best_by_trying, measures


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def toured(seed: int, n_stops: int, n_problems: int) -> Iterator[tuple[Problem, Plan]]:
    """Yield random problems with a best tour, which trying all orders does not beat."""
    for problem in problems(seed, n_stops, n_problems):
        plan, best = solve(problem, limit_s=LONG_S), best_by_trying(problem)
        if plan.visits:
            assert best is not None
            assert measures(problem, plan) == best[0]
            yield problem, plan


def with_all(problem: Problem) -> Problem:
    """Return the problem in which every stop must be visited."""
    return replace(problem, stops=tuple(replace(stop, value=None) for stop in problem.stops))


def test_hours_and_orders_lose_no_tour() -> None:
    n_struck = 0
    for problem in problems(91, 4, 80):
        given = task_of(problem)
        task = tightened(given)
        is_before = orders_of(task)
        n_struck += int(is_before.sum() > orders_of(given).sum()) + int((task.windows != given.windows).any())
        if any(stop.position is not None for stop in problem.stops):
            continue
        for order in permutations(range(4)):
            if any(is_before[later, earlier] for earlier, later in pairwise(order)):
                assert best_by_trying(with_all(with_order(problem, order))) is None
    assert n_struck > 40


def test_hours_keep_the_best_tour() -> None:
    for problem, plan in toured(92, 4, 100):
        task = tightened(task_of(problem))
        for visit in plan.visits:
            hours = task.windows[slice(*task.stops["windows_from"][visit.stop : visit.stop + 2])]
            assert any(one["opens"] <= visit.begins_s <= one["closes"] for one in hours)


@pytest.mark.parametrize("resolution", [Resolution(8, 1, 2, 1), Resolution(40, 3, 6, 3)])
def test_no_rest_of_a_best_tour_brings_more_than_the_outlook_says(resolution: Resolution) -> None:
    n_known = 0
    for problem, plan in toured(93, 4, 250):
        task = tightened(task_of(problem))
        first = measures(problem, plan)[0 if problem.objective == "value" else 1]
        best = first + task.most_value + task.sure_value if problem.objective == "value" else first
        completion = completion_bound_of(
            task, bounds_of(task), no_completion_bound(task), best, resolution, np.zeros(1, dtype=int)
        )
        n_known += completion.is_known
        if completion.is_known:
            for i in range(len(plan.visits)):
                assert seen(task, completion, plan, i) >= brought(problem, task, plan, i)
    assert n_known > 30


def seen(task: TaskData, completion: CompletionBound, plan: Plan, i: int) -> int:
    """Return what the completion says of the rest of a plan behind a visit."""
    visit, visited = plan.visits[i], sum(1 << stop for stop in plan.order[: i + 1])
    duals = sum(int(dual) for stop, dual in enumerate(completion.dual) if not visited >> stop & 1)
    ready, never = visit.ends_s, -(1 << 60)
    return int(completion_gain(task, completion, visit.stop, visited, duals, ready, ready, never)[0])


def brought(problem: Problem, task: TaskData, plan: Plan, i: int) -> int:
    """Return what the rest of a plan brings behind a visit."""
    if problem.objective == Objective.DURATION:
        return plan.visits[i].ends_s - plan.ends_s
    if problem.objective == Objective.VALUE:
        return sum(int(task.stops["value"][stop]) for stop in plan.order[i + 1 :])
    goals = [*plan.visits[1:], *(plan.visits[:1] if problem.is_round and len(plan.visits) > 1 else [])]
    lengths = [
        problem.length_m[here.stop, there.stop] if here.way is None else problem.ways[here.way].length_m
        for here, there in list(zip(plan.visits, goals, strict=False))[i:]
    ]
    return -sum(round(float(length) * MM_PER_M) for length in lengths)


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("hours_s", [1800, 5400])
def test_tours_with_hours_are_the_same_with_and_without_outlook(
    objective: Objective, hours_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = {"objective": objective, "hours_s": hours_s, "is_optional": objective == "value"}
    tours = [park_tour(np.random.default_rng(seed), 9, **wishes) for seed in range(12)]
    plain = [measures(tour, solve(tour, limit_s=LONG_S)) for tour in tours]
    known = []
    monkeypatch.setattr(anytime, "FIRST_WIDTH", 2)
    monkeypatch.setattr(anytime, "DROPPED_FOR_COARSE", 0)
    monkeypatch.setattr(anytime, "DROPPED_FOR_FINE", 0)
    monkeypatch.setattr(
        anytime, "completion_bound_of", lambda *asked: known.append(completion_bound_of(*asked)) or known[-1]
    )
    assert [measures(tour, solve(tour, limit_s=LONG_S)) for tour in tours] == plain
    assert any(completion.is_known for completion in known) or objective == "value"


@pytest.mark.parametrize("seed", range(4))
def test_a_tour_from_elsewhere_is_taken_over_where_it_is_better(seed: int) -> None:
    problem = park_tour(
        np.random.default_rng(seed), 14, objective=Objective.VALUE, is_optional=True, minutes=110
    )
    plan = solve(problem, limit_s=LONG_S)
    task = tightened(task_of(problem))
    effort = anytime.AnytimeSearch(task, bounds_of(task), np.zeros(1, dtype=np.int64))
    # One step of value less than the best is known already, and time is over.
    effort.best[:] = [0, 0, loss_of(task, plan) + task.value_step, 0]
    effort.stop[0] = 1
    effort.take_over(plan.order)
    assert [choice.stop for choice in effort.choices[:-1]] == list(plan.order)
    assert effort.best[LOSS] == loss_of(task, plan)
    assert effort.best[DURATION] == plan.ends_s - plan.starts_s


def loss_of(task: TaskData, plan: Plan) -> int:
    return task.most_value - round(plan.value * VALUES_PER_ONE)


@pytest.mark.parametrize("seed", range(2))
def test_a_first_tour_from_elsewhere_keeps_the_time_and_is_worth_it(seed: int) -> None:
    problem = park_tour(
        np.random.default_rng(seed), 20, objective=Objective.VALUE, is_optional=True, minutes=110
    )
    best = solve(problem, limit_s=LONG_S)
    order = start_order(task_of(problem), np.zeros(1, dtype=np.int64), limit_s=LONG_S)
    asked = only(problem, order)
    timed = solve(replace(asked, stops=tuple(replace(stop, position=i, value=None)
                                             for i, stop in enumerate(asked.stops))))  # fmt: skip
    assert timed.is_feasible
    assert 0.95 * best.value <= sum(problem.stops[i].value or 0 for i in order) <= best.value


def test_a_first_tour_leaves_out_what_cannot_be_visited_in_time() -> None:
    given = park_tour(np.random.default_rng(0), 12, objective=Objective.VALUE, is_optional=True, minutes=90)
    stop = np.zeros(1, dtype=np.int64)
    late = Window(given.ends_s, given.ends_s + 3600)
    problem = with_stop(with_stop(given, 3, windows=(late,)), 5, windows=(late, Window(0, given.ends_s)))
    order = start_order(tightened(task_of(problem)), stop, limit_s=LONG_S)
    assert 3 not in order
    assert len(order) >= 3

"""What no tour can meet is seen without a search, up to the largest tour, and why is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.tours import MOST_PROVED, MOST_STOPS, Problem, Stop, Window, compile_planner, solve
from app.analysis.tours.bounds.remaining import bounds_of
from app.analysis.tours.bounds.tightening import tightened
from app.analysis.tours.impossible import is_plainly_impossible
from app.analysis.tours.reasons.changes import only
from app.analysis.tours.reasons.conflicts import conflict
from app.analysis.tours.reasons.requirements import Requirement, RequirementKind, dropped
from app.analysis.tours.tasks import task_of
from tests.unit.tours.reasons.test_tour_conflicts_of_many import HOUR_S, THREE, TWO, crowded
from tests.unit.tours.test_tour_solver import problems
from tests.unit.tours.tour_problems import LONG_S
from tests.unit.tours.tours_by_trying import best_by_trying

KIND = RequirementKind


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def is_seen(problem: Problem) -> bool:
    task = tightened(task_of(problem))
    return is_plainly_impossible(task, bounds_of(task))


@pytest.mark.parametrize(("n_stops", "n_problems"), [(2, 200), (3, 200), (4, 100)])
def test_what_is_seen_to_be_impossible_is(n_stops: int, n_problems: int) -> None:
    n_impossible = n_seen = 0
    for problem in problems(700 + n_stops, n_stops, n_problems):
        is_impossible = best_by_trying(problem) is None
        n_impossible += is_impossible
        if is_seen(problem):
            assert is_impossible
            n_seen += 1
    assert n_seen > n_impossible / 2


def with_stops(problem: Problem, **of: Stop) -> Problem:
    """Return a problem in which some stops (``_3=...``) are others."""
    changed = {int(name[1:]): stop for name, stop in of.items()}
    return replace(problem, stops=tuple(changed.get(i, stop) for i, stop in enumerate(problem.stops)))


def without_hours(problem: Problem) -> Problem:
    return replace(problem, stops=tuple(replace(stop, windows=()) for stop in problem.stops))


def in_one_hour(n: int) -> Problem:
    """The visits alone take longer than there is."""
    return replace(without_hours(crowded(n, ())), ends_s=9 * HOUR_S)


def at_the_same_time(n: int) -> Problem:
    """Neither of two can be visited before the other."""
    return crowded(n, TWO)


def before_it_is_reached(n: int) -> Problem:
    """One must be visited so soon behind the fixed first stop that one cannot walk there by then."""
    problem = without_hours(crowded(n, (), first=7))
    latest_s = problem.starts_s + 300 + int(problem.walk_s[7, 2]) - 1
    late = Stop("late", 60, (Window(problem.starts_s, latest_s + 60),))
    return with_stops(problem, _2=late)


def in_one_crowd(n: int) -> Problem:
    """Any two of three can be visited in their hours."""
    return crowded(n, THREE)


def on_an_island(n: int) -> Problem:
    """No walk leads to one of them or from it, and there are no hours."""
    problem = replace(without_hours(crowded(n, ())), ends_s=None)
    walk_s = problem.walk_s.copy()
    walk_s[4, :] = walk_s[:, 4] = -1
    return replace(problem, walk_s=walk_s)


def in_few_metres(n: int) -> Problem:
    return crowded(n, (), max_walk_m=500.0)


def in_its_place_too_soon(n: int) -> Problem:
    """Three come before one that is to be the third."""
    problem = crowded(n, (), orders=((5, 9), (6, 9), (7, 9)))
    return with_stops(problem, _9=replace(problem.stops[9], position=2))


IMPOSSIBLE: dict[Callable[[int], Problem], set[Requirement]] = {
    in_one_hour: {Requirement(KIND.STARTS), Requirement(KIND.ENDS)},
    at_the_same_time: {Requirement(KIND.WINDOWS, 0), Requirement(KIND.WINDOWS, 1)},
    before_it_is_reached: {
        Requirement(KIND.FIRST, 7), Requirement(KIND.WINDOWS, 2), Requirement(KIND.STARTS),
    },
    in_one_crowd: {Requirement(KIND.WINDOWS, i) for i in range(3)},
    on_an_island: {Requirement(KIND.VISIT, 4)},
    in_few_metres: {Requirement(KIND.MAX_WALK)},
    in_its_place_too_soon: {
        Requirement(KIND.POSITION, 9), *(Requirement(KIND.ORDER, i, 9) for i in (5, 6, 7)),
    },
}  # fmt: skip


@pytest.mark.parametrize("n", [MOST_PROVED + 1, MOST_STOPS])
@pytest.mark.parametrize("wish", IMPOSSIBLE)
def test_the_plainly_impossible_is_seen_among_many_stops(wish: Callable[[int], Problem], n: int) -> None:
    plan = solve(wish(n), limit_s=1e-6)
    assert plan.is_feasible is False
    assert plan.is_proved
    assert not plan.visits


@pytest.mark.parametrize("wish", IMPOSSIBLE)
def test_without_what_makes_it_impossible_there_is_a_tour(wish: Callable[[int], Problem]) -> None:
    problem = wish(MOST_PROVED + 1)
    for piece in IMPOSSIBLE[wish]:
        assert solve(dropped(problem, [piece]), limit_s=LONG_S, is_any_enough=True).is_feasible


# With places in the order each question is one about all stops: that is asked about in smaller tours.
@pytest.mark.parametrize("wish", [wish for wish in IMPOSSIBLE if wish is not in_its_place_too_soon])
def test_what_is_plainly_impossible_among_many_stops_is_named(wish: Callable[[int], Problem]) -> None:
    problem = wish(MOST_PROVED + 1)
    found = conflict(problem, limit_s=LONG_S)
    assert found.is_irreducible
    assert IMPOSSIBLE[wish] <= set(found.requirements)
    others = {one for one in found.requirements if one.kind != KIND.VISIT} - IMPOSSIBLE[wish]
    assert not others


def test_two_that_exclude_each_other_alone_do_so_among_others() -> None:
    problem = at_the_same_time(MOST_PROVED + 1)
    assert best_by_trying(only(problem, [0, 1])) is None
    for stop in (0, 1):
        assert best_by_trying(only(problem, [stop])) is not None
    assert {Requirement(KIND.VISIT, i) for i in (0, 1)} <= set(conflict(problem, limit_s=LONG_S).requirements)


def test_few_visits_that_just_fit_are_not_called_impossible() -> None:
    hours = (Window(0, 3 * 600 + 2 * 60),)
    stops = tuple(Stop(str(i), 600, hours) for i in range(3))
    walk_s = np.full((3, 3), 60)
    assert not is_seen(Problem(stops, walk_s, walk_s.astype(float)))
    assert is_seen(Problem(stops, walk_s + 1, walk_s.astype(float)))

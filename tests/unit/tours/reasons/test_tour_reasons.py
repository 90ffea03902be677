"""Reasons are put to the test: with the change the stop can be visited, too, with a unit less it cannot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.tours.problem import Objective, Plan, Problem, Stop, Window
from app.analysis.tours.reasons.changes import must_visit
from app.analysis.tours.reasons.kinds import CHANGES, applied, changed_by
from app.analysis.tours.reasons.left_out import MOST_REASONS, Reason, ReasonKind, left_out_reasons
from app.analysis.tours.solving import solve
from app.errors import InputError
from tests.unit.tours.reasons.minute_problems import in_minutes, in_seconds
from tests.unit.tours.tour_problems import LONG_S, park_tour, random_problem
from tests.unit.tours.tours_by_trying import best_by_trying


def solved(problem: Problem) -> Plan | None:
    """Return the best tour, or None where there is none, or the wish contradicts itself."""
    try:
        plan = solve(problem, limit_s=LONG_S)
    except InputError:
        return None
    assert plan.is_proved
    return plan if plan.visits else None


def with_it(problem: Problem, plan: Plan, reason: Reason, less: float = 0.0) -> Problem:
    """Return the problem changed as told in which the stop is visited, and all others of worth, too."""
    changed = changed_by(problem, replace(reason, amount=reason.amount - less))
    for stop in (*(i for i in plan.order if problem.stops[i].value), reason.stop):
        changed = must_visit(changed, stop)
    return changed


def is_possible_by_trying(problem: Problem) -> bool:
    """Return whether there is a tour, found by trying every order."""
    return best_by_trying(in_seconds(problem)) is not None


def visited(problem: Problem) -> set[int]:
    """Return the stops of the best tour."""
    plan = solved(problem)
    return set(plan.order) if plan else set()


def wished(rng: np.random.Generator, n: int, objective: Objective) -> tuple[Problem, Plan] | None:
    """Return a random problem in whole minutes with a tour that leaves something out, and the tour."""
    problem = in_minutes(random_problem(rng, n))
    stops = tuple(
        replace(stop, value=float(rng.integers(0, 5)) if rng.random() < 0.7 else stop.value)
        for stop in problem.stops
    )
    problem = replace(problem, stops=stops, objective=objective)
    try:
        plan = solve(problem, limit_s=LONG_S)
    except InputError:
        return None
    return (problem, plan) if plan.visits and len(plan.order) < n else None


def assert_displaced(problem: Problem, plan: Plan, reason: Reason) -> None:
    """Assert that a stop comes in place of those named, at the loss named, when it is asked for."""
    assert reason.amount >= 0
    assert bool(reason.instead) == (reason.kind == ReasonKind.DISPLACES)
    if reason.instead:
        asked = solve(applied(problem, reason), limit_s=LONG_S)
        assert set(plan.order) - set(asked.order) == set(reason.instead)
        value = asked.value + (problem.stops[reason.stop].value or 0)
        assert plan.value - value == pytest.approx(reason.amount, abs=1e-6)


def assert_nothing_alone(problem: Problem, plan: Plan, stop: int) -> None:
    """Assert that a stop fits in neither at any later hour nor with a visit of a minute."""
    for kind, amount in ((ReasonKind.ENDS_LATER, 600.0), (ReasonKind.STARTS_EARLIER, 600.0)):
        assert solved(with_it(problem, plan, Reason(stop, kind, amount))) is None
    brief = Reason(stop, ReasonKind.DWELL_SHORTER, (problem.stops[stop].dwell_s - 60) // 60)
    assert solved(with_it(problem, plan, brief)) is None


@pytest.mark.parametrize("objective", list(Objective))
def test_a_reason_lets_the_stop_in_and_one_unit_less_does_not(objective: Objective) -> None:
    rng, told, n_sure = np.random.default_rng(20), Counter[ReasonKind](), 0
    while told.total() < 100:
        wish = wished(rng, 5, objective)
        if wish is None:
            continue
        problem, plan = wish
        for reason in left_out_reasons(problem, plan, limit_s=LONG_S):
            told[reason.kind] += 1
            assert reason.stop not in plan.order
            assert reason.is_smallest
            assert (reason.stop in visited(applied(problem, reason))) == (
                reason.kind != ReasonKind.NOTHING_ALONE
            )
            if reason.kind == ReasonKind.NOTHING_ALONE:
                assert_nothing_alone(problem, plan, reason.stop)
            if reason.kind not in CHANGES:
                assert_displaced(problem, plan, reason)
                continue
            n_sure += not reason.is_asked_for
            assert (reason.stop in visited(changed_by(problem, reason))) == (not reason.is_asked_for)
            assert solved(with_it(problem, plan, reason)) is not None, reason
            assert reason.amount == int(reason.amount) > 0
            fewer = [less for less in (1, 2, 3, 5, 10, 20, 50, reason.amount) if less <= reason.amount]
            for less in fewer:
                assert solved(with_it(problem, plan, reason, less)) is None, reason
    assert len(told) >= 6
    assert n_sure > 0


def test_reasons_hold_when_every_order_is_tried() -> None:
    rng, told = np.random.default_rng(21), Counter[ReasonKind]()
    while told.total() < 50:
        wish = wished(rng, 4, Objective.VALUE)
        if wish is None:
            continue
        problem, plan = wish
        for reason in left_out_reasons(problem, plan, limit_s=LONG_S):
            told[reason.kind] += 1
            if reason.kind in CHANGES:
                assert is_possible_by_trying(with_it(problem, plan, reason)), reason
                assert not is_possible_by_trying(with_it(problem, plan, reason, 1.0)), reason
            elif reason.kind != ReasonKind.NOTHING_ALONE:
                assert is_possible_by_trying(must_visit(problem, reason.stop)), reason
    assert len(told) >= 5


def test_what_a_stop_worth_nothing_adds_is_the_difference_of_two_best_tours() -> None:
    rng = np.random.default_rng(22)
    for _ in range(30):
        objective = Objective.WALKING if rng.random() < 0.5 else Objective.DURATION
        problem = park_tour(rng, 6, objective=objective, is_optional=True, first=0)
        problem = replace(problem, stops=tuple(replace(stop, value=0.0) for stop in problem.stops))
        plan = solve(problem, limit_s=LONG_S)
        for reason in left_out_reasons(problem, plan, limit_s=LONG_S):
            forced = solve(applied(problem, reason), limit_s=LONG_S)
            if objective == Objective.WALKING:
                assert reason.kind == ReasonKind.COSTS_METRES
                assert reason.amount == pytest.approx(forced.length_m - plan.length_m, abs=1e-6)
            else:
                assert reason.kind == ReasonKind.COSTS_MINUTES
                more_s = (forced.ends_s - forced.starts_s) - (plan.ends_s - plan.starts_s)
                assert reason.amount * 60 == pytest.approx(more_s, abs=1e-6)


@pytest.mark.parametrize("objective", list(Objective))
def test_a_stop_that_may_be_left_out_is_visited_though_it_is_far_away(objective: Objective) -> None:
    stops = (
        Stop("A", 60),
        Stop("B", 60),
        *(Stop("", 0, value=0.0) for _ in range(8)),
        Stop("C", 60, value=1.0),
    )
    wish = replace(line(*stops, starts_s=0), objective=objective)
    assert 10 in solve(wish, limit_s=LONG_S).order
    # Three visits of a minute and ten minutes of walking take 780 seconds.
    late = replace(wish, ends_s=779)
    told = left_out_reasons(late, solve(late, limit_s=LONG_S), limit_s=LONG_S)
    assert Reason(10, ReasonKind.ENDS_LATER, 1.0) in told


def line(*stops: Stop, apart_m: float = 75.0, **wish: object) -> Problem:
    """Return stops along a straight street, a minute of walking apart."""
    place = np.arange(len(stops))
    apart = np.abs(place[:, None] - place[None])
    return Problem(stops, 60 * apart, apart_m * apart, objective=Objective.VALUE, **wish)  # type: ignore[arg-type]


def reasons_for(problem: Problem, stop: int) -> dict[ReasonKind, Reason]:
    found = left_out_reasons(problem, solve(problem, limit_s=LONG_S), limit_s=LONG_S)
    return {reason.kind: reason for reason in found if reason.stop == stop}


def test_a_stop_that_needs_five_minutes_more() -> None:
    problem = line(Stop("A", 600), Stop("B", 600), Stop("C", 600, value=1.0), starts_s=36000, ends_s=37620)
    told = reasons_for(problem, 2)
    # 600 + 60 + 600 + 60 + 600 seconds of 1620: five minutes short.
    assert told[ReasonKind.ENDS_LATER].amount == 5
    assert told[ReasonKind.STARTS_EARLIER].amount == 5
    assert told[ReasonKind.DWELL_SHORTER].amount == 5
    assert len(told) == MOST_REASONS


def test_a_window_that_opens_too_late() -> None:
    late = Stop("C", 600, (Window(37800, 38700),), value=1.0)
    told = reasons_for(line(Stop("A", 600), late, starts_s=36000, ends_s=37800), 1)
    assert told[ReasonKind.OPENS_EARLIER].amount == 10
    assert told[ReasonKind.OPENS_EARLIER].window == 0
    # At half past ten and ten minutes on.
    assert told[ReasonKind.ENDS_LATER].amount == 10
    assert ReasonKind.DWELL_SHORTER not in told


def test_the_window_that_is_nearest_is_the_one_to_change() -> None:
    windows = (Window(0, 1800), Window(40000, 40800))
    told = reasons_for(line(Stop("A"), Stop("C", 600, windows, value=1.0), starts_s=1500, ends_s=7200), 1)
    assert told[ReasonKind.CLOSES_LATER] == Reason(1, ReasonKind.CLOSES_LATER, 5.0, 0)


def test_a_stop_that_another_one_displaces() -> None:
    stops = (Stop("A", 600), Stop("B", 600, value=5.0), Stop("C", 600, value=3.0))
    told = reasons_for(line(*stops, starts_s=0, ends_s=1500), 2)
    assert told[ReasonKind.DISPLACES].instead == (1,)
    assert told[ReasonKind.DISPLACES].amount == pytest.approx(2.0)


def test_a_stop_that_displaces_two_others() -> None:
    stops = (Stop("A", 300, value=2.0), Stop("B", 300, value=2.0), Stop("C", 900, value=3.0))
    told = reasons_for(line(*stops, starts_s=0, ends_s=960), 2)
    assert told[ReasonKind.DISPLACES] == Reason(
        2, ReasonKind.DISPLACES, 1.0, instead=(0, 1), is_asked_for=True
    )


def test_where_another_stop_is_worth_more_the_one_told_has_to_be_asked_for() -> None:
    better = Stop("B", 600, (Window(7160, 7800),), value=5.0)
    late = Stop("C", 600, (Window(7200, 7830),), value=1.0)
    problem = line(Stop("A", 7100), better, late, starts_s=0, ends_s=7200)
    # From A one is at C at 7,220 s, ten minutes before 7,820 s; or at B, after which C is over.
    told = reasons_for(problem, 2)
    assert told == {ReasonKind.ENDS_LATER: Reason(2, ReasonKind.ENDS_LATER, 11.0, is_asked_for=True)}
    assert reasons_for(problem, 1)[ReasonKind.ENDS_LATER] == Reason(1, ReasonKind.ENDS_LATER, 10.0)


def test_of_equal_stops_it_is_told_when_all_fit_in() -> None:
    """Not when one of them would take the place of another, as good as that would be."""
    stops = [Stop(name, 900, value=1.0) for name in "ABCD"]
    told = reasons_for(line(*stops, starts_s=0, ends_s=3300), 3)
    # Three visits and two minutes of walking take 2,820 s, four and three 3,780 s.
    assert told[ReasonKind.ENDS_LATER] == Reason(3, ReasonKind.ENDS_LATER, 8.0)
    assert told[ReasonKind.DISPLACES] == Reason(3, ReasonKind.DISPLACES, 0.0, instead=(0,), is_asked_for=True)


def test_a_walk_that_is_too_long_by_some_metres() -> None:
    problem = line(Stop("A"), Stop("B", value=2.0), Stop("C", value=1.0), max_walk_m=120.0)
    told = reasons_for(problem, 2)
    assert told[ReasonKind.WALK_MORE].amount == 30
    # Without B it would still be 150 m to C.
    assert ReasonKind.DISPLACES not in told


def test_nothing_alone_helps_where_nobody_can_walk() -> None:
    problem = line(Stop("A"), Stop("C", 600, value=1.0), first=0)
    walk_s = problem.walk_s.copy()
    walk_s[0, 1] = -1
    assert set(reasons_for(replace(problem, walk_s=walk_s), 1)) == {ReasonKind.NOTHING_ALONE}


def test_nothing_left_out_and_no_tour_have_no_reasons() -> None:
    every = line(Stop("A", 60), Stop("B", 60, value=1.0))
    assert left_out_reasons(every, solve(every)) == ()
    never = replace(every, ends_s=10)
    assert left_out_reasons(never, solve(never)) == ()


def test_a_canceled_search_ends_at_once_and_tells_what_it_knows() -> None:
    problem = line(Stop("A", 600), Stop("C", 600, value=1.0), starts_s=0, ends_s=900)
    assert left_out_reasons(problem, solve(problem), cancelled=lambda: True) == ()


def test_what_starts_from_an_unproved_tour_is_not_called_the_smallest() -> None:
    problem = line(Stop("A", 600), Stop("C", 600, value=1.0), starts_s=0, ends_s=900)
    plan = replace(solve(problem, limit_s=LONG_S), is_proved=False, is_settled=False)
    found = left_out_reasons(problem, plan, limit_s=LONG_S)
    assert found
    assert not any(reason.is_smallest for reason in found)

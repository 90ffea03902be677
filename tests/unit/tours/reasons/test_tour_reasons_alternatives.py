"""Alternatives: they keep the wish, are good enough, clearly different, and told right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.analysis.tours.problem import Objective, Plan, Problem, Stop, Window
from app.analysis.tours.reasons.alternatives import WORST_FACTOR, AlternativeKind, alternatives, is_different
from app.analysis.tours.reasons.left_out import Reason, ReasonKind
from app.analysis.tours.solving import solve
from app.domain.localizer import localizer_for
from app.errors import InputError
from app.services.tours.planning.reason_texts import alternative_title, clock, minutes_text, reason_sentence
from tests.unit.tours.tour_problems import LONG_S, park_tour, random_problem, with_order
from tests.unit.tours.tours_by_trying import assert_plan_keeps


def ranked(objective: Objective, plan: Plan) -> tuple[float, float]:
    """Return what a tour is compared by: first the value, whatever its objective."""
    seconds = float(plan.ends_s - plan.starts_s)
    return -plan.value, plan.length_m if objective == Objective.WALKING else seconds


def in_free_order(problem: Problem) -> Problem:
    is_kept = len(problem.orders) == len(problem.stops) - 1
    stops = tuple(replace(stop, position=None) for stop in problem.stops)
    return replace(problem, stops=stops, orders=() if is_kept else problem.orders)


def test_alternatives_keep_the_wish_and_differ() -> None:
    rng, kinds, n_problems = np.random.default_rng(30), Counter[AlternativeKind](), 0
    while n_problems < 80:
        problem = random_problem(rng, 5)
        try:
            plan = solve(problem, limit_s=LONG_S)
        except InputError:
            continue
        if not plan.visits:
            continue
        n_problems += 1
        found = alternatives(problem, plan, limit_s=LONG_S)
        assert len(found) <= 3
        known = [plan]
        for one in found:
            kinds[one.kind] += 1
            best, other = (ranked(problem.objective, tour) for tour in (plan, one.plan))
            if one.kind == AlternativeKind.FREE_ORDER:
                assert_plan_keeps(in_free_order(problem), one.plan)
                assert other < best
                continue
            assert_plan_keeps(problem, one.plan)
            assert best <= other
            assert one.plan.value * WORST_FACTOR >= plan.value - 1e-6
            assert problem.objective == Objective.VALUE or other[1] <= best[1] * WORST_FACTOR + 1e-6
            assert all(is_different(problem, one.plan, tour) for tour in known)
            assert one.length_m == pytest.approx(one.plan.length_m - plan.length_m)
            assert one.value == pytest.approx(one.plan.value - plan.value)
            assert set(one.added) == set(one.plan.order) - set(plan.order)
            assert set(one.left_out) == set(plan.order) - set(one.plan.order)
            known.append(one.plan)
    assert len(kinds) >= 4


def test_the_same_tour_backwards_is_no_alternative() -> None:
    places_m = np.array([0.0, 100.0, 200.0])
    length_m = np.abs(places_m[:, None] - places_m[None])
    stops = tuple(Stop(name) for name in "ABC")
    problem = Problem(stops, length_m.astype(int), length_m)
    assert alternatives(problem, solve(problem, limit_s=LONG_S), limit_s=LONG_S) == ()


def test_a_park_tour_has_three_alternatives() -> None:
    problem = park_tour(np.random.default_rng(31), 12)
    found = alternatives(problem, solve(problem, limit_s=LONG_S), limit_s=LONG_S)
    assert len(found) == 3
    lengths = [one.plan.length_m for one in found]
    assert lengths == sorted(lengths)


def in_chain(problem: Problem, order: tuple[int, ...]) -> Problem:
    return replace(problem, orders=tuple(pairwise(order)))


@pytest.mark.parametrize("keeping", [with_order, in_chain])
def test_a_better_order_than_the_one_kept_comes_first(
    keeping: Callable[[Problem, tuple[int, ...]], Problem],
) -> None:
    free = park_tour(np.random.default_rng(32), 8)
    best = solve(free, limit_s=LONG_S)
    kept = keeping(free, tuple(range(8)))
    plan = solve(kept, limit_s=LONG_S)
    first = alternatives(kept, plan, limit_s=LONG_S)[0]
    assert (first.kind, first.plan.order) == (AlternativeKind.FREE_ORDER, best.order)
    assert first.length_m == pytest.approx(best.length_m - plan.length_m)
    said = alternative_title(first, kept, localizer_for("en"))
    assert re.fullmatch(r"In any order: [\d,]+\xa0m less walking, \d+ minutes shorter\.", said)
    as_good = keeping(free, best.order)
    found = alternatives(as_good, solve(as_good, limit_s=LONG_S), limit_s=LONG_S)
    assert AlternativeKind.FREE_ORDER not in {one.kind for one in found}


def test_no_tour_has_no_alternatives() -> None:
    problem = Problem((Stop("A", 600),), np.zeros((1, 1)), np.zeros((1, 1)), ends_s=60)
    assert alternatives(problem, solve(problem)) == ()


def titles(problem: Problem) -> list[str]:
    found = alternatives(problem, solve(problem, limit_s=LONG_S), limit_s=LONG_S)
    return [alternative_title(one, problem, localizer_for("en")) for one in found]


def test_titles_name_what_is_gained_and_lost() -> None:
    length_m = np.array([[0, 100, 100, 100], [100, 0, 100, 120], [100, 100, 0, 100], [100, 120, 100, 0]])
    stops = (Stop("A"), Stop("B", value=3.0), Stop("C", value=3.0), Stop("D", value=3.0))
    problem = Problem(
        stops, length_m * 6 // 10, length_m * 1.0, first=0, objective=Objective.VALUE, max_walk_m=200
    )
    assert titles(problem) == [
        "Another order, “A” and “B” apart: equally long, with equally much walking.",
        "With “D” instead of “B”: equally long, with equally much walking.",
    ]
    every = tuple(replace(stop, value=None) for stop in stops)
    walked = replace(problem, stops=every, max_walk_m=None, objective=Objective.WALKING)
    assert titles(walked)[1:] == [
        "Another order, “C” and “D” apart: 20\N{NO-BREAK SPACE}m more walking.",
        "Another order, “B” and “C” apart: 20\N{NO-BREAK SPACE}m more walking.",
    ]


STOP = Stop("Joinery", 900, (Window(14 * 3600, 15 * 3600),), value=1.0)
OTHER = Stop("Garage", 600, value=2.0)


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason(0, ReasonKind.COSTS_METRES, 340.4), "“Joinery” would add 340\N{NO-BREAK SPACE}m of walking."),
        (Reason(0, ReasonKind.COSTS_MINUTES, 12.2), "“Joinery” would make the tour 13 minutes longer."),
        (
            Reason(0, ReasonKind.ENDS_LATER, 5),
            "“Joinery” also fits in if the tour may end 5 minutes later, at 16:05.",
        ),
        (
            Reason(0, ReasonKind.STARTS_EARLIER, 1),
            "“Joinery” also fits in if the tour may start 1 minute earlier, at 12:59.",
        ),
        (
            Reason(0, ReasonKind.OPENS_EARLIER, 10, 0),
            "“Joinery” also fits in if the visit may begin 10 minutes earlier, at 13:50 instead of 14:00.",
        ),
        (
            Reason(0, ReasonKind.CLOSES_LATER, 10, 0),
            "“Joinery” also fits in if the visit may end 10 minutes later, at 15:10 instead of 15:00.",
        ),
        (
            Reason(0, ReasonKind.DWELL_SHORTER, 5),
            "“Joinery” also fits in if the visit is 5 minutes shorter: 10 minutes instead of 15 minutes.",
        ),
        (
            Reason(0, ReasonKind.WALK_MORE, 80),
            "“Joinery” also fits in if the walk may be 80\xa0m longer.",
        ),
        (Reason(0, ReasonKind.DISPLACES, 2, instead=(1,)), "“Joinery” fits in instead of “Garage”."),
        (
            Reason(0, ReasonKind.DISPLACES, 2, instead=(1, 2)),
            "“Joinery” fits in instead of “Garage”, “Print shop”.",
        ),
        (Reason(0, ReasonKind.NOTHING_ALONE, 0), "No single change would make room for “Joinery” as well."),
        (
            Reason(0, ReasonKind.ENDS_LATER, 5, is_smallest=False),
            "“Joinery” also fits in if the tour may end 5 minutes later, at 16:05. Less may be enough.",
        ),
        (
            Reason(0, ReasonKind.COSTS_MINUTES, 12, is_smallest=False),
            "“Joinery” would make the tour 12 minutes longer. It may be less.",
        ),
        (
            Reason(0, ReasonKind.DISPLACES, 2, instead=(1,), is_smallest=False),
            "“Joinery” fits in instead of “Garage”. Less may have to give way.",
        ),
        (
            Reason(0, ReasonKind.ENDS_LATER, 5, is_asked_for=True),
            "“Joinery” also fits in if the tour may end 5 minutes later, at 16:05. The stop is certain to "
            "be visited only if it is not optional.",
        ),
    ],
)
def test_reasons_in_words(reason: Reason, sentence: str) -> None:
    walks = np.full((3, 3), 60)
    problem = Problem(
        (STOP, OTHER, Stop("Print shop")), walks, walks, starts_s=13 * 3600, ends_s=16 * 3600, max_walk_m=500
    )
    assert reason_sentence(reason, problem, localizer_for("en")) == sentence


def test_clocks_and_minutes() -> None:
    assert [clock(0), clock(86399), clock(90000), clock(-60)] == ["00:00", "23:59", "01:00", "23:59"]
    assert [minutes_text(s, localizer_for("en")) for s in (0, 1, 60, 61)] == [
        "0 minutes", "1 minute", "1 minute", "2 minutes",
    ]  # fmt: skip

"""Contradictions: they contradict themselves, and without any one piece they do not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from app.analysis.tours.problem import Pause, Problem, Stop, Window
from app.analysis.tours.reasons import conflicts
from app.analysis.tours.reasons.conflicts import Conflict, conflict
from app.analysis.tours.reasons.requirements import (
    Requirement,
    RequirementKind,
    dropped,
    needed_stops,
    requirements,
)
from app.analysis.tours.solving import solve
from app.domain.localizer import localizer_for
from app.errors import InputError
from app.services.tours.planning.conflict_texts import conflict_sentence
from tests.unit.tours.tour_problems import LONG_S, random_problem
from tests.unit.tours.tours_by_trying import best_by_trying

Kept = tuple[Requirement, ...]


def with_only(problem: Problem, kept: Kept) -> Problem:
    return dropped(problem, [one for one in requirements(problem) if one not in kept])


def is_feasible(problem: Problem, kept: Kept) -> bool:
    """Return whether some tour meets these requirements, other stops visited or not."""
    loose = with_only(problem, kept)
    if not needed_stops(loose):
        return True
    try:
        plan = solve(loose, limit_s=LONG_S)
    except InputError:
        return False
    assert plan.is_proved or plan.visits
    return bool(plan.visits)


def is_feasible_by_trying(problem: Problem, kept: Kept) -> bool:
    loose = with_only(problem, kept)
    return not needed_stops(loose) or best_by_trying(loose) is not None


def infeasible(rng: np.random.Generator, n: int, n_wanted: int) -> list[Problem]:
    """Return random wishes that no tour meets."""
    found: list[Problem] = []
    while len(found) < n_wanted:
        problem = random_problem(rng, n)
        try:
            plan = solve(problem, limit_s=LONG_S)
        except InputError:
            continue
        if plan.is_feasible is False:
            found.append(problem)
    return found


@pytest.mark.parametrize("most_sets", [700, 0])
def test_each_piece_of_a_contradiction_matters(most_sets: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether contradictions of few stops are looked for one by one or not."""
    monkeypatch.setattr(conflicts, "_MOST_SETS", most_sets)
    kinds = Counter[RequirementKind]()
    for problem in infeasible(np.random.default_rng(5), 5, 80):
        found = conflict(problem, limit_s=LONG_S)
        assert found.is_irreducible
        kinds.update(one.kind for one in found.requirements)
        assert not is_feasible(problem, found.requirements)
        for one in found.requirements:
            rest = tuple(other for other in found.requirements if other != one)
            assert is_feasible(problem, rest), (found, one)
    assert set(kinds) == set(RequirementKind)


def test_contradictions_hold_when_every_order_is_tried() -> None:
    for problem in infeasible(np.random.default_rng(6), 4, 25):
        found = conflict(problem, limit_s=LONG_S)
        assert not is_feasible_by_trying(problem, found.requirements)
        for one in found.requirements:
            rest = tuple(other for other in found.requirements if other != one)
            if RequirementKind.STARTS not in {other.kind for other in set(requirements(problem)) - set(rest)}:
                assert is_feasible_by_trying(problem, rest)


def test_the_smallest_contradiction_is_the_smallest() -> None:
    """No set with fewer stops contradicts itself, and none of as many stops with fewer other pieces."""
    n_checked = 0
    for problem in infeasible(np.random.default_rng(7), 4, 15):
        found = conflict(problem, limit_s=LONG_S)
        everything = requirements(problem)
        if not found.is_smallest or len(everything) > 10:
            continue
        n_checked += 1
        size = measured(found.requirements)
        for n in range(len(everything)):
            for kept in combinations(everything, n):
                if measured(kept) < size:
                    assert is_feasible(problem, kept), (found, kept)
    assert n_checked >= 5


def measured(kept: Kept) -> tuple[int, int]:
    n_stops = sum(one.kind == RequirementKind.VISIT for one in kept)
    return n_stops, len(kept) - n_stops


def street(*stops: Stop, **wish: object) -> Problem:
    """Return stops along a straight street, two minutes of walking apart."""
    place = np.arange(len(stops))
    apart = np.abs(place[:, None] - place[None])
    return Problem(stops, 120 * apart, 150.0 * apart, **wish)  # type: ignore[arg-type]


def at(hour: int, minute: int) -> int:
    return 3600 * hour + 60 * minute


def sentence_of(problem: Problem) -> str:
    return conflict_sentence(conflict(problem, limit_s=LONG_S), problem, localizer_for("en"))


A = Stop("A", 1200, (Window(at(14, 0), at(14, 30)),))
B = Stop("B", 900, (Window(at(14, 15), at(14, 30)),))


def test_two_hosts_whose_hours_lie_too_close() -> None:
    others = [Stop(f"S{i}", 600) for i in range(6)]
    problem = street(A, B, *others, starts_s=at(13, 0), ends_s=at(17, 0))
    found = conflict(problem, limit_s=LONG_S)
    assert {(one.kind, one.stop) for one in found.requirements} == {
        (kind, stop) for kind in (RequirementKind.VISIT, RequirementKind.WINDOWS) for stop in (0, 1)
    }
    assert found.is_smallest
    # B first: a visit of 15 minutes and a walk of two.
    assert (
        sentence_of(problem)
        == "“A” (14:00–14:30) and “B” (14:15–14:30) are 17 minutes apart, visit and walk together."
    )


def test_too_many_visits_for_the_time() -> None:
    stops = [Stop(name, 1800) for name in "ABCD"]
    problem = street(*stops, starts_s=at(13, 0), ends_s=at(14, 0))
    found = conflict(problem, limit_s=LONG_S)
    assert found.least_s == 3720
    assert sentence_of(problem) == (
        "The visits of “A”, “B” and the walks between them take 62 minutes; from 13:00 to 14:00 "
        "there are only 60 minutes."
    )


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (
            street(A, Stop("C", 60), starts_s=at(13, 0), ends_s=at(14, 10)),
            "These cannot all be met: “A” only at 14:00–14:30; end by 14:10.",
        ),
        (
            street(Stop("C"), Stop("D"), Stop("E"), max_walk_m=100.0),
            "These cannot all be met: “C” must be visited; “D” must be visited; at most 100\xa0m of walking.",
        ),
        (
            street(A, Stop("C", 60, (Window(at(12, 0), at(13, 0)),)), orders=((0, 1),)),
            "These cannot all be met: “A” before “C”; “A” only at 14:00–14:30; “C” only at 12:00–13:00.",
        ),
        (
            street(A, Stop("C", 60), first=1, starts_s=at(15, 0)),
            "These cannot all be met: “A” only at 14:00–14:30; start at 15:00 or later.",
        ),
    ],
)
def test_other_contradictions_in_words(problem: Problem, sentence: str) -> None:
    assert sentence_of(problem) == sentence


def test_a_pause_that_does_not_fit() -> None:
    pause = Pause(3600, Window(at(13, 50), at(14, 0)))
    problem = street(A, B, starts_s=at(13, 50), ends_s=at(15, 30), pause=pause)
    problem = replace(problem, stops=(A, Stop("C", 60)))
    assert "a pause of 60 minutes that begins at 13:50–14:00" in sentence_of(problem)


def test_a_wish_that_can_be_met_contradicts_nothing() -> None:
    problem = street(Stop("C"), Stop("D"))
    assert conflict(problem) == Conflict()
    assert sentence_of(problem) == ""


def test_a_canceled_search_tells_nothing() -> None:
    assert conflict(street(A, B), cancelled=lambda: True) == Conflict()

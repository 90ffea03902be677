"""Contradictions hidden among many requirements: found with few questions, told even if time runs short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.analysis.tours import compile_planner
from app.analysis.tours.problem import Pause, Plan, Problem, Stop, Way, Window
from app.analysis.tours.reasons.conflicts import Conflict, conflict
from app.analysis.tours.reasons.repeated_solves import BudgetedSolver, OutOfTimeError
from app.analysis.tours.reasons.requirements import Requirement, RequirementKind, dropped, requirements
from app.domain.localizer import localizer_for
from app.services.tours.planning.conflict_texts import conflict_sentence
from tests.unit.tours.tours_by_trying import best_by_trying

LONG_S = 600.0
HOUR_S = 3600
# Any two of the three can be visited within these 44 minutes, never all three.
THREE = tuple(Stop(f"T{i}", 900, (Window(14 * HOUR_S, 14 * HOUR_S + 2640),)) for i in range(3))
# Neither can be visited before the other.
TWO = (
    Stop("A", 1200, (Window(14 * HOUR_S, 14 * HOUR_S + 1800),)),
    Stop("B", 900, (Window(14 * HOUR_S + 900, 14 * HOUR_S + 1800),)),
)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def crowded(n: int, planted: tuple[Stop, ...], **wish: Any) -> Problem:
    """Return a day's tour of many stops, half of them with hours; those planted contradict each other."""
    places_m = np.random.default_rng(n).uniform(0, 300, (n, 2))
    length_m = np.abs(places_m[:, None] - places_m[None]).sum(axis=2)
    day = Window(8 * HOUR_S, 20 * HOUR_S)
    others = (Stop(f"S{i}", 300, (day,) if i % 2 else ()) for i in range(n - len(planted)))
    walk_s = np.ceil(length_m).astype(int)
    return Problem((*planted, *others), walk_s, length_m, starts_s=day.opens_s, ends_s=day.closes_s, **wish)


def with_gates(problem: Problem) -> Problem:
    return replace(
        problem, ways=tuple(Way(i, i + 1, 10, 5.0, Window(9 * HOUR_S, 10 * HOUR_S)) for i in range(5, 15))
    )


def with_place(problem: Problem) -> Problem:
    stops = list(problem.stops)
    stops[7] = replace(stops[7], position=5)
    return replace(problem, stops=tuple(stops))


def as_given(problem: Problem) -> Problem:
    return problem


WISHES: dict[str, tuple[dict[str, Any], Callable[[Problem], Problem]]] = {
    "plain": ({}, as_given),
    "pause": ({"pause": Pause(1800, Window(12 * HOUR_S, 13 * HOUR_S))}, as_given),
    "round": ({"is_round": True}, as_given),
    "orders": ({"orders": ((0, 1), (8, 9), (9, 10))}, as_given),
    "gates": ({}, with_gates),
    "place": ({}, with_place),
}


def pieces(planted: tuple[Stop, ...]) -> set[Requirement]:
    """Return that these stops are visited, each within its hours; nothing else has to be required."""
    kinds = (RequirementKind.VISIT, RequirementKind.WINDOWS)
    return {Requirement(kind, i) for kind in kinds for i in range(len(planted))}


@pytest.mark.parametrize("planted", [TWO, THREE], ids=["two", "three"])
def test_what_is_planted_contradicts_itself_and_no_part_of_it_does(planted: tuple[Stop, ...]) -> None:
    alone = replace(crowded(len(planted), planted), starts_s=0, ends_s=24 * HOUR_S)
    assert best_by_trying(alone) is None
    for piece in pieces(planted):
        assert best_by_trying(dropped(alone, [piece])) is not None


@pytest.mark.parametrize("n_stops", [25, 40])
@pytest.mark.parametrize("planted", [TWO, THREE], ids=["two", "three"])
@pytest.mark.parametrize("wishes", WISHES)
def test_what_was_planted_is_found_and_nothing_else(
    wishes: str, planted: tuple[Stop, ...], n_stops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = counted(monkeypatch)
    wish, changed = WISHES[wishes]
    found = conflict(changed(crowded(n_stops, planted, **wish)), limit_s=LONG_S)
    assert found.is_irreducible
    assert set(found.requirements) == pieces(planted)
    # All pairs of 25 stops are 300; no more than these and some are asked for.
    assert len(asked) < 700


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which each question adds how many stops it is about."""
    asked, best = list[int](), BudgetedSolver.best

    def noting(solver: BudgetedSolver, problem: Problem, **how: Any) -> Plan | None:
        asked.append(len(problem.stops))
        return best(solver, problem, **how)

    monkeypatch.setattr(BudgetedSolver, "best", noting)
    return asked


def test_forty_five_requirements_of_which_six_contradict_each_other() -> None:
    problem = crowded(27, THREE, is_round=True, max_walk_m=9000.0, orders=((5, 6), (7, 8)))
    assert len(requirements(problem)) == 48
    assert len(conflict(problem, limit_s=LONG_S).requirements) == 6


def test_too_many_visits_for_the_time_are_told_without_the_hours_that_do_not_matter() -> None:
    problem = replace(crowded(20, ()), ends_s=8 * HOUR_S + 20 * 310)
    found = conflict(problem, limit_s=LONG_S)
    assert found.is_irreducible
    assert {one.kind for one in found.requirements} == {
        RequirementKind.VISIT, RequirementKind.STARTS, RequirementKind.ENDS,
    }  # fmt: skip
    assert found.least_s is not None
    assert found.least_s > 20 * 310
    assert " more stops and the walks between them take " in conflict_sentence(
        found, problem, localizer_for("en")
    )


def out_of_time_after(n_questions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time run out for good once so many questions were asked."""
    left = iter(range(n_questions))

    def left_s(_: BudgetedSolver) -> float:
        if next(left, None) is None:
            raise OutOfTimeError
        return LONG_S

    monkeypatch.setattr(BudgetedSolver, "left_s", left_s)


def conflicts_after(n_questions: int) -> Iterator[tuple[Problem, Conflict]]:
    for n_stops in (12, 25):
        problem = crowded(n_stops, THREE, is_round=True)
        with pytest.MonkeyPatch.context() as patched:
            out_of_time_after(n_questions, patched)
            found = conflict(problem, limit_s=LONG_S)
        yield problem, found


@pytest.mark.parametrize("n_questions", [*range(0, 40, 3), 60, 100])
def test_what_was_found_so_far_is_kept_when_time_runs_short(n_questions: int) -> None:
    for problem, found in conflicts_after(n_questions):
        if not found.requirements:
            continue
        assert pieces(THREE) <= set(found.requirements) <= set(requirements(problem))
        if not found.is_irreducible:
            assert "At least one of these has to give way" in conflict_sentence(
                found, problem, localizer_for("en")
            )


def test_the_longer_is_asked_the_less_is_told_until_each_piece_matters() -> None:
    sizes = [[len(found.requirements) for _, found in conflicts_after(n)] for n in (10, 14, 18, 25, 40, 400)]
    for of_one in zip(*sizes, strict=True):
        told = [size for size in of_one if size]
        assert told == sorted(told, reverse=True)
        assert told[0] > told[-1] == 6
    assert all(found.is_irreducible for _, found in conflicts_after(400))


def test_where_answers_stay_open_not_every_piece_is_said_to_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question whose answer was not proved takes nothing away, and nothing is called irreducible."""
    best = BudgetedSolver.best

    def unproved(solver: BudgetedSolver, problem: Problem, **how: Any) -> Plan | None:
        plan = best(solver, problem, **how)
        solver.is_proved = solver.is_proved and (plan is None or bool(plan.visits)) and len(problem.stops) > 3
        return None if len(problem.stops) <= 3 else plan

    monkeypatch.setattr(BudgetedSolver, "best", unproved)
    problem = crowded(12, THREE)
    found = conflict(problem, limit_s=LONG_S)
    monkeypatch.undo()
    assert not found.is_irreducible
    assert not found.is_smallest
    assert pieces(THREE) < set(found.requirements)

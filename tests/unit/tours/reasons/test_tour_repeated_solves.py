"""Solves within one limit: each has a budget, and fewer stops give the same answer."""

from __future__ import annotations

import pytest

from app.analysis.tours import compile_planner
from app.analysis.tours.reasons.changes import must_visit
from app.analysis.tours.reasons.repeated_solves import BudgetedSolver
from tests.unit.tours.test_tour_solver import problems


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def test_a_budget_that_runs_out_leaves_its_time_to_others() -> None:
    solver, asked = BudgetedSolver(60.0), []
    with solver.budget(0.5) as long:
        asked.append("first")
        with solver.budget(0.0) as short:
            solver.left_s()
            asked.append("never")
        solver.left_s()
        asked.append("second")
    assert solver.left_s() > 50
    assert asked == ["first", "second"]
    assert (long.is_over, short.is_over) == (False, True)


@pytest.mark.parametrize("has_ways", [False, True])
def test_whether_there_is_a_tour_is_answered_as_by_the_whole_search(has_ways: bool) -> None:
    told = []
    for problem in problems(97, 5, 60):
        if bool(problem.ways) != has_ways:
            continue
        for stop in range(5):
            told.append(BudgetedSolver(60.0).any_tour(must_visit(problem, stop)) is not None)
            assert told[-1] == (BudgetedSolver(60.0).best(must_visit(problem, stop)) is not None)
    assert set(told) == {True, False}

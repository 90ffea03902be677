"""The planner against every order tried."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.tours import solve
from app.errors import InputError
from tests.unit.tour_problems import assert_plan_keeps, best_by_trying, measures, random_problem


def problems(seed: int, n_stops: int, n_problems: int):
    """Yield random problems that are not refused."""
    from app.analysis.tours import check_problem

    rng, n = np.random.default_rng(seed), 0
    while n < n_problems:
        problem = random_problem(rng, n_stops)
        try:
            check_problem(problem)
        except InputError:
            continue
        n += 1
        yield problem


@pytest.mark.parametrize(
    ("n_stops", "n_problems"), [(1, 100), (2, 200), (3, 500), (4, 500), (5, 200), (6, 30)]
)
def test_is_the_best_of_all_orders(n_stops: int, n_problems: int) -> None:
    n_met = 0
    for problem in problems(n_stops, n_stops, n_problems):
        plan, best = solve(problem, limit_s=30), best_by_trying(problem)
        assert plan.is_proved
        assert plan.is_feasible is (best is not None)
        if best is None:
            continue
        n_met += 1
        assert measures(problem, plan) == best[0], problem
        assert_plan_keeps(problem, plan)
        first = {"walking": plan.length_m, "duration": plan.ends_s - plan.starts_s, "value": plan.value}
        assert plan.bound == pytest.approx(first[problem.objective])
    assert n_met > n_problems // 5

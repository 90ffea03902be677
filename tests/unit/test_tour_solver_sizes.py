"""Every objective with all that can be asked for, up to the largest tour."""

from __future__ import annotations

import numpy as np
import pytest

from app.analysis.tours import Objective, Plan, Problem, compile_planner, solve
from tests.unit.hidden_tours import Asked, hidden_tour
from tests.unit.tours_by_trying import assert_plan_keeps, measures

# What a bound is told in, as whole numbers that are compared: millimetres, seconds, millionths.
UNIT = {Objective.WALKING: 1000, Objective.DURATION: 1, Objective.VALUE: -(10**6)}


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_planner()


def assert_sound(problem: Problem, plan: Plan) -> None:
    """Check a plan against its wish and its own bound."""
    assert plan.is_feasible
    assert_plan_keeps(problem, plan)
    bound, measure = round(UNIT[problem.objective] * plan.bound), measures(problem, plan)[0]
    assert bound <= measure
    assert plan.is_proved == (bound == measure)


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("n", [13, 20, 30, 40, 60])
@pytest.mark.parametrize(
    "asked",
    [
        Asked(last=True),
        Asked(first=True, last=True, orders=True),
        Asked(last=True, windows=True, optional=True),
    ],
)
def test_a_fixed_last_stop_is_planned(asked: Asked, n: int, objective: Objective) -> None:
    problem = hidden_tour(np.random.default_rng(n), n, objective, asked)
    assert_sound(problem, solve(problem, limit_s=0.5))

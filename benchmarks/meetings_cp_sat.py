"""The same choices and groups by CP-SAT, a second opinion: linear over pairs, one worker."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# CP-SAT wants whole numbers.
SCALE = 10_000


def cp_sat_meeting(weights: Array, n_chosen: int, limit_s: float) -> tuple[float, float]:
    """Return value and bound of the companies that are worth most together."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    model = cp_model.CpModel()
    chosen = [model.new_bool_var(f"x{i}") for i in range(len(weights))]
    model.add(sum(chosen) == n_chosen)
    terms = []
    for i, k in combinations(range(len(weights)), 2):
        if weights[i, k]:
            both = model.new_bool_var(f"y{i},{k}")
            model.add_implication(both, chosen[i])
            model.add_implication(both, chosen[k])
            terms.append(round(SCALE * weights[i, k]) * both)
    model.maximize(sum(terms))
    return _solved(model, limit_s)


def cp_sat_groups(weights: Array, sizes: tuple[int, ...], limit_s: float) -> tuple[float, float]:
    """Return value and bound of the groups that are worth most; the first guest sits in the first group."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    model, n = cp_model.CpModel(), len(weights)
    seats = [[model.new_bool_var(f"z{g},{i}") for i in range(n)] for g in range(len(sizes))]
    for group, size in zip(seats, sizes, strict=True):
        model.add(sum(group) == size)
    for i in range(n):
        model.add_exactly_one(group[i] for group in seats)
    if len(set(sizes)) == 1:
        model.add(seats[0][0] == 1)
    terms = []
    for i, k in combinations(range(n), 2):
        if weights[i, k]:
            for g, group in enumerate(seats):
                both = model.new_bool_var(f"y{g},{i},{k}")
                model.add_implication(both, group[i])
                model.add_implication(both, group[k])
                terms.append(round(SCALE * weights[i, k]) * both)
    model.maximize(sum(terms))
    return _solved(model, limit_s)


def _solved(model: Any, limit_s: float) -> tuple[float, float]:
    from ortools.sat.python import cp_model  # noqa: PLC0415

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    is_found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    value = solver.objective_value / SCALE if is_found else -np.inf
    bound = value if status == cp_model.OPTIMAL else solver.best_objective_bound / SCALE
    return value, bound

"""What an order of stops is worth, whoever found it; no planner has a part in this."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from app.analysis.tours.problem import Objective, Problem


def worth(problem: Problem, order: Sequence[int]) -> float | None:
    """Return the first measure of the best timing of an order: metres, seconds, or value; None: not allowed.

    For problems with at most one window a stop, without ways, pause, orders and positions.
    """
    stops = problem.stops
    needed = {i for i, stop in enumerate(stops) if stop.value is None} | (
        {problem.first, problem.last} - {None}
    )
    if len(set(order)) != len(order) or not needed <= set(order) or not order:
        return None
    if problem.first not in {None, order[0]} or problem.last not in {None, order[-1]}:
        return None
    length_m = sum(problem.length_m[leg] for leg in _legs(problem, order))
    shortest_s = _shortest_s(problem, order)
    if shortest_s is None or (problem.max_walk_m is not None and length_m > problem.max_walk_m + 1e-6):
        return None
    if problem.objective == Objective.WALKING:
        return float(length_m)
    if problem.objective == Objective.DURATION:
        return float(shortest_s)
    return float(sum(stops[i].value or 0.0 for i in order))


def is_minimized(problem: Problem) -> bool:
    """Return whether less is better."""
    return problem.objective != Objective.VALUE


def _legs(problem: Problem, order: Sequence[int]) -> list[tuple[int, int]]:
    home = [order[0]] if problem.is_round and len(order) > 1 else []
    return list(pairwise([*order, *home]))


def _shortest_s(problem: Problem, order: Sequence[int]) -> int | None:
    """Return the least time from start to end; None when some window cannot be met.

    Starting at s, the end comes at max(A, s + T) for s up to the latest start S: so it takes max(T, A - S).
    """
    legs = [int(problem.walk_s[leg]) for leg in _legs(problem, order)]
    dwells = [problem.stops[i].dwell_s for i in order]
    opens, closes = np.array([_hours(problem, i) for i in order]).T
    latest_end = _late(problem) - (legs[-1] if problem.is_round and len(order) > 1 else 0)
    ready, latest = problem.starts_s, latest_end
    for i, dwell in enumerate(dwells):
        ready = max(ready, opens[i]) + dwell
        if ready > closes[i] or min(legs, default=0) < 0:
            return None
        ready += legs[i] if i < len(legs) else 0
    for i in reversed(range(len(order))):
        latest = min(latest, closes[i]) - dwells[i]
        if i:
            latest -= legs[i - 1]
    if ready > _late(problem) or latest < problem.starts_s:
        return None
    return max(sum(legs) + sum(dwells), int(ready - latest))


def _hours(problem: Problem, i: int) -> tuple[int, int]:
    windows = problem.stops[i].windows
    return (windows[0].opens_s, windows[0].closes_s) if windows else (problem.starts_s, _late(problem))


def _late(problem: Problem) -> int:
    return 10**9 if problem.ends_s is None else problem.ends_s

"""A plain second answer to whom to bring together: every host with every set of guests."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import numpy as np

from app.analysis.meetings import NextMeeting

Array = np.ndarray[Any, Any]


def best_value(problem: NextMeeting, walk_s: Array | None = None, dwell_s: float = 0.0) -> float | None:
    """Return the most that a choice is worth; None: there is none."""
    return max(values_by_trying(problem, walk_s, dwell_s).values(), default=None)


def values_by_trying(
    problem: NextMeeting, walk_s: Array | None = None, dwell_s: float = 0.0
) -> dict[frozenset[int], float]:
    """Return what each set of companies is worth with the best of its hosts."""
    n, values = len(problem.weights), dict[frozenset[int], float]()
    for host in problem.hosts or range(n):
        weights, own = _weights(problem, host)
        others = [one for one in range(n) if one != host and _may_come(problem, host, one)]
        if host in problem.excluded:
            continue
        for guests in combinations(others, problem.n_guests):
            chosen = sorted({host, *guests})
            if not set(problem.required) <= set(chosen):
                continue
            if any(a in chosen and b in chosen for a, b in problem.apart):
                continue
            if problem.walk and walk_s is not None:
                walked = _shortest_s(walk_s, host, guests) + dwell_s * len(guests)
                if walked > problem.walk.limit_s:
                    continue
            value = float(np.triu(weights[np.ix_(chosen, chosen)], 1).sum() + own[chosen].sum())
            own_set = frozenset(chosen)
            values[own_set] = max(value, values.get(own_set, value))
    return values


def _weights(problem: NextMeeting, host: int) -> tuple[Array, Array]:
    n = len(problem.weights)
    rates = np.ones(n) if problem.come_rates is None else np.array(problem.come_rates)
    rates[host] = 1.0
    fairness = np.zeros(n) if problem.fairness is None else problem.fairness
    return problem.weights * np.outer(rates, rates), problem.fairness_weight * fairness


def _may_come(problem: NextMeeting, host: int, guest: int) -> bool:
    is_near = problem.near is None or bool(problem.near[host, guest])
    return guest not in problem.excluded and (is_near or guest in problem.required)


def _shortest_s(walk_s: Array, host: int, guests: tuple[int, ...]) -> float:
    return min(
        float(sum(walk_s[a, b] for a, b in zip((host, *order), order, strict=False)))
        for order in permutations(guests)
    )

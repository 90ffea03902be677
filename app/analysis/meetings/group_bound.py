"""What no groups are worth more than, where not all groups can be listed."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import numpy as np

from app.analysis.meetings.elimination import elimination_bags
from app.analysis.meetings.heaviest_subgraph import heaviest_subgraph, is_narrow

Array = np.ndarray[Any, Any]

# Steps without a lower bound after which they become half as long, and how short they get.
PATIENCE, SHORTEST = 6, 0.02


def lagrangian_bound(
    weights: Array, is_apart: Array, sizes: tuple[int, ...], value: float, until: float
) -> float:
    """Return a bound of groups worth at least `value`; inf where the graph of pairs is too wide for it.

    Each guest in exactly one group is asked for by a price only; the best group at these prices is found
    exactly, and the prices are moved by its subgradient (Polyak's step).

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.kron(np.eye(2), np.ones((2, 2))) - np.eye(4)
    >>> far = time.perf_counter() + 60
    >>> round(lagrangian_bound(weights, np.zeros((4, 4), dtype=bool), (2, 2), 2.0, far), 6)
    2.0
    """
    n, n_of = len(weights), Counter(sizes)
    penalized = np.where(is_apart, -1.0 - 2.0 * np.abs(weights).sum(), weights)
    bags = elimination_bags(penalized != 0)
    if not is_narrow(bags, max(sizes)):
        return np.inf
    anyone, nobody = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    prices, best, center = np.zeros(n), np.inf, np.zeros(n)
    step, n_failed = 1.0, 0
    while step > SHORTEST and best > value and time.perf_counter() < until:
        bound, missing = float(prices.sum()), np.ones(n)
        for size, n_groups in n_of.items():
            found = heaviest_subgraph(penalized, -prices, size, bags, anyone, nobody)
            if found is None:
                return np.inf
            bound += n_groups * found[0]
            missing[list(found[1])] -= n_groups
        if bound < best - 1e-9 * (1 + abs(bound)):
            best, center, n_failed = bound, prices, 0
        else:
            n_failed += 1
        if n_failed == PATIENCE:
            step, n_failed, prices = step / 2, 0, center
        if not missing.any():
            break
        prices = prices - step * (bound - value) / (missing @ missing) * missing
    return best

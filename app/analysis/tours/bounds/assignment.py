"""Prices by which rows and columns of costs are reduced: the dual of the assignment problem.

Each stop is left once and arrived at once; so the least cost of an assignment of stops to the ones behind
them is a bound for any tour, which is close where a walk and the one back cost very differently: E. Balas,
P. Toth, Branch and bound methods, in: The traveling salesman problem, 1985.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.analysis.tours.problem import Array


def assignment_prices(cost: Array, source: Array, goal: Array) -> Array:
    """Return prices of setting out from (row 0) and arriving at (row 1) each stop.

    Parameters
    ----------
    cost : array of float, shape (n, n)
        Finite; the diagonal is not read.
    source, goal : array of float, shape (n,)
        What it costs to come to the first stop, and to leave the last.

    Returns
    -------
    array of float, shape (2, n)
        No cost is less than its two prices. With those of the depot, which are what is left of `source` and
        `goal` at least, their sum is the most there is.
    """
    n = len(cost)
    far = np.zeros((n + 1, n + 1))
    far[:n, :n], far[n, :n], far[:n, n] = cost, source, goal
    np.fill_diagonal(far, 4 * (far.max() + 1) * (n + 1))
    rows, columns = linear_sum_assignment(far)
    column_of = np.empty(n + 1, dtype=int)
    column_of[rows] = columns
    return _potentials(far, column_of)[:, :n]


def _potentials(cost: Array, column_of: Array) -> Array:
    """Return prices under which what is assigned costs nothing, and nothing less (Bellman, Ford)."""
    # Leaving a row for another by its column: the least way to each row is its price.
    matched = cost[np.arange(len(cost)), column_of]
    step = cost[:, column_of] - matched[None, :]
    into_row = np.zeros(len(cost))
    for _ in range(len(cost)):
        before, into_row = into_row, np.minimum(into_row, (into_row[:, None] + step).min(axis=0))
        if (before == into_row).all():
            break
    prices = np.zeros((2, len(cost)))
    prices[1, column_of] = matched + into_row
    prices[0] = -into_row
    return prices

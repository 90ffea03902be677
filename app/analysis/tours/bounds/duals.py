"""Prices on setting out from a stop and on arriving at it, and what they tell of a whole tour.

With prices the tree of least cost through the stops that must be visited looks like a tour, and no tour costs
less than it: M. Held, R. M. Karp, The traveling-salesman problem and minimum spanning trees, 1970.

Prices by which rows and columns of costs are reduced: the dual of the assignment problem.

Each stop is left once and arrived at once; so the least cost of an assignment of stops to the ones behind
them is a bound for any tour, which is close where a walk and the one back cost very differently: E. Balas,
P. Toth, Branch and bound methods, in: The traveling salesman problem, 1985.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.analysis.tours.bounds.one_tree import adjust_prices
from app.analysis.tours.bounds.tightening import needed_stops
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER, Task

# Rounds of adjusting prices; more do not pay at the sizes planned here.
N_ROUNDS = 150


class Pricing(NamedTuple):
    """The prices of a task, in seconds or millimetres.

    Attributes
    ----------
    members : list of int
        The stops in the tree: those that must be visited, without first and last.
    cost : array of float, shape (n, n)
    out, into : array of float, shape (n,)
    least : int
        No tour costs less; 0 where there are fewer than two members.
    """

    members: list[int]
    cost: Array
    out: Array
    into: Array
    least: int


def pricing_of(task: Task, cost: Array, finishing: Array) -> Pricing:
    """Return the prices with the dearest tree, the best of those found from several to begin with.

    Parameters
    ----------
    task : Task
    cost, finishing : array of int64, shape (n, n)
        As in `remaining.legs_and_ends`.
    """
    members = [i for i in np.flatnonzero(needed_stops(task)).tolist() if i not in (task.first, task.last)]
    out, into = np.zeros((2, task.n))
    if len(members) < 2:
        return Pricing(members, cost.astype(float), out, into, 0)
    first = task.first
    if first < 0 and task.is_round:
        first = members.pop(0)
    # What cannot be walked must not drive the prices out of all proportion.
    most = 4 * max(cost[cost < NEVER].max(initial=1), 1)
    cost, finishing = (np.minimum(one, most).astype(float) for one in (cost, finishing))
    source = cost[first] if first >= 0 else np.zeros(task.n)
    goal, room, best = finishing[max(first, 0)], np.empty((6, task.n)), -np.inf
    for begin in _first_prices(cost, source, goal, members):
        tried = begin.copy()
        total = adjust_prices(cost, source, goal, np.array(members), tried[0], tried[1], room, N_ROUNDS)
        if total > best:
            best, (out, into) = total, tried
    # Whole numbers are added up as floats, which is not exact to the last bit.
    return Pricing(members, cost, out, into, max(math.ceil(best - 1e-3 - 1e-12 * most * task.n), 0))


def _first_prices(cost: Array, source: Array, goal: Array, members: list[int]) -> Iterator[Array]:
    """Yield prices of setting out and arriving, shape (2, n), to begin with.

    None; where walks cost otherwise back, those that make both ways cost the same (a visit that is part of
    the walk from it or to it), and those of the assignment problem, whose value the tree then exceeds.
    """
    prices = np.zeros((2, len(cost)))
    yield prices
    among = cost[np.ix_(members, members)]
    if (among != among.T).any():
        prices[:, members] = 0.5 * np.array([[1.0], [-1.0]]) * (among - among.T).mean(axis=1)
        yield prices
        prices[:, members] = assignment_prices(among, source[members], goal[members])
        yield prices


def least_with_legs(pricing: Pricing) -> Array:
    """Return the least cost of a tour that goes straight from one stop to another, shape (n, n).

    The leg takes the place of the dearest one on the tree's way between the two stops. What is not between
    two members is `Pricing.least`.
    """
    members = pricing.members
    among = np.ix_(members, members)
    reduced = pricing.cost[among] - pricing.out[members][:, None] - pricing.into[members]
    dearest = _dearest_between(np.minimum(reduced, reduced.T))
    least = np.full(pricing.cost.shape, float(pricing.least))
    least[among] += np.maximum(reduced - dearest, 0.0)
    return least


def _dearest_between(joining: Array) -> Array:
    """Return the dearest edge between any two nodes of the tree of least cost (R. C. Prim)."""
    n = len(joining)
    dearest, is_in = np.full((n, n), -np.inf), np.zeros(n, dtype=bool)
    near, near_by = joining[0].copy(), np.zeros(n, dtype=int)
    is_in[0] = True
    for _ in range(n - 1):
        one = int(np.where(is_in, np.inf, near).argmin())
        by = near_by[one]
        dearest[one, is_in] = dearest[is_in, one] = np.maximum(dearest[by, is_in], near[one])
        is_in[one] = True
        is_nearer = joining[one] < near
        near[is_nearer], near_by[is_nearer] = joining[one, is_nearer], one
    return dearest


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

"""Lagrange multipliers of departures and arrivals, and the bounds on a whole tour that they give.

The 1-tree bound: with multipliers the minimum spanning tree over the required stops approaches a tour, and no
tour costs less: M. Held, R. M. Karp, The traveling-salesman problem and minimum spanning trees, 1970.

Where walks are asymmetric, the dual values of the assignment problem are the better start: each stop has one
departure and one arrival, so the least cost of assigning successors bounds any tour: E. Balas, P. Toth,
Branch and bound methods, in: The traveling salesman problem, 1985.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.analysis.tours.bounds.one_tree import adjust_multipliers
from app.analysis.tours.bounds.tightening import needed_stops
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER, TaskData

# Rounds of the subgradient method; more do not pay at the sizes planned here.
N_ROUNDS = 150


class Multipliers(NamedTuple):
    """The multipliers of a task, and the 1-tree bound they give, in seconds or millimetres.

    Attributes
    ----------
    members : list of int
        The stops in the tree: the required ones, without first and last.
    cost : array of float, shape (n, n)
    out, into : array of float, shape (n,)
        Of departing from a stop, and of arriving at it.
    least : int
        No tour costs less; 0 where there are fewer than two members.
    """

    members: list[int]
    cost: Array
    out: Array
    into: Array
    least: int


def multipliers_of(task: TaskData, cost: Array, finishing: Array) -> Multipliers:
    """Return the multipliers with the highest bound, the best of those found from several starts.

    Parameters
    ----------
    task : TaskData
    cost, finishing : array of int64, shape (n, n)
        As in `remaining.legs_and_ends`.
    """
    members = [i for i in np.flatnonzero(needed_stops(task)).tolist() if i not in (task.first, task.last)]
    out, into = np.zeros((2, task.n))
    if len(members) < 2:
        return Multipliers(members, cost.astype(float), out, into, 0)
    first = task.first
    if first < 0 and task.is_round:
        first = members.pop(0)
    # What cannot be walked must not drive the multipliers out of all proportion.
    most = 4 * max(cost[cost < NEVER].max(initial=1), 1)
    cost, finishing = (np.minimum(one, most).astype(float) for one in (cost, finishing))
    source = cost[first] if first >= 0 else np.zeros(task.n)
    goal, workspace, best = finishing[max(first, 0)], np.empty((6, task.n)), -np.inf
    for begin in _first_multipliers(cost, source, goal, members):
        tried = begin.copy()
        total = adjust_multipliers(
            cost, source, goal, np.array(members), tried[0], tried[1], workspace, N_ROUNDS
        )
        if total > best:
            best, (out, into) = total, tried
    # Whole numbers are added up as floats, which is not exact to the last bit.
    return Multipliers(members, cost, out, into, max(math.ceil(best - 1e-3 - 1e-12 * most * task.n), 0))


def _first_multipliers(cost: Array, source: Array, goal: Array, members: list[int]) -> Iterator[Array]:
    """Yield multipliers of departures and arrivals, shape (2, n), to begin with.

    Zero; where walks are asymmetric, those that make both directions cost the same (a visit that is part of
    the walk from it or to it), and the dual values of the assignment problem, whose bound the 1-tree exceeds.
    """
    begin = np.zeros((2, len(cost)))
    yield begin
    among = cost[np.ix_(members, members)]
    if (among != among.T).any():
        begin[:, members] = 0.5 * np.array([[1.0], [-1.0]]) * (among - among.T).mean(axis=1)
        yield begin
        begin[:, members] = assignment_duals(among, source[members], goal[members])
        yield begin


def least_with_legs(multipliers: Multipliers) -> Array:
    """Return the least cost of a tour that goes straight from one stop to another, shape (n, n).

    The leg replaces the costliest edge on the tree's path between the two stops. What is not between
    two members is `Multipliers.least`.
    """
    members = multipliers.members
    among = np.ix_(members, members)
    reduced = multipliers.cost[among] - multipliers.out[members][:, None] - multipliers.into[members]
    costliest = _costliest_between(np.minimum(reduced, reduced.T))
    least = np.full(multipliers.cost.shape, float(multipliers.least))
    least[among] += np.maximum(reduced - costliest, 0.0)
    return least


def _costliest_between(joining: Array) -> Array:
    """Return the costliest edge between any two nodes of the minimum spanning tree (R. C. Prim)."""
    n = len(joining)
    costliest, is_in = np.full((n, n), -np.inf), np.zeros(n, dtype=bool)
    near, near_by = joining[0].copy(), np.zeros(n, dtype=int)
    is_in[0] = True
    for _ in range(n - 1):
        one = int(np.where(is_in, np.inf, near).argmin())
        by = near_by[one]
        costliest[one, is_in] = costliest[is_in, one] = np.maximum(costliest[by, is_in], near[one])
        is_in[one] = True
        is_nearer = joining[one] < near
        near[is_nearer], near_by[is_nearer] = joining[one, is_nearer], one
    return costliest


def assignment_duals(cost: Array, source: Array, goal: Array) -> Array:
    """Return the dual values of the assignment problem: of departures (row 0) and arrivals (row 1).

    Parameters
    ----------
    cost : array of float, shape (n, n)
        Finite; the diagonal is not read.
    source, goal : array of float, shape (n,)
        The cost of coming to the first stop, and of ending at the last.

    Returns
    -------
    array of float, shape (2, n)
        No cost is less than its two dual values. With those of the depot, which are what is left of `source`
        and `goal` at least, their sum is the most there is.
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
    """Return the dual values under which assigned pairs cost 0, and none less (Bellman, Ford)."""
    # From a row to another by its column: the shortest path to each row is its dual value.
    matched = cost[np.arange(len(cost)), column_of]
    step = cost[:, column_of] - matched[None, :]
    into_row = np.zeros(len(cost))
    for _ in range(len(cost)):
        before, into_row = into_row, np.minimum(into_row, (into_row[:, None] + step).min(axis=0))
        if (before == into_row).all():
            break
    duals = np.zeros((2, len(cost)))
    duals[1, column_of] = matched + into_row
    duals[0] = -into_row
    return duals

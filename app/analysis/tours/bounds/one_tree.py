"""The compiled 1-tree bound: minimum spanning trees, and Lagrange multipliers by the subgradient method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import NEVER

# Which costs lie where in `OneTreeBound.costs`.
ENTERING, JOINING, LEAVING, FINISHING = range(4)


class OneTreeBound(NamedTuple):
    """Costs (seconds or millimetres) and Lagrange multipliers that bound the completion of a partial tour.

    Attributes
    ----------
    costs : array of int64, shape (4, n, n)
        `ENTERING`: from the last visited stop to one of the rest, less its multiplier of arriving.
        `JOINING`: between two of the rest, in the cheaper direction, less multipliers.
        `LEAVING`: ``[f, i]`` leads from the last of the rest, i, to where the tour that began at f ends, less
        its multiplier of departing. `FINISHING`: the same without multipliers.
    multiplier : array of int64, shape (n,)
    last : int
        The fixed last stop, which is where the tour ends and not of the rest; -1 for none.
    least : int
        No tour costs less.
    """

    costs: Array
    multiplier: Array
    last: int
    least: int


@compiled
def adjust_multipliers(
    cost: Array,
    source: Array,
    goal: Array,
    members: Array,
    out: Array,
    into: Array,
    workspace: Array,
    n_rounds: int,
) -> float:
    """Adjust the multipliers `out` and `into` to raise the bound of the 1-tree over `members`; return it.

    `workspace` has shape (6, n).
    """
    n_out, n_into, best_out, best_into = workspace[0], workspace[1], workspace[2], workspace[3]
    best = -1e300
    _copy(out, best_out)
    _copy(into, best_into)
    step, n_idle = 0.0, 0
    for round_ in range(n_rounds):
        total = _one_tree(cost, source, goal, members, out, into, workspace)
        if round_ == 0:
            step = 0.1 * max(total, 1.0) / len(members)
        if total > best:
            best, n_idle = total, 0
            _copy(out, best_out)
            _copy(into, best_into)
        else:
            n_idle += 1
            if n_idle == 8:
                step, n_idle = step / 2, 0
                _copy(best_out, out)
                _copy(best_into, into)
                continue
        for i in members:
            out[i] += step * (1 - n_out[i])
            into[i] += step * (1 - n_into[i])
    _copy(best_out, out)
    _copy(best_into, into)
    return best


@compiled
def _copy(numbers: Array, to: Array) -> None:
    for i in range(len(numbers)):
        to[i] = numbers[i]


@compiled
def _one_tree(
    cost: Array, source: Array, goal: Array, members: Array, out: Array, into: Array, workspace: Array
) -> float:
    """Return the cost of the tree and its two ends; note the departures and arrivals of each stop in it."""
    n_out, n_into, near, near_by = workspace[0], workspace[1], workspace[4], workspace[5]
    n_out[:] = 0
    n_into[:] = 0
    total = 0.0
    enter, leave = members[0], members[0]
    for i in members:
        total += out[i] + into[i]
        if source[i] - into[i] < source[enter] - into[enter]:
            enter = i
        if goal[i] - out[i] < goal[leave] - out[leave]:
            leave = i
    total += source[enter] - into[enter] + goal[leave] - out[leave]
    n_into[enter] += 1
    n_out[leave] += 1
    near[:] = 1e300
    at, near[0] = 0, -1e300
    for _ in range(len(members) - 1):
        i = members[at]
        closest = -1
        for k in range(len(members)):
            if near[k] == -1e300:
                continue
            j = members[k]
            edge = min(cost[i, j] - out[i] - into[j], cost[j, i] - out[j] - into[i])
            if edge < near[k]:
                near[k], near_by[k] = edge, i
            if closest < 0 or near[k] < near[closest]:
                closest = k
        i, j = np.int64(near_by[closest]), members[closest]
        total += near[closest]
        near[closest], at = -1e300, closest
        there, back = cost[i, j] - out[i] - into[j], cost[j, i] - out[j] - into[i]
        share = 0.5 if abs(there - back) < 1e-6 else 1.0 if there < back else 0.0
        n_out[i] += share
        n_into[j] += share
        n_out[j] += 1 - share
        n_into[i] += 1 - share
    return total


@compiled
def one_tree_cost(rest: OneTreeBound, at: int, first: int, left: int, near: Array, members: Array) -> int:
    """Return the least cost of visiting the stops `left` (bits) from `at` and finishing; NEVER: impossible.

    `near` and `members` are workspaces, shape (n,).
    """
    n, costs = 0, rest.costs
    total, enter, leave = 0, NEVER, NEVER
    for i in range(len(rest.multiplier)):
        if left >> i & 1 and i != rest.last:
            members[n], near[n] = i, NEVER
            n += 1
            total += rest.multiplier[i]
            enter = min(enter, costs[ENTERING, at, i])
            leave = min(leave, costs[LEAVING, first, i])
    if n == 0:
        return costs[FINISHING, first, at]
    if enter >= NEVER or leave >= NEVER:
        return NEVER
    total += enter + leave
    while n > 1:
        n -= 1
        i = members[n]
        closest = 0
        for k in range(n):
            near[k] = min(near[k], costs[JOINING, i, members[k]])
            if near[k] < near[closest]:
                closest = k
        if near[closest] >= NEVER:
            return NEVER
        total += near[closest]
        i = members[closest]
        near[closest], members[closest] = near[n - 1], members[n - 1]
        members[n - 1] = i
    return total

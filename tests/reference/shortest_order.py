"""The shortest order of stops by dynamic programming, beside the solver that finds it by other means."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

# Costs (metres) that differ by less count as equal: the order must not hang on the last bit of a sum.
_TIE = 1e-6

Array = np.ndarray[Any, Any]


def shortest_order(
    cost: Array, *, start: int | None = None, end: int | None = None, is_round: bool = False
) -> tuple[list[int], float]:
    """Return the cheapest order that visits every stop once; exact.

    Dynamic programming over (stops still to visit, last stop): M. Held, R. M. Karp, A dynamic
    programming approach to sequencing problems, 1962.

    Parameters
    ----------
    cost : array of float, shape (n, n)
        Finite, not negative; ``cost[i, j]`` leads from i to j and need not equal ``cost[j, i]``.
        The diagonal is not read.
    start, end : int, optional
        Fixed first and last stop; free without them.
    is_round : bool
        Return to the first stop at the end (its cost counts, the order does not repeat it).
        Without `start` the round begins at stop 0: any other begin costs the same.

    Returns
    -------
    order : list of int
        Each of 0..n-1 once; among equally cheap orders the one that is first in lexicographic
        order. Empty for no stops.
    cost : float
        Sum along the order; 0 for no or one stop.
    """
    n = len(cost)
    if is_round and start is None and n:
        start = 0
    free = [stop for stop in range(n) if stop not in (start, end)]
    closing = _closing_cost(cost, start if is_round else end)
    order = _walked(_costs_to_go(cost, free, closing), cost, free, start)
    if end is not None and end not in order:
        order.append(end)
    return order, order_cost(cost, order, is_round=is_round)


def order_cost(cost: Array, order: Sequence[int], *, is_round: bool = False) -> float:
    """Return the sum of `cost` along an order, and back to its first stop for a round one."""
    stops = [*order, order[0]] if is_round and len(order) > 1 else list(order)
    return float(sum(cost[i, j] for i, j in pairwise(stops)))


def _closing_cost(cost: Array, last: int | None) -> Array:
    """Return what it costs to finish after each stop: the way to `last`, or nothing."""
    return np.zeros(len(cost)) if last is None else cost[:, last]


def _costs_to_go(cost: Array, free: list[int], closing: Array) -> Array:
    """Return the least cost to visit a set of free stops and finish, from every stop.

    Shape (2**m, n): row `mask` is the set (bit i is the stop ``free[i]``), column the stop one
    is at. Sets are taken by size, all of one size at once.
    """
    masks = np.arange(1 << len(free))
    size = np.bitwise_count(masks)
    to_go = np.full((len(masks), len(cost)), np.inf)
    to_go[0] = closing
    for n_left in range(1, len(free) + 1):
        layer = masks[size == n_left]
        for i, stop in enumerate(free):
            here = layer[layer & (1 << i) > 0]
            after = to_go[here ^ (1 << i), stop]
            to_go[here] = np.minimum(to_go[here], cost[:, stop] + after[:, None])
    return to_go


def _walked(to_go: Array, cost: Array, free: list[int], start: int | None) -> list[int]:
    """Follow the costs to go from the start, the lowest stop among equals."""
    order = [] if start is None else [start]
    left = dict(enumerate(free))
    while left:
        mask = sum(1 << i for i in left)
        step = cost[order[-1]] if order else np.zeros(len(cost))
        totals = {i: step[stop] + to_go[mask ^ (1 << i), stop] for i, stop in left.items()}
        best = min(totals.values())
        order.append(left.pop(next(i for i, total in totals.items() if total <= best + _TIE)))
    return order

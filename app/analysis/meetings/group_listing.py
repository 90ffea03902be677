"""All groups of some size, listed with what they are worth."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from app.analysis.machine_code import compiled

Array = np.ndarray[Any, Any]

# Groups that are listed; a guest is a bit of a 64-bit number.
MOST_LISTED, MOST_BITS = 1_200_000, 63


def can_be_listed(n: int, sizes: tuple[int, ...]) -> bool:
    """Return whether all groups of these sizes are few enough.

    Examples
    --------
    >>> can_be_listed(30, (6,) * 5), can_be_listed(48, (8,) * 6)
    (True, False)
    """
    return n <= MOST_BITS and sum(comb(n, size) for size in set(sizes)) <= MOST_LISTED


def listed_groups(weights: Array, is_apart: Array, size: int) -> tuple[Array, Array]:
    """Return all groups of a size without a pair to keep apart, and what each is worth.

    Returns
    -------
    members : array of int8, shape (m, size)
    values : array of float, shape (m,)

    Examples
    --------
    >>> import numpy as np
    >>> members, values = listed_groups(np.ones((3, 3)) - np.eye(3), np.zeros((3, 3), dtype=bool), 2)
    >>> members.tolist(), values.tolist()
    ([[0, 1], [0, 2], [1, 2]], [1.0, 1.0, 1.0])
    """
    n = len(weights)
    members = np.empty((comb(n, size), size), dtype=np.int8)
    values = np.empty(len(members))
    n_kept = _fill(weights, is_apart, members, values, np.arange(size))
    return members[:n_kept], values[:n_kept]


@compiled
def _fill(weights: Array, is_apart: Array, members: Array, values: Array, group: Array) -> int:
    n, size, kept = len(weights), len(group), 0
    while True:
        value, is_allowed = 0.0, True
        for i in range(size):
            for j in range(i):
                value += weights[group[i], group[j]]
                is_allowed &= not is_apart[group[i], group[j]]
        if is_allowed:
            values[kept] = value
            for i in range(size):
                members[kept, i] = group[i]
            kept += 1
        place = size - 1
        while place >= 0 and group[place] == n - size + place:
            place -= 1
        if place < 0:
            return kept
        group[place] += 1
        for i in range(place + 1, size):
            group[i] = group[i - 1] + 1


@compiled
def price(members: Array, values: Array, duals: Array, reduced: Array, best: Array) -> None:
    """Fill in what each group is worth beyond its guests' duals, and the best group of each guest."""
    for i in range(len(best)):
        best[i] = -1
    for row in range(len(values)):
        worth = values[row]
        for i in range(members.shape[1]):
            worth -= duals[members[row, i]]
        reduced[row] = worth
        for i in range(members.shape[1]):
            guest = members[row, i]
            if best[guest] < 0 or worth > reduced[best[guest]]:
                best[guest] = row

"""Good groups soon: simulated annealing by exchanges, over all rounds together."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.analysis.machine_code import compiled

Array = np.ndarray[Any, Any]

# Exchanges tried a start and guest; share of the mean weight at which it still accepts losses at the end.
N_TRIES, COLDEST = 3000, 0.02


def annealed(weights: Array, sizes: tuple[int, ...], n_rounds: int, repeat_cost: float, seed: int) -> Array:
    """Return groups of given sizes, shape (n_rounds, n): the group of each guest in each round.

    Parameters
    ----------
    weights : array of float, shape (n, n)
        What a pair in one group is worth, the first time.
    sizes : tuple of int
    n_rounds : int
    repeat_cost : float
        What each further time takes off.
    seed : int
        The same seed gives the same groups.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.zeros((4, 4))
    >>> weights[0, 3] = weights[3, 0] = 1.0
    >>> group = annealed(weights, (2, 2), 1, 0.0, seed=1)[0]
    >>> bool(group[0] == group[3])
    True
    """
    n, rng = len(weights), np.random.default_rng(seed)
    groups = np.array([rng.permutation(np.repeat(np.arange(len(sizes)), sizes)) for _ in range(n_rounds)])
    times = np.zeros((n, n), dtype=np.int64)
    for group in groups:
        times += group[:, None] == group[None]
    n_tries = N_TRIES * n * n_rounds
    # Random numbers are made here: compiled code has no generator of its own.
    draws = np.stack([rng.integers(0, n_rounds, n_tries), *rng.integers(0, n, (2, n_tries))]).astype(np.int32)
    hottest = float(np.abs(weights).mean() + repeat_cost) + 1e-12
    heat = hottest * np.geomspace(1.0, COLDEST, n_tries)
    best = groups.copy()
    _anneal(weights, repeat_cost, groups, times, draws, -heat * np.log(1.0 - rng.random(n_tries)), best)
    return best


@compiled
def _change(weights: Array, cost: float, group: Array, times: Array, i: int, j: int) -> float:
    """Return what is won when two guests change places."""
    change = 0.0
    for one in range(len(group)):
        if group[one] == group[i] and one != i:
            change += weights[j, one] if times[j, one] == 0 else -cost
            change -= weights[i, one] if times[i, one] == 1 else -cost
        elif group[one] == group[j] and one != j:
            change += weights[i, one] if times[i, one] == 0 else -cost
            change -= weights[j, one] if times[j, one] == 1 else -cost
    return change


@compiled
def _count(group: Array, times: Array, i: int, j: int) -> None:
    """Count how often pairs are together once two guests have changed places."""
    for one in range(len(group)):
        if one in (i, j):
            continue
        more = (group[one] == group[j]) - (group[one] == group[i])
        times[i, one] += more
        times[one, i] += more
        times[j, one] -= more
        times[one, j] -= more


@compiled
def _anneal(
    weights: Array, cost: float, groups: Array, times: Array, draws: Array, losses: Array, best: Array
) -> None:
    """Exchange guests of different groups, as long as no exchange loses more than `losses` has for it."""
    n, value, most = groups.shape[1], 0.0, 0.0
    for step in range(draws.shape[1]):
        turn, i, j = draws[0, step], draws[1, step], draws[2, step]
        mine, other = groups[turn, i], groups[turn, j]
        if mine == other:
            continue
        change = _change(weights, cost, groups[turn], times, i, j)
        if change < -losses[step]:
            continue
        _count(groups[turn], times, i, j)
        groups[turn, i], groups[turn, j] = other, mine
        value += change
        if value > most + 1e-9:
            most = value
            for this in range(groups.shape[0]):
                for one in range(n):
                    best[this, one] = groups[this, one]

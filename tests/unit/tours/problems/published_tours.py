"""Random problems of the published kinds, and their best values by trying every order."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np


def windowed(rng: np.random.Generator, n: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return travel times and windows that some tour meets."""
    cost = np.round(rng.integers(1, 30, (n, n)) * step, 2)
    order = [0, *(rng.permutation(n - 1) + 1).tolist()]
    at = np.cumsum([0, *[cost[a, b] for a, b in pairwise(order)]])
    windows = np.zeros((n, 2))
    for place, stop in enumerate(order):
        windows[stop] = max(0, at[place] - rng.integers(0, 20) * step), at[place] + rng.integers(0, 20) * step
    windows[0] = 0, at[-1] + 40 * step
    return cost, np.round(windows, 2)


def least_travel(cost: np.ndarray, windows: np.ndarray, service: np.ndarray) -> float | None:
    """Return the least travel of a round from 0 whose services begin within their windows; None: no such."""
    best = None
    for order in permutations(range(1, len(cost))):
        time, here, travel = windows[0, 0] + service[0], 0, 0.0
        for stop in (*order, 0):
            time, travel = time + cost[here, stop], travel + cost[here, stop]
            time = max(time, windows[stop, 0])
            if time > windows[stop, 1] + 1e-9:
                break
            time, here = time + service[stop], stop
        else:
            best = travel if best is None else min(best, travel)
    return best


def most_score(points: np.ndarray, tmax: float, last: int) -> float:
    """Return the highest score of a walk from the first point to the last one within `tmax`."""
    between = [i for i in range(1, len(points)) if i != last]
    best = 0.0
    for n in range(len(between) + 1):
        for chosen in permutations(between, n):
            walk = points[[0, *chosen, last], :2]
            if np.hypot(*np.diff(walk, axis=0).T).sum() <= tmax + 1e-9:
                best = max(best, points[list(chosen), 2].sum() if chosen else 0.0)
    return best


def most_score_in_time(table: np.ndarray, n_decimals: int) -> float:
    """Return the highest score of a round from the first row within its window, each point within its own.

    A row is x, y, service, score, and when service may begin at the soonest and at the latest; distances are
    cut off after so many decimals.
    """
    apart = np.hypot(*(table[:, None, :2] - table[None, :, :2]).transpose(2, 0, 1))
    cost = np.floor(apart * 10**n_decimals + 1e-6) / 10**n_decimals
    best = 0.0
    for n in range(1, len(table)):
        for chosen in permutations(range(1, len(table)), n):
            if is_in_time(table, cost, chosen):
                best = max(best, float(table[list(chosen), 3].sum()))
    return best


def is_in_time(table: np.ndarray, cost: np.ndarray, chosen: tuple[int, ...]) -> bool:
    """Return whether a round over chosen points keeps every window, that of the first on coming back."""
    clock, here = table[0, 4] + table[0, 2], 0
    for stop in (*chosen, 0):
        clock = clock + cost[here, stop] if stop == 0 else max(clock + cost[here, stop], table[stop, 4])
        if clock > table[stop, 5] + 1e-9:
            return False
        clock, here = clock + table[stop, 2], stop
    return True

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

"""Random wishes for tours, small ones with everything in them and walks through a park."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from app.analysis.tours.problem import Objective, Pause, Problem, Stop, Way, Window

# The limit where a proof is asked for: what takes a second takes longer on a busy machine.
LONG_S = 600.0


def random_problem(rng: np.random.Generator, n: int, *, horizon_s: int = 60) -> Problem:
    """Return a small problem with features mixed at random; one in a few cannot be met."""
    stops = tuple(_random_stop(rng, i, n, horizon_s) for i in range(n))
    walk_s = rng.integers(0, 12, (n, n))
    length_m = rng.integers(0, 12, (n, n)) * rng.choice([1.0, 0.125])
    if _chance(rng, 0.5):
        walk_s, length_m = np.maximum(walk_s, walk_s.T), np.maximum(length_m, length_m.T)
    if _chance(rng, 0.3):
        walk_s[rng.random((n, n)) < 0.2] = -1
    first = int(rng.integers(n)) if _chance(rng, 0.3) else None
    is_round = _chance(rng, 0.3)
    last = int(rng.integers(n)) if _chance(rng, 0.3) and not is_round else None
    starts_s = int(rng.integers(0, horizon_s // 4))
    return Problem(
        stops,
        walk_s,
        length_m,
        ways=_random_ways(rng, n, horizon_s),
        objective=list(Objective)[rng.integers(3)],
        first=first,
        last=last if last != first or n == 1 else None,
        is_round=is_round,
        orders=_random_orders(rng, n),
        starts_s=starts_s,
        ends_s=int(rng.integers(starts_s, 2 * horizon_s)) if _chance(rng, 0.5) else None,
        max_walk_m=float(rng.integers(0, 6 * n)) if _chance(rng, 0.2) else None,
        pause=_random_pause(rng, horizon_s) if _chance(rng, 0.3) else None,
    )


def park_tour(
    rng: np.random.Generator,
    n: int,
    *,
    objective: Objective = Objective.WALKING,
    hours_s: int | None = None,
    is_optional: bool = False,
    minutes: int | None = None,
    **wishes: Any,
) -> Problem:
    """Return a tour through a park of streets at right angles, 600 m wide, from one o'clock on.

    `hours_s` is the length of each stop's window, placed so that one tour at least meets them all.
    """
    places_m = rng.uniform(0, 600, (n, 2))
    length_m = np.abs(places_m[:, None] - places_m[None]).sum(axis=2).round(1)
    walk_s = np.ceil(length_m / 1.1).astype(int)
    dwell_s = rng.integers(1, 4, n) * 300
    starts_s = 13 * 3600
    order = rng.permutation(n)
    begins_s = dict(zip(order, _begins(order, walk_s, dwell_s, starts_s), strict=True))
    stops = []
    for i in range(n):
        windows: tuple[Window, ...] = ()
        if hours_s:
            opens_s = max(starts_s, begins_s[i] - int(rng.integers(0, hours_s)))
            windows = (Window(opens_s, max(opens_s + hours_s, begins_s[i] + int(dwell_s[i]))),)
        value = float(rng.integers(1, 10)) if is_optional else None
        stops.append(Stop(f"stop {i}", int(dwell_s[i]), windows, value))
    ends_s = starts_s + 60 * minutes if minutes else None
    return Problem(
        tuple(stops), walk_s, length_m, objective=objective, starts_s=starts_s, ends_s=ends_s, **wishes
    )


def with_order(problem: Problem, order: tuple[int, ...]) -> Problem:
    """Return the problem in which every stop has its place."""
    stops = list(problem.stops)
    for position, stop in enumerate(order):
        stops[stop] = replace(stops[stop], position=position)
    return replace(problem, stops=tuple(stops))


def _begins(order: Any, walk_s: Any, dwell_s: Any, starts_s: int) -> Iterator[int]:
    clock = starts_s
    yield clock
    for here, there in pairwise(order):
        clock += int(dwell_s[here] + walk_s[here, there])
        yield clock


def _chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _random_stop(rng: np.random.Generator, i: int, n: int, horizon_s: int) -> Stop:
    dwell_s = int(rng.integers(0, 8))
    windows = tuple(_random_window(rng, horizon_s, dwell_s) for _ in range(rng.choice([0, 0, 1, 1, 2, 3])))
    value = rng.choice([0.0, 1.0, 1.5, 2.0, 3.0]) if _chance(rng, 0.4) else None
    position = int(rng.integers(n)) if _chance(rng, 0.08) else None
    return Stop(f"stop {i}", dwell_s, windows, value if value is None else float(value), position)


def _random_window(rng: np.random.Generator, horizon_s: int, dwell_s: int) -> Window:
    opens_s = int(rng.integers(0, horizon_s))
    return Window(opens_s, opens_s + dwell_s + int(rng.integers(0, horizon_s // 2)))


def _random_ways(rng: np.random.Generator, n: int, horizon_s: int) -> tuple[Way, ...]:
    if n < 2 or _chance(rng, 0.5):
        return ()
    ways = []
    for _ in range(rng.integers(1, 4)):
        start, end = (int(i) for i in rng.choice(n, 2, replace=False))
        departs = _random_window(rng, horizon_s, 0)
        ways.append(Way(start, end, int(rng.integers(0, 6)), float(rng.integers(0, 6)), departs))
    return tuple(ways)


def _random_orders(rng: np.random.Generator, n: int) -> tuple[tuple[int, int], ...]:
    if n < 2 or _chance(rng, 0.7):
        return ()
    ranks = rng.permutation(n)
    pairs = [
        sorted(rng.choice(n, 2, replace=False), key=lambda i: ranks[i]) for _ in range(rng.integers(1, 3))
    ]
    return tuple((int(a), int(b)) for a, b in pairs)


def _random_pause(rng: np.random.Generator, horizon_s: int) -> Pause:
    return Pause(int(rng.integers(0, 8)), _random_window(rng, horizon_s, 0))

"""Large wishes that one hidden tour at least meets, with all that can be asked for in them."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from app.analysis.tours.problem import Array, Objective, Pause, Problem, Stop, Way, Window

STARTS_S = 13 * 3600


class Asked(NamedTuple):
    """What a wish asks for beside its stops.

    `service` puts the visits into the walks (out of a stop), `one_way` makes walks cost otherwise back.
    """

    first: bool = False
    last: bool = False
    is_round: bool = False
    windows: bool = False
    orders: bool = False
    positions: bool = False
    pause: bool = False
    gates: bool = False
    optional: bool = False
    most_walk: bool = False
    service: bool = False
    one_way: bool = False


def hidden_tour(rng: np.random.Generator, n: int, objective: Objective, asked: Asked) -> Problem:
    """Return a wish of `n` stops, through streets at right angles, that a tour in a hidden order meets."""
    order = rng.permutation(n)
    dwell_s = rng.integers(1, 4, n) * 300
    length_m = _lengths_m(rng, n, order, asked)
    walk_s = np.ceil(length_m / 1.1).astype(int)
    if asked.service:
        walk_s, dwell_s = walk_s + dwell_s[:, None], np.zeros(n, dtype=int)
        length_m = length_m + rng.integers(0, 400, n)[:, None]
    rests_behind = n // 2
    begins_s, rests_s, ends_s = _clock(order, walk_s, dwell_s, 1800 if asked.pause else 0, rests_behind)
    home_s, home_m = (0, 0.0) if not asked.is_round else (
        int(walk_s[order[-1], order[0]]), float(length_m[order[-1], order[0]])
    )  # fmt: skip
    walked_m = sum(float(length_m[leg]) for leg in pairwise(order)) + home_m
    ways = _gates(order, walk_s, length_m, begins_s) if asked.gates else ()
    stops = tuple(
        Stop(
            f"stop {i}",
            int(dwell_s[i]),
            _windows(rng, int(begins_s[i]), int(dwell_s[i])) if asked.windows and i % 4 else (),
            float(rng.integers(1, 10)) if asked.optional and i % 3 == 0 else None,
            int(np.flatnonzero(order == i)[0]) if asked.positions and i % 7 == 0 else None,
        )
        for i in range(n)
    )
    return Problem(
        stops,
        walk_s,
        length_m,
        ways=ways,
        objective=objective,
        first=int(order[0]) if asked.first else None,
        last=int(order[-1]) if asked.last else None,
        is_round=asked.is_round,
        orders=tuple((int(order[i]), int(order[i + n // 3])) for i in range(0, n // 2, 5))
        if asked.orders
        else (),
        starts_s=STARTS_S,
        ends_s=ends_s + home_s + 600 if asked.windows or asked.optional else None,
        max_walk_m=1.3 * walked_m if asked.most_walk else None,
        pause=Pause(1800, Window(rests_s - 900, rests_s + 900)) if asked.pause else None,
    )


def _lengths_m(rng: np.random.Generator, n: int, order: Array, asked: Asked) -> Array:
    """Return metres; the hidden tour goes by places near each other more often than by chance."""
    angle = np.empty(n)
    angle[order] = np.linspace(0, 12 * np.pi, n)
    places_m = 300 * np.stack([np.sin(angle), np.sin(1.3 * angle)], axis=1) + rng.uniform(-60, 60, (n, 2))
    length_m: Array = np.abs(places_m[:, None] - places_m[None]).sum(axis=2).round(1)
    if asked.one_way:
        length_m = (length_m * rng.uniform(1, 2, (n, n))).round(1)
    return length_m


def _clock(
    order: Array, walk_s: Array, dwell_s: Array, pause_s: int, rests_behind: int
) -> tuple[Array, int, int]:
    """Return when the visits of the hidden tour begin, when it rests, and when it ends."""
    begins_s, clock, rests_s = np.zeros(len(order), dtype=int), STARTS_S, 0
    for place, stop in enumerate(order):
        begins_s[stop] = clock
        clock += int(dwell_s[stop])
        if place == rests_behind:
            rests_s, clock = clock, clock + pause_s
        if place + 1 < len(order):
            clock += int(walk_s[stop, order[place + 1]])
    return begins_s, rests_s, clock


def _windows(rng: np.random.Generator, begin_s: int, dwell_s: int) -> tuple[Window, ...]:
    long_s = int(rng.integers(4, 13)) * 900
    opens_s = max(STARTS_S, begin_s - int(rng.integers(0, long_s)))
    return (Window(opens_s, max(opens_s + long_s, begin_s + dwell_s)),)


def _gates(order: Array, walk_s: Array, length_m: Array, begins_s: Array) -> tuple[Way, ...]:
    """Close some walks of the hidden tour but for the hours in which it takes them; change the arrays."""
    ways = []
    for here, there in list(pairwise(order))[3::9]:
        departs = Window(int(begins_s[here]), int(begins_s[there]) + 1800)
        ways.append(
            Way(int(here), int(there), int(walk_s[here, there]), float(length_m[here, there]), departs)
        )
        walk_s[here, there] = -1
    return tuple(ways)

"""A problem as arrays of whole numbers, as the compiled search reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from app.analysis.tours.problem import Array, Objective, Problem

MM_PER_M = 1000
VALUES_PER_ONE = 10**6
# Later (or longer) than anything that can happen, and far from the end of a 64-bit number.
NEVER = 1 << 50

# Columns of what a tour is measured by; all are to be small.
LENGTH, DURATION, LOSS, END = range(4)
MEASURES = {
    Objective.WALKING: (LENGTH, DURATION, LOSS, END),
    Objective.DURATION: (DURATION, LENGTH, LOSS, END),
    Objective.VALUE: (LOSS, DURATION, LENGTH, END),
}


# Stops; `windows_from` is the row of its first window, `before` and `behind` are bits of the stops that come
# before and behind it wherever both are visited, `position` is -1 where it is free. The value of what is
# required counts 0: it is the same for all tours.
STOP = np.dtype(
    [(name, np.int64) for name in ("dwell", "value", "position", "before", "behind", "windows_from")]
)
# Up to so many stops are the bits of one word, which the search needs; of more, `before` and `behind` are
# whole numbers of Python.
WORD_BITS = 64
MANY_STOPS = np.dtype(
    [(name, object if name in {"before", "behind"} else np.int64) for name in STOP.names or ()]
)
# First and last moment at which a visit may begin.
WINDOW = np.dtype([("opens", np.int64), ("closes", np.int64)])
# Walks, with the first and last moment of departure, and the index of the time-dependent arc (-1: none).
LEG = np.dtype([(name, np.int64) for name in ("walk", "length", "opens", "closes", "way")])


class TaskData(NamedTuple):
    """A problem of `n` stops, checked; times in seconds, lengths in millimetres, values in millionths.

    Attributes
    ----------
    n : int
    first, last : int
        -1 where free.
    is_round : bool
    required : int
        Bits of the stops that must be visited; see `bits_of`.
    stops : array of STOP (MANY_STOPS for more than `WORD_BITS`), shape (n + 1,)
        The last one only holds where its windows would begin.
    windows : array of WINDOW
    legs : array of LEG
    legs_from : array of int64, shape (n * n + 1,)
        The walks from i to j are rows ``legs_from[i * n + j]:...`` of `legs`.
    starts, ends, most_length : int
    has_pause : bool
    pause_dwell, pause_opens, pause_closes : int
    measures : array of int64, shape (4,)
        The columns that decide, in that order.
    most_value, sure_value : int
        Of all that is optional (the loss of a tour is what it leaves of that) and of all that is required.
    value_step : int
        Any value is a multiple of it.
    """

    n: int
    first: int
    last: int
    is_round: bool
    required: int
    stops: Array
    windows: Array
    legs: Array
    legs_from: Array
    starts: int
    ends: int
    most_length: int
    has_pause: bool
    pause_dwell: int
    pause_opens: int
    pause_closes: int
    measures: Array
    most_value: int
    sure_value: int
    value_step: int

    @property
    def is_timeless(self) -> bool:
        """Whether it does not matter when anything happens."""
        return not (
            self.has_pause
            or self.ends < NEVER
            or (self.windows["closes"] < NEVER).any()
            or (self.windows["opens"] > self.starts).any()
            or (self.legs["way"] >= 0).any()
        )


def task_of(problem: Problem) -> TaskData:
    """Return a problem that has been checked as arrays."""
    required, pause = required_stops(problem), problem.pause
    value = np.array([round((stop.value or 0) * VALUES_PER_ONE) for stop in problem.stops], dtype=np.int64)
    is_sure = are_in(required, len(value))
    windows, windows_from = _windows(problem)
    legs, legs_from = _legs(problem)
    return TaskData(
        n=len(problem.stops),
        first=_or_none(problem.first),
        last=_or_none(problem.last),
        is_round=problem.is_round,
        required=required,
        stops=_stops(problem, np.where(is_sure, 0, value), windows_from),
        windows=windows,
        legs=legs,
        legs_from=legs_from,
        starts=int(problem.starts_s),
        ends=NEVER if problem.ends_s is None else int(problem.ends_s),
        most_length=NEVER if problem.max_walk_m is None else millimetres(problem.max_walk_m),
        has_pause=pause is not None,
        pause_dwell=int(pause.dwell_s) if pause else 0,
        pause_opens=int(pause.begins.opens_s) if pause else 0,
        pause_closes=int(pause.begins.closes_s) if pause else 0,
        measures=np.array(MEASURES[problem.objective], dtype=np.int64),
        most_value=int(value[~is_sure].sum()),
        sure_value=int(value[is_sure].sum()),
        value_step=max(int(np.gcd.reduce(value[~is_sure], initial=0)), 1),
    )


def within_shift(task: TaskData, order: Sequence[int], most_shift: int) -> TaskData:
    """Return the task of visiting just these stops, each within `most_shift` places of its own.

    With 1 that is the order itself. A tour loses the value that it did before.
    """
    stops, visited = task.stops.copy(), list(order)
    is_left_out = np.ones(len(stops), dtype=bool)
    is_left_out[visited] = False
    stops["position"][is_left_out] = NEVER
    for place, stop in enumerate(visited):
        stops[stop]["before"] |= bits_of(visited[: max(place - most_shift + 1, 0)], task.n)
        stops[stop]["behind"] |= bits_of(visited[place + most_shift :], task.n)
    most_value = task.most_value - int(stops["value"][visited].sum())
    # What is required is worth nothing: see `STOP`.
    stops["value"][visited] = 0
    return task._replace(stops=stops, required=bits_of(visited, task.n), most_value=most_value)


def millimetres(length_m: float) -> int:
    """Return a length as the planner adds it up: sums of metres depend on the order, sums of these do not."""
    return round(float(length_m) * MM_PER_M)


def required_stops(problem: Problem) -> int:
    """Return the stops that must be visited, as bits."""
    ends = (problem.first, problem.last)
    needed = [i for i, stop in enumerate(problem.stops) if stop.value is None or i in ends]
    return bits_of(needed, len(problem.stops))


def bits_of(stops: Iterable[int], n: int) -> int:
    """Return some of `n` stops as bits of a number; of `WORD_BITS` stops the last one is its sign."""
    bits = sum(1 << int(stop) for stop in stops)
    return bits - (1 << WORD_BITS) if n == WORD_BITS and bits >> (WORD_BITS - 1) else bits


def are_in(bits: int | Array, n: int) -> Array:
    """Return whether each of `n` stops is among `bits`, shape (..., n)."""
    kind = _kind_of_bits(n)
    is_in: Array = np.asarray(bits, dtype=kind)[..., None] >> np.arange(n).astype(kind) & 1
    return is_in.astype(bool)


def bits_of_rows(are_in: Array) -> Array:
    """Return the bits of the stops that each row of ``are_in``, of shape (m, n), has in it."""
    n = are_in.shape[1]
    bits: Array = are_in @ np.array([bits_of([stop], n) for stop in range(n)], dtype=_kind_of_bits(n))
    return bits


def _kind_of_bits(n: int) -> type:
    return np.int64 if n <= WORD_BITS else object


def _or_none(index: int | None) -> int:
    return -1 if index is None else int(index)


def _stops(problem: Problem, value: Array, windows_from: list[int]) -> Array:
    n = len(problem.stops)
    stops = np.zeros(n + 1, dtype=STOP if n <= WORD_BITS else MANY_STOPS)
    stops["windows_from"] = windows_from
    for i, stop in enumerate(problem.stops):
        stops[i]["dwell"], stops[i]["value"] = stop.dwell_s, value[i]
        stops[i]["position"] = _or_none(stop.position)
    for earlier, later in problem.orders:
        stops[later]["before"] |= bits_of([earlier], n)
        stops[earlier]["behind"] |= bits_of([later], n)
    return stops


def _windows(problem: Problem) -> tuple[Array, list[int]]:
    """Return when visits may begin, the earliest window first, and the row of each stop's first window."""
    windows, windows_from = [], [0]
    for stop in problem.stops:
        begins = {(window.opens_s, window.closes_s - stop.dwell_s) for window in stop.windows}
        windows += sorted(begins) if stop.windows else [(-NEVER, NEVER)]
        windows_from.append(len(windows))
    return np.array(windows, dtype=WINDOW), windows_from


def _legs(problem: Problem) -> tuple[Array, Array]:
    """Return the walks of every pair of stops, the one that is open at any time first."""
    n, walk = len(problem.stops), np.asarray(problem.walk_s)
    start, end = np.nonzero((walk >= 0) & ~np.eye(n, dtype=bool))
    legs = np.zeros(len(start) + len(problem.ways), dtype=LEG)
    at_any_time, gated = legs[: len(start)], legs[len(start) :]
    at_any_time["walk"] = walk[start, end]
    at_any_time["length"] = np.rint(np.asarray(problem.length_m)[start, end] * MM_PER_M)
    at_any_time["opens"], at_any_time["closes"], at_any_time["way"] = -NEVER, NEVER, -1
    for i, way in enumerate(problem.ways):
        gated[i] = (way.walk_s, millimetres(way.length_m), way.departs.opens_s, way.departs.closes_s, i)
    pair = np.append(start * n + end, [way.start * n + way.end for way in problem.ways]).astype(np.int64)
    return legs[np.argsort(pair, kind="stable")], np.append(0, np.bincount(pair, minlength=n * n).cumsum())

"""The best timing of a fixed order, exactly: which windows, which walks, where to pause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from app.analysis.tours.problem import Array
from app.analysis.tours.search.labels import extended
from app.analysis.tours.search.layers import NO_PAUSE, PAUSE_AFTER, PAUSE_BEFORE
from app.analysis.tours.search.schedules import Choice
from app.analysis.tours.tasks import DURATION, END, LENGTH, LOSS, NEVER, TaskData

# More nondominated timings of one order are never worth keeping.
MOST_TIMINGS = 256


class _Timing(NamedTuple):
    """The resources behind a visit (see `labels`), and the choices before."""

    ready: int
    total: int
    latest: int
    length: int
    is_paused: bool
    choices: tuple[_Timing | None, Choice | None]


class Timed(NamedTuple):
    """The best timing of an order: its measures, shape (4,), and the choices that lead to it."""

    measures: Array
    choices: list[Choice]


def timed(task: TaskData, order: Sequence[int]) -> Timed | None:
    """Return the best timing of an order of stops; None where it is infeasible.

    Positions and orders are not looked at, nor what the order leaves out.
    """
    timings, before = [_Timing(task.starts, 0, NEVER, 0, not task.has_pause, (None, None))], -1
    for stop in order:
        timings = _nondominated(
            task, [one for timing in timings for one in _visits(task, timing, before, stop)]
        )
        before = stop
    loss = task.most_value - int(task.stops["value"][list(order)].sum())
    ends = [one for timing in timings for one in _ends(task, timing, order[0], before)]
    found = [(_measures(one, loss), one) for one in ends if _is_allowed(task, one)]
    if not found:
        return None
    measures, best = min(found, key=lambda pair: [int(pair[0][i]) for i in task.measures])
    return Timed(measures, list(_choices(best)))


def _visits(task: TaskData, timing: _Timing, before: int, stop: int) -> Iterator[_Timing]:
    """Yield all extensions by a visit to a stop."""
    windows = task.windows[task.stops["windows_from"][stop] : task.stops["windows_from"][stop + 1]]
    for leg, rests, arrived in _arrivals(task, timing, before, stop):
        for i, (opens, closes) in enumerate(windows.tolist()):
            one = _extended(arrived, opens, closes, int(task.stops["dwell"][stop]))
            if one is not None and _is_allowed(task, one):
                yield one._replace(choices=(timing, Choice(stop, rests, leg, i)))


def _arrivals(task: TaskData, timing: _Timing, before: int, stop: int) -> Iterator[tuple[int, int, _Timing]]:
    """Yield the walk taken (-1: none), when one rests, and how one arrives."""
    for rests in (NO_PAUSE,) if timing.is_paused else (NO_PAUSE, PAUSE_AFTER, PAUSE_BEFORE):
        if before < 0 and rests == PAUSE_AFTER:
            continue
        here = _rested(task, timing) if rests == PAUSE_AFTER else timing
        for leg, there in _walks(task, here, before, stop):
            arrived = _rested(task, there) if rests == PAUSE_BEFORE else there
            if arrived is not None:
                yield leg, rests, arrived


def _walks(task: TaskData, timing: _Timing | None, before: int, stop: int) -> Iterator[tuple[int, _Timing]]:
    if timing is None:
        return
    if before < 0:
        yield -1, timing
        return
    pair = before * task.n + stop
    legs = task.legs[task.legs_from[pair] : task.legs_from[pair + 1]].tolist()
    for leg, (walk, length, opens, closes, _) in enumerate(legs):
        there = _extended(timing, opens, closes, walk)
        if there is not None:
            yield leg, there._replace(length=timing.length + length)


def _rested(task: TaskData, timing: _Timing) -> _Timing | None:
    rested = _extended(timing, task.pause_opens, task.pause_closes, task.pause_dwell)
    return None if rested is None else rested._replace(is_paused=True)


def _extended(timing: _Timing, opens: int, closes: int, takes: int) -> _Timing | None:
    """Return the timing behind something that begins within a window; None where it is too late for it."""
    is_met, ready, total, latest = extended(timing.ready, timing.total, timing.latest, opens, closes, takes)
    return timing._replace(ready=ready, total=total, latest=latest) if is_met else None


def _ends(task: TaskData, timing: _Timing, first: int, last: int) -> Iterator[_Timing]:
    """Yield all timings to the end: with the pause if it is still due, and of a round with the walk home."""
    rests = NO_PAUSE if timing.is_paused else PAUSE_AFTER
    here = timing if timing.is_paused else _rested(task, timing)
    if task.is_round and first != last:
        ends = _walks(task, here, last, first)
    else:
        ends = iter([(-1, here)] if here is not None else [])
    for leg, one in ends:
        yield one._replace(choices=(timing, Choice(0, rests, leg, 0)))


def _is_allowed(task: TaskData, timing: _Timing) -> bool:
    return timing.ready <= task.ends and timing.length <= task.most_length


def _nondominated(task: TaskData, timings: list[_Timing]) -> list[_Timing]:
    """Return the timings that none dominates, the most promising ones where there are many."""
    by_length = task.measures[0] == LENGTH
    timings.sort(key=lambda one: (one.length, one.ready) if by_length else (one.ready, one.length))
    kept: list[_Timing] = []
    for timing in timings:
        if len(kept) < MOST_TIMINGS and not any(_dominates(one, timing) for one in kept):
            kept.append(timing)
    return kept


def _dominates(one: _Timing, other: _Timing) -> bool:
    if one.ready > other.ready or one.length > other.length or one.is_paused < other.is_paused:
        return False
    is_as_short = one.total <= other.total or one.latest + one.total <= other.ready
    return one.latest >= other.latest and is_as_short


def _measures(timing: _Timing, loss: int) -> Array:
    measures = np.zeros(4, dtype=np.int64)
    measures[LENGTH], measures[LOSS], measures[END] = timing.length, loss, timing.ready
    measures[DURATION] = max(timing.total, timing.ready - timing.latest)
    return measures


def _choices(timing: _Timing) -> list[Choice]:
    choices: list[Choice] = []
    one: _Timing | None = timing
    while one is not None and one.choices[1] is not None:
        choices.append(one.choices[1])
        one = one.choices[0]
    return choices[::-1]

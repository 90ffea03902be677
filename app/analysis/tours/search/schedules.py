"""The timetable of a tour that was found."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from app.analysis.tours.problem import Visit
from app.analysis.tours.search.layers import LEG_BITS, PAUSE_AFTER, PAUSE_BEFORE, STOP_BITS, WINDOW_BITS
from app.analysis.tours.tasks import TaskData


class Choice(NamedTuple):
    """One visit, or the walk home, as the search chose it.

    Attributes
    ----------
    stop : int
    rests : int
        `PAUSE_AFTER` means after the visit before.
    leg : int
        Which walk of the pair leads here, -1 for none.
    window : int
        Which window of the stop the visit lies in.
    """

    stop: int
    rests: int
    leg: int
    window: int

    @classmethod
    def from_number(cls, number: int) -> Choice:
        """Return what the search put into one number."""
        stop, rests = number & (1 << STOP_BITS) - 1, number >> STOP_BITS & 3
        leg, window = number >> (STOP_BITS + 2), number >> (STOP_BITS + 2 + LEG_BITS)
        return cls(stop, rests, (leg & (1 << LEG_BITS) - 1) - 1, window & (1 << WINDOW_BITS) - 1)


def visits_of(task: TaskData, choices: list[Choice], starts_s: int) -> tuple[Visit, ...]:
    """Return the visits of a tour that starts at a time, each as early as can be."""
    *stays, home = choices
    clock, visits, way = starts_s, [], -1
    for here, following in pairwise([*stays, home]):
        arrives = clock
        pauses = clock = _opened(task, clock) if here.rests == PAUSE_BEFORE else clock
        clock += task.pause_dwell if here.rests == PAUSE_BEFORE else 0
        begins = max(clock, int(task.windows[task.stops[here.stop]["windows_from"] + here.window]["opens"]))
        clock = ends = begins + int(task.stops[here.stop]["dwell"])
        if following.rests == PAUSE_AFTER:
            pauses = _opened(task, clock)
            clock = pauses + task.pause_dwell
        goal = stays[0].stop if following is home else following.stop
        clock, arrival, way = _walked(task, here.stop, goal, following.leg, clock)
        rested = PAUSE_BEFORE in (here.rests,) or following.rests == PAUSE_AFTER
        visits.append(
            Visit(
                here.stop, arrives, begins, ends, clock, pauses if rested else None, way if way >= 0 else None
            )
        )
        clock = arrival
    return tuple(visits)


def _opened(task: TaskData, clock: int) -> int:
    return max(clock, task.pause_opens)


def _walked(task: TaskData, start: int, goal: int, leg: int, clock: int) -> tuple[int, int, int]:
    """Return departure, arrival, and the time-dependent arc taken (-1: none)."""
    if leg < 0:
        return clock, clock, -1
    row = task.legs[task.legs_from[start * task.n + goal] + leg]
    departs = max(clock, int(row["opens"]))
    return departs, departs + int(row["walk"]), int(row["way"])

"""Problems that differ from a given one in one requirement."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from app.analysis.tours.problem import Plan, Problem, Stop, Window


def horizon_s(problem: Problem) -> int:
    """Return a time longer than any tour without idle time: every visit, the longest walks, all windows."""
    n = len(problem.stops)
    walks = int(problem.walk_s.max(initial=0)) + max((way.walk_s for way in problem.ways), default=0)
    pause = problem.pause
    moments = [problem.starts_s, *([problem.ends_s] if problem.ends_s is not None else [])]
    moments += [moment for stop in problem.stops for w in stop.windows for moment in (w.opens_s, w.closes_s)]
    moments += [moment for way in problem.ways for moment in (way.departs.opens_s, way.departs.closes_s)]
    if pause:
        moments += [pause.begins.opens_s, pause.begins.closes_s]
    lasting_s = sum(stop.dwell_s for stop in problem.stops) + n * walks + (pause.dwell_s if pause else 0)
    return max(moments) - min(moments) + lasting_s + 1


def with_stop(problem: Problem, index: int, **changes: Any) -> Problem:
    """Return the problem with other attributes of one stop."""
    stops = list(problem.stops)
    stops[index] = replace(stops[index], **changes)
    return replace(problem, stops=tuple(stops))


def must_visit(problem: Problem, index: int) -> Problem:
    """Return the problem in which one stop must be visited."""
    return with_stop(problem, index, value=None)


def with_window(problem: Problem, index: int, which: int, opens_s: int, closes_s: int) -> Problem:
    """Return the problem with another time for one window of a stop; windows that now touch are one."""
    windows = list(problem.stops[index].windows)
    windows[which] = Window(opens_s, closes_s)
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.opens_s <= joined[-1].closes_s:
            last = joined.pop()
            window = Window(last.opens_s, max(last.closes_s, window.closes_s))  # noqa: PLW2901
        joined.append(window)
    return with_stop(problem, index, windows=tuple(joined))


def only(problem: Problem, kept: Sequence[int]) -> Problem:
    """Return the problem of some of its stops; index i of the new one is ``kept[i]`` of the old one.

    Ways, orders, first and last stop go with the stops they name.
    """
    new = {old: i for i, old in enumerate(kept)}
    grid = np.ix_(list(kept), list(kept))
    return replace(
        problem,
        stops=tuple(problem.stops[old] for old in kept),
        walk_s=problem.walk_s[grid],
        length_m=problem.length_m[grid],
        ways=tuple(replace(problem.ways[i], start=new[problem.ways[i].start], end=new[problem.ways[i].end])
                   for i in kept_ways(problem, kept)),
        orders=tuple((new[a], new[b]) for a, b in problem.orders if a in new and b in new),
        first=None if problem.first is None else new.get(problem.first),
        last=None if problem.last is None else new.get(problem.last),
    )  # fmt: skip


def kept_ways(problem: Problem, kept: Sequence[int]) -> list[int]:
    """Return the ways between stops that are kept."""
    return [i for i, way in enumerate(problem.ways) if way.start in kept and way.end in kept]


def without(problem: Problem, index: int) -> Problem:
    """Return the problem without one stop; stops after it move up by one."""
    return only(problem, others(problem, index))


def others(problem: Problem, index: int) -> list[int]:
    """Return all stops but one."""
    return [i for i in range(len(problem.stops)) if i != index]


def in_given_indices(problem: Problem, kept: Sequence[int], ways: Sequence[int], plan: Plan) -> Plan:
    """Return a plan for fewer stops or ways in the indices of `problem`."""
    visits = tuple(
        replace(visit, stop=kept[visit.stop], way=None if visit.way is None else ways[visit.way])
        for visit in plan.visits
    )
    return replace(plan, visits=visits)


def without_leg(problem: Problem, start: int, end: int) -> tuple[Problem, list[int]]:
    """Return the problem in which two stops are never neighbors in the tour, and the ways it still has."""
    walk_s = problem.walk_s.copy()
    walk_s[start, end] = walk_s[end, start] = -1
    ways = [i for i, way in enumerate(problem.ways) if {way.start, way.end} != {start, end}]
    return replace(problem, walk_s=walk_s, ways=tuple(problem.ways[i] for i in ways)), ways


def minutes_up(seconds: float) -> int:
    """Return whole minutes, rounded up, at least one."""
    return max(1, math.ceil(seconds / 60))


def is_optional(stop: Stop) -> bool:
    """Return whether a stop may be left out."""
    return stop.value is not None

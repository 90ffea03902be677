"""Plain second answers to wishes for tours: every order tried, every plan followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from app.analysis.tours.problem import Objective, Plan, Problem, Window

LATE = 10**9


def measures(problem: Problem, plan: Plan) -> tuple[int, ...]:
    """Return what a plan is compared by, smaller is better."""
    return _measures(
        problem.objective,
        round(plan.length_m * 1000),
        plan.ends_s - plan.starts_s,
        round(plan.value * 10**6),
        plan.ends_s,
    )


def best_by_trying(problem: Problem) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the best measures and the lexicographically first order that has them; None: no such tour.

    Every order of every set of stops is walked, from every second one may start at, as early as can be.
    """
    best = None
    for order, walked in _walks(problem):
        for found in walked:
            if best is None or (found, order) < best:
                best = found, order
    return best


def assert_plan_keeps(problem: Problem, plan: Plan) -> None:
    """Check every promise of a plan against the problem, from its visits alone."""
    order, visits = plan.order, plan.visits
    assert len(set(order)) == len(order) > 0
    needed = {i for i, stop in enumerate(problem.stops) if stop.value is None}
    assert (needed | ({problem.first, problem.last} - {None})) <= set(order)
    assert problem.first in (None, order[0])
    assert problem.last in (None, order[-1])
    for before, after in problem.orders:
        assert not {before, after} <= set(order) or order.index(before) < order.index(after)
    for i, visit in enumerate(visits):
        _assert_visit(problem, visit, i)
    assert sum(visit.pauses_s is not None for visit in visits) == (problem.pause is not None)
    goals = [*visits[1:], *(visits[:1] if problem.is_round and len(visits) > 1 else [])]
    legs = list(zip(visits, goals, strict=False))
    walk_s = length_mm = 0
    for here, there in legs:
        seconds, metres = _leg(problem, here, there.stop)
        walk_s, length_mm = walk_s + seconds, length_mm + round(metres * 1000)
        if there is not visits[0]:
            assert there.arrives_s == here.departs_s + seconds
    home_s = _leg(problem, *legs[-1][:1], legs[-1][1].stop)[0] if len(legs) == len(visits) else 0
    assert plan.starts_s == visits[0].arrives_s >= problem.starts_s
    assert plan.ends_s == visits[-1].departs_s + home_s
    assert problem.ends_s is None or plan.ends_s <= problem.ends_s
    assert plan.walk_s == walk_s
    assert round(plan.length_m * 1000) == length_mm
    assert problem.max_walk_m is None or plan.length_m <= problem.max_walk_m
    busy_s = sum(problem.stops[i].dwell_s for i in order) + (problem.pause.dwell_s if problem.pause else 0)
    assert plan.wait_s == plan.ends_s - plan.starts_s - walk_s - busy_s >= 0
    assert plan.value == sum(problem.stops[i].value or 0 for i in order)


def _assert_visit(problem: Problem, visit: Any, position: int) -> None:
    stop = problem.stops[visit.stop]
    assert stop.position in (None, position)
    assert visit.arrives_s <= visit.begins_s
    assert visit.ends_s - visit.begins_s == stop.dwell_s
    assert visit.ends_s <= visit.departs_s
    if stop.windows:
        assert any(
            window.opens_s <= visit.begins_s and visit.ends_s <= window.closes_s for window in stop.windows
        )
    if visit.pauses_s is not None:
        pause = problem.pause
        assert pause.begins.opens_s <= visit.pauses_s <= pause.begins.closes_s
        is_before = visit.arrives_s <= visit.pauses_s and visit.pauses_s + pause.dwell_s <= visit.begins_s
        is_behind = visit.ends_s <= visit.pauses_s and visit.pauses_s + pause.dwell_s <= visit.departs_s
        assert is_before or is_behind


def _leg(problem: Problem, here: Any, goal: int) -> tuple[int, float]:
    if here.way is None:
        assert problem.walk_s[here.stop, goal] >= 0
        return int(problem.walk_s[here.stop, goal]), float(problem.length_m[here.stop, goal])
    way = problem.ways[here.way]
    assert (way.start, way.end) == (here.stop, goal)
    assert way.departs.opens_s <= here.departs_s <= way.departs.closes_s
    return way.walk_s, way.length_m


@dataclass(frozen=True)
class _Walk:
    """One way of walking an order: for each start, when one is ready (`LATE`: not at all)."""

    ready_s: np.ndarray[Any, Any]
    length_mm: int
    is_paused: bool


def _walks(problem: Problem) -> Iterator[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
    """Return every order that can be walked, with the measures of its walks."""
    span = [problem.ends_s or 0, *(w.closes_s for stop in problem.stops for w in stop.windows)]
    span += [way.departs.closes_s for way in problem.ways]
    span += [problem.pause.begins.closes_s] if problem.pause else []
    starts_s = np.arange(problem.starts_s, max(problem.starts_s, *span) + 2)
    with_first_stop = _Walk(starts_s, 0, problem.pause is None)
    for stop in range(len(problem.stops)):
        if problem.first in (None, stop):
            walks = [
                visited
                for walk in _rested(problem, with_first_stop, at_once=True)
                for visited in _visited(problem, walk, stop, at_once=walk is with_first_stop)
            ]
            yield from _further(problem, (stop,), walks, starts_s)


def _further(
    problem: Problem, order: tuple[int, ...], walks: list[_Walk], starts_s: Any
) -> Iterator[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
    if not walks or not _are_placed(problem, order):
        return
    yield order, list(_ended(problem, order, walks, starts_s))
    for stop in set(range(len(problem.stops))) - set(order):
        arrived = [one for walk in walks for one in _walked(problem, walk, order[-1], stop)]
        visited = [
            one
            for walk in arrived
            for rested in _rested(problem, walk)
            for one in _visited(problem, rested, stop)
        ]
        yield from _further(problem, (*order, stop), visited, starts_s)


def _are_placed(problem: Problem, order: tuple[int, ...]) -> bool:
    if any(problem.stops[stop].position not in (None, i) for i, stop in enumerate(order)):
        return False
    return not any(
        after in order and before in order[order.index(after) :] for before, after in problem.orders
    )


def _rested(problem: Problem, walk: _Walk, *, at_once: bool = False) -> list[_Walk]:
    """Return the walk without and with a rest now."""
    if walk.is_paused:
        return [walk]
    pause = problem.pause
    begins_s = walk.ready_s if at_once else np.maximum(walk.ready_s, pause.begins.opens_s)
    fits = (begins_s >= pause.begins.opens_s) & (begins_s <= pause.begins.closes_s)
    return [walk, _Walk(np.where(fits, begins_s + pause.dwell_s, LATE), walk.length_mm, True)]


def _visited(problem: Problem, walk: _Walk, stop: int, *, at_once: bool = False) -> Iterator[_Walk]:
    dwell_s, windows = problem.stops[stop].dwell_s, problem.stops[stop].windows
    ready_s = np.full(len(walk.ready_s), LATE)
    for window in windows or (Window(-LATE, LATE // 2),):
        begins_s = walk.ready_s if at_once else np.maximum(walk.ready_s, window.opens_s)
        fits = (begins_s >= window.opens_s) & (begins_s + dwell_s <= window.closes_s)
        ready_s = np.minimum(ready_s, np.where(fits, begins_s + dwell_s, LATE))
    if (ready_s < LATE).any():
        yield replace(walk, ready_s=ready_s)


def _walked(problem: Problem, walk: _Walk, start: int, goal: int) -> Iterator[_Walk]:
    always = Window(-LATE, LATE // 2)
    legs = [
        (way.walk_s, way.length_m, way.departs)
        for way in problem.ways
        if (way.start, way.end) == (start, goal)
    ]
    if problem.walk_s[start, goal] >= 0:
        legs.append((problem.walk_s[start, goal], problem.length_m[start, goal], always))
    for rested, (walk_s, length_m, hours) in product(_rested(problem, walk), legs):
        departs_s = np.maximum(rested.ready_s, hours.opens_s)
        ready_s = np.where(departs_s <= hours.closes_s, departs_s + walk_s, LATE)
        if (ready_s < LATE).any():
            yield _Walk(ready_s, rested.length_mm + round(float(length_m) * 1000), rested.is_paused)


def _ended(
    problem: Problem, order: tuple[int, ...], walks: list[_Walk], starts_s: Any
) -> Iterator[tuple[int, ...]]:
    needed = {i for i, stop in enumerate(problem.stops) if stop.value is None} | {problem.first} - {None}
    if not needed <= set(order) or problem.last not in (None, order[-1]):
        return
    if problem.is_round and len(order) > 1:
        ends = [home for walk in walks for home in _walked(problem, walk, order[-1], order[0])]
    else:
        ends = [rested for walk in walks for rested in _rested(problem, walk)]
    value = round(sum(problem.stops[i].value or 0 for i in order) * 10**6)
    for walk in ends:
        is_good = (walk.ready_s < LATE // 2) & (walk.ready_s <= (problem.ends_s or LATE))
        if problem.ends_s is not None:
            is_good &= walk.ready_s <= problem.ends_s
        if problem.max_walk_m is not None:
            is_good &= walk.length_mm <= problem.max_walk_m * 1000
        if walk.is_paused and is_good.any():
            took_s = np.where(is_good, walk.ready_s - starts_s, LATE)
            best = int(np.argmin(took_s))
            yield _measures(
                problem.objective, walk.length_mm, int(took_s[best]), value, int(walk.ready_s[best])
            )


def _measures(objective: Objective, length_mm: int, took_s: int, value: int, ends_s: int) -> tuple[int, ...]:
    return {
        Objective.WALKING: (-value, length_mm, took_s, ends_s),
        Objective.DURATION: (-value, took_s, length_mm, ends_s),
        Objective.VALUE: (-value, took_s, length_mm, ends_s),
    }[objective]

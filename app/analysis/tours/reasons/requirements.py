"""The requirements of a problem one by one, and the problem without some of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from app.analysis.tours.problem import Array, Problem, Stop
from app.analysis.tours.reasons.changes import horizon_s, is_optional, only


class RequirementKind(StrEnum):
    """What can be required of a tour."""

    VISIT = "visit"
    WINDOWS = "windows"
    FIRST = "first"
    LAST = "last"
    POSITION = "position"
    ORDER = "order"
    STARTS = "starts"
    ENDS = "ends"
    MAX_WALK = "max_walk"
    PAUSE = "pause"
    ROUND = "round"


@dataclass(frozen=True)
class Requirement:
    """One requirement of a problem.

    Attributes
    ----------
    kind : RequirementKind
    stop : int or None
        The stop it is about (visit, windows, first, last, position), or the one that comes before (order).
    other : int or None
        The one that comes after (order).
    """

    kind: RequirementKind
    stop: int | None = None
    other: int | None = None


def requirements(problem: Problem) -> tuple[Requirement, ...]:
    """Return all requirements of a problem: first what must be visited, then where in the order, then times.

    That a stop is the first or the last includes that it is visited.
    """
    kind = RequirementKind
    stops = list(enumerate(problem.stops))
    found = [Requirement(kind.VISIT, i) for i, stop in stops if not is_optional(stop)]
    found += [Requirement(kind.ORDER, a, b) for a, b in problem.orders]
    found += [Requirement(kind.POSITION, i) for i, stop in stops if stop.position is not None]
    found += [Requirement(kind.FIRST, problem.first)] if problem.first is not None else []
    found += [Requirement(kind.LAST, problem.last)] if problem.last is not None else []
    found += [Requirement(kind.ROUND)] if problem.is_round else []
    found += [Requirement(kind.PAUSE)] if problem.pause is not None else []
    found += [Requirement(kind.MAX_WALK)] if problem.max_walk_m is not None else []
    found += [Requirement(kind.WINDOWS, i) for i, stop in stops if stop.windows]
    found += [Requirement(kind.STARTS)]
    found += [Requirement(kind.ENDS)] if problem.ends_s is not None else []
    return tuple(found)


def dropped(problem: Problem, without: Collection[Requirement]) -> Problem:
    """Return the problem without some requirements.

    A stop that need not be visited any more may be left out, and is worth nothing.
    """
    kinds = {requirement.kind for requirement in without}
    orders = {(requirement.stop, requirement.other) for requirement in without}
    return replace(
        problem,
        stops=tuple(_loosened(stop, i, without) for i, stop in enumerate(problem.stops)),
        orders=tuple(pair for pair in problem.orders if pair not in orders),
        first=None if RequirementKind.FIRST in kinds else problem.first,
        last=None if RequirementKind.LAST in kinds else problem.last,
        is_round=problem.is_round and RequirementKind.ROUND not in kinds,
        pause=None if RequirementKind.PAUSE in kinds else problem.pause,
        max_walk_m=None if RequirementKind.MAX_WALK in kinds else problem.max_walk_m,
        starts_s=problem.starts_s - horizon_s(problem)
        if RequirementKind.STARTS in kinds
        else problem.starts_s,
        ends_s=None if RequirementKind.ENDS in kinds else problem.ends_s,
    )


def _loosened(stop: Stop, index: int, without: Collection[Requirement]) -> Stop:
    if Requirement(RequirementKind.VISIT, index) in without:
        stop = replace(stop, value=0.0)
    if Requirement(RequirementKind.WINDOWS, index) in without:
        stop = replace(stop, windows=())
    if Requirement(RequirementKind.POSITION, index) in without:
        stop = replace(stop, position=None)
    return stop


def needed_stops(problem: Problem) -> list[int]:
    """Return the stops that must be visited."""
    ends = {problem.first, problem.last}
    return [i for i, stop in enumerate(problem.stops) if not is_optional(stop) or i in ends]


def can_reduce(problem: Problem) -> bool:
    """Return whether stops that may be left out can be taken away when only feasibility is asked.

    A position counts stops, a time-dependent arc may start at one, and a round may be back sooner where it
    began elsewhere; else, where no detour over a stop is shorter than the direct walk, none of them helps:
    who paused at one can as well have paused at the stop before.
    """
    has_positions = any(stop.position is not None for stop in problem.stops)
    is_free_round = problem.is_round and problem.first is None
    return not (has_positions or is_free_round or problem.ways) and _is_direct(problem)


def reduced(problem: Problem) -> Problem:
    """Return the problem of the stops that must be visited."""
    return only(problem, needed_stops(problem))


def relaxed(problem: Problem) -> Problem:
    """Return a problem of the stops that must be visited alone that has a tour wherever `problem` has one.

    Walks lead over other stops, time-dependent arcs are open at any time, nothing has a position, and a round
    without a first stop needs no walk back.
    """
    walk_s, length_m = _at_any_time(problem)
    is_walk = np.isfinite(walk_s)
    stops = tuple(replace(stop, position=None) for stop in problem.stops)
    free = replace(
        problem,
        stops=stops,
        walk_s=np.where(is_walk, walk_s, -1).astype(np.int64),
        length_m=np.where(is_walk, length_m, 0.0),
        ways=(),
        is_round=problem.is_round and problem.first is not None,
    )
    return reduced(free)


def _at_any_time(problem: Problem) -> tuple[Array, Array]:
    """Return the least seconds and, apart from these, metres between stops; infinite where none can walk."""
    walk_s = np.where(problem.walk_s < 0, np.inf, problem.walk_s.astype(float))
    length_m = np.where(np.isinf(walk_s), np.inf, problem.length_m)
    for way in problem.ways:
        walk_s[way.start, way.end] = min(walk_s[way.start, way.end], way.walk_s)
        length_m[way.start, way.end] = min(length_m[way.start, way.end], way.length_m)
    for by, stop in enumerate(problem.stops):
        np.minimum(walk_s, walk_s[:, by, None] + stop.dwell_s + walk_s[None, by, :], out=walk_s)
        np.minimum(length_m, length_m[:, by, None] + length_m[None, by, :], out=length_m)
    np.fill_diagonal(walk_s, 0.0)
    return walk_s, length_m


def _is_direct(problem: Problem) -> bool:
    walk_s = np.where(problem.walk_s < 0, np.inf, problem.walk_s.astype(float))
    np.fill_diagonal(walk_s, np.inf)
    dwell_s = np.array([stop.dwell_s for stop in problem.stops], float)
    if not _no_detour_gains(walk_s, dwell_s):
        return False
    length_m = np.where(np.isinf(walk_s), np.inf, problem.length_m)
    return problem.max_walk_m is None or _no_detour_gains(length_m, 0 * dwell_s)


def _no_detour_gains(cost: Array, at_stop: Array) -> bool:
    detour = (cost[:, :, None] + at_stop[None, :, None] + cost[None, :, :]).min(axis=1)
    np.fill_diagonal(detour, np.inf)
    return not (detour < cost - 1e-9).any()

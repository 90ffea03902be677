"""A canonical order of stops, so that equally good tours give one answer in whatever order stops are given.

The search numbers stops, and which of several equally good tours it finds first depends on the numbers. So
they follow from the attributes of a stop, not from its place in the list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.analysis.tours.problem import Plan, Problem, Way
from app.analysis.tours.reasons.changes import in_given_indices, only


@dataclass(frozen=True)
class CanonicalOrder:
    """A problem with its stops and ways in canonical order.

    Attributes
    ----------
    problem : Problem
    stops, ways : list of int
        Stop (way) i of it is ``stops[i]`` of the one that was given.
    """

    problem: Problem
    stops: list[int]
    ways: list[int]

    def in_given_order(self, plan: Plan) -> Plan:
        """Return a plan with the indices of the problem that was given."""
        return in_given_indices(self.problem, self.stops, self.ways, plan)


def in_canonical_order(problem: Problem) -> CanonicalOrder:
    """Return a problem in an order that depends on names, walks, visits and time windows alone.

    Stops that are alike in all of that stay in the order in which they are given.
    """
    walks = _walks(problem)
    stops = sorted(range(len(problem.stops)), key=lambda i: _features(problem, i, walks[i]))
    place = {stop: i for i, stop in enumerate(stops)}
    ways = sorted(range(len(problem.ways)), key=lambda i: _way_features(problem.ways[i], place))
    ordered = replace(problem, ways=tuple(problem.ways[i] for i in ways))
    return CanonicalOrder(only(ordered, stops), stops, ways)


def _walks(problem: Problem) -> list[list[float]]:
    """Return the times and lengths from and to each stop, the least first."""
    n = len(problem.stops)
    others = ~np.eye(n, dtype=bool)
    both_ways = (problem.walk_s, problem.walk_s.T, problem.length_m, problem.length_m.T)
    rows = [np.sort(walks[others].reshape(n, n - 1), axis=1) for walks in both_ways]
    listed: list[list[float]] = np.hstack(rows).tolist()
    return listed


def _features(problem: Problem, i: int, walks: list[float]) -> tuple[Any, ...]:
    stop = problem.stops[i]
    return (
        stop.name,
        walks,
        stop.dwell_s,
        sorted(stop.windows),
        -1.0 if stop.value is None else stop.value,
        -1 if stop.position is None else stop.position,
        i != problem.first,
        i != problem.last,
    )


def _way_features(way: Way, place: dict[int, int]) -> tuple[Any, ...]:
    return place[way.start], place[way.end], way.walk_s, way.length_m, way.departs

"""Many questions about few stops, answered from one table of how long every set of them takes.

Where it does not matter when anything happens but for the end, a set of stops takes the same time however
long the tour may be, and whatever else it might visit. So what a later end, a shorter visit, a stop that must
be visited would change need not be searched for again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from app.analysis.tours.bounds import bounds_of
from app.analysis.tours.every_set import MOST_SPAN_S, Sets, has_few_stops, order_of, sets_of
from app.analysis.tours.namings import Naming, named
from app.analysis.tours.outlooks import is_shiftable
from app.analysis.tours.problem import Array, Objective, Plan, Problem, Stop, Visit
from app.analysis.tours.set_tables import IMPOSSIBLE, LENGTH_BITS, fill_durations
from app.analysis.tours.tasks import MM_PER_M, NEVER, VALUES_PER_ONE, Task, required_stops, task_of


@dataclass(frozen=True)
class SetAnswers:
    """The least time of every set of stops, for one problem and those that differ little from it.

    Attributes
    ----------
    problem : Problem
    naming : Naming
    task : Task
        Without an end, and with every stop optional.
    sets : Sets
    durations, ends, worth : array of int64, shape (2**n,)
        The least time and length as one number, `IMPOSSIBLE` or more where there is no such tour; its last
        stop; what the set is worth in `problem`.
    """

    problem: Problem
    naming: Naming
    task: Task
    sets: Sets
    durations: Array
    ends: Array
    worth: Array

    @classmethod
    def of(cls, problem: Problem, stop: Array) -> SetAnswers | None:
        """Return the answers for a problem that was checked; None where they cannot be told this way."""
        if problem.objective != Objective.VALUE or problem.ends_s is None:
            return None
        free = replace(
            problem,
            stops=tuple(replace(one, value=0.0) for one in problem.stops),
            ends_s=problem.starts_s + MOST_SPAN_S - 1,
        )
        naming = named(free)
        task = task_of(naming.problem)
        is_exact = task.most_length >= NEVER and not (task.is_round and task.first < 0)
        is_placed = (task.stops["position"][:-1] >= 0).any()
        if not (has_few_stops(task) and is_exact and is_shiftable(task)) or is_placed:
            return None
        sets = sets_of(task, bounds_of(task), -1, stop)
        durations, ends = np.full((2, 1 << task.n), IMPOSSIBLE, dtype=np.int64)
        fill_durations(task, sets.soonest, durations, ends)
        worth = _sums([_value(problem.stops[old]) for old in naming.stops])
        return None if stop[0] else cls(problem, naming, task, sets, durations, ends, worth)

    def does_cover(self, problem: Problem) -> bool:
        """Return whether a problem differs only in start, end, lengths of visits, what must be visited."""
        is_same = problem.walk_s is self.problem.walk_s and problem.length_m is self.problem.length_m
        return (
            is_same
            and all(getattr(problem, name) == getattr(self.problem, name) for name in _SAME)
            and all(map(_is_alike, problem.stops, self.problem.stops))
        )

    def best(self, problem: Problem) -> Plan | None:
        """Return the best tour of a problem that is covered; None: there is none."""
        stops = [problem.stops[old] for old in self.naming.stops]
        sets, took = np.arange(len(self.durations)), self.durations
        for i, stop in enumerate(stops):
            if added := stop.dwell_s - int(self.task.stops[i]["dwell"]):
                took = took + ((sets >> i & 1) * added << LENGTH_BITS)
        required = required_stops(replace(self.naming.problem, stops=tuple(stops)))
        is_allowed = (self.durations < IMPOSSIBLE) & (sets & required == required)
        if problem.ends_s is not None:
            is_allowed &= took >> LENGTH_BITS <= problem.ends_s - problem.starts_s
        allowed = np.flatnonzero(is_allowed)
        if not len(allowed):
            return None
        # What must be visited is worth the same in all of them.
        best = allowed[self.worth[allowed] == self.worth[allowed].max()]
        visited = int(best[np.argmin(took[best])])
        return self._plan(problem, visited, int(took[visited]))

    def _plan(self, problem: Problem, visited: int, took: int) -> Plan:
        order = order_of(self.task, self.sets, visited, int(self.ends[visited]))
        given = [self.naming.stops[stop] for stop in order]
        walks = [int(problem.walk_s[leg]) for leg in pairwise(given)]
        visits, clock = [], problem.starts_s
        for stop, walk_s in zip(given, [*walks, 0], strict=True):
            ends_s = clock + problem.stops[stop].dwell_s
            visits.append(Visit(stop, clock, clock, ends_s, ends_s))
            clock = ends_s + walk_s
        home_s = int(problem.walk_s[given[-1], given[0]]) if problem.is_round and len(given) > 1 else 0
        value = sum(_value(problem.stops[i]) for i in given) / VALUES_PER_ONE
        return Plan(
            visits=tuple(visits),
            is_feasible=True,
            starts_s=problem.starts_s,
            ends_s=problem.starts_s + (took >> LENGTH_BITS),
            walk_s=sum(walks) + home_s,
            wait_s=0,
            length_m=(took & (1 << LENGTH_BITS) - 1) / MM_PER_M,
            value=value,
            is_proved=True,
            bound=value,
            method="sets",
            seconds=0.0,
        )


def _value(stop: Stop) -> int:
    return round((stop.value or 0) * VALUES_PER_ONE)


def _sums(numbers: list[int]) -> Array:
    """Return the sum of the numbers of each set."""
    sums = np.zeros(1, dtype=np.int64)
    for number in numbers:
        sums = np.concatenate([sums, sums + number])
    return sums


def _is_alike(one: Stop, other: Stop) -> bool:
    """Return whether stops differ at most in how long the visit takes and whether it must be."""
    return replace(one, dwell_s=other.dwell_s, value=other.value) == other and one.value in (
        None,
        other.value,
    )


_SAME = ("ways", "objective", "first", "last", "is_round", "orders", "max_walk_m", "pause")

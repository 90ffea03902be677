"""Why there is no such tour: a small set of requirements that contradict each other.

What is not needed for the contradiction is taken away by halves, and then piece by piece: U. Junker,
QuickXplain: preferred explanations and relaxations for over-constrained problems, 2004. Only feasibility
is asked, never the best tour; what was taken away so far stays away when time runs short.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, takewhile
from math import comb, inf

from app.analysis.tours.problem import Objective, Problem
from app.analysis.tours.reasons.repeated_solves import BudgetedSolver, OutOfTimeError
from app.analysis.tours.reasons.requirements import (
    Requirement,
    RequirementKind,
    can_reduce,
    dropped,
    needed_stops,
    reduced,
    requirements,
)

# Among so many sets of stops, and of other requirements, the smallest is looked for one by one; where each of
# them takes long, only if the stops are few.
_MOST_SETS = 700
_FEW_VISITS = 10
_MOST_CORES = 40
# Contradictions of so few stops are looked for first: nothing has to be proven about the whole tour.
_FEW_STOPS = 2
# Then those of so many stops with windows at about the same time, then that of all.
_CROWDS = (4, 8, 16)
# Of the time: for all but `least_s`, for contradictions of few stops, for one solve, and for the one over
# all.
_FINDING_SHARE, _FEW_SHARE, _QUESTION_SHARE, _ALL_SHARE = 0.9, 0.4, 0.1, 0.6


@dataclass(frozen=True)
class Conflict:
    """Requirements that contradict each other.

    Attributes
    ----------
    requirements : tuple of Requirement
        No tour meets them all, even if nothing else were required. Empty when none was found in time, or
        there is no contradiction.
    is_irreducible : bool
        Without any one of them (and with nothing else required) there is a tour: each one matters. Where time
        ran short, False: perhaps not all of them are needed for the contradiction.
    is_smallest : bool
        No contradiction has fewer stops to visit, nor one with as many stops fewer other requirements.
    least_s : int or None
        Where all stand against the time between earliest start and latest end: the seconds that are needed.
    """

    requirements: tuple[Requirement, ...] = ()
    is_irreducible: bool = False
    is_smallest: bool = False
    least_s: int | None = None


def conflict(
    problem: Problem, *, limit_s: float = 5.0, cancelled: Callable[[], bool] | None = None
) -> Conflict:
    """Return a smallest set of requirements of an infeasible problem that contradict each other.

    Where there are few enough, through all sets of up to two stops; then by leaving out whatever is not
    needed for the contradiction, which gives an irreducible set, and through all smaller sets of stops again.

    Parameters
    ----------
    problem : Problem
        An infeasible one.
    limit_s : float
        For all solves together; what is found by then is returned.
    cancelled : callable, optional
        Returns True to stop.

    Returns
    -------
    Conflict
        Empty where there is a feasible tour, or nothing is proven in time.

    Examples
    --------
    >>> import numpy as np
    >>> from app.analysis.tours import Problem, Stop, Window, conflict
    >>> stops = (Stop("a", 0, (Window(0, 600),)), Stop("b"), Stop("c", 0, (Window(0, 600),)))
    >>> found = conflict(Problem(stops, np.full((3, 3), 900), np.full((3, 3), 1000)), limit_s=60)
    >>> [(str(one.kind), one.stop) for one in found.requirements], found.is_smallest
    ([('visit', 0), ('visit', 2), ('windows', 0), ('windows', 2)], True)
    """
    search = _ConflictSearch(
        replace(problem, objective=Objective.WALKING), BudgetedSolver(limit_s, cancelled)
    )
    with search.solver.budget(_FINDING_SHARE, most=_QUESTION_SHARE):
        search.find()
    try:
        return replace(search.best, least_s=search.least_s(search.best.requirements))
    except OutOfTimeError:
        return search.best


Requirements = tuple[Requirement, ...]


@dataclass
class _ConflictSearch:
    """Solves sets of requirements for feasibility; `best` is the smallest infeasible one found."""

    problem: Problem
    solver: BudgetedSolver

    def __post_init__(self) -> None:
        self.all = requirements(self.problem)
        self.best = Conflict()
        self._impossible: list[frozenset[Requirement]] = []
        self._possible: list[frozenset[Requirement]] = []
        self._unsettled: set[frozenset[Requirement]] = set()

    def find(self) -> None:
        """Look for the smallest contradiction, first among those of few stops."""
        with self.solver.budget(_FEW_SHARE, most=_QUESTION_SHARE):
            if self.find_smallest(_FEW_STOPS):
                return
        crowd = self.best.requirements or self._crowd()
        if crowd:
            self.best = self.filtered(crowd)
            self.find_smallest(_n_stops(self.best.requirements))

    def _crowd(self) -> Requirements | None:
        """Return a contradiction to begin with: of stops with windows at about the same time, or of all."""
        visits = [r for r in self.all if r.kind == RequirementKind.VISIT]
        rest = [r for r in self.all if r.kind != RequirementKind.VISIT]
        visits.sort(key=self._around)
        for n_stops in takewhile(lambda n: n < len(visits), _CROWDS):
            for begin in range(0, len(visits) - n_stops // 2, n_stops // 2):
                crowd = (*visits[begin : begin + n_stops], *rest)
                if self.verdict(crowd):
                    return self._sorted(crowd)
        with self.solver.budget(_ALL_SHARE, most=1.0):
            if self.verdict(self.all):
                return self.all
        return None

    def _around(self, visit: Requirement) -> tuple[float, int]:
        """Return the middle of the windows of a stop, last those that have none."""
        stop = visit.stop or 0
        windows = self.problem.stops[stop].windows
        return (min(w.opens_s + w.closes_s for w in windows) / 2 if windows else inf), stop

    def loosened(self, kept: Collection[Requirement]) -> Problem:
        """Return the problem with these requirements only."""
        return dropped(self.problem, [requirement for requirement in self.all if requirement not in kept])

    def verdict(self, kept: Collection[Requirement]) -> bool | None:
        """Return whether no tour meets these requirements; None where that was not settled in its time."""
        key = frozenset(kept)
        if any(key <= possible for possible in self._possible):
            return False
        if any(impossible <= key for impossible in self._impossible):
            return True
        if key in self._unsettled:
            return None
        verdict = self._solved(kept)
        if verdict is None:
            self._unsettled.add(key)
            return None
        (self._impossible if verdict else self._possible).append(key)
        if verdict:
            self._note(kept)
        return verdict

    def _solved(self, kept: Collection[Requirement]) -> bool | None:
        problem = self.loosened(kept)
        if not needed_stops(problem):
            return False
        self.solver.begin()
        if self.solver.any_tour(problem) is not None:
            return False
        return True if self.solver.is_proved else None

    def _note(self, kept: Collection[Requirement]) -> None:
        """Keep in mind a contradiction smaller than the one known, unless that is irreducible."""
        known = self.best
        if not known.requirements or (not known.is_irreducible and len(kept) < len(known.requirements)):
            self.best = Conflict(self._sorted(kept))

    def _sorted(self, kept: Collection[Requirement]) -> Requirements:
        return tuple(requirement for requirement in self.all if requirement in kept)

    def filtered(self, kept: Requirements) -> Conflict:
        """Return what stays of a contradiction when nothing is left without which it still stands."""
        kept = self._without_kinds(kept)
        visits = [r for r in reversed(kept) if r.kind == RequirementKind.VISIT]
        rest = [r for r in kept if r.kind != RequirementKind.VISIT]
        left, is_irreducible = self._essential([], [*rest, *visits], is_new=False), True
        for requirement in self._sorted(left):
            fewer = [other for other in left if other != requirement]
            verdict = self.verdict(fewer)
            left = fewer if verdict else left
            is_irreducible = is_irreducible and verdict is not None
        return Conflict(self._sorted(left), is_irreducible=is_irreducible)

    def _without_kinds(self, kept: Requirements) -> Requirements:
        """Return a contradiction without all windows, all orders, and so on, as far as it stands without."""
        for kind in RequirementKind:
            fewer = tuple(r for r in kept if r.kind != kind)
            if len(fewer) < len(kept) and kind != RequirementKind.VISIT and self.verdict(fewer):
                kept = fewer
        return kept

    def _essential(
        self, sure: list[Requirement], of: list[Requirement], *, is_new: bool
    ) -> list[Requirement]:
        """Return of a list that contradicts what is sure as little as still does, leaving out the last first.

        `is_new`: whether something has become sure since that was solved.
        """
        self._note([*sure, *of])
        if is_new and self.verdict(sure):
            return []
        if len(of) == 1:
            return of
        first, second = of[: len(of) // 2], of[len(of) // 2 :]
        of_second = self._essential([*sure, *first], second, is_new=True)
        return [*self._essential([*sure, *of_second], first, is_new=bool(of_second)), *of_second]

    def find_smallest(self, most_stops: int) -> bool:
        """Look for the smallest contradiction of up to so many stops; False: there is none, or too many."""
        rest = [r for r in self.all if r.kind != RequirementKind.VISIT]
        is_sure = True
        for n_stops in range(most_stops + 1):
            sets = self._stop_sets(n_stops)
            if sets is None:
                return False
            verdicts = [(stops, self.verdict((*stops, *rest))) for stops in sets]
            is_sure = is_sure and all(verdict is not None for _, verdict in verdicts)
            cores = [stops for stops, verdict in verdicts if verdict]
            if cores:
                options = [self._fewest(self.filtered((*stops, *rest))) for stops in cores[:_MOST_CORES]]
                best = min(options, key=lambda option: len(option.requirements))
                is_smallest = all(option.is_smallest for option in options) and len(cores) <= _MOST_CORES
                self.best = replace(best, is_smallest=is_smallest and is_sure)
                return True
        return False

    def _stop_sets(self, n_stops: int) -> Iterator[Requirements] | None:
        """Return every set of so many stops to visit, or None where there are too many to try."""
        visits = [r for r in self.all if r.kind == RequirementKind.VISIT]
        is_cheap = len(visits) < _FEW_VISITS or can_reduce(self.problem)
        return (
            combinations(visits, n_stops)
            if comb(len(visits), n_stops) <= (_MOST_SETS if is_cheap else 1)
            else None
        )

    def _fewest(self, found: Conflict) -> Conflict:
        """Return a contradiction of the same stops with the fewest other requirements."""
        stops = tuple(r for r in found.requirements if r.kind == RequirementKind.VISIT)
        named = {r.stop for r in stops}
        others = [r for r in self.all if r.kind != RequirementKind.VISIT and self._matters(r, named)]
        n_tried, is_sure = 0, found.is_irreducible
        for n_others in range(len(found.requirements) - len(stops)):
            for chosen in combinations(others, n_others):
                n_tried += 1
                if n_tried > _MOST_SETS:
                    return found
                verdict = self.verdict((*stops, *chosen))
                if verdict:
                    return Conflict((*stops, *chosen), is_irreducible=is_sure, is_smallest=is_sure)
                is_sure = is_sure and verdict is not None
        return replace(found, is_smallest=is_sure)

    def _matters(self, requirement: Requirement, named: set[int | None]) -> bool:
        """Return whether a requirement can matter when only these stops (and first and last) are visited.

        Without reduction other stops may be visited, too: then everything may matter.
        """
        if not can_reduce(self.problem):
            return True
        visited = {*named, self.problem.first, self.problem.last}
        about = {stop for stop in (requirement.stop, requirement.other) if stop is not None}
        return about <= visited

    def least_s(self, kept: Collection[Requirement]) -> int | None:
        """Return the shortest tour for visits that stand against start and end alone."""
        kinds = {requirement.kind for requirement in kept}
        ends = {RequirementKind.STARTS, RequirementKind.ENDS}
        if not ends <= kinds or kinds - ends - {RequirementKind.VISIT, RequirementKind.ROUND}:
            return None
        free = self.loosened([requirement for requirement in kept if requirement.kind not in ends])
        self.solver.begin()
        best = self.solver.best(replace(reduced(free), objective=Objective.DURATION))
        return best.ends_s - best.starts_s if best is not None and self.solver.is_proved else None


def _n_stops(kept: Collection[Requirement]) -> int:
    return sum(requirement.kind == RequirementKind.VISIT for requirement in kept)

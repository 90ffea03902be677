"""Why there is no such tour: a small set of requirements that contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from app.analysis.tours.asking import Asking, OutOfTimeError
from app.analysis.tours.problem import Objective, Problem
from app.analysis.tours.requirements import (
    Requirement,
    RequirementKind,
    can_reduce,
    dropped,
    needed_stops,
    reduced,
    requirements,
)

# Among so many sets of stops, and of other requirements, the smallest is looked for one by one.
_MOST_SETS = 700
_MOST_CORES = 40
# Contradictions of so few stops are looked for first: nothing has to be proved about the whole tour.
_FEW_STOPS = 2


@dataclass(frozen=True)
class Conflict:
    """Requirements that contradict each other.

    Attributes
    ----------
    requirements : tuple of Requirement
        No tour meets them all, even if nothing else were required. Empty when none was found in time, or
        there is no contradiction.
    is_irreducible : bool
        Without any one of them (and with nothing else required) there is a tour: each one matters.
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
    """Return a smallest set of requirements of an infeasible wish that contradict each other.

    Where there are few enough, through all sets of up to two stops; then by a deletion filter (drop one
    after the other what is not needed for the contradiction), which gives an irreducible set, and through
    all smaller sets of stops again.

    Parameters
    ----------
    problem : Problem
        A wish that no tour meets.
    limit_s : float
        For all questions; what is found by then is told.
    cancelled : callable, optional
        Tells whether to stop.

    Returns
    -------
    Conflict
        Empty where some tour meets the wish, or nothing is proved in time.
    """
    search = _Search(replace(problem, objective=Objective.WALKING), Asking(limit_s, cancelled))
    try:
        found = search.found()
        return replace(found, least_s=search.least_s(found.requirements))
    except OutOfTimeError:
        return search.best


@dataclass
class _Search:
    """Asks which sets of requirements contradict themselves.

    An answer that is not proved counts as no contradiction.
    """

    problem: Problem
    asking: Asking

    def __post_init__(self) -> None:
        self.all = requirements(self.problem)
        self.best = Conflict()
        self._known: dict[frozenset[Requirement], bool] = {}

    def loosened(self, kept: Collection[Requirement]) -> Problem:
        """Return the wish with these requirements only."""
        return dropped(self.problem, [requirement for requirement in self.all if requirement not in kept])

    def contradicts(self, kept: Collection[Requirement]) -> bool:
        """Return whether no tour meets these requirements."""
        key = frozenset(kept)
        if key not in self._known:
            self._known[key] = self._contradicts(kept)
        return self._known[key]

    def _contradicts(self, kept: Collection[Requirement]) -> bool:
        problem = self.loosened(kept)
        if not needed_stops(problem):
            return False
        self.asking.begin()
        best = self.asking.best(reduced(problem) if can_reduce(problem) else problem)
        return best is None and self.asking.is_proved

    def filtered(self, kept: Sequence[Requirement]) -> tuple[Requirement, ...]:
        """Return what stays when everything is dropped without which the contradiction still stands."""
        left = list(kept)
        for requirement in kept:
            fewer = [other for other in left if other != requirement]
            if self.contradicts(fewer):
                left = fewer
        return tuple(left)

    def found(self) -> Conflict:
        """Return the smallest contradiction found; `best` holds what is known when time runs out."""
        few = self.smallest(_FEW_STOPS)
        if few is None and self.contradicts(self.all):
            self.best = Conflict(self.all)
            self.best = Conflict(self.filtered(self.all), is_irreducible=True)
            few = self.smallest(_n_stops(self.best.requirements))
        self.best = few or self.best
        return self.best

    def smallest(self, most_stops: int) -> Conflict | None:
        """Return the smallest contradiction of up to so many stops; None where there is none, or too many."""
        rest = [r for r in self.all if r.kind != RequirementKind.VISIT]
        for n_stops in range(most_stops + 1):
            sets = self._stop_sets(n_stops)
            if sets is None:
                return None
            cores = [stops for stops in sets if self.contradicts((*stops, *rest))]
            if cores:
                options = [self._fewest(self.filtered((*stops, *rest))) for stops in cores[:_MOST_CORES]]
                best = min(options, key=lambda option: len(option.requirements))
                is_smallest = all(option.is_smallest for option in options) and len(cores) <= _MOST_CORES
                return replace(best, is_smallest=is_smallest)
        return None

    def _stop_sets(self, n_stops: int) -> Iterator[tuple[Requirement, ...]] | None:
        """Return every set of so many stops to visit, or None where there are too many to try."""
        visits = [r for r in self.all if r.kind == RequirementKind.VISIT]
        total = 1
        for i in range(n_stops):
            total = total * (len(visits) - i) // (i + 1)
        most = _MOST_SETS if len(visits) < 10 or can_reduce(self.problem) else 1
        return combinations(visits, n_stops) if total <= most else None

    def _fewest(self, irreducible: tuple[Requirement, ...]) -> Conflict:
        """Return a contradiction of the same stops with the fewest other requirements."""
        stops = tuple(r for r in irreducible if r.kind == RequirementKind.VISIT)
        named = {r.stop for r in stops}
        others = [r for r in self.all if r.kind != RequirementKind.VISIT and self._matters(r, named)]
        n_tried = 0
        for n_others in range(len(irreducible) - len(stops)):
            for chosen in combinations(others, n_others):
                n_tried += 1
                if n_tried > _MOST_SETS:
                    return Conflict(irreducible, is_irreducible=True)
                if self.contradicts((*stops, *chosen)):
                    return Conflict((*stops, *chosen), is_irreducible=True, is_smallest=True)
        return Conflict(irreducible, is_irreducible=True, is_smallest=True)

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
        self.asking.begin()
        best = self.asking.best(replace(reduced(free), objective=Objective.DURATION))
        return best.ends_s - best.starts_s if best is not None and self.asking.is_proved else None


def _n_stops(kept: Collection[Requirement]) -> int:
    return sum(requirement.kind == RequirementKind.VISIT for requirement in kept)

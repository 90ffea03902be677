"""Why an optional stop was left out: the smallest single changes that would let it in, too.

Every change is found by solving again, never by a rule of thumb: with it there is a tour of all that is
visited now and the stop, with one unit less (a minute, a metre) there is none. Each kind of change has its
budget, so that within a limit something is found for every stop; what could not be proven is marked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reasons.changes import horizon_s, is_optional, minutes_up
from app.analysis.tours.reasons.kinds import CHANGES, COSTS, Reason, ReasonKind, changed_by
from app.analysis.tours.reasons.repeated_solves import BudgetedSolver, OutOfTimeError

# Of one stop.
MOST_REASONS = 3
# A metre more of walking weighs as much as the time it takes at a leisurely pace.
_METRES_A_MINUTE = 75.0
# One stop may take so many times what it would if all took alike, for most take less.
_MORE = 3.0


def left_out_reasons(
    problem: Problem, plan: Plan, *, limit_s: float = 5.0, cancelled: Callable[[], bool] | None = None
) -> tuple[Reason, ...]:
    """Return for each optional stop left out what would let it in, the smallest change first.

    A change lets the stop in when all that the plan visits, and is worth something, and the stop can be
    visited; the stops it would displace without any change are a reason, too. A stop that could be visited as
    it is was left out because it is worth nothing, and only costs: the reason is what it would add.

    Parameters
    ----------
    problem : Problem
    plan : Plan
        Its solution.
    limit_s : float
        For all reasons together; what is found by then is returned.
    cancelled : callable, optional
        Returns True to stop.

    Returns
    -------
    tuple of Reason
        By stop, at most `MOST_REASONS` each; empty when nothing was left out, or there is no tour.

    Examples
    --------
    >>> import numpy as np
    >>> from app.analysis.tours import Problem, Stop, left_out_reasons, solve
    >>> stops = (Stop("gate"), Stop("depot", 600, value=1.0))
    >>> problem = Problem(stops, np.full((2, 2), 300), np.full((2, 2), 375), first=0, ends_s=600)
    >>> found = left_out_reasons(problem, solve(problem, limit_s=60), limit_s=60)
    >>> [(str(reason.kind), reason.amount) for reason in found]
    [('ends_later', 5.0), ('dwell_shorter', 5.0), ('starts_earlier', 5.0)]
    """
    if not plan.visits:
        return ()
    left_out = [i for i, stop in enumerate(problem.stops) if is_optional(stop) and i not in plan.order]
    explanation = _Explanation(problem, plan, BudgetedSolver(limit_s, cancelled, plan.is_settled))
    found: dict[int, list[Reason]] = {stop: [] for stop in left_out}
    for search, share in _FINDERS:
        stops = {stop for stop in left_out if not any(reason.kind in COSTS for reason in found[stop])}
        with explanation.solver.budget(share) as budget:
            for reason in search(explanation, stops):
                found[reason.stop].append(reason)
        explanation.unsettled.update(stops if budget.is_over else ())
    reported = [
        reason for stop, mine in found.items() for reason in _smallest(stop, mine, explanation.unsettled)
    ]
    return tuple(explanation.weighed(reported))


def _smallest(stop: int, mine: list[Reason], unsettled: set[int]) -> list[Reason]:
    """Return the smallest changes; the stops displaced are among them in any case."""
    if not mine and stop not in unsettled:
        return [Reason(stop, ReasonKind.NOTHING_ALONE, 0.0)]
    ordered = sorted(mine, key=_size)
    if len(ordered) > MOST_REASONS and ordered[-1].kind == ReasonKind.DISPLACES:
        return [*ordered[: MOST_REASONS - 1], ordered[-1]]
    return ordered[:MOST_REASONS]


def _size(reason: Reason) -> tuple[int, float]:
    """Return what orders reasons: costs, small changes (as minutes), then other stops."""
    if reason.kind in COSTS:
        return 0, reason.amount
    if reason.kind == ReasonKind.DISPLACES:
        return 2, reason.amount
    is_walk = reason.kind == ReasonKind.WALK_MORE
    return 1, reason.amount / _METRES_A_MINUTE if is_walk else reason.amount


@dataclass(frozen=True)
class _Explanation:
    """The plan to explain, the solver, and the stops that the time did not suffice for."""

    problem: Problem
    plan: Plan
    solver: BudgetedSolver
    unsettled: set[int] = field(default_factory=set)

    def with_it(self, problem: Problem, stop: int) -> Problem:
        """Return a changed problem in which the stop, and all of worth that is visited now, must be."""
        kept = {stop, *(i for i in self.plan.order if problem.stops[i].value)}
        values = (None if i in kept or one.value is None else 0.0 for i, one in enumerate(problem.stops))
        stops = tuple(replace(one, value=value) for one, value in zip(problem.stops, values, strict=True))
        is_walk = problem.objective == Objective.WALKING
        return replace(problem, stops=stops, objective=problem.objective if is_walk else Objective.DURATION)

    def each(self, stops: set[int], search: Callable[[int], Iterator[Reason]]) -> Iterator[Reason]:
        """Yield what is found for each of some stops, each within a budget."""
        for n_left, stop in zip(range(len(stops), 0, -1), sorted(stops), strict=True):
            with self.solver.budget(min(1.0, _MORE / n_left), most=1.0) as budget:
                yield from search(stop)
            self.unsettled.update([stop] if budget.is_over else [])

    def halved(self, most: Reason) -> Iterator[Reason]:
        """Yield the reason with the smallest amount that lets its stop in, if `most` or less does."""
        self.solver.begin()

        def needed(amount: int) -> int | None:
            changed = changed_by(self.problem, replace(most, amount=float(amount)))
            found = self.solver.any_tour(self.with_it(changed, most.stop))
            return None if found is None else min(amount, _used(self.problem, most.kind, found, amount))

        least, highest = 1, int(most.amount)
        if highest < least or (enough := needed(highest)) is None:
            return
        try:
            while least < enough:
                middle = (least + enough) // 2
                if (used := needed(middle)) is None:
                    least = middle + 1
                else:
                    enough = used
        except OutOfTimeError:
            yield replace(most, amount=float(enough), is_smallest=False)
            raise
        yield replace(most, amount=float(enough), is_smallest=self.solver.is_proved)

    def weighed(self, reported: list[Reason]) -> Iterator[Reason]:
        """Yield reasons, marked by whether the best tour after the change visits the stop anyway."""
        for n_left, reason in zip(range(len(reported), 0, -1), reported, strict=True):
            best = None
            if reason.kind in CHANGES:
                with self.solver.budget(min(1.0, _MORE / n_left), most=1.0):
                    best = self.solver.best(changed_by(self.problem, reason))
            is_sure = best is not None and best.is_settled and reason.stop in best.order
            yield replace(reason, is_asked_for=not is_sure and reason.kind != ReasonKind.NOTHING_ALONE)


def _used(problem: Problem, kind: ReasonKind, plan: Plan, amount: int) -> int:
    """Return how much of a change a tour makes use of, as far as its start and end show."""
    if kind == ReasonKind.ENDS_LATER and problem.ends_s is not None:
        return minutes_up(plan.ends_s - problem.ends_s)
    return minutes_up(problem.starts_s - plan.starts_s) if kind == ReasonKind.STARTS_EARLIER else amount


def _costs(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    return explanation.each(stops, lambda stop: _cost(explanation, stop))


def _cost(explanation: _Explanation, stop: int) -> Iterator[Reason]:
    """Yield how much longer a tour gets that visits the stop, too, without any change."""
    problem, plan, solver = explanation.problem, explanation.plan, explanation.solver
    solver.begin()
    asked = explanation.with_it(problem, stop)
    with_it = solver.best(asked) if solver.any_tour(asked) else None
    if with_it is None:
        return
    metres = max(0.0, with_it.length_m - plan.length_m)
    minutes = max(0.0, (with_it.ends_s - with_it.starts_s - plan.ends_s + plan.starts_s) / 60)
    if problem.objective == Objective.WALKING or minutes == 0:
        yield Reason(stop, ReasonKind.COSTS_METRES, metres, is_smallest=solver.is_proved)
    else:
        yield Reason(stop, ReasonKind.COSTS_MINUTES, minutes, is_smallest=solver.is_proved)


def _displaced(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    return explanation.each(stops, lambda stop: _instead(explanation, stop))


def _instead(explanation: _Explanation, stop: int) -> Iterator[Reason]:
    """Yield which stops the best tour leaves out for a stop that it must visit."""
    explanation.solver.begin()
    best = explanation.solver.best_with(explanation.problem, stop)
    if best is not None and (instead := tuple(sorted(set(explanation.plan.order) - set(best.order)))):
        lost = max(0.0, explanation.plan.value - best.value)
        yield Reason(stop, ReasonKind.DISPLACES, lost, None, instead, explanation.solver.is_proved)


def _later_end(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    if explanation.problem.ends_s is None:
        return iter(())
    most = minutes_up(horizon_s(explanation.problem))
    return explanation.each(stops, lambda stop: explanation.halved(Reason(stop, ReasonKind.ENDS_LATER, most)))


def _earlier_start(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    most = minutes_up(horizon_s(explanation.problem))
    return explanation.each(
        stops, lambda stop: explanation.halved(Reason(stop, ReasonKind.STARTS_EARLIER, most))
    )


def _wider_windows(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    return explanation.each(stops, lambda stop: _wider_window(explanation, stop))


def _wider_window(explanation: _Explanation, stop: int) -> Iterator[Reason]:
    """Yield the smallest change of one window to either side."""
    problem, found = explanation.problem, list[Reason]()
    ends_s = problem.starts_s + horizon_s(problem) if problem.ends_s is None else problem.ends_s
    for which, window in enumerate(problem.stops[stop].windows):
        earlier = math.ceil((window.opens_s - problem.starts_s) / 60)
        later = math.ceil((ends_s - window.closes_s) / 60)
        for kind, most in ((ReasonKind.OPENS_EARLIER, earlier), (ReasonKind.CLOSES_LATER, later)):
            found += explanation.halved(Reason(stop, kind, most, which))
    for kind in (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER):
        yield from sorted((reason for reason in found if reason.kind == kind), key=_size)[:1]


def _shorter_dwell(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    """Yield how much shorter the visit must be; at least a minute of it stays."""

    def shortened(stop: int) -> Iterator[Reason]:
        most = (explanation.problem.stops[stop].dwell_s - 60) // 60
        return explanation.halved(Reason(stop, ReasonKind.DWELL_SHORTER, most))

    return explanation.each(stops, shortened)


def _more_walking(explanation: _Explanation, stops: set[int]) -> Iterator[Reason]:
    return explanation.each(stops, lambda stop: _longer_walk(explanation, stop))


def _longer_walk(explanation: _Explanation, stop: int) -> Iterator[Reason]:
    problem, solver = explanation.problem, explanation.solver
    if problem.max_walk_m is not None:
        loose = solver.best(explanation.with_it(replace(problem, max_walk_m=None), stop))
        if loose is not None:
            metres = max(1, math.ceil(loose.length_m - problem.max_walk_m))
            yield from explanation.halved(Reason(stop, ReasonKind.WALK_MORE, metres))


_Finder = Callable[[_Explanation, set[int]], Iterator[Reason]]

# Beside each finder, the share of the time then left that is its budget.
_FINDERS: tuple[tuple[_Finder, float], ...] = (
    (_costs, 0.2),
    (_later_end, 0.3),
    (_shorter_dwell, 0.3),
    (_wider_windows, 0.4),
    (_more_walking, 0.4),
    (_earlier_start, 0.4),
    (_displaced, 0.7),
)

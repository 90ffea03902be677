"""Why an optional stop was left out: the smallest single changes that would let it in, too.

Every change is found by solving again, never by a rule of thumb: with it there is a tour of all that is
visited now and the stop, with one unit less (a minute, a metre) there is none. Each kind of change has its
turn, so that within a limit something is told of every stop; what could not be proved then says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reasons.changes import horizon_s, is_optional, minutes_up
from app.analysis.tours.reasons.kinds import CHANGES, COSTS, Reason, ReasonKind, applied, changed_by
from app.analysis.tours.reasons.repeated_solves import Asking, OutOfTimeError


# Told for one stop.
MOST_REASONS = 3
# A metre more of walking weighs as much as the time it takes at a leisurely pace.
_METRES_A_MINUTE = 75.0
# One stop may take so many times what it would if all took alike, for most take less.
_MORE = 3.0


def left_out_reasons(
    problem: Problem,
    plan: Plan,
    *,
    limit_s: float = 5.0,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Reason, ...]:
    """Return for each optional stop left out what would let it in, the smallest change first.

    A change lets the stop in when all that the plan visits, and is worth something, and the stop can be
    visited; which stops it would displace without any change is told, too. A stop that could be visited as it
    is was left out because it is worth nothing, and only costs: what it would add is told.

    Parameters
    ----------
    problem : Problem
    plan : Plan
        Its solution.
    limit_s : float
        For all reasons; what is found by then is told.
    cancelled : callable, optional
        Tells whether to stop.

    Returns
    -------
    tuple of Reason
        By stop, at most `MOST_REASONS` each; empty when nothing was left out, or there is no tour.
    """
    if not plan.visits:
        return ()
    left_out = [i for i, stop in enumerate(problem.stops) if is_optional(stop) and i not in plan.order]
    question = _Question(problem, plan, Asking(limit_s, cancelled, plan.is_settled))
    found: dict[int, list[Reason]] = {stop: [] for stop in left_out}
    for search, share in _SEARCHES:
        wanted = {stop for stop in left_out if not any(reason.kind in COSTS for reason in found[stop])}
        with question.asking.turn(share) as turn:
            for reason in search(question, wanted):
                found[reason.stop].append(reason)
        question.unsettled.update(wanted if turn.is_over else ())
    told = [
        reason for stop, mine in found.items() for reason in _worth_telling(stop, mine, question.unsettled)
    ]
    return tuple(question.weighed(told))


def _worth_telling(stop: int, mine: list[Reason], unsettled: set[int]) -> list[Reason]:
    """Return the smallest changes; which stops are displaced is told in any case."""
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
class _Question:
    """What is to be explained, who is asked, and the stops of which not all could be asked."""

    problem: Problem
    plan: Plan
    asking: Asking
    unsettled: set[int] = field(default_factory=set)

    def with_it(self, problem: Problem, stop: int) -> Problem:
        """Return a changed problem in which the stop, and all of worth that is visited now, must be."""
        kept = {stop, *(i for i in self.plan.order if problem.stops[i].value)}
        values = (None if i in kept or one.value is None else 0.0 for i, one in enumerate(problem.stops))
        stops = tuple(replace(one, value=value) for one, value in zip(problem.stops, values, strict=True))
        is_walk = problem.objective == Objective.WALKING
        return replace(problem, stops=stops, objective=problem.objective if is_walk else Objective.DURATION)

    def each(self, wanted: set[int], search: Callable[[int], Iterator[Reason]]) -> Iterator[Reason]:
        """Yield what is found for each wanted stop, each in its turn."""
        for n_left, stop in zip(range(len(wanted), 0, -1), sorted(wanted), strict=True):
            with self.asking.turn(min(1.0, _MORE / n_left), most=1.0) as turn:
                yield from search(stop)
            self.unsettled.update([stop] if turn.is_over else [])

    def halved(self, most: Reason) -> Iterator[Reason]:
        """Yield the reason with the smallest amount that lets its stop in, if `most` or less does."""
        self.asking.begin()

        def needed(amount: int) -> int | None:
            changed = changed_by(self.problem, replace(most, amount=float(amount)))
            found = self.asking.any_tour(self.with_it(changed, most.stop))
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
        yield replace(most, amount=float(enough), is_smallest=self.asking.is_proved)

    def weighed(self, told: list[Reason]) -> Iterator[Reason]:
        """Yield reasons, with those marked after which the best tour visits the stop without being asked."""
        for n_left, reason in zip(range(len(told), 0, -1), told, strict=True):
            best = None
            if reason.kind in CHANGES:
                with self.asking.turn(min(1.0, _MORE / n_left), most=1.0):
                    best = self.asking.best(changed_by(self.problem, reason))
            is_sure = best is not None and best.is_settled and reason.stop in best.order
            yield replace(reason, is_asked_for=not is_sure and reason.kind != ReasonKind.NOTHING_ALONE)


def _used(problem: Problem, kind: ReasonKind, plan: Plan, amount: int) -> int:
    """Return how much of a change a tour makes use of, as far as its start and end tell."""
    if kind == ReasonKind.ENDS_LATER and problem.ends_s is not None:
        return minutes_up(plan.ends_s - problem.ends_s)
    return minutes_up(problem.starts_s - plan.starts_s) if kind == ReasonKind.STARTS_EARLIER else amount


def _costs(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return question.each(wanted, lambda stop: _cost(question, stop))


def _cost(question: _Question, stop: int) -> Iterator[Reason]:
    """Yield how much longer a tour gets that visits the stop, too, without any change."""
    problem, plan, asking = question.problem, question.plan, question.asking
    asking.begin()
    asked = question.with_it(problem, stop)
    with_it = asking.best(asked) if asking.any_tour(asked) else None
    if with_it is None:
        return
    metres = max(0.0, with_it.length_m - plan.length_m)
    minutes = max(0.0, (with_it.ends_s - with_it.starts_s - plan.ends_s + plan.starts_s) / 60)
    if problem.objective == Objective.WALKING or minutes == 0:
        yield Reason(stop, ReasonKind.COSTS_METRES, metres, is_smallest=asking.is_proved)
    else:
        yield Reason(stop, ReasonKind.COSTS_MINUTES, minutes, is_smallest=asking.is_proved)


def _displaced(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return question.each(wanted, lambda stop: _instead(question, stop))


def _instead(question: _Question, stop: int) -> Iterator[Reason]:
    """Yield which stops the best tour leaves out for a stop that it must visit."""
    question.asking.begin()
    best = question.asking.best_with(question.problem, stop)
    if best is not None and (instead := tuple(sorted(set(question.plan.order) - set(best.order)))):
        lost = max(0.0, question.plan.value - best.value)
        yield Reason(stop, ReasonKind.DISPLACES, lost, None, instead, question.asking.is_proved)


def _later_end(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    if question.problem.ends_s is None:
        return iter(())
    most = minutes_up(horizon_s(question.problem))
    return question.each(wanted, lambda stop: question.halved(Reason(stop, ReasonKind.ENDS_LATER, most)))


def _earlier_start(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    most = minutes_up(horizon_s(question.problem))
    return question.each(wanted, lambda stop: question.halved(Reason(stop, ReasonKind.STARTS_EARLIER, most)))


def _wider_windows(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return question.each(wanted, lambda stop: _wider_window(question, stop))


def _wider_window(question: _Question, stop: int) -> Iterator[Reason]:
    """Yield the smallest change of one window to either side."""
    problem, found = question.problem, list[Reason]()
    ends_s = problem.starts_s + horizon_s(problem) if problem.ends_s is None else problem.ends_s
    for which, window in enumerate(problem.stops[stop].windows):
        earlier = math.ceil((window.opens_s - problem.starts_s) / 60)
        later = math.ceil((ends_s - window.closes_s) / 60)
        for kind, most in ((ReasonKind.OPENS_EARLIER, earlier), (ReasonKind.CLOSES_LATER, later)):
            found += question.halved(Reason(stop, kind, most, which))
    for kind in (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER):
        yield from sorted((reason for reason in found if reason.kind == kind), key=_size)[:1]


def _shorter_dwell(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much shorter the visit must be; at least a minute of it stays."""

    def shortened(stop: int) -> Iterator[Reason]:
        most = (question.problem.stops[stop].dwell_s - 60) // 60
        return question.halved(Reason(stop, ReasonKind.DWELL_SHORTER, most))

    return question.each(wanted, shortened)


def _more_walking(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return question.each(wanted, lambda stop: _longer_walk(question, stop))


def _longer_walk(question: _Question, stop: int) -> Iterator[Reason]:
    problem, asking = question.problem, question.asking
    if problem.max_walk_m is not None:
        loose = asking.best(question.with_it(replace(problem, max_walk_m=None), stop))
        if loose is not None:
            metres = max(1, math.ceil(loose.length_m - problem.max_walk_m))
            yield from question.halved(Reason(stop, ReasonKind.WALK_MORE, metres))


_Search = Callable[[_Question, set[int]], Iterator[Reason]]

# Beside each search, the share of the time then left that is its turn.
_SEARCHES: tuple[tuple[_Search, float], ...] = (
    (_costs, 0.2),
    (_later_end, 0.3),
    (_shorter_dwell, 0.3),
    (_wider_windows, 0.4),
    (_more_walking, 0.4),
    (_earlier_start, 0.4),
    (_displaced, 0.7),
)

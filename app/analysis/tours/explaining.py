"""Why an optional stop was left out: the smallest single changes that would let it in.

Every change is found by solving again, never by a rule of thumb: with it the best tour visits the
stop, with one unit less (a minute, a metre) it does not. Each kind of change has its turn, so that within a
limit something is told of every stop; what could not be proved then says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.analysis.tours.asking import Asking
from app.analysis.tours.changes import horizon_s, is_optional, minutes_up
from app.analysis.tours.outlooks import is_shiftable
from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reason_kinds import COSTS, Reason, ReasonKind, applied, changed_by
from app.analysis.tours.scanning import STRETCHES, Scan, climbed, halved
from app.analysis.tours.tasks import task_of

__all__ = ["MOST_REASONS", "Reason", "ReasonKind", "applied", "reasons"]

# Told for one stop.
MOST_REASONS = 3
# A metre more of walking weighs as much as the time it takes at a leisurely pace.
_METRES_A_MINUTE = 75.0
# One stop may take so many times what it would if all took alike, for most take less.
_MORE = 3.0


def reasons(
    problem: Problem,
    plan: Plan,
    *,
    limit_s: float = 5.0,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Reason, ...]:
    """Return for each optional stop left out what would let it in, the smallest change first.

    Where the objective is the value within the time, a change lets the stop in when the best tour of the
    changed problem visits it. Otherwise optional stops are left out because they cost: what the stop would
    add is told, or, where it cannot be visited at all, the smallest change that makes this possible.

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
    question = _Question(problem, plan, Asking(limit_s, cancelled, bool(plan.is_proved)))
    found: dict[int, list[Reason]] = {stop: [] for stop in left_out}
    with question.asking.turn(1.0):
        if left_out:
            question.asking.prepare(problem)
    for search, share, is_needless in _SEARCHES if question.is_for_value else _SEARCHES_OF_COST:
        wanted = {stop for stop in left_out if not any(map(is_needless, found[stop]))}
        with question.asking.turn(share) as turn:
            for reason in search(question, wanted):
                found[reason.stop].append(reason)
        question.unsettled.update(wanted if turn.is_over else ())
    return tuple(
        reason for stop, mine in found.items() for reason in _worth_telling(stop, mine, question.unsettled)
    )


def _worth_telling(stop: int, mine: list[Reason], unsettled: set[int]) -> list[Reason]:
    """Return the smallest changes, chances only without any; what is displaced is told in any case."""
    if not mine and stop not in unsettled:
        return [Reason(stop, ReasonKind.NOTHING_ALONE, 0.0)]
    ordered = sorted([reason for reason in mine if not reason.is_asked_for] or mine, key=_size)
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

    @property
    def is_for_value(self) -> bool:
        """Return whether stops are left out for others, and not because they cost."""
        return self.problem.objective == Objective.VALUE

    @cached_property
    def is_shiftable(self) -> bool:
        """Return whether starting earlier lets in what ending as much later does."""
        return is_shiftable(task_of(self.problem))

    def each(
        self, wanted: set[int], search: Callable[[int], Iterator[Reason]], more: float = _MORE
    ) -> Iterator[Reason]:
        """Yield what is found for each wanted stop, each in its turn."""
        for n_left, stop in zip(range(len(wanted), 0, -1), sorted(wanted), strict=True):
            with self.asking.turn(min(1.0, more / n_left), most=1.0) as turn:
                yield from search(stop)
            self.unsettled.update([stop] if turn.is_over else [])

    def in_minutes(self, found: Iterator[Reason]) -> Iterator[Reason]:
        """Yield how much later the tour must end, and, where that comes to the same, start earlier."""
        for reason in found:
            yield reason
            if self.is_shiftable:
                yield replace(reason, kind=ReasonKind.STARTS_EARLIER)


def _costs(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield what a visit to a stop comes to: which others it displaces, or how much longer the tour gets."""
    return question.each(wanted, lambda stop: _cost(question, stop), more=1.0)


def _cost(question: _Question, stop: int) -> Iterator[Reason]:
    problem, plan, asking = question.problem, question.plan, question.asking
    asking.begin()
    with_it = asking.best_with(problem, stop)
    if with_it is None:
        return
    instead = tuple(sorted(set(plan.order) - set(with_it.order))) if question.is_for_value else ()
    metres = max(0.0, with_it.length_m - plan.length_m)
    minutes = max(0.0, (with_it.ends_s - with_it.starts_s - plan.ends_s + plan.starts_s) / 60)
    if instead:
        lost = max(0.0, plan.value - with_it.value)
        yield Reason(stop, ReasonKind.DISPLACES, lost, None, instead, asking.is_proved)
    elif problem.objective == Objective.WALKING or (question.is_for_value and minutes == 0):
        yield Reason(stop, ReasonKind.COSTS_METRES, metres, is_smallest=asking.is_proved)
    else:
        yield Reason(stop, ReasonKind.COSTS_MINUTES, minutes, is_smallest=asking.is_proved)


def _chances(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield what makes a visit possible at all to stops that no tour can visit."""
    problem, asking = question.problem, question.asking
    unreached = {stop for stop in wanted if not asking.can_visit(problem, stop)}
    # What its value then is compared to does not matter.
    loose = replace(question, problem=replace(problem, objective=Objective.DURATION))
    for search in _CHANGES_OF_VISITS:
        for reason in search(loose, unreached):
            yield replace(reason, is_asked_for=True)


def _soon_later(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much later the tour must end, up to the last of `STRETCHES`."""
    if question.problem.ends_s is not None:
        scan = Scan(question.problem, question.plan, ReasonKind.ENDS_LATER, question.asking)
        yield from question.in_minutes(scan.first_visits(wanted))


def _soon_earlier(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much earlier the tour must start, up to the last of `STRETCHES`."""
    if not question.is_shiftable:
        scan = Scan(question.problem, question.plan, ReasonKind.STARTS_EARLIER, question.asking)
        yield from scan.first_visits(wanted)


def _later_end(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    if question.problem.ends_s is None:
        return iter(())
    return question.in_minutes(question.each(wanted, lambda i: _beyond(question, i, ReasonKind.ENDS_LATER)))


def _earlier_start(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    if question.is_shiftable:
        return iter(())
    return question.each(wanted, lambda i: _beyond(question, i, ReasonKind.STARTS_EARLIER))


def _beyond(question: _Question, stop: int, kind: ReasonKind) -> Iterator[Reason]:
    """Yield the smallest change of the whole tour's time, for value beyond what was scanned."""
    problem, plan, asking = question.problem, question.plan, question.asking
    most = Reason(stop, kind, minutes_up(horizon_s(problem)))
    if not question.is_for_value:
        yield from halved(problem, plan, most, asking)
    elif loose := asking.best_with(changed_by(problem, most), stop):
        ends_s, later_s = problem.ends_s or loose.ends_s, loose.ends_s
        more_s = later_s - ends_s if kind == ReasonKind.ENDS_LATER else problem.starts_s - loose.starts_s
        yield from climbed(problem, plan, replace(most, amount=minutes_up(more_s)), asking, STRETCHES[-1] + 1)


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
            found += halved(problem, question.plan, Reason(stop, kind, most, which), question.asking)
    for kind in (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER):
        yield from sorted((reason for reason in found if reason.kind == kind), key=_size)[:1]


def _shorter_dwell(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much shorter the visit must be; at least a minute of it stays."""

    def shortened(stop: int) -> Iterator[Reason]:
        most = (question.problem.stops[stop].dwell_s - 60) // 60
        reason = Reason(stop, ReasonKind.DWELL_SHORTER, most)
        return halved(question.problem, question.plan, reason, question.asking)

    return question.each(wanted, shortened)


def _more_walking(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return question.each(wanted, lambda stop: _longer_walk(question, stop))


def _longer_walk(question: _Question, stop: int) -> Iterator[Reason]:
    problem = question.problem
    if problem.max_walk_m is not None:
        loose = question.asking.best_with(replace(problem, max_walk_m=None), stop)
        if loose is not None:
            metres = max(1, math.ceil(loose.length_m - problem.max_walk_m))
            search = climbed if question.is_for_value else halved
            yield from search(
                problem, question.plan, Reason(stop, ReasonKind.WALK_MORE, metres), question.asking
            )


_Search = Callable[[_Question, set[int]], Iterator[Reason]]


def _does_cost(reason: Reason) -> bool:
    return reason.kind in COSTS


def _is_change(reason: Reason) -> bool:
    return not reason.is_asked_for and reason.kind != ReasonKind.DISPLACES


_CHANGES_OF_VISITS: tuple[_Search, ...] = (
    _later_end,
    _earlier_start,
    _shorter_dwell,
    _wider_windows,
    _more_walking,
)
# What is found soon for all stops comes first. Beside each search: the share of the time then left that is
# its turn, and which reasons make it needless for a stop.
_SEARCHES: tuple[tuple[_Search, float, Callable[[Reason], bool]], ...] = (
    (_costs, 0.25, lambda _: True),
    (_chances, 0.4, lambda _: True),
    (_soon_later, 0.6, _does_cost),
    (_shorter_dwell, 0.4, _does_cost),
    (_wider_windows, 0.5, _does_cost),
    (_more_walking, 0.5, _does_cost),
    (_soon_earlier, 0.5, _does_cost),
    (_later_end, 0.6, _is_change),
    (_earlier_start, 1.0, _is_change),
)
_SEARCHES_OF_COST = tuple((search, 0.5, _does_cost) for search in (_costs, *_CHANGES_OF_VISITS))

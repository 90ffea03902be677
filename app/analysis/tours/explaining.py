"""Why an optional stop was left out: the smallest single changes that would let it in.

Every change is found by solving again, never by a rule of thumb: with it the best tour visits the
stop, with one unit less (a minute, a metre) it does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.analysis.tours.asking import Asking, OutOfTimeError
from app.analysis.tours.changes import horizon_s, is_optional, minutes_up
from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reason_kinds import COSTS, Reason, ReasonKind, applied
from app.analysis.tours.scanning import STRETCHES, Scan, climbed, halved

__all__ = ["MOST_REASONS", "Reason", "ReasonKind", "applied", "reasons"]

# Told for one stop.
MOST_REASONS = 3
# A metre more of walking weighs as much as the time it takes at a leisurely pace.
_METRES_A_MINUTE = 75.0


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
    is_complete = False
    try:
        if left_out:
            question.asking.prepare(problem)
        for search, sought in _SEARCHES:
            wanted = {stop for stop in left_out if not _is_settled(found[stop], sought)}
            for reason in search(question, wanted):
                found[reason.stop].append(reason)
        is_complete = True
    except OutOfTimeError:
        pass
    nothing = [ReasonKind.NOTHING_ALONE] if is_complete else []
    return tuple(
        reason
        for stop, mine in found.items()
        for reason in (_worth_telling(mine) or [Reason(stop, kind, 0.0) for kind in nothing])
    )


def _is_settled(mine: list[Reason], sought: ReasonKind | None) -> bool:
    """Return whether a stop only costs, or what is sought was found."""
    return any(reason.kind in COSTS or reason.kind == sought for reason in mine)


def _worth_telling(mine: list[Reason]) -> list[Reason]:
    """Return the smallest changes; which stop is displaced is told in any case."""
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
    """What is to be explained, and who is asked."""

    problem: Problem
    plan: Plan
    asking: Asking

    @property
    def is_for_value(self) -> bool:
        """Return whether stops are left out for others, and not because they cost."""
        return self.problem.objective == Objective.VALUE


def _costs(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield what a stop adds where it can be visited without a loss of value."""
    problem, plan, asking = question.problem, question.plan, question.asking
    for stop in sorted(wanted):
        asking.begin()
        with_it = asking.best_with(problem, stop)
        if with_it is None or (question.is_for_value and with_it.value < plan.value - 1e-9):
            continue
        metres = max(0.0, with_it.length_m - plan.length_m)
        minutes = max(0.0, (with_it.ends_s - with_it.starts_s - plan.ends_s + plan.starts_s) / 60)
        if problem.objective == Objective.WALKING or (question.is_for_value and minutes == 0):
            yield Reason(stop, ReasonKind.COSTS_METRES, metres, None, asking.is_proved)
        else:
            yield Reason(stop, ReasonKind.COSTS_MINUTES, minutes, None, asking.is_proved)


def _costs_first(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return iter(()) if question.is_for_value else _costs(question, wanted)


def _costs_last(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    return _costs(question, wanted) if question.is_for_value else iter(())


def _soon_later(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much later the tour must end, up to the last of `STRETCHES`."""
    if question.is_for_value and question.problem.ends_s is not None:
        scan = Scan(question.problem, question.plan, ReasonKind.ENDS_LATER, question.asking)
        yield from scan.first_visits(wanted)


def _soon_earlier(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much earlier the tour must start, up to the last of `STRETCHES`."""
    if question.is_for_value:
        scan = Scan(question.problem, question.plan, ReasonKind.STARTS_EARLIER, question.asking)
        yield from scan.first_visits(wanted)


def _later_end(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    ends_s = question.problem.ends_s
    if ends_s is None:
        return
    for stop in sorted(wanted):
        loose = question.asking.best_with(replace(question.problem, ends_s=None), stop)
        if loose is not None:
            most = minutes_up(loose.ends_s - ends_s)
            yield from _beyond(question, Reason(stop, ReasonKind.ENDS_LATER, most))


def _earlier_start(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    problem = question.problem
    earliest_s = problem.starts_s - horizon_s(problem)
    for stop in sorted(wanted):
        loose = question.asking.best_with(replace(problem, starts_s=earliest_s), stop)
        if loose is not None:
            most = minutes_up(problem.starts_s - loose.starts_s)
            yield from _beyond(question, Reason(stop, ReasonKind.STARTS_EARLIER, most))


def _beyond(question: _Question, most: Reason) -> Iterator[Reason]:
    """Yield the smallest change of the whole tour's time, beyond what was scanned."""
    if question.is_for_value:
        least = STRETCHES[-1] + 1
        return climbed(question.problem, question.plan, most, question.asking, least)
    return halved(question.problem, question.plan, most, question.asking)


def _wider_windows(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield the smallest change of one window to either side."""
    problem = question.problem
    ends_s = problem.starts_s + horizon_s(problem) if problem.ends_s is None else problem.ends_s
    for stop in sorted(wanted):
        found: list[Reason] = []
        for which, window in enumerate(problem.stops[stop].windows):
            earlier = math.ceil((window.opens_s - problem.starts_s) / 60)
            later = math.ceil((ends_s - window.closes_s) / 60)
            for kind, most in ((ReasonKind.OPENS_EARLIER, earlier), (ReasonKind.CLOSES_LATER, later)):
                reason = Reason(stop, kind, most, which)
                found += halved(problem, question.plan, reason, question.asking)
        for kind in (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER):
            yield from sorted((reason for reason in found if reason.kind == kind), key=_size)[:1]


def _shorter_dwell(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield how much shorter the visit must be; at least a minute of it stays."""
    for stop in sorted(wanted):
        most = (question.problem.stops[stop].dwell_s - 60) // 60
        reason = Reason(stop, ReasonKind.DWELL_SHORTER, most)
        yield from halved(question.problem, question.plan, reason, question.asking)


def _more_walking(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    problem = question.problem
    if problem.max_walk_m is None:
        return
    for stop in sorted(wanted):
        loose = question.asking.best_with(replace(problem, max_walk_m=None), stop)
        if loose is None:
            continue
        most = Reason(stop, ReasonKind.WALK_MORE, max(1, math.ceil(loose.length_m - problem.max_walk_m)))
        if question.is_for_value:
            yield from climbed(problem, question.plan, most, question.asking)
        else:
            yield from halved(problem, question.plan, most, question.asking)


def _displaced(question: _Question, wanted: set[int]) -> Iterator[Reason]:
    """Yield the stop whose absence would let another one in, the one with the least loss."""
    problem, plan, asking = question.problem, question.plan, question.asking
    if not question.is_for_value or not wanted:
        return
    found: dict[int, list[Reason]] = {stop: [] for stop in wanted}
    for other in plan.order:
        if not is_optional(problem.stops[other]) or other in {problem.first, problem.last}:
            continue
        asking.begin()
        instead = asking.best_without(problem, other)
        if instead is None:
            continue
        for stop in sorted(wanted & set(instead.order)):
            lost = plan.value - instead.value
            found[stop].append(Reason(stop, ReasonKind.DISPLACES, lost, other, asking.is_proved))
    for stop in sorted(wanted):
        yield from sorted(found[stop], key=_size)[:1]


_Search = Callable[[_Question, set[int]], Iterator[Reason]]

# What is found soon for all stops comes first: the limit may end the search at any point.
# Beside each, what it need not look for again.
_SEARCHES: tuple[tuple[_Search, ReasonKind | None], ...] = (
    (_costs_first, None),
    (_soon_later, None),
    (_displaced, None),
    (_shorter_dwell, None),
    (_wider_windows, None),
    (_more_walking, None),
    (_costs_last, None),
    (_soon_earlier, None),
    (_later_end, ReasonKind.ENDS_LATER),
    (_earlier_start, ReasonKind.STARTS_EARLIER),
)

"""Why an optional stop was left out: the smallest single changes that would let it in.

Every change is found by solving again, never by a rule of thumb: with it the best tour visits the
stop, with one unit less (a minute, a metre) it does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from app.analysis.tours.asking import WORST, Asking, OutOfTimeError, Standing, standing
from app.analysis.tours.changes import horizon_s, is_optional, minutes_up, without
from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reason_kinds import COSTS, Reason, ReasonKind, applied, changed_by

__all__ = ["MOST_REASONS", "Reason", "ReasonKind", "applied", "reasons"]

# Told for one stop.
MOST_REASONS = 3
# A metre more of walking weighs as much as the time it takes at a leisurely pace.
_METRES_A_MINUTE = 75.0
# How often a better tour without the stop may get in between before a change is given up.
_MOST_BARS = 12


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
    asking = Asking(limit_s, cancelled)
    found: dict[int, list[Reason]] = {stop: [] for stop in left_out}
    complete = False
    try:
        for search in _SEARCHES:
            for stop in left_out:
                if not any(reason.kind in COSTS for reason in found[stop]):
                    found[stop] += search(problem, plan, stop, asking)
        complete = True
    except OutOfTimeError:
        pass
    told = []
    for stop, mine in found.items():
        if not mine and complete:
            mine.append(Reason(stop, ReasonKind.NOTHING_ALONE, 0.0))
        told += _worth_telling(mine)
    return tuple(told)


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


def _costs(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    """Yield what the stop adds where it can be visited without a loss of value."""
    asking.begin()
    with_it = asking.best_with(problem, stop)
    if with_it is None:
        return
    metres = with_it.length_m - plan.length_m
    minutes = (with_it.ends_s - with_it.starts_s - plan.ends_s + plan.starts_s) / 60
    if problem.objective == Objective.VALUE and with_it.value < plan.value - 1e-9:
        return
    if problem.objective == Objective.WALKING or (problem.objective == Objective.VALUE and minutes <= 0):
        yield Reason(stop, ReasonKind.COSTS_METRES, max(0.0, metres), None, asking.is_proved)
    else:
        yield Reason(stop, ReasonKind.COSTS_MINUTES, max(0.0, minutes), None, asking.is_proved)


def _later_end(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    if problem.ends_s is None:
        return
    loose = asking.best_with(replace(problem, ends_s=None), stop)
    if loose is not None:
        most = minutes_up(loose.ends_s - problem.ends_s)
        yield from _smallest(problem, plan, Reason(stop, ReasonKind.ENDS_LATER, most), asking)


def _earlier_start(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    earliest_s = problem.starts_s - horizon_s(problem)
    loose = asking.best_with(replace(problem, starts_s=earliest_s), stop)
    if loose is not None:
        most = minutes_up(problem.starts_s - loose.starts_s)
        yield from _smallest(problem, plan, Reason(stop, ReasonKind.STARTS_EARLIER, most), asking)


def _wider_windows(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    """Yield the smallest change of one window to either side."""
    ends_s = problem.starts_s + horizon_s(problem) if problem.ends_s is None else problem.ends_s
    found: list[Reason] = []
    for which, window in enumerate(problem.stops[stop].windows):
        earlier = (window.opens_s - problem.starts_s) / 60
        later = (ends_s - window.closes_s) / 60
        for kind, most in ((ReasonKind.OPENS_EARLIER, earlier), (ReasonKind.CLOSES_LATER, later)):
            if most > 0:
                found += _smallest(problem, plan, Reason(stop, kind, math.ceil(most), which), asking)
    for kind in (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER):
        yield from sorted((reason for reason in found if reason.kind == kind), key=_size)[:1]


def _shorter_dwell(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    """Yield how much shorter the visit must be; at least a minute of it stays."""
    most = (problem.stops[stop].dwell_s - 60) // 60
    if most > 0:
        yield from _smallest(problem, plan, Reason(stop, ReasonKind.DWELL_SHORTER, most), asking)


def _more_walking(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    if problem.max_walk_m is None:
        return
    loose = asking.best_with(replace(problem, max_walk_m=None), stop)
    if loose is not None:
        most = max(1, math.ceil(loose.length_m - problem.max_walk_m))
        yield from _smallest(problem, plan, Reason(stop, ReasonKind.WALK_MORE, most), asking)


def _displaced(problem: Problem, plan: Plan, stop: int, asking: Asking) -> Iterator[Reason]:
    """Yield the stop whose absence would let this one in, the one with the least loss."""
    if problem.objective != Objective.VALUE:
        return
    found = []
    for other in plan.order:
        if not is_optional(problem.stops[other]) or other in {problem.first, problem.last}:
            continue
        asking.begin()
        instead = asking.best(without(problem, other))
        if instead is not None and stop - (other < stop) in instead.order:
            lost = plan.value - instead.value
            found.append(Reason(stop, ReasonKind.DISPLACES, lost, other, asking.is_proved))
    yield from sorted(found, key=_size)[:1]


_SEARCHES = (_costs, _later_end, _displaced, _wider_windows, _shorter_dwell, _more_walking, _earlier_start)


def _smallest(problem: Problem, plan: Plan, most: Reason, asking: Asking) -> Iterator[Reason]:
    """Yield the reason with the smallest amount that lets the stop in, if `most` or less does.

    With a growing change both the best tour with the stop and the best one without it get better. So the
    first amount at which the former reaches the best tour known is a lower bound for the answer; where a
    better tour without the stop turns up there, that one is the next to reach.
    """
    asking.begin()
    bar = standing(problem.objective, plan) if problem.objective == Objective.VALUE else WORST
    least = 1
    for _ in range(_MOST_BARS):
        amount = _first(problem, bar, most, least, asking)
        if amount is None:
            return
        reason = replace(most, amount=float(amount))
        best = asking.best(applied(problem, reason))
        if best is not None and most.stop in best.order:
            yield replace(reason, is_smallest=asking.is_proved)
            return
        if best is not None:
            bar = min(bar, standing(problem.objective, best))
        least = amount + 1


def _first(problem: Problem, bar: Standing, most: Reason, least: int, asking: Asking) -> int | None:
    """Return the first amount from `least` on at which a tour with the stop stands as well as `bar`."""

    def reaches(amount: int) -> bool:
        changed = changed_by(problem, replace(most, amount=float(amount)))
        best = asking.best_with(changed, most.stop)
        return best is not None and standing(problem.objective, best) <= bar

    highest = int(most.amount)
    if least > highest or not reaches(highest):
        return None
    while least < highest:
        middle = (least + highest) // 2
        if reaches(middle):
            highest = middle
        else:
            least = middle + 1
    return highest

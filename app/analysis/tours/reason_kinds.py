"""What stands against a stop that was left out, and the change that would let it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.analysis.tours.changes import must_visit, with_stop, with_window, without
from app.analysis.tours.problem import Objective, Problem


class ReasonKind(StrEnum):
    """What stands against a stop."""

    COSTS_METRES = "costs_metres"
    COSTS_MINUTES = "costs_minutes"
    ENDS_LATER = "ends_later"
    STARTS_EARLIER = "starts_earlier"
    OPENS_EARLIER = "opens_earlier"
    CLOSES_LATER = "closes_later"
    DWELL_SHORTER = "dwell_shorter"
    WALK_MORE = "walk_more"
    DISPLACES = "displaces"
    NOTHING_ALONE = "nothing_alone"


COSTS = (ReasonKind.COSTS_METRES, ReasonKind.COSTS_MINUTES)


@dataclass(frozen=True)
class Reason:
    """One change that would let a stop in; `applied` makes it.

    Attributes
    ----------
    stop : int
        The stop left out.
    kind : ReasonKind
    amount : float
        The smallest change that suffices: whole minutes (tour ends later or starts earlier, window opens
        earlier or closes later, visit is shorter) or whole metres (of walking in all); what the stop adds
        in minutes or metres (costs); the value lost in all where `other` is left out for it (displaces).
        0 where no single change suffices.
    other : int or None
        The window of the stop (opens, closes), or the stop that is left out instead (displaces).
    is_smallest : bool
        Whether it is proved that less does not suffice.
    """

    stop: int
    kind: ReasonKind
    amount: float
    other: int | None = None
    is_smallest: bool = True


def applied(problem: Problem, reason: Reason) -> Problem:
    """Return the problem with the change that a reason names.

    Where the objective is not the value, and where a stop only costs, the stop is then asked for, too.
    A displaced stop is taken out; stops after it move up by one.
    """
    changed = changed_by(problem, reason)
    is_asked_for = reason.kind in COSTS or (
        problem.objective != Objective.VALUE and reason.kind != ReasonKind.DISPLACES
    )
    return must_visit(changed, reason.stop) if is_asked_for else changed


def changed_by(problem: Problem, reason: Reason) -> Problem:
    """Return the problem with the change alone, whether the stop is then visited or not."""
    seconds = round(60 * reason.amount)
    if reason.kind == ReasonKind.ENDS_LATER and problem.ends_s is not None:
        return replace(problem, ends_s=problem.ends_s + seconds)
    if reason.kind == ReasonKind.STARTS_EARLIER:
        return replace(problem, starts_s=problem.starts_s - seconds)
    if reason.kind == ReasonKind.WALK_MORE and problem.max_walk_m is not None:
        return replace(problem, max_walk_m=problem.max_walk_m + reason.amount)
    if reason.kind == ReasonKind.DWELL_SHORTER:
        dwell_s = problem.stops[reason.stop].dwell_s - seconds
        return with_stop(problem, reason.stop, dwell_s=dwell_s)
    return problem if reason.other is None else _changed_by_other(problem, reason, reason.other, seconds)


def _changed_by_other(problem: Problem, reason: Reason, other: int, seconds: int) -> Problem:
    if reason.kind == ReasonKind.DISPLACES:
        return without(problem, other)
    window = problem.stops[reason.stop].windows[other]
    earlier_s, later_s = (seconds, 0) if reason.kind == ReasonKind.OPENS_EARLIER else (0, seconds)
    opens_s, closes_s = window.opens_s - earlier_s, window.closes_s + later_s
    return with_window(problem, reason.stop, other, opens_s, closes_s)

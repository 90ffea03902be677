"""What stands against a stop that was left out, and the change that would let it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from app.analysis.tours.problem import Problem
from app.analysis.tours.reasons.changes import must_visit, with_stop, with_window


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


COSTS = frozenset({ReasonKind.COSTS_METRES, ReasonKind.COSTS_MINUTES})
# Those that name a change of the problem.
CHANGES = frozenset(ReasonKind) - COSTS - {ReasonKind.DISPLACES, ReasonKind.NOTHING_ALONE}


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
        in minutes or metres (costs); the value lost in all where others are left out for it (displaces).
        0 where no single change suffices.
    window : int or None
        Which window of the stop is to be wider (opens, closes).
    instead : tuple of int
        The stops that are left out for it (displaces).
    is_smallest : bool
        Whether it is proven that less does not suffice.
    is_asked_for : bool
        Whether the stop must be asked for besides: it is not known that the best tour then visits it anyway.
    """

    stop: int
    kind: ReasonKind
    amount: float
    window: int | None = None
    instead: tuple[int, ...] = ()
    is_smallest: bool = True
    is_asked_for: bool = False


def applied(problem: Problem, reason: Reason) -> Problem:
    """Return the problem with the change that a reason names.

    A stop that has to be asked for besides must then be visited.

    Parameters
    ----------
    problem : Problem
    reason : Reason
        Of `left_out_reasons`; one that is no change (costs, displaces) leaves the problem as it is.

    Returns
    -------
    Problem

    Examples
    --------
    >>> import numpy as np
    >>> from app.analysis.tours import Problem, Reason, ReasonKind, Stop, applied
    >>> stops, walks = (Stop("gate"), Stop("depot", value=1.0)), np.ones((2, 2))
    >>> problem = Problem(stops, walks, walks, ends_s=600)
    >>> applied(problem, Reason(1, ReasonKind.ENDS_LATER, 5.0)).ends_s
    900
    """
    changed = changed_by(problem, reason)
    return must_visit(changed, reason.stop) if reason.is_asked_for else changed


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
    return problem if reason.window is None else _with_wider_window(problem, reason, reason.window, seconds)


def _with_wider_window(problem: Problem, reason: Reason, which: int, seconds: int) -> Problem:
    window = problem.stops[reason.stop].windows[which]
    earlier_s, later_s = (seconds, 0) if reason.kind == ReasonKind.OPENS_EARLIER else (0, seconds)
    opens_s, closes_s = window.opens_s - earlier_s, window.closes_s + later_s
    return with_window(problem, reason.stop, which, opens_s, closes_s)

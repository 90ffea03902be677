"""The planner's reasons and alternatives in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from app.analysis.tours import CHANGES, Alternative, AlternativeKind, Problem, Reason, ReasonKind
from app.domain.clocks import Window
from app.domain.kinds import Objective
from app.domain.localizer import Localizer
from app.errors import N_, NN_

_REASONS = {
    ReasonKind.COSTS_METRES: N_("“%(stop)s” would add %(metres)s of walking."),
    ReasonKind.COSTS_MINUTES: N_("“%(stop)s” would make the tour %(minutes)s longer."),
    ReasonKind.ENDS_LATER: N_("“%(stop)s” also fits in if the tour may end %(minutes)s later, at %(time)s."),
    ReasonKind.STARTS_EARLIER: N_(
        "“%(stop)s” also fits in if the tour may start %(minutes)s earlier, at %(time)s."
    ),
    ReasonKind.OPENS_EARLIER: N_(
        "“%(stop)s” also fits in if the visit may begin %(minutes)s earlier, at %(time)s instead "
        "of %(given)s."
    ),
    ReasonKind.CLOSES_LATER: N_(
        "“%(stop)s” also fits in if the visit may end %(minutes)s later, at %(time)s instead of %(given)s."
    ),
    ReasonKind.DWELL_SHORTER: N_(
        "“%(stop)s” also fits in if the visit is %(minutes)s shorter: %(rest)s instead of %(given)s."
    ),
    ReasonKind.WALK_MORE: N_("“%(stop)s” also fits in if the walk may be %(metres)s longer."),
    ReasonKind.DISPLACES: N_("“%(stop)s” fits in instead of %(others)s."),
    ReasonKind.NOTHING_ALONE: N_("No single change would make room for “%(stop)s” as well."),
}

# What is added where it was not proved that nothing smaller does.
_PERHAPS_LESS = N_("%(reason)s Less may be enough.")
_LESS_THAN_SURE = {
    ReasonKind.COSTS_METRES: N_("%(reason)s It may be less."),
    ReasonKind.COSTS_MINUTES: N_("%(reason)s It may be less."),
    ReasonKind.DISPLACES: N_("%(reason)s Less may have to give way."),
}

_OF_WINDOWS = (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER)

_BEST = {
    Objective.WALKING: N_("The shortest walk"),
    Objective.DURATION: N_("The shortest time"),
}


# Alternatives that have a name besides the stops that come and go.
_NAMED = (AlternativeKind.OBJECTIVE, AlternativeKind.FREE_ORDER)


def reason_sentence(reason: Reason, problem: Problem, localizer: Localizer) -> str:
    """Return why a stop was left out in a sentence; in others what it takes besides, what is not proved."""
    stop = problem.stops[reason.stop]
    values: dict[str, object] = {"stop": stop.name}
    if reason.kind in {ReasonKind.COSTS_METRES, ReasonKind.WALK_MORE}:
        values["metres"] = localizer.metres(reason.amount)
    elif reason.kind == ReasonKind.DISPLACES:
        values["others"] = stop_names(reason.instead, problem, localizer)
    elif reason.kind != ReasonKind.NOTHING_ALONE:
        values["minutes"] = minutes_text(60 * reason.amount, localizer)
    values |= _moments(reason, problem, localizer)
    sentence = localizer.translate(_REASONS[reason.kind], **values)
    if reason.is_asked_for and reason.kind in CHANGES:
        sentence = localizer.translate(
            N_("%(reason)s The stop is certain to be visited only if it is not optional."), reason=sentence
        )
    if reason.is_smallest:
        return sentence
    return localizer.translate(_LESS_THAN_SURE.get(reason.kind, _PERHAPS_LESS), reason=sentence)


def _moments(reason: Reason, problem: Problem, localizer: Localizer) -> dict[str, object]:
    """Return the clock times, or lengths of the visit, before and after the change."""
    stop, seconds = problem.stops[reason.stop], round(60 * reason.amount)
    window = stop.windows[reason.window] if reason.kind in _OF_WINDOWS and reason.window is not None else None
    if reason.kind == ReasonKind.ENDS_LATER and problem.ends_s is not None:
        return {"time": clock(problem.ends_s + seconds)}
    if reason.kind == ReasonKind.STARTS_EARLIER:
        return {"time": clock(problem.starts_s - seconds)}
    if window is not None and reason.kind == ReasonKind.OPENS_EARLIER:
        return {"time": clock(window.opens_s - seconds), "given": clock(window.opens_s)}
    if window is not None:
        return {"time": clock(window.closes_s + seconds), "given": clock(window.closes_s)}
    if reason.kind == ReasonKind.DWELL_SHORTER:
        rest = minutes_text(stop.dwell_s - seconds, localizer)
        return {"rest": rest, "given": minutes_text(stop.dwell_s, localizer)}
    return {}


def stop_names(stops: Sequence[int], problem: Problem, localizer: Localizer) -> str:
    """Return the names of stops, separated by commas."""
    return ", ".join(localizer.translate(N_("“%(stop)s”"), stop=problem.stops[stop].name) for stop in stops)


def alternative_title(alternative: Alternative, problem: Problem, localizer: Localizer) -> str:
    """Return what another tour is, and what it gains and loses, as one sentence."""
    head, gained = _head(alternative, problem, localizer), _gained(alternative, localizer)
    exchanged = _exchanged(alternative, problem, localizer)
    if alternative.kind in _NAMED and exchanged:
        gained = f"{gained}; {exchanged}"
    return f"{head}: {gained}."


def _head(alternative: Alternative, problem: Problem, localizer: Localizer) -> str:
    if alternative.kind == AlternativeKind.OBJECTIVE:
        return localizer.translate(_BEST[alternative.objective])
    if alternative.kind == AlternativeKind.FREE_ORDER:
        return localizer.translate(N_("In any order"))
    if exchanged := _exchanged(alternative, problem, localizer):
        return exchanged
    names = [problem.stops[stop].name for stop in (alternative.stop, alternative.other) if stop is not None]
    if alternative.kind == AlternativeKind.FIRST:
        return localizer.translate(N_("Starting at “%(stop)s”"), stop=names[0])
    if alternative.kind == AlternativeKind.WITHOUT_LEG:
        return localizer.translate(N_("Another order, “%(a)s” and “%(b)s” apart"), a=names[0], b=names[1])
    return localizer.translate(N_("Another order"))


def _gained(alternative: Alternative, localizer: Localizer) -> str:
    """Return the difference in walking and time."""
    metres, minutes = round(alternative.length_m), round(alternative.duration_s / 60)
    parts = []
    if metres:
        template = N_("%(metres)s more walking") if metres > 0 else N_("%(metres)s less walking")
        parts.append(localizer.translate(template, metres=localizer.metres(abs(metres))))
    if minutes:
        template = N_("%(minutes)s longer") if minutes > 0 else N_("%(minutes)s shorter")
        parts.append(localizer.translate(template, minutes=minutes_text(60 * abs(minutes), localizer)))
    return ", ".join(parts) or localizer.translate(N_("equally long, with equally much walking"))


def _exchanged(alternative: Alternative, problem: Problem, localizer: Localizer) -> str:
    """Return which stops come and go; empty when they are the same."""
    added, left_out = (
        stop_names(stops, problem, localizer) for stops in (alternative.added, alternative.left_out)
    )
    if added and left_out:
        return localizer.translate(
            N_("With %(added)s instead of %(left_out)s"), added=added, left_out=left_out
        )
    if added:
        return localizer.translate(N_("With %(added)s"), added=added)
    return localizer.translate(N_("Without %(left_out)s"), left_out=left_out) if left_out else ""


def minutes_text(seconds: float, localizer: Localizer, to_whole: Callable[[float], int] = math.ceil) -> str:
    """Return a time in whole minutes, rounded up unless `to_whole` rounds otherwise."""
    n = to_whole(seconds / 60)
    return localizer.translate(NN_("%(n)s minute", "%(n)s minutes"), n=n)


def windows_text(windows: tuple[Window, ...]) -> str:
    """Return windows as ``14:00–14:30, 16:00–17:00``, a single moment as ``13:00``."""
    return ", ".join("–".join(dict.fromkeys(map(clock, (each.opens_s, each.closes_s)))) for each in windows)


def clock(seconds: float) -> str:
    """Return seconds from midnight as ``HH:MM``, of the next day or the one before, too."""
    minutes = math.floor(seconds / 60) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"

"""The planner's reasons, contradictions and alternatives in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from app.analysis.tours.alternatives import Alternative, AlternativeKind
from app.analysis.tours.conflicts import Conflict
from app.analysis.tours.explaining import Reason, ReasonKind
from app.analysis.tours.problem import Objective, Problem, Window
from app.analysis.tours.reason_kinds import CHANGES
from app.analysis.tours.requirements import Requirement, RequirementKind
from app.domain.voice import Voice
from app.errors import N_

_REASONS = {
    ReasonKind.COSTS_METRES: N_("“%(stop)s” would add %(metres)s of walking."),
    ReasonKind.COSTS_MINUTES: N_("“%(stop)s” would make the tour %(minutes)s longer."),
    ReasonKind.ENDS_LATER: N_("“%(stop)s” fits in too if the tour may end %(minutes)s later, at %(time)s."),
    ReasonKind.STARTS_EARLIER: N_(
        "“%(stop)s” fits in too if the tour may start %(minutes)s earlier, at %(time)s."
    ),
    ReasonKind.OPENS_EARLIER: N_(
        "“%(stop)s” fits in too if the visit may begin %(minutes)s earlier, at %(time)s instead of %(given)s."
    ),
    ReasonKind.CLOSES_LATER: N_(
        "“%(stop)s” fits in too if the visit may end %(minutes)s later, at %(time)s instead of %(given)s."
    ),
    ReasonKind.DWELL_SHORTER: N_(
        "“%(stop)s” fits in too if the visit is %(minutes)s shorter: %(rest)s instead of %(given)s."
    ),
    ReasonKind.WALK_MORE: N_("“%(stop)s” fits in too if the walk may be %(metres)s longer."),
    ReasonKind.DISPLACES: N_("“%(stop)s” fits in instead of %(others)s."),
    ReasonKind.NOTHING_ALONE: N_("No single change would let “%(stop)s” in, too."),
}

# What is added where it was not proved that nothing smaller does.
_PERHAPS_LESS = N_("%(reason)s Perhaps less is enough.")
_LESS_THAN_SURE = {
    ReasonKind.COSTS_METRES: N_("%(reason)s Perhaps it is less."),
    ReasonKind.COSTS_MINUTES: N_("%(reason)s Perhaps it is less."),
    ReasonKind.DISPLACES: N_("%(reason)s Perhaps less has to give way."),
}

_OF_WINDOWS = (ReasonKind.OPENS_EARLIER, ReasonKind.CLOSES_LATER)

_REQUIREMENTS = {
    RequirementKind.VISIT: N_("“%(stop)s” is to be visited"),
    RequirementKind.WINDOWS: N_("“%(stop)s” only at %(windows)s"),
    RequirementKind.FIRST: N_("“%(stop)s” first"),
    RequirementKind.LAST: N_("“%(stop)s” last"),
    RequirementKind.POSITION: N_("“%(stop)s” as number %(position)s"),
    RequirementKind.ORDER: N_("“%(stop)s” before “%(other)s”"),
    RequirementKind.STARTS: N_("start at %(time)s or later"),
    RequirementKind.ENDS: N_("end by %(time)s"),
    RequirementKind.MAX_WALK: N_("at most %(metres)s of walking"),
    RequirementKind.PAUSE: N_("a pause of %(minutes)s that begins at %(windows)s"),
    RequirementKind.ROUND: N_("back to the start at the end"),
}

_BEST = {
    Objective.WALKING: N_("The shortest walk"),
    Objective.DURATION: N_("The shortest time"),
}


# So many stops that contradict each other are named.
_MOST_NAMED = 6

# Alternatives that have a name besides the stops that come and go.
_NAMED = (AlternativeKind.OBJECTIVE, AlternativeKind.FREE_ORDER)


def reason_sentence(reason: Reason, problem: Problem, say: Voice) -> str:
    """Return why a stop was left out in a sentence; in others what it takes besides, what is not proved."""
    stop = problem.stops[reason.stop]
    values: dict[str, object] = {"stop": stop.name}
    if reason.kind in {ReasonKind.COSTS_METRES, ReasonKind.WALK_MORE}:
        values["metres"] = say.metres(reason.amount)
    elif reason.kind == ReasonKind.DISPLACES:
        values["others"] = _names(reason.instead, problem, say)
    elif reason.kind != ReasonKind.NOTHING_ALONE:
        values["minutes"] = minutes_told(60 * reason.amount, say)
    values |= _moments(reason, problem, say)
    told = say.say(_REASONS[reason.kind], **values)
    if reason.is_asked_for and reason.kind in CHANGES:
        told = say.say(N_("%(reason)s It is sure to be visited only if it is not optional."), reason=told)
    if reason.is_smallest:
        return told
    return say.say(_LESS_THAN_SURE.get(reason.kind, _PERHAPS_LESS), reason=told)


def _moments(reason: Reason, problem: Problem, say: Voice) -> dict[str, object]:
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
        rest = minutes_told(stop.dwell_s - seconds, say)
        return {"rest": rest, "given": minutes_told(stop.dwell_s, say)}
    return {}


def _names(stops: Sequence[int], problem: Problem, say: Voice) -> str:
    return ", ".join(say.say(N_("“%(stop)s”"), stop=problem.stops[stop].name) for stop in stops)


def conflict_sentence(conflict: Conflict, problem: Problem, say: Voice) -> str:
    """Return what contradicts itself, as one sentence; empty when no contradiction was found."""
    if not conflict.requirements:
        return ""
    for tell in (_two_windows, _too_little_time):
        told = tell(conflict, problem, say)
        if told is not None:
            return told
    parts = list(_parts(_worth_telling(conflict), problem, say))
    if not conflict.is_irreducible and len(parts) > 1:
        template = N_(
            "At least one of these has to give way, though perhaps not all of them matter: %(parts)s."
        )
        return say.say(template, parts="; ".join(parts))
    if len(parts) == 1:
        return say.say(N_("This cannot be met: %(part)s."), part=parts[0])
    return say.say(N_("These cannot be met together: %(parts)s."), parts="; ".join(parts))


def _two_windows(conflict: Conflict, problem: Problem, say: Voice) -> str | None:
    """Return the sentence for two stops whose hours lie too close together."""
    kinds = sorted(requirement.kind for requirement in conflict.requirements)
    stops = sorted(
        {requirement.stop for requirement in conflict.requirements if requirement.stop is not None}
    )
    if len(stops) != 2 or kinds != sorted([RequirementKind.VISIT, RequirementKind.WINDOWS] * 2):
        return None
    needed_s = _least_apart_s(problem, stops[0], stops[1])
    if needed_s is None:
        return None
    a, b = sorted(stops, key=lambda stop: problem.stops[stop].windows)
    template = N_(
        "“%(a)s” (%(a_windows)s) and “%(b)s” (%(b_windows)s) are %(minutes)s apart, visit and walk together."
    )
    values = {"a": problem.stops[a].name, "a_windows": windows_told(problem.stops[a].windows)}
    values |= {"b": problem.stops[b].name, "b_windows": windows_told(problem.stops[b].windows)}
    return say.say(template, minutes=minutes_told(needed_s, say), **values)


def _least_apart_s(problem: Problem, a: int, b: int) -> int | None:
    """Return the least time from the begin of one visit to that of the other, at any time of the day."""
    if any({way.start, way.end} == {a, b} for way in problem.ways):
        return None
    walks = [(first, int(problem.walk_s[first, second])) for first, second in ((a, b), (b, a))]
    found = [problem.stops[first].dwell_s + walk_s for first, walk_s in walks if walk_s >= 0]
    return min(found, default=None)


def _too_little_time(conflict: Conflict, problem: Problem, say: Voice) -> str | None:
    """Return the sentence for visits that take longer than the tour may."""
    if conflict.least_s is None or problem.ends_s is None:
        return None
    visited = [
        requirement.stop
        for requirement in conflict.requirements
        if requirement.kind == RequirementKind.VISIT and requirement.stop is not None
    ]
    template = N_(
        "The visits of %(stops)s and the walks between them take %(needed)s; from %(start)s to %(end)s "
        "there are %(given)s."
    )
    values = {"start": clock(problem.starts_s), "end": clock(problem.ends_s)}
    needed, given = minutes_told(conflict.least_s, say), problem.ends_s - problem.starts_s
    return say.say(
        template,
        stops=_some_names(visited, problem, say),
        needed=needed,
        given=minutes_told(given, say, to_whole=math.floor),
        **values,
    )


def _worth_telling(conflict: Conflict) -> list[Requirement]:
    """Return the requirements without the visits that other requirements of the same stop imply."""
    named = {
        stop
        for requirement in conflict.requirements
        if requirement.kind != RequirementKind.VISIT
        for stop in (requirement.stop, requirement.other)
    }
    return [
        requirement
        for requirement in conflict.requirements
        if requirement.kind != RequirementKind.VISIT or requirement.stop not in named
    ]


def _parts(told: list[Requirement], problem: Problem, say: Voice) -> Iterator[str]:
    """Yield what is required, many stops that are only to be visited as one."""
    visits = [one.stop for one in told if one.kind == RequirementKind.VISIT and one.stop is not None]
    if len(visits) > _MOST_NAMED:
        yield say.say(N_("%(stops)s are to be visited"), stops=_some_names(visits, problem, say))
        told = [one for one in told if one.kind != RequirementKind.VISIT]
    for one in told:
        yield _requirement(one, problem, say)


def _some_names(stops: Sequence[int], problem: Problem, say: Voice) -> str:
    """Return the names of stops, of many the first ones and how many more there are."""
    n_more = len(stops) - _MOST_NAMED
    if n_more < 2:
        return _names(stops, problem, say)
    named = _names(stops[:_MOST_NAMED], problem, say)
    return say.say(N_("%(stops)s and %(n)s more stops"), stops=named, n=n_more)


def _requirement(requirement: Requirement, problem: Problem, say: Voice) -> str:
    """Return one requirement as part of a sentence."""
    values: dict[str, object] = {}
    if requirement.stop is not None:
        stop = problem.stops[requirement.stop]
        values |= {"stop": stop.name, "windows": windows_told(stop.windows)}
        values["position"] = (stop.position or 0) + 1
    if requirement.other is not None:
        values["other"] = problem.stops[requirement.other].name
    values |= _whole_tour(requirement, problem, say)
    return say.say(_REQUIREMENTS[requirement.kind], **values)


def _whole_tour(requirement: Requirement, problem: Problem, say: Voice) -> dict[str, object]:
    """Return what fills the templates about the tour as a whole."""
    if requirement.kind == RequirementKind.STARTS:
        return {"time": clock(problem.starts_s)}
    if requirement.kind == RequirementKind.ENDS and problem.ends_s is not None:
        return {"time": clock(problem.ends_s)}
    if requirement.kind == RequirementKind.MAX_WALK and problem.max_walk_m is not None:
        return {"metres": say.metres(problem.max_walk_m)}
    if requirement.kind == RequirementKind.PAUSE and problem.pause is not None:
        pause = problem.pause
        return {"minutes": minutes_told(pause.dwell_s, say), "windows": windows_told((pause.begins,))}
    return {}


def alternative_title(alternative: Alternative, problem: Problem, say: Voice) -> str:
    """Return what another tour is, and what it gains and loses, as one sentence."""
    head, told = _head(alternative, problem, say), _gained(alternative, say)
    exchanged = _exchanged(alternative, problem, say)
    if alternative.kind in _NAMED and exchanged:
        told = f"{told}; {exchanged}"
    return f"{head}: {told}."


def _head(alternative: Alternative, problem: Problem, say: Voice) -> str:
    if alternative.kind == AlternativeKind.OBJECTIVE:
        return say.say(_BEST[alternative.objective])
    if alternative.kind == AlternativeKind.FREE_ORDER:
        return say.say(N_("In a free order"))
    if exchanged := _exchanged(alternative, problem, say):
        return exchanged
    names = [problem.stops[stop].name for stop in (alternative.stop, alternative.other) if stop is not None]
    if alternative.kind == AlternativeKind.FIRST:
        return say.say(N_("Starting at “%(stop)s”"), stop=names[0])
    if alternative.kind == AlternativeKind.WITHOUT_LEG:
        return say.say(N_("Another order, “%(a)s” and “%(b)s” apart"), a=names[0], b=names[1])
    return say.say(N_("Another order"))


def _gained(alternative: Alternative, say: Voice) -> str:
    """Return the difference in walking and time."""
    metres, minutes = round(alternative.length_m), round(alternative.duration_s / 60)
    parts = []
    if metres:
        template = N_("%(metres)s more walking") if metres > 0 else N_("%(metres)s less walking")
        parts.append(say.say(template, metres=say.metres(abs(metres))))
    if minutes:
        template = N_("%(minutes)s longer") if minutes > 0 else N_("%(minutes)s shorter")
        parts.append(say.say(template, minutes=minutes_told(60 * abs(minutes), say)))
    return ", ".join(parts) or say.say(N_("as long, and as much walking"))


def _exchanged(alternative: Alternative, problem: Problem, say: Voice) -> str:
    """Return which stops come and go; empty when they are the same."""
    added, left_out = (_names(stops, problem, say) for stops in (alternative.added, alternative.left_out))
    if added and left_out:
        return say.say(N_("With %(added)s instead of %(left_out)s"), added=added, left_out=left_out)
    if added:
        return say.say(N_("With %(added)s"), added=added)
    return say.say(N_("Without %(left_out)s"), left_out=left_out) if left_out else ""


def minutes_told(seconds: float, say: Voice, to_whole: Callable[[float], int] = math.ceil) -> str:
    """Return a time in whole minutes, rounded up unless told otherwise."""
    n = to_whole(seconds / 60)
    return say.say(N_("1 minute")) if n == 1 else say.say(N_("%(n)s minutes"), n=n)


def windows_told(windows: tuple[Window, ...]) -> str:
    """Return windows as ``14:00–14:30, 16:00–17:00``."""
    return ", ".join(f"{clock(window.opens_s)}–{clock(window.closes_s)}" for window in windows)


def clock(seconds: float) -> str:
    """Return seconds from midnight as ``HH:MM``, of the next day or the one before, too."""
    minutes = math.floor(seconds / 60) % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"

"""What contradicts what, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from app.analysis.tours import Conflict, Problem, Requirement, RequirementKind
from app.domain.localizer import Localizer
from app.errors import N_, NN_
from app.services.tours.planning.reason_texts import clock, minutes_text, stop_names, windows_text

_REQUIREMENTS = {
    RequirementKind.VISIT: N_("“%(stop)s” must be visited"),
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

# So many stops that contradict each other are named.
_MOST_NAMED = 6


def conflict_sentence(
    conflict: Conflict, problem: Problem, localizer: Localizer, meeting: int | None = None
) -> str:
    """Return what contradicts itself, as one sentence; empty when no contradiction was found.

    Parameters
    ----------
    conflict : Conflict
    problem : Problem
    localizer : Localizer
    meeting : int or None
        Index of the stop that is no visit, but where people meet at the start.
    """
    if not conflict.requirements:
        return ""
    for describe in (_two_windows, _too_little_time):
        sentence = describe(conflict, problem, localizer)
        if sentence is not None:
            return sentence
    parts = list(dict.fromkeys(_parts(_not_implied(conflict), problem, localizer, meeting)))
    if not conflict.is_irreducible and len(parts) > 1:
        template = N_(
            "At least one of these has to give way, although not all of them may be involved: %(parts)s."
        )
        return localizer.translate(template, parts="; ".join(parts))
    if len(parts) == 1:
        return localizer.translate(N_("This cannot be met: %(part)s."), part=parts[0])
    return localizer.translate(N_("These cannot all be met: %(parts)s."), parts="; ".join(parts))


def _two_windows(conflict: Conflict, problem: Problem, localizer: Localizer) -> str | None:
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
    values = {"a": problem.stops[a].name, "a_windows": windows_text(problem.stops[a].windows)}
    values |= {"b": problem.stops[b].name, "b_windows": windows_text(problem.stops[b].windows)}
    return localizer.translate(template, minutes=minutes_text(needed_s, localizer), **values)


def _least_apart_s(problem: Problem, a: int, b: int) -> int | None:
    """Return the least time from the begin of one visit to that of the other, at any time of the day."""
    if any({way.start, way.end} == {a, b} for way in problem.ways):
        return None
    walks = [(first, int(problem.walk_s[first, second])) for first, second in ((a, b), (b, a))]
    found = [problem.stops[first].dwell_s + walk_s for first, walk_s in walks if walk_s >= 0]
    return min(found, default=None)


def _too_little_time(conflict: Conflict, problem: Problem, localizer: Localizer) -> str | None:
    """Return the sentence for visits that take longer than the tour may."""
    if conflict.least_s is None or problem.ends_s is None:
        return None
    visited = [
        requirement.stop
        for requirement in conflict.requirements
        if requirement.kind == RequirementKind.VISIT and requirement.stop is not None
    ]
    template = N_(
        "The visits of %(stops)s and the walks between them take %(needed)s; from %(start)s to "
        "%(end)s there are only %(given)s."
    )
    values = {"start": clock(problem.starts_s), "end": clock(problem.ends_s)}
    needed, given = minutes_text(conflict.least_s, localizer), problem.ends_s - problem.starts_s
    return localizer.translate(
        template,
        stops=_some_names(visited, problem, localizer),
        needed=needed,
        given=minutes_text(given, localizer, to_whole=math.floor),
        **values,
    )


def _not_implied(conflict: Conflict) -> list[Requirement]:
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


def _parts(
    requirements: list[Requirement], problem: Problem, localizer: Localizer, meeting: int | None
) -> Iterator[str]:
    """Yield what is required, many stops that are only to be visited as one."""
    visits = [one.stop for one in requirements if one.kind == RequirementKind.VISIT and one.stop is not None]
    if len(visits) > _MOST_NAMED:
        yield localizer.translate(
            N_("%(stops)s must be visited"), stops=_some_names(visits, problem, localizer)
        )
        requirements = [one for one in requirements if one.kind != RequirementKind.VISIT]
    for one in requirements:
        yield _requirement(one, problem, localizer, meeting)


def _some_names(stops: Sequence[int], problem: Problem, localizer: Localizer) -> str:
    """Return the names of stops, of many the first ones and how many more there are."""
    n_more = len(stops) - _MOST_NAMED
    if n_more < 2:
        return stop_names(stops, problem, localizer)
    named = stop_names(stops[:_MOST_NAMED], problem, localizer)
    return localizer.translate(
        NN_("%(stops)s and %(n)s more stop", "%(stops)s and %(n)s more stops"), stops=named, n=n_more
    )


def _requirement(
    requirement: Requirement, problem: Problem, localizer: Localizer, meeting: int | None
) -> str:
    """Return one requirement as part of a sentence."""
    values: dict[str, object] = {}
    # Where people meet, the tour starts when they do: time and place are one requirement.
    is_met = requirement.stop == meeting or requirement.kind == RequirementKind.STARTS
    if meeting is not None and is_met:
        values = {"stop": problem.stops[meeting].name, "time": clock(problem.starts_s)}
        return localizer.translate(N_("meeting at %(time)s, “%(stop)s”"), **values)
    if requirement.stop is not None:
        stop = problem.stops[requirement.stop]
        values |= {"stop": stop.name, "windows": windows_text(stop.windows)}
        # Where people meet is before all that is counted.
        values["position"] = (stop.position or 0) + (meeting is None)
    if requirement.other is not None:
        values["other"] = problem.stops[requirement.other].name
    values |= _whole_tour(requirement, problem, localizer)
    return localizer.translate(_REQUIREMENTS[requirement.kind], **values)


def _whole_tour(requirement: Requirement, problem: Problem, localizer: Localizer) -> dict[str, object]:
    """Return what fills the templates about the tour as a whole."""
    if requirement.kind == RequirementKind.STARTS:
        return {"time": clock(problem.starts_s)}
    if requirement.kind == RequirementKind.ENDS and problem.ends_s is not None:
        return {"time": clock(problem.ends_s)}
    if requirement.kind == RequirementKind.MAX_WALK and problem.max_walk_m is not None:
        return {"metres": localizer.metres(problem.max_walk_m)}
    if requirement.kind == RequirementKind.PAUSE and problem.pause is not None:
        pause = problem.pause
        return {"minutes": minutes_text(pause.dwell_s, localizer), "windows": windows_text((pause.begins,))}
    return {}

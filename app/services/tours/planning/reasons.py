"""Why a plan is as it is: what stands against the stops left out, what contradicts what, other tours."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from app.analysis.tours import Alternative, Plan, alternatives, conflict, left_out_reasons
from app.analysis.walking.detours import Detours
from app.domain.localizer import Localizer
from app.errors import N_
from app.services.tours.planning.conflict_texts import conflict_sentence
from app.services.tours.planning.legs import leg_ends
from app.services.tours.planning.plan_json import left_out
from app.services.tours.planning.plans import PLAN_LIMIT_S, Cancelled, PlanningTask, solve_task
from app.services.tours.planning.reason_texts import alternative_title, reason_sentence
from app.services.walking.leg_texts import permission_sentence

_NO_WAY = N_(
    "“%(stop)s” is not reachable along paths: the nearest one that leads to the other stops is %(away)s away."
)
_NO_STEP_FREE_WAY = N_(
    "“%(stop)s” is not reachable along paths without steps and raised curbs: the nearest one that "
    "leads to the other stops is %(away)s away."
)
_NO_LEAVE = N_("“%(stop)s” is reachable only with permission for %(ways)s.")
# Of all who could shorten a walk by a permission, so many are named.
_MOST_PERMISSIONS = 3
# What looking for them may take besides, where all else has taken its time.
_PERMISSIONS_S = 0.5


def plan_explanation(
    task: PlanningTask, localizer: Localizer, *, limit_s: float, cancelled: Cancelled
) -> dict[str, Any]:
    """Return reasons, conflict, permissions that would help, and alternatives in words, ready for JSON.

    Parameters
    ----------
    task : PlanningTask
    localizer : Localizer
    limit_s : float
        For the plan, the reasons and the other tours; what is found by then is reported.
    cancelled : callable
        Returns True to stop.
    """
    until_s = perf_counter() + limit_s + _PERMISSIONS_S

    def is_over() -> bool:
        return cancelled() or perf_counter() > until_s

    plan = solve_task(task, limit_s=min(limit_s, PLAN_LIMIT_S), cancelled=cancelled)
    rest_s = limit_s - plan.seconds
    unreachable = _unreachable(task, localizer)
    if not plan.visits and (missing := [unreachable[i] for i in unreachable if _is_needed(task, i)]):
        return {"left_out": [], "conflict": missing, "leaves": [], "alternatives": []}
    if not plan.visits:
        found = conflict(task.problem, limit_s=rest_s, cancelled=cancelled)
        sentence = conflict_sentence(found, task.problem, localizer, task.meeting)
        return {"left_out": [], "conflict": [sentence] if sentence else [], "leaves": [], "alternatives": []}
    reasons = left_out_reasons(task.problem, plan, limit_s=rest_s / 2, cancelled=cancelled)
    others = alternatives(task.problem, plan, limit_s=rest_s / 2, cancelled=cancelled)
    sentences = [(reason.stop, reason_sentence(reason, task.problem, localizer)) for reason in reasons]
    return {
        "left_out": [
            {
                "stop": i,
                "name": task.places[i].name,
                "reasons": [unreachable[i]]
                if i in unreachable
                else [s for stop, s in sentences if stop == i],
            }
            for i in left_out(task, plan)
        ],
        "conflict": [],
        "leaves": _permissions(task, plan, localizer, is_over),
        "alternatives": [_alternative(task, other, localizer) for other in others],
    }


def _unreachable(task: PlanningTask, localizer: Localizer) -> dict[int, str]:
    """Return of each stop that no way leads to a sentence about that, with whose permission one would."""
    detours, sentences = Detours(task.options), dict[int, str]()
    for i, away_m in task.options.unreachable.items():
        name, keys = task.places[i].name, detours.needed(i)
        template = _NO_STEP_FREE_WAY if task.request.is_step_free else _NO_WAY
        if keys:
            sentences[i] = localizer.translate(_NO_LEAVE, stop=name, ways=", ".join(keys))
        else:
            sentences[i] = localizer.translate(template, stop=name, away=localizer.metres(away_m))
    return sentences


def _is_needed(task: PlanningTask, stop: int) -> bool:
    asked = task.request.stops[stop]
    return not asked.is_optional or stop in (task.request.first, task.request.last)


def _permissions(
    task: PlanningTask, plan: Plan, localizer: Localizer, is_over: Callable[[], bool]
) -> list[str]:
    missing = Detours(task.options).missing(leg_ends(task, plan), is_over)
    return [permission_sentence(permission, localizer) for permission in missing[:_MOST_PERMISSIONS]]


def _alternative(task: PlanningTask, other: Alternative, localizer: Localizer) -> dict[str, Any]:
    plan = other.plan
    return {
        "title": alternative_title(other, task.problem, localizer),
        "order": [visit.stop for visit in task.visits(plan)],
        "length_m": float(plan.length_m),
        "walk_min": plan.walk_s / 60,
        "starts_at": task.request.clock.shown(plan.starts_s),
        "ends_at": task.request.clock.shown(plan.ends_s),
    }

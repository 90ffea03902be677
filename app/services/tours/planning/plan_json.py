"""A plan as JSON for the planner's page: clock times, legs on the map, their sentences."""

from __future__ import annotations

import math
from typing import Any

import shapely
from shapely import Geometry, MultiPoint

from app.analysis.tours import Objective, Plan, Visit
from app.domain.crs import to_wgs84
from app.domain.localizer import Localizer
from app.services.tours.planning.legs import WalkedLeg, walked_legs
from app.services.tours.planning.plans import PlanningTask
from app.services.walking.direction_texts import direction_sentence
from app.services.walking.leg_texts import detour_sentence

_DECIMALS = 7
# Values closer than this are the same.
_LEAST_VALUE = 1e-6


def plan_answer(task: PlanningTask, plan: Plan, localizer: Localizer) -> dict[str, Any]:
    """Return a plan in the reader's language, ready for JSON.

    Clock times are counted on from midnight of the tour's day (``24:30`` is in the night after); nothing is
    rounded but they. Visits count from 0 (`position`; `from` and `to` of legs), null is where people meet.
    Reasons, permissions, conflict and alternatives are left empty; `plan_explanation` has them.
    """
    legs = walked_legs(task, plan)
    return {
        "status": _status(plan),
        # The most value is what all aims have in common; the page speaks of the time as well.
        "is_proved": plan.is_settled if task.request.objective == Objective.VALUE else plan.is_proved,
        "objective": task.request.objective.value,
        "bound": float(plan.bound) if plan.visits and math.isfinite(plan.bound) else None,
        "gap": plan.gap(task.request.objective),
        "value_gap": _value_gap(plan),
        "seconds": round(plan.seconds, 4),
        "method": plan.method,
        **_sums(task, plan, legs),
        "meeting": _meeting(task, plan),
        "visits": [_visit(task, n, visit) for n, visit in enumerate(task.visits(plan))],
        "legs": [_leg(task, plan, n, leg, localizer) for n, leg in enumerate(legs, task.first_position - 1)],
        "left_out": [{"stop": i, "name": task.places[i].name, "reasons": []} for i in left_out(task, plan)],
        "conflict": [],
        "leaves": [],
        "alternatives": [],
    }


def left_out(task: PlanningTask, plan: Plan) -> list[int]:
    """Return the stops that a plan does not visit; none where there is no plan."""
    return [i for i in range(len(task.request.stops)) if plan.visits and i not in plan.order]


def _status(plan: Plan) -> str:
    if plan.visits:
        return "planned"
    return "infeasible" if plan.is_feasible is False else "unknown"


def _value_gap(plan: Plan) -> float | None:
    """Return what share of its value a plan may be worth more, 0: no tour is worth more; None: not known."""
    missing = plan.most_value - plan.value
    if not plan.visits or (missing > _LEAST_VALUE and plan.value <= 0):
        return None
    return missing / plan.value if missing > _LEAST_VALUE else 0.0


def _sums(task: PlanningTask, plan: Plan, legs: tuple[WalkedLeg, ...]) -> dict[str, Any]:
    clock = task.request.clock
    dwell_s = sum(task.request.places[i].dwell_s for i in plan.order)
    return {
        "starts_at": clock.shown(plan.starts_s) if plan.visits else None,
        "ends_at": clock.shown(plan.ends_s) if plan.visits else None,
        "length_m": float(plan.length_m),
        "off_network_m": float(sum(leg.walk.off_network_m for leg in legs)),
        "walk_min": _minutes(plan.walk_s),
        "dwell_min": _minutes(dwell_s),
        "wait_min": _minutes(plan.wait_s),
        "value": float(plan.value),
    }


def _minutes(seconds: float) -> float:
    return float(seconds / 60)


def _visit(task: PlanningTask, position: int | None, visit: Visit) -> dict[str, Any]:
    place, asked = task.places[visit.stop], task.request.places[visit.stop]
    point, clock = to_wgs84(place.point), task.request.clock
    return {
        "stop": visit.stop,
        "position": position,
        "name": place.name,
        "company": place.company,
        "facility": place.facility,
        "is_approximate": place.location_quality.is_approximate,
        "lon": round(point.x, _DECIMALS),
        "lat": round(point.y, _DECIMALS),
        "arrives_at": clock.shown(visit.arrives_s),
        "begins_at": clock.shown(visit.begins_s),
        "ends_at": clock.shown(visit.ends_s),
        "departs_at": clock.shown(visit.departs_s),
        "wait_min": _minutes(visit_wait_s(task, visit)),
        "pause_at": None if visit.pauses_s is None else clock.shown(visit.pauses_s),
        "dwell_min": _minutes(asked.dwell_s),
        "note": asked.note,
    }


def _meeting(task: PlanningTask, plan: Plan) -> dict[str, Any] | None:
    """Return where and when people meet, as a visit of no length and position; None where they do not."""
    found = next((visit for visit in plan.visits if visit.stop == task.meeting), None)
    return None if found is None else _visit(task, None, found)


def visit_wait_s(task: PlanningTask, visit: Visit) -> int:
    """Return how long one waits at a stop: what is neither visit nor pause."""
    pause_s = task.request.pause.dwell_s if visit.pauses_s is not None and task.request.pause else 0
    return visit.departs_s - visit.arrives_s - (visit.ends_s - visit.begins_s) - pause_s


def _leg(task: PlanningTask, plan: Plan, n: int, leg: WalkedLeg, localizer: Localizer) -> dict[str, Any]:
    """Return the walk on from visit `n`, -1 being where people meet."""
    clock, has_next = task.request.clock, n + 1 < len(task.visits(plan))
    return {
        "from": n if n >= 0 else None,
        "to": n + 1 if has_next else 0 if task.meeting is None else None,
        "length_m": float(leg.walk.length_m),
        "off_network_m": float(leg.walk.off_network_m),
        "walk_min": _minutes(leg.walk_s),
        "departs_at": clock.shown(leg.departs_s),
        "arrives_at": clock.shown(leg.departs_s + leg.walk_s),
        "notes": [detour_sentence(detour, localizer) for detour in leg.detours],
        "directions": _directions(leg, localizer, task.places[leg.end].name),
        "geometry": _geojson(leg.walk.line),
        "off_network": [_geojson(part) for part in leg.walk.off_network],
    }


def _directions(leg: WalkedLeg, localizer: Localizer, place: str) -> list[dict[str, Any]]:
    spots = shapely.get_coordinates(to_wgs84(MultiPoint([turn.point for turn in leg.turns]))).round(_DECIMALS)
    sentences = [direction_sentence(turn, localizer, place) for turn in leg.turns]
    return [
        {"text": text, "lon": lon, "lat": lat}
        for text, (lon, lat) in zip(sentences, spots.tolist(), strict=True)
    ]


def _geojson(line: Geometry) -> dict[str, Any]:
    xy = shapely.get_coordinates(to_wgs84(line))
    return {"type": "LineString", "coordinates": xy.round(_DECIMALS).tolist()}

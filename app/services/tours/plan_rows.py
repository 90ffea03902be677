"""A plan as rows of stops and legs, so that the stored tour shows the same times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.analysis.tours import Plan, Visit
from app.domain.tour_requests import TourRequest
from app.services.tours.leg_records import detour_records, turn_records
from app.services.tours.planning.legs import walked_legs
from app.services.tours.planning.plans import PlanningTask
from app.services.tours.planning.request_places import ResolvedPlace

# Stored with every leg, so that legs of an older way of walking can be found and rebuilt.
ENGINE = "tour 4"

_MOMENTS = ("arrives", "begins", "ends", "departs")


def stop_values(task: PlanningTask, plan: Plan, order: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """Return the `TourStop` columns of a plan's visits, in walking order.

    Without any visit they are those of all its stops, in the order given and without times. `order` holds
    which stops of the stored request those of the task are, where they are not the same.
    """
    given = range(len(task.request.stops))
    index = dict(enumerate(given if order is None else order))
    first = [] if task.meeting is None else [task.meeting]
    visits: list[tuple[int, Visit | None]] = [(visit.stop, visit) for visit in plan.visits]
    visits = visits or [(stop, None) for stop in (*first, *given)]
    return [
        {
            **place_values(task.request, task.places, stop),
            **_time_values(task, visit),
            "position": position,
            "request_stop": index.get(stop),
        }
        for position, (stop, visit) in enumerate(visits, task.first_position)
    ]


def place_values(request: TourRequest, places: Sequence[ResolvedPlace], stop: int) -> dict[str, Any]:
    """Return the `TourStop` columns of a stop that do not depend on the plan."""
    place, asked = places[stop], request.places[stop]
    return {
        "name": place.name,
        "occupancy_id": place.occupancy_id,
        "facility_id": place.facility_id,
        "geometry": place.point,
        "location_quality": place.location_quality.value,
        "dwell_min": asked.dwell_s / 60,
        "note": asked.note,
    }


def _time_values(task: PlanningTask, visit: Visit | None) -> dict[str, Any]:
    at = task.request.clock.instant
    pause = task.request.pause if visit is not None and visit.pauses_s is not None else None
    return {
        **{f"{name}_at": visit and at(getattr(visit, f"{name}_s")) for name in _MOMENTS},
        "pauses_at": None if visit is None or visit.pauses_s is None else at(visit.pauses_s),
        "pause_min": 0.0 if pause is None else pause.dwell_s / 60,
    }


def leg_values(task: PlanningTask, plan: Plan) -> list[dict[str, Any]]:
    """Return the `TourLeg` columns of a plan's legs, in walking order."""
    return [
        {
            "position": position,
            "geometry": leg.walk.line,
            "network_m": leg.walk.on_network,
            "walk_s": leg.walk_s,
            "turns": turn_records(leg.turns),
            "detours": detour_records(leg.detours),
            "engine": ENGINE,
        }
        for position, leg in enumerate(walked_legs(task, plan), task.first_position)
    ]

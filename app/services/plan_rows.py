"""A plan as rows of stops and legs, so that the stored tour tells the same times."""

from __future__ import annotations

from typing import Any

from app.analysis.tours import Plan, Visit
from app.services.leg_records import detour_records, turn_records
from app.services.legs import walked_legs
from app.services.planning import Task

# Stored with every leg, so that legs of an older way of walking can be found and rebuilt.
ENGINE = "tour 4"


def stop_values(task: Task, plan: Plan) -> list[dict[str, Any]]:
    """Return the `TourStop` columns of a plan's visits, in walking order."""
    return [
        {**_place_values(task, visit.stop), **_time_values(task, visit), "position": position}
        for position, visit in enumerate(plan.visits, task.first_position)
    ]


def unplanned_stops(task: Task) -> list[dict[str, Any]]:
    """Return the `TourStop` columns of a wish that no tour meets: its stops in the order given."""
    times = {"wait_min": 0.0, "pause_min": 0.0, "begins_after_min": 0.0, "pauses_after_min": None}
    return [
        {**_place_values(task, i), **times, "position": 0 if i == task.meeting else i + 1}
        for i in range(len(task.places))
    ]


def _place_values(task: Task, stop: int) -> dict[str, Any]:
    place, wished = task.places[stop], task.wish.places[stop]
    return {
        "name": place.name,
        "occupancy_id": place.occupancy_id,
        "facility_id": place.facility_id,
        "geometry": place.point,
        "location_quality": place.location_quality,
        "dwell_min": wished.dwell_s / 60,
        "note": wished.note,
    }


def _time_values(task: Task, visit: Visit) -> dict[str, Any]:
    has_pause = visit.pauses_s is not None and task.wish.pause is not None
    pause_s = task.wish.pause.dwell_s if has_pause and task.wish.pause is not None else 0
    stay_s = visit.departs_s - visit.arrives_s
    return {
        "wait_min": (stay_s - (visit.ends_s - visit.begins_s) - pause_s) / 60,
        "pause_min": pause_s / 60,
        "begins_after_min": (visit.begins_s - visit.arrives_s) / 60,
        "pauses_after_min": (
            None if not pause_s or visit.pauses_s is None else (visit.pauses_s - visit.arrives_s) / 60
        ),
    }


def leg_values(task: Task, plan: Plan) -> list[dict[str, Any]]:
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

"""A small world with a ring of streets, wishes for walks through it, and what is stored of them."""

from __future__ import annotations

from typing import Any

from shapely import LineString, Point
from sqlalchemy import Connection, insert

from app.db.changes import act_as
from app.db.models import Walkway
from app.domain.crs import to_wgs84
from app.services.tours.timetables import tour_plan
from tests.scenes import EAST, NORTH, placed
from tests.stored import days, ewkb, store_company, store_park

STREETS = {
    "south": [(-100, -50), (400, -50)],
    "west": [(-100, -50), (-100, 350)],
    "north": [(-100, 350), (400, 350)],
    "east": [(400, -50), (400, 350)],
}
Wish = dict[str, Any]
FIRM = {"company": "firm-place", "dwell_min": 20}


def store_world(connection: Connection) -> Connection:
    """Store a park with a ring of streets and a firm at (5, 5)."""
    park_id = store_park(connection)
    store_company(connection, park_id, "firm", None)
    for key, xy in STREETS.items():
        line = ewkb(placed(LineString(xy)))
        values = {"key": key, "kind": "street", "access": "public", "geometry": line, "valid": days()}
        connection.execute(insert(Walkway).values(values))
    act_as(connection, "Erika Muster")
    return connection


def spot(x: float, y: float, name: str, **changed: object) -> Wish:
    point = to_wgs84(Point(EAST + x, NORTH + y))
    return {"name": name, "lon": point.x, "lat": point.y, "dwell_min": 5, **changed}


def a_wish(*stops: Wish, **changed: object) -> Wish:
    given = list(stops) or [FIRM, spot(0, 330, "North"), spot(390, 0, "East")]
    return {
        "park": "park",
        "on": "2024-04-24",
        "earliest": "13:00",
        "latest": "16:00",
        "stops": given,
        **changed,
    }


WAITING = a_wish(
    FIRM,
    spot(0, 330, "North", windows=[["14:30", "14:50"]]),
    spot(390, 0, "East", windows=[["13:10", "13:20"]]),
    pause={"minutes": 12, "earliest": "13:30", "latest": "14:00"},
    is_round=True,
    group_size=20,
)


def stored_plan(connection: Connection, key: str) -> dict[str, Any]:
    """Return a stored tour as a plan's answer has it, as far as both hold the same."""
    plan = tour_plan(connection, key)
    clocks = ("arrives_at", "begins_at", "ends_at", "departs_at", "pause_at")
    return {
        "visits": [
            {
                "name": stop.name,
                **{name: getattr(stop, name) for name in clocks},
                "wait_min": round(stop.wait_min, 2),
            }
            for stop in plan.stops
        ],
        "legs": [
            (leg.position, leg.to_position, round(leg.length_m, 1), round(leg.walk_min, 2))
            for leg in plan.legs
        ],
        "ends": (plan.starts_at, plan.ends_at),
    }

"""A tour problem as files tell it, and the same with something changed."""

from __future__ import annotations

from typing import Any

STOPS = [
    {"name": "Truck parking", "dwell_min": 10},
    {"name": "Joinery", "dwell_min": 15, "windows": [["13:15", "13:45"]], "value": 5},
    {"name": "Garage", "dwell_s": 1200, "value": 4},
]
PROBLEM: dict[str, Any] = {
    "objective": "value",
    "starts": "13:00",
    "ends": "14:00",
    "stops": STOPS,
    "coordinates": [[0, 0], [30, 40], [60, 80]],
    "pace_m_s": 1.25,
    "first": "Truck parking",
}


def changed(**members: Any) -> dict[str, Any]:
    told = {**PROBLEM, **members}
    return {name: value for name, value in told.items() if value is not ...}

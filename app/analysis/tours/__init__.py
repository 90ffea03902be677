"""Walking tours: their wishes as a problem, the order of stops proved, reasons, the timetable."""

from __future__ import annotations

from app.analysis.tours.orders import MAX_STOPS, order_cost, shortest_order
from app.analysis.tours.problem import Objective, Pause, Plan, Problem, Stop, Visit, Way, Window
from app.analysis.tours.timetables import StopTimes, Timetable, timetable

__all__ = [
    "MAX_STOPS",
    "Objective",
    "Pause",
    "Plan",
    "Problem",
    "Stop",
    "StopTimes",
    "Timetable",
    "Visit",
    "Way",
    "Window",
    "order_cost",
    "shortest_order",
    "timetable",
]

"""Walking tours: their wishes as a problem, the order of stops proved, reasons."""

from __future__ import annotations

from app.analysis.tours.checks import check_problem
from app.analysis.tours.compiled import cache_folder
from app.analysis.tours.problem import (
    MOST_PROVED,
    MOST_STOPS,
    Objective,
    Pause,
    Plan,
    Problem,
    Stop,
    Visit,
    Way,
    Window,
)
from app.analysis.tours.solving import solve
from app.analysis.tours.warm_up import compile_planner, is_planner_compiled

__all__ = [
    "MOST_PROVED",
    "MOST_STOPS",
    "Objective",
    "Pause",
    "Plan",
    "Problem",
    "Stop",
    "Visit",
    "Way",
    "Window",
    "cache_folder",
    "check_problem",
    "compile_planner",
    "is_planner_compiled",
    "solve",
]

"""In which order to visit stops on foot, when, which ones, and how far that is from the best.

A `Problem` is numbers only; `solve` gives a `Plan` with a bound, proven optimal where time does. What asks
the solver again and again explains a plan: `left_out_reasons`, `conflict`, `alternatives`. Beneath: `tasks`
makes arrays of a problem, `bounds` says what a tour takes at least, `search` goes through partial tours
exactly, `heuristics` find good tours soon, `reasons` explain. The inner loops are compiled.
"""

from __future__ import annotations

from app.analysis.tours.checks import check_problem
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
from app.analysis.tours.reasons.alternatives import Alternative, AlternativeKind, alternatives
from app.analysis.tours.reasons.conflicts import Conflict, conflict
from app.analysis.tours.reasons.kinds import CHANGES, Reason, ReasonKind, applied
from app.analysis.tours.reasons.left_out import left_out_reasons
from app.analysis.tours.reasons.requirements import Requirement, RequirementKind
from app.analysis.tours.solving import solve
from app.analysis.tours.warm_up import compile_planner

__all__ = [
    "CHANGES",
    "MOST_PROVED",
    "MOST_STOPS",
    "Alternative",
    "AlternativeKind",
    "Conflict",
    "Objective",
    "Pause",
    "Plan",
    "Problem",
    "Reason",
    "ReasonKind",
    "Requirement",
    "RequirementKind",
    "Stop",
    "Visit",
    "Way",
    "Window",
    "alternatives",
    "applied",
    "check_problem",
    "compile_planner",
    "conflict",
    "left_out_reasons",
    "solve",
]

"""Warm-up: compile before anybody waits for it."""

from __future__ import annotations

from functools import cache

import numpy as np

from app.analysis.tours.bounds.completion import COARSE, completion_bound_of, no_completion_bound
from app.analysis.tours.bounds.remaining import bounds_of
from app.analysis.tours.heuristics.late_acceptance import feasible_orders
from app.analysis.tours.problem import Objective, Pause, Problem, Stop, Window
from app.analysis.tours.search.anytime import AnytimeSearch
from app.analysis.tours.tasks import task_of


@cache
def compile_planner() -> None:
    """Compile the planner and keep the code, so that no user waits for it; half a minute the first time.

    Where no folder can be written to, each process compiles for itself.

    Examples
    --------
    >>> compile_planner()
    """
    stops = tuple(Stop(str(i), 60, (Window(0, 3600),), float(i) if i > 2 else None) for i in range(5))
    walks = np.full((5, 5), 60)
    pause = Pause(60, Window(0, 900))
    task = task_of(Problem(stops, walks, walks, objective=Objective.VALUE, ends_s=4000, pause=pause))
    stop = np.zeros(1, dtype=np.int64)
    bounds = bounds_of(task)
    AnytimeSearch(task, bounds, stop).run()
    completion_bound_of(task, bounds, no_completion_bound(task), 0, COARSE, stop)
    next(feasible_orders(task, stop), None)

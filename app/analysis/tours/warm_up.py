"""Compile before anybody waits for it."""

from __future__ import annotations

from functools import cache

import numpy as np

from app.analysis.tours.bounds.completion import ROUGH, no_outlook, outlook_of
from app.analysis.tours.bounds.remaining import bounds_of
from app.analysis.tours.heuristics.late_acceptance import kept_orders
from app.analysis.tours.heuristics.local_search import good_order
from app.analysis.tours.problem import Objective, Pause, Problem, Stop, Window
from app.analysis.tours.search.anytime import Effort
from app.analysis.tours.tasks import task_of


@cache
def compile_planner() -> None:
    """Compile the planner and keep the code, so that no user waits for it; half a minute the first time.

    Where no folder can be written to, each process compiles for itself.
    """
    stops = tuple(Stop(str(i), 60, (Window(0, 3600),), float(i) if i > 2 else None) for i in range(5))
    walks = np.full((5, 5), 60)
    pause = Pause(60, Window(0, 900))
    task = task_of(Problem(stops, walks, walks, objective=Objective.VALUE, ends_s=4000, pause=pause))
    stop = np.zeros(1, dtype=np.int64)
    bounds = bounds_of(task)
    Effort(task, bounds, stop).run()
    outlook_of(task, bounds, no_outlook(task), 0, ROUGH, stop)
    good_order(task, stop, limit_s=1.0)
    next(kept_orders(task, (), stop), None)

"""Which walks no tour takes that is as good as one that is known.

G. B. Dantzig, D. R. Fulkerson, S. M. Johnson, Solution of a large-scale traveling-salesman problem, 1954.
"""

from __future__ import annotations

import numpy as np

from app.analysis.tours.bounds.duals import least_with_legs, pricing_of
from app.analysis.tours.bounds.remaining import begin_spans, first_visit_s, legs_and_ends, possible_legs
from app.analysis.tours.bounds.tightening import needed_stops
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, Task


def can_strike(task: Task) -> bool:
    """Return whether a leg's cost tells what a tour with it costs: all is visited, and legs count."""
    return bool(needed_stops(task).all() and task.measures[0] != LOSS)


def without_dear_legs(task: Task, best_known: int) -> Task:
    """Return the task without the legs that make every tour worse than the best known.

    Parameters
    ----------
    task : Task
        One for which `can_strike` holds.
    best_known : int
        First measure of a tour; all tours that are as good stay.
    """
    walk, length = possible_legs(task, begin_spans(task))
    dwell = task.stops["dwell"][:-1]
    if task.measures[0] == LENGTH:
        walk, dwell = length, np.zeros_like(dwell)
    else:
        best_known -= task.pause_dwell
    pricing = pricing_of(task, *legs_and_ends(task, walk, dwell))
    # The prices are no whole numbers: a unit more keeps what is equally good.
    is_dear = least_with_legs(pricing) + first_visit_s(task, dwell) > best_known + 1
    return _without(task, is_dear)


def _without(task: Task, is_struck: Array) -> Task:
    n_legs = np.diff(task.legs_from)
    stays = ~np.repeat(is_struck.ravel(), n_legs)
    kept = np.where(is_struck.ravel(), 0, n_legs)
    return task._replace(legs=task.legs[stays], legs_from=np.append(0, kept.cumsum()))

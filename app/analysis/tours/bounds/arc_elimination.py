"""Arcs that no tour takes which is as good as a known one (arc elimination by reduced costs).

G. B. Dantzig, D. R. Fulkerson, S. M. Johnson, Solution of a large-scale traveling-salesman problem, 1954.
"""

from __future__ import annotations

import numpy as np

from app.analysis.tours.bounds.duals import least_with_legs, multipliers_of
from app.analysis.tours.bounds.remaining import begin_spans, first_visit_s, legs_and_ends, possible_legs
from app.analysis.tours.bounds.tightening import needed_stops
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import LENGTH, LOSS, TaskData


def can_eliminate_legs(task: TaskData) -> bool:
    """Return whether a leg's cost bounds a tour with it: every stop is required, and legs count."""
    return bool(needed_stops(task).all() and task.measures[0] != LOSS)


def without_eliminated_legs(task: TaskData, best_known: int) -> TaskData:
    """Return the task without the legs that make every tour worse than the best known one.

    Parameters
    ----------
    task : TaskData
        One for which `can_eliminate_legs` holds.
    best_known : int
        First measure of a tour; all tours that are as good stay.
    """
    walk, length = possible_legs(task, begin_spans(task))
    dwell = task.stops["dwell"][:-1]
    if task.measures[0] == LENGTH:
        walk, dwell = length, np.zeros_like(dwell)
    else:
        best_known -= task.pause_dwell
    multipliers = multipliers_of(task, *legs_and_ends(task, walk, dwell))
    # Lagrange multipliers are no whole numbers: a unit more keeps what is equally good.
    is_eliminated = least_with_legs(multipliers) + first_visit_s(task, dwell) > best_known + 1
    return _without(task, is_eliminated)


def _without(task: TaskData, is_eliminated: Array) -> TaskData:
    n_legs = np.diff(task.legs_from)
    stays = ~np.repeat(is_eliminated.ravel(), n_legs)
    kept = np.where(is_eliminated.ravel(), 0, n_legs)
    return task._replace(legs=task.legs[stays], legs_from=np.append(0, kept.cumsum()))

"""Walks as vehicle routing has them: with a depot before the first stop and behind the last."""

from __future__ import annotations

import numpy as np

from app.analysis.tours.bounds.tightening import needed_stops, orders_of, spans_of
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import TaskData

# What cannot be walked takes that long: more than any tour, and far from the end of a 64-bit number.
FAR = 1 << 40


def is_known_to_routing(task: TaskData) -> bool:
    """Return whether vehicle routing covers the task: no pause, time-dependent arc, position nor order."""
    has_positions = bool((task.stops["position"][: task.n] >= 0).any())
    return not (task.has_pause or has_positions or (task.legs["way"] >= 0).any() or orders_of(task).any())


def with_first_stop(task: TaskData) -> TaskData:
    """Return the task with a first stop for a round that has none: the one that is likely to come first.

    Without time windows any stop is as good as another.
    """
    needed = np.flatnonzero(needed_stops(task))
    if not task.is_round or task.first >= 0 or not len(needed):
        return task
    opens, closes = spans_of(task)
    return task._replace(first=int(needed[(opens + closes)[needed].argmin()]))


def with_depot(task: TaskData, column: str) -> Array:
    """Return the length or the time of all walks; the last row and column are the depot's.

    From the depot a tour starts where it may; to it, it ends where it may, or goes home. Time-dependent arcs
    are left out.

    Parameters
    ----------
    task : TaskData
    column : str
        Of `tasks.LEG`.
    """
    n = task.n
    matrix = np.full((n + 1, n + 1), FAR, dtype=np.int64)
    for i, j in np.ndindex(n, n):
        rows = task.legs[task.legs_from[i * n + j] : task.legs_from[i * n + j + 1]]
        if len(rows) and rows[0]["way"] < 0:
            matrix[i, j] = rows[0][column]
    if task.first >= 0:
        matrix[n, task.first] = 0
        matrix[:n, n] = matrix[:n, task.first] if task.is_round else 0
        matrix[task.first, n] = 0
    else:
        matrix[n, :n] = matrix[:n, n] = 0
    if task.last >= 0:
        matrix[:n, n][np.arange(n) != task.last] = FAR
    np.fill_diagonal(matrix, 0)
    return matrix

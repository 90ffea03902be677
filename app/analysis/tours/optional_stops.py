"""Optional stops are visited wherever the time allows, whatever the objective.

Whether all of them fit in is asked first. Where they do, nothing is optional any more, and the tour is
looked for as one whose stops must all be visited; only where they do not, the most value is settled
before the metres or the seconds.
"""

from __future__ import annotations

import numpy as np

from app.analysis.tours.tasks import DURATION, END, LENGTH, LOSS, TaskData, are_in, bits_of


def has_choice(task: TaskData) -> bool:
    """Return whether something that is worth a visit may be left out."""
    return task.most_value > 0


def with_all(task: TaskData) -> TaskData:
    """Return the task of visiting all that is worth anything."""
    required = are_in(task.required, task.n) | (task.stops["value"][:-1] > 0)
    stops = task.stops.copy()
    # What is required is worth nothing: see `STOP`.
    stops["value"] = 0
    return task._replace(
        stops=stops,
        required=bits_of(np.flatnonzero(required), task.n),
        most_value=0,
        sure_value=task.sure_value + task.most_value,
        value_step=1,
        measures=np.array([*_aims(task), LOSS, END], dtype=np.int64),
    )


def with_most(task: TaskData) -> TaskData:
    """Return the task of visiting the most first, and then by the objective."""
    return task._replace(measures=np.array([LOSS, *_aims(task), END], dtype=np.int64))


def _aims(task: TaskData) -> list[int]:
    """Return what decides among tours of the same value."""
    return [measure for measure in task.measures.tolist() if measure in {LENGTH, DURATION}]

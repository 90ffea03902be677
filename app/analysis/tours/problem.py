"""What is asked of the planner, and what it answers; numbers only, no database, no clock.

Times are whole seconds from one zero that the caller chooses (such as midnight of the tour's day).
Stops are named by their index in `Problem.stops`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.domain.clocks import Way, Window
from app.domain.kinds import Objective
from app.domain.tours import MOST_PROVED, MOST_STOPS, Array, Pause, Problem, Stop

__all__ = [
    "MOST_PROVED",
    "MOST_STOPS",
    "Array",
    "Objective",
    "Pause",
    "Plan",
    "Problem",
    "Stop",
    "Visit",
    "Way",
    "Window",
]


@dataclass(frozen=True)
class Visit:
    """One visit of a plan.

    Attributes
    ----------
    stop : int
    arrives_s, begins_s, ends_s, departs_s : int
        The visit lasts from `begins_s` to `ends_s`; what lies before and after it at the place is
        waiting, but for the pause. At the first stop one arrives as the visit begins (or the pause
        before it); from the last one departs as soon as nothing is left to do.
    pauses_s : int or None
        When the pause begins, if it is taken here.
    way : int or None
        Index in `Problem.ways` of the walk on from here; None: the walk of `walk_s`, or none.
    """

    stop: int
    arrives_s: int
    begins_s: int
    ends_s: int
    departs_s: int
    pauses_s: int | None = None
    way: int | None = None


@dataclass(frozen=True)
class Plan:
    """The planner's answer.

    Attributes
    ----------
    visits : tuple of Visit
        In walking order; empty when there is no such tour.
    is_feasible : bool or None
        False: proven that there is no such tour. None: none was found, and none was excluded.
    starts_s, ends_s : int
        Start of the first visit (or pause), end of all.
    walk_s, wait_s : int
    length_m, value : float
    is_proved : bool
        Proven optimal: no tour has a better first measure, it equals `bound`. Without visits: proven
        infeasible.
    is_settled : bool
        Nor is any that ties better in the other measures.
    bound : float
        No tour worth as much as this plan is better in what the objective names (metres, seconds, value) than
        this; it equals the plan's own where `is_proved`. Where not everything optional fits in, metres and
        seconds are bounded only by the least walks to so many stops, which can lie far below the best tour.
    most_value : float
        No tour is worth more than this; where that is the plan's own value, nothing more can be visited.
    method : str
        What gave the answer: ``labels`` or ``local search``.
    seconds : float
        Time the planner took.

    Notes ----- The **gap** of a plan is the share of its own measure by which another tour could be better,
    ``abs(measure - bound) / measure``, as solvers of integer programs define it. It is 0 where the plan is
    proven optimal. It is not known (None) without visits, where the measure is 0, and where nothing is known
    of the bound: it is not finite, or it is 0 for metres and seconds.
    """

    visits: tuple[Visit, ...]
    is_feasible: bool | None
    starts_s: int
    ends_s: int
    walk_s: int
    wait_s: int
    length_m: float
    value: float
    is_proved: bool
    is_settled: bool
    bound: float
    most_value: float
    method: str
    seconds: float

    @property
    def order(self) -> tuple[int, ...]:
        """The stops visited, in walking order."""
        return tuple(visit.stop for visit in self.visits)

    def measure(self, objective: Objective) -> float:
        """Return what an objective names: metres walked, seconds from start to end, or value."""
        if objective == Objective.WALKING:
            return float(self.length_m)
        return float(self.ends_s - self.starts_s) if objective == Objective.DURATION else float(self.value)

    def gap(self, objective: Objective) -> float | None:
        """Return the gap of a plan for `objective`; None where it is not known."""
        measure = self.measure(objective)
        if not self.visits or not math.isfinite(self.bound):
            return None
        if self.is_proved or measure == self.bound:
            return 0.0
        is_unknown = measure <= 0 or (self.bound <= 0 and objective != Objective.VALUE)
        return None if is_unknown else abs(measure - self.bound) / measure

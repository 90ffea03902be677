"""What is asked of the planner, and what it answers; numbers only, no database, no clock.

Times are whole seconds from one zero that the caller chooses (such as midnight of the tour's day).
Stops are named by their index in `Problem.stops`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.domain.clocks import Way, Window
from app.domain.kinds import Objective

__all__ = ["Array", "Objective", "Pause", "Plan", "Problem", "Stop", "Visit", "Way", "Window"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Stop:
    """A place to visit.

    Attributes
    ----------
    name : str
        For refusals and whoever reads the plan.
    dwell_s : int
        How long the visit takes; 0 or more.
    windows : tuple of Window
        The whole visit, from its begin to its end, must lie in one of them; none: at any time.
    value : float or None
        None: must be visited. A number (0 or more): may be left out, and is worth this much; what is worth
        0 is visited only where that makes the tour better otherwise.
    position : int or None
        Its place in the walking order if it is visited, from 0; None: anywhere.
    """

    name: str
    dwell_s: int = 0
    windows: tuple[Window, ...] = ()
    value: float | None = None
    position: int | None = None


@dataclass(frozen=True)
class Pause:
    """A rest of `dwell_s` at any stop, before or after its visit, that begins within `begins`."""

    dwell_s: int
    begins: Window


@dataclass(frozen=True)
class Problem:
    """What is asked of a tour of `n` stops; without coordinates, so in no CRS.

    Attributes
    ----------
    stops : tuple of Stop
    walk_s : array of int, shape (n, n)
        Seconds from stop to stop at any time; -1 where one cannot walk. The diagonal is not read.
    length_m : array of float, shape (n, n)
        Metres of these walks. Need not be symmetric.
    ways : tuple of Way
        Time-dependent arcs: walks that depart within a window only, beside those of `walk_s`.
    objective : Objective
    first, last : int or None
        Fixed stop at the start and at the end (they are visited whatever their value); None: free.
    is_round : bool
        Walk back to the first stop at the end (its walk counts; there is no second visit). Not with `last`.
    orders : tuple of (int, int)
        The first must come before the second wherever both are visited.
    starts_s : int
        The tour does not start (begin its first visit or pause) before.
    ends_s : int or None
        It ends (last visit, pause and, of a round one, the walk back) not later.
    max_walk_m : float or None
    pause : Pause or None
    """

    stops: tuple[Stop, ...]
    walk_s: Array
    length_m: Array
    ways: tuple[Way, ...] = ()
    objective: Objective = Objective.WALKING
    first: int | None = None
    last: int | None = None
    is_round: bool = False
    orders: tuple[tuple[int, int], ...] = ()
    starts_s: int = 0
    ends_s: int | None = None
    max_walk_m: float | None = None
    pause: Pause | None = None


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

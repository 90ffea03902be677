"""Solve many times within one time limit, and compare the plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reasons.changes import must_visit
from app.analysis.tours.reasons.requirements import can_reduce, needed_stops, reduced, relaxed
from app.analysis.tours.solving import solve
from app.errors import InputError

# A plan's measures in the order in which its objective compares them; smaller is better.
Standing = tuple[float, ...]


# One solve may take this share of its budget, so that others come to pass, too.
_SHARE = 0.25
_LEAST_S = 0.01


class OutOfTimeError(Exception):
    """The time for these solves is used up, or they were cancelled."""


@dataclass
class Budget:
    """A share of the time for some solves, and whether it ran out."""

    is_over: bool = False


@dataclass
class BudgetedSolver:
    """The solver, with one time limit for all solves.

    Attributes
    ----------
    limit_s : float
        Seconds for all solves together.
    cancelled : callable or None
        Returns True to stop.
    is_given_proved : bool
        Whether the plan that all solves start from was proven optimal.
    is_proved : bool
        Whether that and every answer since `begin` was proven.
    """

    limit_s: float
    cancelled: Callable[[], bool] | None = None
    is_given_proved: bool = True
    is_proved: bool = True
    _until_s: float = field(init=False)
    _most_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._until_s = perf_counter() + self.limit_s
        self._most_s = _SHARE * self.limit_s

    @contextmanager
    def budget(self, share: float, most: float = _SHARE) -> Iterator[Budget]:
        """Give the solves within it a share of the time left; they run out of it alone.

        Parameters
        ----------
        share : float
        most : float
            The share of this budget that one solve may take.
        """
        until_s, most_s, now_s = self._until_s, self._most_s, perf_counter()
        budget, budget_s = Budget(), share * max(0.0, until_s - now_s)
        self._until_s, self._most_s = now_s + budget_s, most * budget_s
        try:
            yield budget
        except OutOfTimeError:
            budget.is_over = True
        finally:
            self._until_s, self._most_s = until_s, most_s

    def begin(self) -> None:
        """Forget what was not proven so far."""
        self.is_proved = self.is_given_proved

    def left_s(self) -> float:
        """Return the seconds left.

        Raises
        ------
        OutOfTimeError
        """
        left_s = self._until_s - perf_counter()
        if left_s < _LEAST_S or (self.cancelled is not None and self.cancelled()):
            raise OutOfTimeError
        return left_s

    def best(self, problem: Problem, *, is_any_enough: bool = False) -> Plan | None:
        """Return the best tour, or None where there is none (or none was found in time).

        A problem that contradicts itself has no tour.

        Parameters
        ----------
        problem : Problem
        is_any_enough : bool
            Any tour will do.

        Raises
        ------
        OutOfTimeError
        """
        most_s = min(self.left_s(), max(_LEAST_S, self._most_s))
        try:
            plan = solve(problem, limit_s=most_s, cancelled=self.cancelled, is_any_enough=is_any_enough)
        except InputError:
            return None
        is_sure = plan.is_settled or (is_any_enough and bool(plan.visits))
        self.is_proved = self.is_proved and is_sure
        return plan if plan.visits else None

    def best_with(self, problem: Problem, stop: int) -> Plan | None:
        """Return the best tour that visits an optional stop, whose value still counts; None as in `best`.

        Raises
        ------
        OutOfTimeError
        """
        plan = self.best(must_visit(problem, stop))
        return None if plan is None else with_value_of(problem, stop, plan)

    def any_tour(self, problem: Problem) -> Plan | None:
        """Return any tour, perhaps with the indices of the required stops alone; None as in `best`.

        Optional stops make feasibility hard and seldom matter. So infeasibility even with them is looked for
        first, then a tour without them.

        Raises
        ------
        OutOfTimeError
        """
        if not needed_stops(problem):
            return self.best(problem, is_any_enough=True)
        if can_reduce(problem):
            return self.best(reduced(problem), is_any_enough=True)
        was_proved, self.is_proved = self.is_proved, True
        if self.best(relaxed(problem), is_any_enough=True) is None and self.is_proved:
            self.is_proved = was_proved
            return None
        self.is_proved = was_proved
        found = self.best(reduced(problem), is_any_enough=True)
        if found is None:
            self.is_proved = was_proved
            found = self.best(problem, is_any_enough=True)
        return found


def standing(objective: Objective, plan: Plan) -> Standing:
    """Return a plan's measures, the first deciding: value (negative), then millimetres and seconds, start."""
    length, duration = round(plan.length_m * 1000), plan.ends_s - plan.starts_s
    value = -round(plan.value, 6)
    if objective == Objective.WALKING:
        return value, length, duration, plan.starts_s
    return value, duration, length, plan.starts_s


def with_value_of(problem: Problem, stop: int, plan: Plan) -> Plan:
    """Return a plan that had to visit a stop, with the value that the stop has where it is optional."""
    value = problem.stops[stop].value or 0.0
    sign = 1 if problem.objective == Objective.VALUE else 0
    return replace(
        plan, value=plan.value + value, most_value=plan.most_value + value, bound=plan.bound + sign * value
    )

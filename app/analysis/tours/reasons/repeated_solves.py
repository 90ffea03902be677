"""Ask the planner many times within one limit, and compare what it answers."""

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


# One question may take this share of the turn it belongs to, so that others are asked, too.
_SHARE = 0.25
_LEAST_S = 0.01


class OutOfTimeError(Exception):
    """The time for these questions is used up, or nobody waits for the answer any more."""


@dataclass
class Turn:
    """Some questions with a time of their own, and whether it ran out before they were answered."""

    is_over: bool = False


@dataclass
class Asking:
    """The planner, with one limit for all questions.

    Attributes
    ----------
    limit_s : float
        Seconds for all questions together.
    cancelled : callable or None
        Tells whether to stop.
    is_given_proved : bool
        Whether the answer that all questions start from was proved.
    is_proved : bool
        Whether that and every answer since `begin` was proved.
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
    def turn(self, share: float, most: float = _SHARE) -> Iterator[Turn]:
        """Give the questions asked within it a share of the time left; they run out of it alone.

        Parameters
        ----------
        share : float
        most : float
            The share of this turn that one question may take.
        """
        until_s, most_s, now_s = self._until_s, self._most_s, perf_counter()
        turn, turn_s = Turn(), share * max(0.0, until_s - now_s)
        self._until_s, self._most_s = now_s + turn_s, most * turn_s
        try:
            yield turn
        except OutOfTimeError:
            turn.is_over = True
        finally:
            self._until_s, self._most_s = until_s, most_s

    def begin(self) -> None:
        """Forget what was not proved so far."""
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
        """Return any tour, perhaps in the numbers of the stops alone that must be visited; None as in `best`.

        Stops that may be left out make the question hard and seldom matter. So it is asked first whether even
        with them there can be none, then whether there is one without them.

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
        plan,
        value=plan.value + value,
        most_value=plan.most_value + value,
        bound=plan.bound + sign * value,
    )

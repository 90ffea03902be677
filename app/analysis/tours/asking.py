"""Ask the planner many times within one limit, and compare what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter

from app.analysis.tours.changes import must_visit
from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.requirements import can_reduce, reduced
from app.analysis.tours.set_answers import SetAnswers
from app.analysis.tours.solving import solve
from app.analysis.tours.watching import watched
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
    _answers: SetAnswers | None = None

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

    def best(self, problem: Problem, bar: Plan | None = None, *, is_any_enough: bool = False) -> Plan | None:
        """Return the best tour, or None where there is none (or none was found in time).

        A problem that contradicts itself has no tour.

        Parameters
        ----------
        problem : Problem
        bar : Plan, optional
            Only a tour at least as good is looked for.
        is_any_enough : bool
            Any such tour will do.

        Raises
        ------
        OutOfTimeError
        """
        left_s = self.left_s()
        if self._answers and self._answers.does_cover(problem):
            plan = self._answers.best(problem)
            is_good = plan and (
                bar is None or _rank(problem.objective, plan) <= _rank(problem.objective, bar)
            )
            return plan if is_good else None
        most_s = min(left_s, max(_LEAST_S, self._most_s))
        try:
            plan = solve(
                problem, limit_s=most_s, cancelled=self.cancelled, bar=bar, is_any_enough=is_any_enough
            )
        except InputError:
            return None
        is_sure = plan.is_proved or (is_any_enough and bool(plan.visits))
        self.is_proved = self.is_proved and is_sure
        return plan if plan.visits else None

    def prepare(self, problem: Problem) -> None:
        """Make many questions about a checked problem, and others like it, cheap where that can be."""
        with watched(self.left_s(), self.cancelled) as stop:
            self._answers = SetAnswers.of(problem, stop)

    def best_with(self, problem: Problem, stop: int) -> Plan | None:
        """Return the best tour that visits an optional stop, whose value still counts; None as in `best`.

        Raises
        ------
        OutOfTimeError
        """
        plan = self.best(must_visit(problem, stop))
        return None if plan is None else with_value_of(problem, stop, plan)

    def can_visit(self, problem: Problem, stop: int) -> bool:
        """Return whether some tour visits a stop.

        Raises
        ------
        OutOfTimeError
        """
        asked = must_visit(problem, stop)
        fewer = reduced(asked) if can_reduce(asked) else asked
        return self.best(fewer, is_any_enough=True) is not None

    def any_with(self, problem: Problem, stop: int, bar: Plan) -> Plan | None:
        """Return a tour at least as good as `bar` that visits an optional stop; None as in `best`.

        Raises
        ------
        OutOfTimeError
        """
        without_it = replace(bar, value=bar.value - (problem.stops[stop].value or 0.0))
        plan = self.best(must_visit(problem, stop), without_it, is_any_enough=True)
        return None if plan is None else with_value_of(problem, stop, plan)

    def does_let_in(self, problem: Problem, stop: int, before: Plan) -> bool:
        """Return whether the best tour visits a stop.

        Parameters
        ----------
        problem : Problem
            Differs from another one only in what a visit to the stop asks for.
        stop : int
        before : Plan
            The best tour of that other problem; it does not visit the stop, and can still be walked.

        Raises
        ------
        OutOfTimeError
        """
        with_it = self.any_with(problem, stop, before)
        if with_it is None:
            return False
        ranks = [_rank(problem.objective, plan) for plan in (with_it, before)]
        if ranks[0] != ranks[1]:
            return ranks[0] < ranks[1]
        # Equally good: what the planner then chooses is asked for.
        best = self.best(problem)
        return best is not None and stop in best.order


def standing(objective: Objective, plan: Plan) -> Standing:
    """Return a plan's measures, the first deciding: millimetres, seconds, value (negative), start."""
    length, duration = round(plan.length_m * 1000), plan.ends_s - plan.starts_s
    value = -round(plan.value, 6)
    if objective == Objective.WALKING:
        return length, duration, value, plan.starts_s
    if objective == Objective.DURATION:
        return duration, length, value, plan.starts_s
    return value, duration, length, plan.starts_s


def _rank(objective: Objective, plan: Plan) -> Standing:
    """Return all that tells plans apart, which ends with when they end."""
    return *standing(objective, plan)[:-1], plan.ends_s


def with_value_of(problem: Problem, stop: int, plan: Plan) -> Plan:
    """Return a plan that had to visit a stop, with the value that the stop has where it is optional."""
    value = problem.stops[stop].value or 0.0
    sign = 1 if problem.objective == Objective.VALUE else 0
    return replace(plan, value=plan.value + value, bound=plan.bound + sign * value)

"""Other tours that are nearly as good, and clearly different."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reasons.changes import (
    in_given_indices,
    is_optional,
    kept_ways,
    must_visit,
    others,
    without,
    without_leg,
)
from app.analysis.tours.reasons.repeated_solves import BudgetedSolver, OutOfTimeError, standing, with_value_of

# No alternative is worse than the plan by more than this factor, in value and in the measure of its
# objective.
WORST_FACTOR = 1.25
# Two tours of the same stops are clearly different when at least this share of their legs is.
LEAST_NEW_LEGS = 0.25


class AlternativeKind(StrEnum):
    """How an alternative was asked for."""

    OBJECTIVE = "objective"
    WITH_STOP = "with_stop"
    WITHOUT_STOP = "without_stop"
    FIRST = "first"
    WITHOUT_LEG = "without_leg"
    FREE_ORDER = "free_order"


@dataclass(frozen=True)
class Alternative:
    """Another tour for the same problem.

    Attributes
    ----------
    plan : Plan
    kind : AlternativeKind
    objective : Objective
        What it is the best for (of the problem itself but for kind ``objective``).
    stop, other : int or None
        The stop it visits, leaves out or starts at; both ends of the leg it avoids.
    length_m, duration_s, value : float
        What it has more than the plan; negative: less.
    added, left_out : tuple of int
        Stops that only it visits, and that only the plan visits.
    """

    plan: Plan
    kind: AlternativeKind
    objective: Objective
    stop: int | None
    other: int | None
    length_m: float
    duration_s: int
    value: float
    added: tuple[int, ...]
    left_out: tuple[int, ...]


@dataclass(frozen=True)
class _Variant:
    kind: AlternativeKind
    problem: Problem
    stop: int | None = None
    other: int | None = None
    kept: tuple[int, ...] | None = None
    ways: tuple[int, ...] | None = None


def alternatives(
    problem: Problem,
    plan: Plan,
    n: int = 3,
    *,
    limit_s: float = 5.0,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Alternative, ...]:
    """Return up to `n` feasible tours that are clearly different from the plan and each other.

    Different means: other stops are visited, or at least `LEAST_NEW_LEGS` of the legs are new, in either
    direction. None is worse than the plan by more than `WORST_FACTOR`. Where the
    order is kept, or stops have fixed places, a better tour in a free order comes first, though it
    does not meet that requirement.

    Parameters
    ----------
    problem : Problem
    plan : Plan
        Its solution.
    n : int
    limit_s : float
        For all solves together; what is found by then is returned.
    cancelled : callable, optional
        Returns True to stop.

    Returns
    -------
    tuple of Alternative
        The best first; empty when there is no tour, or no other that is good enough.

    Examples
    --------
    >>> import numpy as np
    >>> from app.analysis.tours import Problem, Stop, alternatives, solve
    >>> walk_s = np.array([[0, 80, 120, 80], [80, 0, 80, 120], [120, 80, 0, 80], [80, 120, 80, 0]])
    >>> problem = Problem(tuple(Stop(name) for name in "abcd"), walk_s, walk_s)
    >>> plan = solve(problem, limit_s=60)
    >>> other = alternatives(problem, plan, 1, limit_s=60)[0]
    >>> plan.length_m, other.plan.length_m, plan.order == other.plan.order
    (240.0, 240.0, False)
    """
    found: list[Alternative] = []
    if plan.visits:
        solver = BudgetedSolver(limit_s, cancelled)
        try:
            for variant in _variants(problem, plan):
                best = solver.best(variant.problem)
                if best is not None:
                    found.append(_alternative(problem, plan, variant, best))
        except OutOfTimeError:
            pass
    good = [one for one in found if _is_worthwhile(problem.objective, plan, one)]
    good.sort(key=lambda one: (standing(problem.objective, one.plan), one.plan.order))
    return tuple(_different(problem, plan, good, n))


def _is_worthwhile(objective: Objective, plan: Plan, one: Alternative) -> bool:
    if one.kind == AlternativeKind.FREE_ORDER:
        # More is visited, or the walk is shorter (or takes less time).
        return standing(objective, one.plan)[:2] < standing(objective, plan)[:2]
    return is_good_enough(objective, plan, one.plan)


def is_good_enough(objective: Objective, plan: Plan, other: Plan) -> bool:
    """Return whether another tour is not worse than the plan by more than `WORST_FACTOR`, nor worth less."""
    if other.value * WORST_FACTOR < plan.value - 1e-9:
        return False
    if objective == Objective.WALKING:
        return other.length_m <= WORST_FACTOR * plan.length_m + 1e-6
    if objective == Objective.DURATION:
        return _duration_s(other) <= WORST_FACTOR * _duration_s(plan)
    return True


def is_different(problem: Problem, one: Plan, other: Plan) -> bool:
    """Return whether two tours visit other stops, or enough of their legs are not the same."""
    if set(one.order) != set(other.order):
        return True
    legs, theirs = _legs(problem, one), _legs(problem, other)
    return bool(legs) and len(legs - theirs) >= max(1.0, LEAST_NEW_LEGS * len(legs))


def _different(problem: Problem, plan: Plan, good: list[Alternative], n: int) -> list[Alternative]:
    taken: list[Alternative] = []
    for one in good:
        known = (plan, *(other.plan for other in taken))
        is_free = one.kind == AlternativeKind.FREE_ORDER
        if len(taken) < n and (is_free or all(is_different(problem, one.plan, other) for other in known)):
            taken.append(one)
    return taken


def _variants(problem: Problem, plan: Plan) -> Iterator[_Variant]:
    """Yield the problem with one requirement more each, or with another objective."""
    kind = AlternativeKind
    free = _in_free_order(problem)
    if (free.stops, free.orders) != (problem.stops, problem.orders):
        yield _Variant(kind.FREE_ORDER, free)
    # The tour of most value is the one that takes the least time, too.
    is_walk = problem.objective == Objective.WALKING
    other = Objective.DURATION if is_walk else Objective.WALKING
    yield _Variant(kind.OBJECTIVE, replace(problem, objective=other))
    for start, end in sorted(_legs(problem, plan)):
        cut, ways = without_leg(problem, start, end)
        yield _Variant(kind.WITHOUT_LEG, cut, start, end, ways=tuple(ways))
    yield from _other_choices(problem, plan)
    if problem.first is None and not problem.is_round:
        for stop in plan.order[1:]:
            if stop != problem.last and problem.stops[stop].position in {None, 0}:
                yield _Variant(kind.FIRST, replace(problem, first=stop), stop)


def _in_free_order(problem: Problem) -> Problem:
    """Return the problem without fixed places, and without orders that fix all of it."""
    befores, afters = ({pair[i] for pair in problem.orders} for i in (0, 1))
    is_chain = len(problem.orders) == len(befores) == len(afters) == len(problem.stops) - 1
    stops = tuple(replace(stop, position=None) for stop in problem.stops)
    return replace(problem, stops=stops, orders=() if is_chain else problem.orders)


def _other_choices(problem: Problem, plan: Plan) -> Iterator[_Variant]:
    for stop, asked in enumerate(problem.stops):
        if not is_optional(asked):
            continue
        if stop not in plan.order:
            yield _Variant(AlternativeKind.WITH_STOP, must_visit(problem, stop), stop)
        elif len(plan.order) > 1 and stop not in {problem.first, problem.last}:
            kept = others(problem, stop)
            ways = tuple(kept_ways(problem, kept))
            yield _Variant(
                AlternativeKind.WITHOUT_STOP, without(problem, stop), stop, kept=tuple(kept), ways=ways
            )


def _alternative(problem: Problem, plan: Plan, variant: _Variant, best: Plan) -> Alternative:
    kept = variant.kept or tuple(range(len(problem.stops)))
    ways = variant.ways if variant.ways is not None else tuple(range(len(problem.ways)))
    found = in_given_indices(problem, kept, ways, best)
    if variant.kind == AlternativeKind.WITH_STOP and variant.stop is not None:
        found = with_value_of(problem, variant.stop, found)
    return Alternative(
        plan=found,
        kind=variant.kind,
        objective=variant.problem.objective,
        stop=variant.stop,
        other=variant.other,
        length_m=found.length_m - plan.length_m,
        duration_s=_duration_s(found) - _duration_s(plan),
        value=found.value - plan.value,
        added=tuple(sorted(set(found.order) - set(plan.order))),
        left_out=tuple(sorted(set(plan.order) - set(found.order))),
    )


def _duration_s(plan: Plan) -> int:
    return plan.ends_s - plan.starts_s


def _legs(problem: Problem, plan: Plan) -> set[tuple[int, int]]:
    """Return the legs of a tour, in either direction."""
    closing = plan.order[:1] if problem.is_round and len(plan.order) > 2 else ()
    return {(min(leg), max(leg)) for leg in pairwise((*plan.order, *closing))}

"""Guests in groups of given sizes, so that those meet who are to: the maximally diverse grouping problem."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from app.analysis.meetings.group_bound import lagrangian_bound
from app.analysis.meetings.group_columns import EQUAL, ColumnGeneration, Group
from app.analysis.meetings.group_listing import can_be_listed
from app.analysis.meetings.group_search import annealed
from app.analysis.meetings.meeting_problem import check_companies, check_weights
from app.errors import N_, BusyError, InputError

Array = np.ndarray[Any, Any]

# Starts of the local search, at least and at most, and the share of the time it may take.
LEAST_STARTS, MOST_STARTS, SEARCH_SHARE = 2, 12, 0.3


@dataclass(frozen=True)
class GroupProblem:
    """What is asked: guests are named by their index.

    Attributes
    ----------
    weights : array of float, shape (n, n)
        Symmetric: what it is worth that two are in one group; negative where they have met before.
    sizes : tuple of int
        Of the groups; together as many as there are guests.
    apart : tuple of (int, int)
        Never in one group.
    n_rounds : int
        How often groups are made; a pair counts the first time.
    repeat_cost : float
        What each further time takes off.
    """

    weights: Array
    sizes: tuple[int, ...]
    apart: tuple[tuple[int, int], ...] = ()
    n_rounds: int = 1
    repeat_cost: float = 0.0


@dataclass(frozen=True)
class Grouping:
    """Groups for each round.

    Attributes
    ----------
    rounds : tuple of tuple of Group
    value : float
    bound : float
        No groups are worth more.
    is_proved : bool
    n_repeats, least_repeats : int
        How often pairs meet again in a later round, and how often they must: so many guests come from fewer
        old groups.
    seconds : float
    """

    rounds: tuple[tuple[Group, ...], ...]
    value: float
    bound: float
    is_proved: bool
    n_repeats: int
    least_repeats: int
    seconds: float

    @property
    def gap(self) -> float | None:
        """By which share other groups could be worth more; None where that has no meaning."""
        if self.is_proved:
            return 0.0
        return (self.bound - self.value) / self.value if self.value > 0 else None


def best_groups(problem: GroupProblem, *, limit_s: float = 5.0) -> Grouping:
    """Return the groups that are worth most, proven where all groups of these sizes can be listed.

    Raises
    ------
    InputError
        The problem is malformed.
    BusyError
        No groups were found that keep apart who must not meet.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.zeros((4, 4))
    >>> weights[0, 3] = weights[3, 0] = 1.0
    >>> grouping = best_groups(GroupProblem(weights, (2, 2)), limit_s=60)
    >>> grouping.rounds, grouping.value, grouping.is_proved
    ((((0, 3), (1, 2)),), 1.0, True)
    """
    check_groups(problem)
    started = time.perf_counter()
    weights, is_apart = _matrices(problem)
    found = _searched(problem, weights, is_apart, started + SEARCH_SHARE * limit_s)
    value, bound = _value(problem, weights, found), _bound(problem, weights)
    if problem.n_rounds == 1 and can_be_listed(len(weights), problem.sizes):
        columns = ColumnGeneration(weights, is_apart, problem.sizes, started + limit_s)
        columns.run(list(found[0]), value)
        bound = min(bound, columns.bound)
        better = columns.exact(value) if bound > value + EQUAL * (1 + abs(value)) else None
        if better:
            groups, is_exact = tuple(sorted(better[0])), better[1]
            if _value(problem, weights, (groups,)) > value:
                found, value = (groups,), _value(problem, weights, (groups,))
            bound = value if is_exact else bound
    elif problem.n_rounds == 1 and bound > value:
        bound = min(bound, lagrangian_bound(weights, is_apart, problem.sizes, value, started + limit_s))
    is_proved = bound <= value + EQUAL * (1 + abs(value))
    return Grouping(
        rounds=found,
        value=value,
        bound=value if is_proved else bound,
        is_proved=is_proved,
        n_repeats=_n_repeats(len(weights), found),
        least_repeats=least_repeats(problem.sizes, problem.n_rounds),
        seconds=time.perf_counter() - started,
    )


def check_groups(problem: GroupProblem) -> None:
    """Refuse a problem that is malformed or contradicts itself.

    Raises
    ------
    InputError

    Examples
    --------
    >>> import numpy as np
    >>> check_groups(GroupProblem(np.zeros((5, 5)), (2, 2)))
    Traceback (most recent call last):
    app.errors.InputError: Groups for 4 guests were asked for; there are 5.
    """
    n = check_weights(problem.weights)
    for pair in problem.apart:
        check_companies(pair, n)
    if not problem.sizes or min(problem.sizes) < 1 or sum(problem.sizes) != n:
        raise InputError(
            N_("Groups for %(places)s guests were asked for; there are %(n)s."),
            places=sum(problem.sizes),
            n=n,
        )
    if problem.n_rounds < 1 or not 0 <= problem.repeat_cost < np.inf:
        raise InputError(N_("There must be at least one round, and a repeat cannot be worth anything."))


def least_repeats(sizes: tuple[int, ...], n_rounds: int) -> int:
    """Return how often pairs meet again at least, whoever is in which group.

    Examples
    --------
    Six guests out of four old groups: at least two pairs of them have met.

    >>> least_repeats((6, 6, 6, 6), 2)
    8
    """
    n, pairs = sum(sizes), sum(comb(size, 2) for size in sizes)
    again = 0
    for size in sizes:
        each, more = divmod(size, len(sizes))
        again += more * comb(each + 1, 2) + (len(sizes) - more) * comb(each, 2)
    return max((n_rounds - 1) * again, n_rounds * pairs - comb(n, 2), 0)


def _matrices(problem: GroupProblem) -> tuple[Array, Array]:
    weights = np.array(problem.weights, dtype=float)
    np.fill_diagonal(weights, 0.0)
    is_apart = np.zeros(weights.shape, dtype=bool)
    for a, b in problem.apart:
        is_apart[a, b] = is_apart[b, a] = True
    return weights, is_apart


def _searched(
    problem: GroupProblem, weights: Array, is_apart: Array, until: float
) -> tuple[tuple[Group, ...], ...]:
    """Return the best groups of some starts of the local search."""
    cost = problem.repeat_cost * problem.n_rounds
    penalty = 1.0 + 2.0 * np.abs(weights).max(initial=0.0) * max(problem.sizes) + cost
    penalized = np.where(is_apart, -penalty, weights)
    best: tuple[tuple[Group, ...], ...] | None = None
    for seed in range(MOST_STARTS):
        if seed >= LEAST_STARTS and time.perf_counter() > until:
            break
        placed = annealed(penalized, problem.sizes, problem.n_rounds, problem.repeat_cost, seed)
        found = tuple(_groups(group, len(problem.sizes)) for group in placed)
        is_kept = not any(is_apart[np.ix_(group, group)].any() for groups in found for group in groups)
        if is_kept and (best is None or _value(problem, weights, found) > _value(problem, weights, best)):
            best = found
    if best is None:
        raise BusyError(N_("No groups were found that keep apart all who must not meet."))
    return best


def _groups(placed: Array, n_groups: int) -> tuple[Group, ...]:
    return tuple(sorted(tuple(np.flatnonzero(placed == group).tolist()) for group in range(n_groups)))


def _times(n: int, rounds: tuple[tuple[Group, ...], ...]) -> Array:
    times = np.zeros((n, n), dtype=np.int64)
    for groups in rounds:
        for group in groups:
            times[np.ix_(group, group)] += 1
    return np.triu(times, 1)


def _n_repeats(n: int, rounds: tuple[tuple[Group, ...], ...]) -> int:
    return int(np.maximum(_times(n, rounds) - 1, 0).sum())


def _value(problem: GroupProblem, weights: Array, rounds: tuple[tuple[Group, ...], ...]) -> float:
    times = _times(len(weights), rounds)
    return float(weights[times > 0].sum() - problem.repeat_cost * np.maximum(times - 1, 0).sum())


def _bound(problem: GroupProblem, weights: Array) -> float:
    """Return what no groups are worth more than: all have their best pairs, each counted half."""
    positive = np.maximum(weights, 0.0)
    n_others = max(problem.sizes) - 1
    once = float(np.sort(positive, axis=1)[:, len(weights) - n_others :].sum() / 2)
    most = min(problem.n_rounds * once, float(positive.sum() / 2))
    return most - problem.repeat_cost * least_repeats(problem.sizes, problem.n_rounds)

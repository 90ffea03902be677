"""The solver: the best tour, proven optimal where that is possible in time."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from app.analysis.tours.bounds.remaining import bounds_of, least_for_value
from app.analysis.tours.bounds.tightening import tightened
from app.analysis.tours.canonical_order import in_canonical_order
from app.analysis.tours.checks import check_problem
from app.analysis.tours.deadline import deadline
from app.analysis.tours.heuristics.depots import is_known_to_routing
from app.analysis.tours.impossible import is_plainly_impossible
from app.analysis.tours.many_stops import HeuristicSearch
from app.analysis.tours.optional_stops import has_choice, with_all, with_most
from app.analysis.tours.problem import MOST_PROVED, Objective, Plan, Problem
from app.analysis.tours.search.anytime import AnytimeSearch
from app.analysis.tours.search.schedules import Choice, visits_of
from app.analysis.tours.tasks import (
    DURATION,
    END,
    LENGTH,
    LOSS,
    MEASURES,
    MM_PER_M,
    VALUES_PER_ONE,
    TaskData,
    task_of,
)
from app.analysis.tours.warm_up import compile_planner

# Shares of the time: for finding out whether all that is optional fits in, too, and at least, even if that
# took longer than it should, for the most that does.
ALL_SHARE, MOST_SHARE = 0.4, 0.25


def solve(
    problem: Problem,
    *,
    limit_s: float = 1.0,
    cancelled: Callable[[], bool] | None = None,
    is_any_enough: bool = False,
) -> Plan:
    """Return the best tour; of equally good ones the same in whatever order stops and ways are given.

    Parameters
    ----------
    problem : Problem
    limit_s : float
        Deadline: seconds after which the best tour found so far is returned, not proven optimal.
    cancelled : callable, optional
        Asked every 20 ms from another thread; once it returns True the search ends.
    is_any_enough : bool
        Take the first tour found: it need not be the best.

    Returns
    -------
    Plan

        Without visits where there is no tour, or none was found: `Plan.is_feasible` distinguishes the two.

    Raises
    ------
    InputError
        See `check_problem`.

    Examples
    --------
    >>> import numpy as np
    >>> from app.analysis.tours import Problem, Stop, solve
    >>> walk_s = np.array([[0, 240, 480], [240, 0, 240], [480, 240, 0]])
    >>> stops = (Stop("gate"), Stop("depot", 600), Stop("bakery", 300))
    >>> plan = solve(Problem(stops, walk_s, 1.25 * walk_s, first=0), limit_s=60)
    >>> plan.order, plan.length_m, plan.ends_s, plan.is_proved
    ((0, 1, 2), 600.0, 1380, True)
    """
    check_problem(problem)
    compile_planner()
    started = time.perf_counter()
    canonical = in_canonical_order(problem)
    task, until_s = task_of(canonical.problem), started + limit_s
    search = _searched(task, until_s, cancelled, is_any_enough=is_any_enough)
    return canonical.in_given_order(plan_of(search, problem.objective, time.perf_counter() - started))


def _searched(
    task: TaskData, until_s: float, cancelled: Callable[[], bool] | None, *, is_any_enough: bool
) -> AnytimeSearch | HeuristicSearch:
    """Search for a tour of all that is worth a visit, or else of the most."""

    def left_s() -> float:
        return max(0.0, until_s - time.perf_counter())

    if is_any_enough or not has_choice(task):
        return _run(_search_of(task, is_any_enough=is_any_enough), left_s(), cancelled)
    limit_s, search = left_s(), _search_of(with_all(task))
    if _fits_in(search, ALL_SHARE * limit_s, cancelled):
        return _run(search, left_s(), cancelled)
    return _run(_search_of(with_most(task)), max(left_s(), MOST_SHARE * limit_s), cancelled)


def _search_of(task: TaskData, *, is_any_enough: bool = False) -> AnytimeSearch | HeuristicSearch:
    # Windows imply orders, which are kept with them: only those that were asked for are unknown to routing.
    is_routing, task = is_known_to_routing(task), tightened(task)
    search = AnytimeSearch if task.n <= MOST_PROVED else HeuristicSearch
    stop = np.ones(1, dtype=np.int64)
    return search(task, bounds_of(task), stop, is_any_enough=is_any_enough, is_routing=is_routing)


def _fits_in(
    search: AnytimeSearch | HeuristicSearch, limit_s: float, cancelled: Callable[[], bool] | None
) -> bool:
    """Return whether any tour is found so soon; the search can then go on from there."""
    search.is_any_enough = True
    _run(search, limit_s, cancelled)
    search.is_any_enough = False
    return bool(search.choices)


def _run(
    search: AnytimeSearch | HeuristicSearch, limit_s: float, cancelled: Callable[[], bool] | None
) -> AnytimeSearch | HeuristicSearch:
    """Search, or go on searching, for so long."""
    if is_plainly_impossible(search.task, search.bounds):
        search.is_proved = True
        return search
    with deadline(limit_s, cancelled) as stop:
        search.stop, search.limit_s = stop, limit_s
        search.run()
    return search


def plan_of(search: AnytimeSearch | HeuristicSearch, objective: Objective, seconds: float) -> Plan:
    """Return the answer."""
    task, best = search.task, [int(measure) for measure in search.best]
    least, most_value = _least_of(search, objective), _most_value_of(search)
    bound = _shown(task, objective, least)
    measure = MEASURES[objective][0]
    # Whole numbers, so that a value that equals its bound does so to the last bit.
    is_met = bool(search.choices) and least >= best[measure] and _has_most_value(search)
    if not search.choices:
        return Plan(
            visits=(),
            is_feasible=False if search.is_proved else None,
            starts_s=task.starts,
            ends_s=task.starts,
            walk_s=0,
            wait_s=0,
            length_m=0.0,
            value=0.0,
            is_proved=bool(search.is_proved),
            is_settled=bool(search.is_proved),
            bound=bound,
            most_value=most_value,
            method=search.method,
            seconds=seconds,
        )
    starts, ends = best[END] - best[DURATION], best[END]
    visits = visits_of(task, search.choices, starts)
    walk = _walk_s(task, search.choices)
    busy = walk + sum(visit.ends_s - visit.begins_s for visit in visits) + task.pause_dwell
    return Plan(
        visits=visits,
        is_feasible=True,
        starts_s=starts,
        ends_s=ends,
        walk_s=walk,
        wait_s=ends - starts - busy,
        length_m=best[LENGTH] / MM_PER_M,
        value=_value(task, best[LOSS]),
        is_proved=bool(search.is_proved or is_met),
        is_settled=bool(search.is_proved),
        bound=bound,
        most_value=most_value,
        method=search.method,
        seconds=seconds,
    )


def _least_of(search: AnytimeSearch | HeuristicSearch, objective: Objective) -> int:
    """Return the bound of what the objective names, as the search counts it; 0 where nothing is known.

    Where value was to be settled before metres or seconds, these are bounded for tours of the same value.
    """
    task, measure = search.task, MEASURES[objective][0]
    if measure == task.measures[0]:
        return search.bound
    if not search.choices:
        return 0
    best = int(search.best[measure])
    if search.is_proved or measure == LOSS:
        return best
    value = task.most_value - int(search.best[LOSS])
    return min(least_for_value(task, search.bounds, measure, value), best)


def _has_most_value(search: AnytimeSearch | HeuristicSearch) -> bool:
    """Return whether no tour is worth more, as far as that was to be settled first."""
    return int(search.task.measures[0]) != LOSS or search.bound >= int(search.best[LOSS])


def _shown(task: TaskData, objective: Objective, bound: int) -> float:
    """Return a bound in metres, seconds or value."""
    measure = MEASURES[objective][0]
    if measure == LENGTH:
        return bound / MM_PER_M
    return _value(task, bound) if measure == LOSS else float(bound)


def _most_value_of(search: AnytimeSearch | HeuristicSearch) -> float:
    """Return what no tour is worth more than."""
    task = search.task
    return _value(task, search.bound if int(task.measures[0]) == LOSS else 0)


def _value(task: TaskData, loss: int) -> float:
    return (task.most_value + task.sure_value - loss) / VALUES_PER_ONE


def _walk_s(task: TaskData, choices: list[Choice]) -> int:
    """Return the walking time of a tour."""
    walk = 0
    *stays, home = choices
    for i, following in enumerate(choices[1:]):
        if following.leg >= 0:
            goal = stays[0].stop if following is home else following.stop
            walk += int(task.legs[task.legs_from[stays[i].stop * task.n + goal] + following.leg]["walk"])
    return walk

"""The planner: the best tour, proved where that is possible in time."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.analysis.tours.bounds import bounds_of
from app.analysis.tours.checks import MOST_PROVED, check_problem
from app.analysis.tours.effort import Effort
from app.analysis.tours.many_stops import ManyStops
from app.analysis.tours.namings import named
from app.analysis.tours.problem import Plan, Problem
from app.analysis.tours.schedules import Choice, visits_of
from app.analysis.tours.tasks import (
    DURATION,
    END,
    LENGTH,
    LOSS,
    MM_PER_M,
    VALUES_PER_ONE,
    Task,
    task_of,
)
from app.analysis.tours.tightening import tightened
from app.analysis.tours.warming import compile_planner
from app.analysis.tours.watching import watched


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
        Seconds after which the best tour found so far is returned, not proved.
    cancelled : callable, optional
        Asked now and then from another thread; once it says True the search ends.
    is_any_enough : bool
        Take the first tour found: it need not be the best, nor be proved.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        See `check_problem`.
    """
    check_problem(problem)
    compile_planner()
    started = time.perf_counter()
    with watched(limit_s, cancelled) as stop:
        naming = named(problem)
        task = tightened(task_of(naming.problem))
        search = Effort if task.n <= MOST_PROVED else ManyStops
        effort = search(task, bounds_of(task), stop, limit_s, is_any_enough=is_any_enough)
        effort.run()
    return naming.told(plan_of(effort, time.perf_counter() - started))


def plan_of(effort: Effort | ManyStops, seconds: float) -> Plan:
    """Return the answer."""
    task, best = effort.task, [int(measure) for measure in effort.best]
    bound = _told(task, effort.bound)
    # Whole numbers, so that a value that equals its bound does so to the last bit.
    is_met = bool(effort.choices) and effort.bound >= best[task.measures[0]]
    if not effort.choices:
        return Plan(
            visits=(),
            is_feasible=False if effort.is_proved else None,
            starts_s=task.starts,
            ends_s=task.starts,
            walk_s=0,
            wait_s=0,
            length_m=0.0,
            value=0.0,
            is_proved=effort.is_proved,
            bound=bound,
            method=effort.method,
            seconds=seconds,
        )
    starts, ends = best[END] - best[DURATION], best[END]
    visits = visits_of(task, effort.choices, starts)
    walk = _walk_s(task, effort.choices)
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
        is_proved=effort.is_proved or is_met,
        bound=bound,
        method=effort.method,
        seconds=seconds,
    )


def _told(task: Task, bound: int) -> float:
    """Return the bound of the first measure in metres, seconds or value."""
    measure = int(task.measures[0])
    if measure == LENGTH:
        return bound / MM_PER_M
    return _value(task, bound) if measure == LOSS else float(bound)


def _value(task: Task, loss: int) -> float:
    return (task.most_value + task.sure_value - loss) / VALUES_PER_ONE


def _walk_s(task: Task, choices: list[Choice]) -> int:
    """Return the walking time of a tour."""
    walk = 0
    *stays, home = choices
    for i, following in enumerate(choices[1:]):
        if following.leg >= 0:
            goal = stays[0].stop if following is home else following.stop
            walk += int(task.legs[task.legs_from[stays[i].stop * task.n + goal] + following.leg]["walk"])
    return walk

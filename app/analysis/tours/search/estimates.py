"""The best that a partial tour can lead to."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.analysis.machine_code import compiled
from app.analysis.tours.bounds.backward_labels import CompletionBound, completion_gain
from app.analysis.tours.bounds.one_tree import one_tree_cost
from app.analysis.tours.bounds.remaining import Bounds
from app.analysis.tours.problem import Array
from app.analysis.tours.search.labels import Criteria, LabelTable, find_state
from app.analysis.tours.tasks import DURATION, END, LENGTH, LOSS, NEVER, TaskData


class LabelSearch(NamedTuple):
    """What the search works on.

    Attributes
    ----------
    best : array of int64, shape (4,)
        Measures of the best tour known; improved upon.
    leaf : array of int64, shape (2,)
        Last label, in the back-pointers, and last choice of the best tour; -1 while none was found.
    dropped : array of int64, shape (2,)
        How many labels were dropped, and the least first measure that one of them may lead to.
    estimate : array of int64, shape (4,)
        Workspace for the best a label may lead to.
    workspace : array of int64, shape (2, n)
        For spanning trees.
    remaining : array of int64, shape (3,)
        Workspace for the completion bound: the most gain, the least time; the dual values of the stops that
        are not visited before a label is extended.
    latest : array of int64, shape (2**n, n)
        By when one must be ready behind a set of stops; of no rows where that is not known.
    stop : array of int64, shape (1,)
        Anything but 0 ends the search; set from outside.
    """

    task: TaskData
    bounds: Bounds
    completion: CompletionBound
    criteria: Criteria
    table: LabelTable
    best: Array
    leaf: Array
    dropped: Array
    estimate: Array
    workspace: Array
    remaining: Array
    latest: Array
    stop: Array


@compiled
def is_no_better(search: LabelSearch) -> bool:
    """Return whether the estimate does not come before the best tour known."""
    for i in range(search.criteria.n_measures):
        measure = search.task.measures[i]
        if search.estimate[measure] != search.best[measure]:
            return search.estimate[measure] > search.best[measure]
    return True


@compiled
def state_of(search: LabelSearch, visited: int, place: int) -> int:
    """Return the state, with the bounds of its completion."""
    state, is_new = find_state(search.table, visited, place)
    if is_new:
        _bound_remaining(search, search.table.states[state])
    return state


@compiled
def is_promising(
    search: LabelSearch, visited: int, stop: int, ready: int, total: int, latest: int, length: int, value: int
) -> bool:
    """Return whether a visit to `stop` may lead to a better tour by the completion bound."""
    search.remaining[0], search.remaining[1] = NEVER, 0
    if not search.completion.is_known:
        return True
    task, measure = search.task, search.task.measures[0]
    missing_value = task.most_value - value - search.best[LOSS] if measure == LOSS else -NEVER
    duals = search.remaining[2] - search.completion.dual[stop]
    most, takes = completion_gain(
        task, search.completion, stop, visited | 1 << stop, duals, ready, latest + total, missing_value
    )
    search.remaining[0], search.remaining[1] = most, takes
    if most <= -NEVER:
        return False
    so_far = length
    if measure == LOSS:
        so_far = task.most_value - value
    elif measure == DURATION:
        so_far = max(total, ready - latest)
    if search.criteria.n_measures == 1:
        return so_far - most < search.best[measure]
    return so_far - most <= search.best[measure]


@compiled
def duals_of(search: LabelSearch, visited: int) -> int:
    """Return the sum of the dual values of the stops not visited."""
    duals = 0
    if search.completion.is_known:
        for stop in range(search.task.n):
            if not visited >> stop & 1:
                duals += search.completion.dual[stop]
    return duals


@compiled
def _bound_remaining(search: LabelSearch, state: Any) -> None:
    task, bounds = search.task, search.bounds
    at, first, is_paused = state.place & 63, state.place >> 6 & 63, state.place >> 12 & 1
    left = task.required & ~state.visited
    pause = 0 if is_paused else task.pause_dwell
    near, members = search.workspace[0], search.workspace[1]
    state.rest_length = one_tree_cost(bounds.length, at, first, left, near, members)
    state.rest_time = one_tree_cost(bounds.time, at, first, left, near, members) + pause
    if state.rest_time >= NEVER or state.rest_length >= NEVER:
        state.deadline = -NEVER
        return
    deadline, end = task.ends - state.rest_time, -NEVER
    if len(search.latest):
        deadline = min(deadline, search.latest[state.visited, at])
    if not is_paused:
        deadline = min(deadline, task.pause_closes)
        end = task.pause_opens + pause
    work, longest = 0, 0
    for i in range(task.n):
        stop = bounds.by_closing[i]
        if left >> stop & 1:
            closes = bounds.stops[stop].closes
            work += bounds.stops[stop].share
            longest = max(longest, task.stops[stop].dwell)
            deadline = min(deadline, closes - bounds.shortest_s[at, stop], closes - work + longest)
            end = max(end, bounds.stops[stop].opens + task.stops[stop].dwell)
    state.deadline = deadline
    state.rest_end = end


@compiled
def estimate_label(
    search: LabelSearch, state: int, ready: int, total: int, latest: int, length: int, value: int
) -> bool:
    """Estimate the best that a label leads to; False where it leads to no tour."""
    task, ahead, estimate = search.task, search.table.states[state], search.estimate
    if ready > ahead.deadline or length + ahead.rest_length > task.most_length:
        return False
    loss, rest_time, rest_length = task.most_value - value, ahead.rest_time, ahead.rest_length
    is_valued, most = task.measures[0] == LOSS, search.remaining[0]
    missing_value = loss - search.best[LOSS] if is_valued else -NEVER
    rest_time, least_duration = max(rest_time, search.remaining[1]), 0
    if task.measures[0] == LENGTH:
        rest_length = max(rest_length, -most)
    elif not is_valued:
        least_duration = max(total, ready - latest) - most
    if loss > 0:
        if is_valued and search.criteria.n_measures > 1:
            rest_time = max(rest_time, _least_time(search, ahead, ready, missing_value))
        most_value = _most_value(search, ahead, ready)
        if is_valued:
            most_value = max(min(most_value, most), 0)
        loss -= most_value - most_value % task.value_step
    end = max(ready + rest_time, ahead.rest_end)
    estimate[LENGTH] = length + rest_length
    estimate[END] = end
    duration = max(total + rest_time, end - min(latest, ahead.deadline - total))
    estimate[DURATION] = max(duration, least_duration)
    estimate[LOSS] = loss
    return True


@compiled
def _sure_time(search: LabelSearch, ahead: Any) -> int:
    """Return the least time of what is left to do for sure, each stop taken by itself."""
    task, left = search.task, search.task.required & ~ahead.visited
    time = 0 if ahead.place >> 12 & 1 else task.pause_dwell
    for stop in range(task.n):
        if left >> stop & 1:
            time += search.bounds.stops[stop].share
    return time


@compiled
def _can_add(search: LabelSearch, ahead: Any, ready: int, stop: int) -> bool:
    """Return whether an optional stop can still be visited as far as orders and its windows go."""
    task, bounds = search.task, search.bounds
    if ahead.visited >> stop & 1 or ahead.visited & task.stops[stop].behind:
        return False
    return ready + bounds.shortest_s[ahead.place & 63, stop] <= bounds.stops[stop].closes


@compiled
def _most_value(search: LabelSearch, ahead: Any, ready: int) -> int:
    """Return the most value that optional stops can still add, each given its least time."""
    task, bounds = search.task, search.bounds
    if ahead.place & 63 == task.last:
        return 0
    value, time = 0, task.ends - ready - _sure_time(search, ahead)
    for i in range(len(bounds.by_worth)):
        stop = bounds.by_worth[i]
        if _can_add(search, ahead, ready, stop):
            takes = bounds.stops[stop].share
            if takes > time:
                return value + int(float(task.stops[stop].value) * max(time, 0) / takes + 1)
            value += task.stops[stop].value
            time -= takes
    return value


@compiled
def _least_time(search: LabelSearch, ahead: Any, ready: int, missing_value: int) -> int:
    """Return the least time in which optional stops can still add a value, beside what is left for sure."""
    task, bounds = search.task, search.bounds
    time = _sure_time(search, ahead)
    for i in range(len(bounds.by_worth)):
        if missing_value <= 0:
            return time
        stop = bounds.by_worth[i]
        if _can_add(search, ahead, ready, stop):
            value, takes = task.stops[stop].value, bounds.stops[stop].share
            time += takes if value <= missing_value else int(float(takes) * missing_value / value)
            missing_value -= value
    return time

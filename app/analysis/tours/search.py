"""The compiled search over first parts of tours, layer by layer, the most promising ones first.

With room for every label it is a dynamic program over (stops visited, last stop) and proves its answer; with
less it keeps the most promising labels of a layer and tells the best that what it dropped may have led to
(R. Kuroiwa, J. C. Beck, Solving domain-independent dynamic programming problems with anytime heuristic
search, 2023).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from app.analysis.tours.bounds import Bounds, rest_cost
from app.analysis.tours.compiled import compiled
from app.analysis.tours.labels import (
    BEATEN,
    Table,
    Wanted,
    add_label,
    clear,
    find_state,
    is_beaten,
    place_of,
    through,
)
from app.analysis.tours.outlooks import Outlook, gain_ahead
from app.analysis.tours.problem import Array
from app.analysis.tours.tasks import DURATION, END, LENGTH, LOSS, NEVER, Task

# When one rests: not at all, after the visit before, before this visit.
NO_PAUSE, PAUSE_AFTER, PAUSE_BEFORE = range(3)
# A choice in one number: stop, walk to it, hours of the visit, when one rests.
STOP_BITS, LEG_BITS, HOURS_BITS = 6, 20, 20


class Search(NamedTuple):
    """What the search works on.

    Attributes
    ----------
    best : array of int64, shape (4,)
        Measures of the best tour known; improved upon.
    leaf : array of int64, shape (2,)
        Label in the trail and choice by which the best tour ends; -1 while none was found.
    dropped : array of int64, shape (2,)
        How many labels were dropped, and the least first measure that one of them may lead to.
    estimate : array of int64, shape (4,)
        Room for what a label may lead to.
    room : array of int64, shape (2, n)
        For trees.
    stop : array of int64, shape (1,)
        Anything but 0 ends the search; set from outside.
    """

    task: Task
    bounds: Bounds
    outlook: Outlook
    wanted: Wanted
    table: Table
    best: Array
    leaf: Array
    dropped: Array
    estimate: Array
    room: Array
    stop: Array


class Trail:
    """The choices behind the labels that were kept, by their number."""

    def __init__(self) -> None:
        self._layers: list[Array] = []
        self._begins = [0]

    def extend(self, labels: Array) -> int:
        """Add a layer; return the number of its first label."""
        self._layers.append(labels[["parent", "choice"]].copy())
        self._begins.append(self._begins[-1] + len(labels))
        return self._begins[-2]

    def choices(self, label: int) -> list[int]:
        """Return the choices that lead to a label."""
        choices = []
        while label >= 0:
            layer = bisect_right(self._begins, label) - 1
            label, choice = (int(one) for one in self._layers[layer][label - self._begins[layer]])
            choices.append(choice)
        return choices[::-1]


def run_layers(search: Search, width: int) -> Trail:
    """Search with `width` labels a layer."""
    trail, table = Trail(), search.table
    clear(table)
    begin(search)
    for _ in range(search.task.n):
        labels = table.labels[: table.counts[0]]
        labels = labels[labels["visited"] != BEATEN]
        labels = labels[np.lexsort((labels["ready"], labels["rank"]))]
        if len(labels) > width:
            search.dropped[0] += len(labels) - width
            search.dropped[1] = min(search.dropped[1], labels["rank"][width])
            labels = labels[:width].copy()
        if len(labels) == 0 or search.stop[0]:
            break
        clear(table)
        go_on(search, labels, trail.extend(labels))
    return trail


@compiled
def _drop(search: Search, estimate: int) -> None:
    search.dropped[0] += 1
    search.dropped[1] = min(search.dropped[1], estimate)


@compiled
def begin(search: Search) -> None:
    """Offer every tour of one visit."""
    task = search.task
    for stop in range(task.n):
        if (task.first < 0 or stop == task.first) and _may_follow(task, 0, 0, stop):
            for rests in (NO_PAUSE, PAUSE_BEFORE):
                if rests == NO_PAUSE or task.has_pause:
                    _visit(search, 0, stop, stop, rests, task.starts, 0, NEVER, 0, 0, -1, -1, 0)


@compiled
def _may_follow(task: Task, visited: int, n_visited: int, stop: int) -> bool:
    """Return whether a stop can be the next as far as orders and positions go."""
    left = task.required & ~visited
    if visited >> stop & 1 or visited & task.stops[stop].behind:
        return False
    if task.stops[stop].before & left:
        return False
    if task.last == stop and left != 1 << stop:
        return False
    if task.stops[stop].position >= 0:
        return task.stops[stop].position == n_visited
    for other in range(task.n):
        if task.stops[other].position == n_visited and left >> other & 1:
            return False
    return True


@compiled
def _n_bits(bits: int) -> int:
    n = 0
    while bits:
        bits &= bits - 1
        n += 1
    return n


@compiled
def go_on(search: Search, labels: Array, first_node: int) -> None:
    """Finish the tours that end with a label of the layer, and offer those that go on."""
    for i in range(len(labels)):
        if search.stop[0] != 0:
            return
        _finish(search, labels[i], first_node + i)
        _go_on(search, labels[i], first_node + i)


@compiled
def _go_on(search: Search, label: np.void, node: int) -> None:
    """Offer every tour that goes on from a label with one more visit."""
    task = search.task
    at = label.place & 63
    if at == task.last:
        return
    n_visited = _n_bits(label.visited)
    for stop in range(task.n):
        if _may_follow(task, label.visited, n_visited, stop):
            pair = at * task.n + stop
            for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
                _walk(search, label, node, stop, leg)


@compiled
def _walk(search: Search, label: np.void, node: int, stop: int, leg: int) -> None:
    """Offer going on by one walk, with a rest before it, after it, or without."""
    task = search.task
    length = label.length + task.legs[leg].length
    is_paused = label.place >> 12 & 1
    if length > task.most_length:
        return
    first = label.place >> 6 & 63
    for rests in range(3):
        if rests != NO_PAUSE and (is_paused or not task.has_pause):
            break
        is_in_time, ready, total, latest = _set_out(task, rests, leg, label.ready, label.total, label.latest)
        if is_in_time:
            _visit(
                search,
                label.visited,
                stop,
                first,
                rests,
                ready,
                total,
                latest,
                length,
                label.value,
                node,
                leg - task.legs_from[(label.place & 63) * task.n + stop],
                is_paused,
            )


@compiled
def _set_out(
    task: Task, rests: int, leg: int, ready: int, total: int, latest: int
) -> tuple[bool, int, int, int]:
    """Return the label that arrives by a walk, perhaps after a rest."""
    is_in_time = True
    if rests == PAUSE_AFTER:
        is_in_time, ready, total, latest = through(
            ready, total, latest, task.pause_opens, task.pause_closes, task.pause_dwell
        )
    if is_in_time:
        is_in_time, ready, total, latest = through(
            ready, total, latest, task.legs[leg].opens, task.legs[leg].closes, task.legs[leg].walk
        )
    return is_in_time, ready, total, latest


@compiled
def _visit(
    search: Search,
    visited: int,
    stop: int,
    first: int,
    rests: int,
    ready: int,
    total: int,
    latest: int,
    length: int,
    value: int,
    node: int,
    leg: int,
    was_paused: int,
) -> None:
    """Offer a visit in each of its hours."""
    task = search.task
    is_in_time = True
    if rests == PAUSE_BEFORE:
        is_in_time, ready, total, latest = through(
            ready, total, latest, task.pause_opens, task.pause_closes, task.pause_dwell
        )
    if not is_in_time:
        return
    is_paused = 1 if was_paused or rests != NO_PAUSE or not task.has_pause else 0
    place = place_of(stop, first if task.is_round else 0, is_paused)
    begin, end = task.stops[stop].hours_from, task.stops[stop + 1].hours_from
    state = -2
    for hours in range(begin, end):
        fits, then, takes, until = through(
            ready, total, latest, task.hours[hours].opens, task.hours[hours].closes, task.stops[stop].dwell
        )
        if fits and then <= task.ends:
            if state == -2:
                state = _state_of(search, visited | 1 << stop, place)
            choice = stop | rests << STOP_BITS
            choice |= (leg + 1) << (STOP_BITS + 2) | (hours - begin) << (STOP_BITS + 2 + LEG_BITS)
            _offer(search, state, then, takes, until, length, value + task.stops[stop].value, node, choice)


@compiled
def _offer(
    search: Search,
    state: int,
    ready: int,
    total: int,
    latest: int,
    length: int,
    value: int,
    node: int,
    choice: int,
) -> None:
    """Keep a label unless it cannot win or another is as good."""
    if state < 0:
        _drop(search, 0)
        return
    if not _estimate(search, state, ready, total, latest, length, value):
        return
    if _is_no_better(search):
        return
    if is_beaten(search.table, state, search.wanted, ready, total, latest, length):
        return
    rank = search.estimate[search.task.measures[0]]
    if not add_label(search.table, state, ready, total, latest, length, value, node, choice, rank):
        _drop(search, search.estimate[search.task.measures[0]])


@compiled
def _is_no_better(search: Search) -> bool:
    """Return whether the estimate does not come before the best tour known."""
    for i in range(search.wanted.n_measures):
        measure = search.task.measures[i]
        if search.estimate[measure] != search.best[measure]:
            return search.estimate[measure] > search.best[measure]
    return True


@compiled
def _state_of(search: Search, visited: int, place: int) -> int:
    """Return the state, with what lies ahead of it worked out."""
    state, is_new = find_state(search.table, visited, place)
    if is_new:
        _look_ahead(search, search.table.states[state])
    return state


@compiled
def _look_ahead(search: Search, state: np.void) -> None:
    task, bounds = search.task, search.bounds
    at, first, is_paused = state.place & 63, state.place >> 6 & 63, state.place >> 12 & 1
    left = task.required & ~state.visited
    pause = 0 if is_paused else task.pause_dwell
    near, members = search.room[0], search.room[1]
    state.rest_length = rest_cost(bounds.length, at, first, left, near, members)
    state.rest_time = rest_cost(bounds.time, at, first, left, near, members) + pause
    if state.rest_time >= NEVER or state.rest_length >= NEVER:
        state.deadline = -NEVER
        return
    deadline = task.ends - state.rest_time
    end = -NEVER
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
            deadline = min(deadline, closes - bounds.reach[at, stop], closes - work + longest)
            end = max(end, bounds.stops[stop].opens + task.stops[stop].dwell)
    state.deadline = deadline
    state.rest_end = end


@compiled
def _estimate(
    search: Search, state: int, ready: int, total: int, latest: int, length: int, value: int
) -> bool:
    """Work out what a label leads to at best; False where it leads to no tour."""
    task, ahead, estimate = search.task, search.table.states[state], search.estimate
    if ready > ahead.deadline or length + ahead.rest_length > task.most_length:
        return False
    loss, rest_time, rest_length = task.most_value - value, ahead.rest_time, ahead.rest_length
    is_valued, most = task.measures[0] == LOSS, NEVER
    wanting = loss - search.best[LOSS] if is_valued else -NEVER
    if search.outlook.is_known:
        at = ahead.place & 63
        most, takes = gain_ahead(task, search.outlook, at, ahead.visited, ready, wanting)
        if most <= -NEVER:
            return False
        rest_time = max(rest_time, takes)
        if not is_valued:
            rest_length = max(rest_length, -most)
    if loss > 0:
        if is_valued and search.wanted.n_measures > 1:
            rest_time = max(rest_time, _least_time(search, ahead, ready, wanting))
        most_value = _most_value(search, ahead, ready)
        if is_valued:
            most_value = max(min(most_value, most), 0)
        loss -= most_value - most_value % task.value_step
    end = max(ready + rest_time, ahead.rest_end)
    estimate[LENGTH] = length + rest_length
    estimate[END] = end
    estimate[DURATION] = max(total + rest_time, end - min(latest, ahead.deadline - total))
    estimate[LOSS] = loss
    return True


@compiled
def _sure_time(search: Search, ahead: np.void) -> int:
    """Return the least time of what is left to do for sure, each stop taken by itself."""
    task, left = search.task, search.task.required & ~ahead.visited
    time = 0 if ahead.place >> 12 & 1 else task.pause_dwell
    for stop in range(task.n):
        if left >> stop & 1:
            time += search.bounds.stops[stop].share
    return time


@compiled
def _can_add(search: Search, ahead: np.void, ready: int, stop: int) -> bool:
    """Return whether an optional stop can still be visited as far as orders and its hours go."""
    task, bounds = search.task, search.bounds
    if ahead.visited >> stop & 1 or ahead.visited & task.stops[stop].behind:
        return False
    return ready + bounds.reach[ahead.place & 63, stop] <= bounds.stops[stop].closes


@compiled
def _most_value(search: Search, ahead: np.void, ready: int) -> int:
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
                return value + np.int64(float(task.stops[stop].value) * max(time, 0) / takes + 1)
            value += task.stops[stop].value
            time -= takes
    return value


@compiled
def _least_time(search: Search, ahead: np.void, ready: int, wanting: int) -> int:
    """Return the least time in which optional stops can still add a value, beside what is left for sure."""
    task, bounds = search.task, search.bounds
    time = _sure_time(search, ahead)
    for i in range(len(bounds.by_worth)):
        if wanting <= 0:
            return time
        stop = bounds.by_worth[i]
        if _can_add(search, ahead, ready, stop):
            value, takes = task.stops[stop].value, bounds.stops[stop].share
            time += takes if value <= wanting else np.int64(float(takes) * wanting / value)
            wanting -= value
    return time


@compiled
def _finish(search: Search, label: np.void, node: int) -> None:
    """Compare the tours that end with a label to the best one."""
    task = search.task
    if task.required & ~label.visited:
        return
    at, first, is_paused = label.place & 63, label.place >> 6 & 63, label.place >> 12 & 1
    rests = NO_PAUSE if is_paused else PAUSE_AFTER
    if task.is_round and at != first:
        pair = at * task.n + first
        for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
            is_in_time, ready, total, latest = _set_out(
                task, rests, leg, label.ready, label.total, label.latest
            )
            if is_in_time:
                length = label.length + task.legs[leg].length
                choice = rests << STOP_BITS | (leg - task.legs_from[pair] + 1) << (STOP_BITS + 2)
                _compare(search, ready, total, latest, length, label.value, node, choice)
        return
    is_in_time, ready, total, latest = True, label.ready, label.total, label.latest
    if rests == PAUSE_AFTER:
        is_in_time, ready, total, latest = through(
            ready, total, latest, task.pause_opens, task.pause_closes, task.pause_dwell
        )
    if is_in_time:
        _compare(search, ready, total, latest, label.length, label.value, node, rests << STOP_BITS)


@compiled
def _compare(
    search: Search, ready: int, total: int, latest: int, length: int, value: int, node: int, choice: int
) -> None:
    """Note a finished tour if it is the best so far."""
    task, estimate = search.task, search.estimate
    if ready > task.ends or length > task.most_length:
        return
    estimate[LENGTH], estimate[END] = length, ready
    estimate[DURATION] = max(total, ready - latest)
    estimate[LOSS] = task.most_value - value
    for i in range(4):
        measure = task.measures[i]
        if estimate[measure] != search.best[measure]:
            if estimate[measure] < search.best[measure]:
                for j in range(4):
                    search.best[j] = estimate[j]
                search.leaf[0], search.leaf[1] = node, choice
            return

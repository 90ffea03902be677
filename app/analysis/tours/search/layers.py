"""The compiled search over partial tours, layer by layer, the most promising ones first.

With room for every label it is a dynamic program over (stops visited, last stop) and proves its answer; with
less it keeps the most promising labels of a layer and reports the best that a dropped one may lead to
(R. Kuroiwa, J. C. Beck, Solving domain-independent dynamic programming problems with anytime heuristic
search, 2023).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array
from app.analysis.tours.search.candidates import candidates, n_bits
from app.analysis.tours.search.estimates import (
    LabelSearch,
    duals_of,
    estimate_label,
    is_no_better,
    is_promising,
    state_of,
)
from app.analysis.tours.search.labels import DOMINATED, add_label, clear, extended, is_dominated, place_of
from app.analysis.tours.tasks import DURATION, END, LENGTH, LOSS, NEVER, TaskData

# When the pause is taken: not here, after the visit before, before this visit.
NO_PAUSE, PAUSE_AFTER, PAUSE_BEFORE = range(3)
# A choice in one number: stop, walk to it, window of the visit, when the pause is taken.
STOP_BITS, LEG_BITS, WINDOW_BITS = 6, 20, 20


def run_layers(search: LabelSearch, width: int) -> BackPointers:
    """Search with `width` labels a layer."""
    pointers, table = BackPointers(), search.table
    clear(table)
    begin(search)
    for _ in range(search.task.n):
        labels = table.labels[: table.counts[0]]
        labels = labels[labels["place"] != DOMINATED]
        labels = labels[np.lexsort((labels["ready"], labels["rank"]))]
        if len(labels) > width:
            search.dropped[0] += len(labels) - width
            search.dropped[1] = min(search.dropped[1], labels["rank"][width])
            labels = labels[:width].copy()
        if len(labels) == 0 or search.stop[0]:
            break
        clear(table)
        extend_all(search, labels, pointers.extend(labels))
    return pointers


@compiled
def _drop(search: LabelSearch, estimate: int) -> None:
    search.dropped[0] += 1
    search.dropped[1] = min(search.dropped[1], estimate)


@compiled
def begin(search: LabelSearch) -> None:
    """Begin with the label of every possible first visit."""
    task = search.task
    search.remaining[2] = duals_of(search, 0)
    coming = candidates(task, 0, 0)
    for stop in range(task.n):
        if (task.first < 0 or stop == task.first) and coming >> stop & 1:
            for rests in (NO_PAUSE, PAUSE_BEFORE):
                if rests == NO_PAUSE or task.has_pause:
                    _visit(search, 0, stop, stop, rests, task.starts, 0, NEVER, 0, 0, -1, -1, 0)


@compiled
def extend_all(search: LabelSearch, labels: Array, first_node: int) -> None:
    """Finish the tours that end with a label of the layer, and extend the labels."""
    for i in range(len(labels)):
        if search.stop[0] != 0:
            return
        _finish(search, labels[i], first_node + i)
        _extend(search, labels[i], first_node + i)


@compiled
def _extend(search: LabelSearch, label: Any, node: int) -> None:
    """Extend a label by every possible next visit."""
    task = search.task
    at = label.place & 63
    if at == task.last:
        return
    search.remaining[2] = duals_of(search, label.visited)
    coming = candidates(task, label.visited, n_bits(label.visited))
    for stop in range(task.n):
        if coming >> stop & 1:
            pair = at * task.n + stop
            for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
                _walk(search, label, node, stop, leg)


@compiled
def _walk(search: LabelSearch, label: Any, node: int, stop: int, leg: int) -> None:
    """Extend a label by one walk, with the pause before it, after it, or without."""
    task = search.task
    length = label.length + task.legs[leg].length
    is_paused = label.place >> 12 & 1
    if length > task.most_length:
        return
    first = label.place >> 6 & 63
    for rests in range(3):
        if rests != NO_PAUSE and (is_paused or not task.has_pause):
            break
        is_in_time, ready, total, latest = _depart(task, rests, leg, label.ready, label.total, label.latest)
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
def _depart(
    task: TaskData, rests: int, leg: int, ready: int, total: int, latest: int
) -> tuple[bool, int, int, int]:
    """Return the resources on arrival by a walk, perhaps after the pause."""
    is_in_time = True
    if rests == PAUSE_AFTER:
        is_in_time, ready, total, latest = extended(
            ready, total, latest, task.pause_opens, task.pause_closes, task.pause_dwell
        )
    if is_in_time:
        is_in_time, ready, total, latest = extended(
            ready, total, latest, task.legs[leg].opens, task.legs[leg].closes, task.legs[leg].walk
        )
    return is_in_time, ready, total, latest


@compiled
def _visit(
    search: LabelSearch,
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
    """Extend a label by a visit in each of its windows."""
    task = search.task
    is_in_time = True
    if rests == PAUSE_BEFORE:
        is_in_time, ready, total, latest = extended(
            ready, total, latest, task.pause_opens, task.pause_closes, task.pause_dwell
        )
    if not is_in_time:
        return
    is_paused = 1 if was_paused or rests != NO_PAUSE or not task.has_pause else 0
    place = place_of(stop, first if task.is_round else 0, is_paused)
    begin, end = task.stops[stop].windows_from, task.stops[stop + 1].windows_from
    state = -2
    for window in range(begin, end):
        fits, then, takes, until = extended(
            ready,
            total,
            latest,
            task.windows[window].opens,
            task.windows[window].closes,
            task.stops[stop].dwell,
        )
        worth = value + task.stops[stop].value
        if (
            fits
            and then <= task.ends
            and is_promising(search, visited, stop, then, takes, until, length, worth)
        ):
            if state == -2:
                state = state_of(search, visited | 1 << stop, place)
            choice = stop | rests << STOP_BITS
            choice |= (leg + 1) << (STOP_BITS + 2) | (window - begin) << (STOP_BITS + 2 + LEG_BITS)
            _offer(search, state, then, takes, until, length, worth, node, choice)


@compiled
def _offer(
    search: LabelSearch,
    state: int,
    ready: int,
    total: int,
    latest: int,
    length: int,
    value: int,
    node: int,
    choice: int,
) -> None:
    """Keep a label unless it cannot lead to a better tour or is dominated."""
    if state < 0:
        _drop(search, 0)
        return
    if not estimate_label(search, state, ready, total, latest, length, value):
        return
    if is_no_better(search):
        return
    if is_dominated(search.table, state, search.criteria, ready, total, latest, length):
        return
    rank = search.estimate[search.task.measures[0]]
    if not add_label(search.table, state, ready, total, latest, length, value, node, choice, rank):
        _drop(search, search.estimate[search.task.measures[0]])


@compiled
def _finish(search: LabelSearch, label: Any, node: int) -> None:
    """Compare the tours that end with a label to the best one."""
    task = search.task
    if task.required & ~label.visited:
        return
    at, first, is_paused = label.place & 63, label.place >> 6 & 63, label.place >> 12 & 1
    rests = NO_PAUSE if is_paused else PAUSE_AFTER
    if task.is_round and at != first:
        pair = at * task.n + first
        for leg in range(task.legs_from[pair], task.legs_from[pair + 1]):
            is_in_time, ready, total, latest = _depart(
                task, rests, leg, label.ready, label.total, label.latest
            )
            if is_in_time:
                length = label.length + task.legs[leg].length
                choice = rests << STOP_BITS | (leg - task.legs_from[pair] + 1) << (STOP_BITS + 2)
                _compare(search, ready, total, latest, length, label.value, node, choice)
        return
    is_in_time, ready, total, latest = True, label.ready, label.total, label.latest
    if rests == PAUSE_AFTER:
        is_in_time, ready, total, latest = extended(
            ready, total, latest, task.pause_opens, task.pause_closes, task.pause_dwell
        )
    if is_in_time:
        _compare(search, ready, total, latest, label.length, label.value, node, rests << STOP_BITS)


@compiled
def _compare(
    search: LabelSearch, ready: int, total: int, latest: int, length: int, value: int, node: int, choice: int
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


class BackPointers:
    """Back-pointers: parent and choice of every label that was kept, by its number."""

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

"""Labels: partial tours, and which of them are dominated.

A partial tour ends with a visit. Begun at s (not later than `latest`), it is ready to be extended at
``max(ready, s + total)``: `ready` is the earliest moment at all, `total` the least time it takes. A walk,
a visit within a time window, and a pause keep that form.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.tours.problem import Array

LABEL = np.dtype(
    [
        ("visited", np.int64),  # bits of stops
        ("place", np.int64),  # see `place_of`; `DOMINATED` where another label is as good
        ("ready", np.int64),
        ("total", np.int64),
        ("latest", np.int64),
        ("length", np.int64),
        ("value", np.int64),
        ("next", np.int64),  # the next label of the same state, -1 after the last
        ("parent", np.int64),
        ("choice", np.int64),
        ("rank", np.int64),
    ]
)
# What all partial tours share that visited the same stops and end at the same one.
STATE = np.dtype(
    [
        ("visited", np.int64),
        ("place", np.int64),
        ("head", np.int64),  # its first label, -1 for none
        ("rest_length", np.int64),  # least length and time of what is left to do
        ("rest_time", np.int64),
        ("deadline", np.int64),  # who is ready later is late somewhere
        ("rest_end", np.int64),  # the tour does not end before, whenever one is ready
    ]
)
DOMINATED = -1


class LabelTable(NamedTuple):
    """The labels of one layer by state; `counts` holds how many labels and states there are.

    Attributes
    ----------
    labels : array of LABEL
    states : array of STATE
    slots, stamps : array of int64
        Where a state lies, by its hash; a slot counts for the layer of its stamp only.
    counts : array of int64, shape (3,)
        Labels, states, the stamp.
    """

    labels: Array
    states: Array
    slots: Array
    stamps: Array
    counts: Array


class Criteria(NamedTuple):
    """The criteria of dominance at a stage of the search.

    Attributes
    ----------
    n_measures : int
        How many of the measures must be improved upon.
    ready, slack, length : bool
        Whether a label must be as good in these to dominate another one.
    """

    n_measures: int
    ready: bool
    slack: bool
    length: bool


def new_table(n_labels: int) -> LabelTable:
    """Return an empty table with room for labels."""
    n_slots = 1 << (2 * n_labels).bit_length()
    return LabelTable(
        np.empty(n_labels, dtype=LABEL),
        np.empty(n_labels, dtype=STATE),
        np.empty(n_slots, dtype=np.int64),
        np.zeros(n_slots, dtype=np.int64),
        np.array([0, 0, 1], dtype=np.int64),
    )


@compiled
def place_of(last: int, first: int, is_paused: int) -> int:
    """Return one number for last stop, first stop (0 where that does not matter), and pause taken or not."""
    return last | first << 6 | is_paused << 12


@compiled
def extended(
    ready: int, total: int, latest: int, opens: int, closes: int, takes: int
) -> tuple[bool, int, int, int]:
    """Return the resources behind something that begins within a window; False where it is too late."""
    ready = max(ready, opens)
    latest = min(latest, closes - total)
    total = max(total, ready - latest)
    return ready <= closes, ready + takes, total + takes, latest


@compiled
def clear(table: LabelTable) -> None:
    """Forget all labels."""
    table.counts[0] = 0
    table.counts[1] = 0
    table.counts[2] += 1


@compiled
def find_state(table: LabelTable, visited: int, place: int) -> tuple[int, bool]:
    """Return where the state lies, and whether it is new; -1 where there is no room for it."""
    size = len(table.slots)
    slot = _hash(visited, place) & (size - 1)
    while table.stamps[slot] == table.counts[2]:
        state = table.slots[slot]
        if table.states[state].visited == visited and table.states[state].place == place:
            return state, False
        slot = (slot + 1) & (size - 1)
    state = table.counts[1]
    if state == len(table.states):
        return -1, False
    table.counts[1] += 1
    table.slots[slot] = state
    table.stamps[slot] = table.counts[2]
    table.states[state].visited = visited
    table.states[state].place = place
    table.states[state].head = -1
    return state, True


@compiled
def _hash(visited: int, place: int) -> Any:
    mixed = np.uint64(visited) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= np.uint64(place) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return np.int64(mixed & np.uint64(0x7FFFFFFFFFFFFFFF))


@compiled
def is_dominated(
    table: LabelTable, state: int, criteria: Criteria, ready: int, total: int, latest: int, length: int
) -> bool:
    """Return whether a label of the state dominates the new one; remove those that the new one dominates."""
    labels = table.labels
    before, label = -1, table.states[state].head
    while label >= 0:
        one = labels[label]
        if _dominates(criteria, one.ready, one.total, one.latest, one.length, ready, total, latest, length):
            return True
        following = one.next
        if _dominates(criteria, ready, total, latest, length, one.ready, one.total, one.latest, one.length):
            one.place = DOMINATED
            if before < 0:
                table.states[state].head = following
            else:
                labels[before].next = following
        else:
            before = label
        label = following
    return False


@compiled
def _dominates(
    criteria: Criteria,
    ready: int,
    total: int,
    latest: int,
    length: int,
    other_ready: int,
    other_total: int,
    other_latest: int,
    other_length: int,
) -> bool:
    if criteria.ready and ready > other_ready:
        return False
    if criteria.length and length > other_length:
        return False
    if not criteria.slack:
        return True
    return latest >= other_latest and (total <= other_total or other_latest + total <= other_ready)


@compiled
def add_label(
    table: LabelTable,
    state: int,
    ready: int,
    total: int,
    latest: int,
    length: int,
    value: int,
    parent: int,
    choice: int,
    rank: int,
) -> bool:
    """Keep a label; False where there is no room."""
    label = table.counts[0]
    if label == len(table.labels):
        return False
    table.counts[0] += 1
    one = table.labels[label]
    one.visited, one.place = table.states[state].visited, table.states[state].place
    one.ready, one.total, one.latest, one.length = ready, total, latest, length
    one.value, one.parent, one.choice, one.rank = value, parent, choice, rank
    one.next = table.states[state].head
    table.states[state].head = label
    return True

"""The heaviest guests of a host whom one walk within a limit passes: enumerated with bounds, compiled.

Guests are added one by one in a fixed order, so that each set comes up once. A set is left with all that
would come of it when no walk past it is short enough, or when what it weighs and all that the rest could
add is not more than the best known. The shortest walk of a set is worked out from that of the set before it
(M. Held and R. M. Karp, 1962).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import TIMEOUT_MAX, Timer
from typing import Any

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.meetings.walk_limit import WalkLimit

Array = np.ndarray[Any, Any]

# Sums of numbers with decimals that differ by less than this share are equal.
EQUAL = 1e-9


@dataclass(frozen=True)
class WalkTask:
    """Whose guests are looked for.

    Attributes
    ----------
    weights : array of float, shape (n, n)
        What it is worth that two come both; never both where it is -inf.
    own : array of float, shape (n,)
    host : int
    n_guests : int
    is_in, is_required : array of bool, shape (n,)
    walk : WalkLimit
    """

    weights: Array
    own: Array
    host: int
    n_guests: int
    is_in: Array
    is_required: Array
    walk: WalkLimit


def heaviest_walked(task: WalkTask, more_than: float, until: float) -> tuple[tuple[int, ...] | None, bool]:
    """Return the guests that weigh most together with the host, and whether all others are ruled out.

    Parameters
    ----------
    task : WalkTask
    more_than : float
        Only what weighs more is looked for.
    until : float
        When the search ends, as `time.perf_counter` has it.

    Returns
    -------
    guests : tuple of int or None
        None where none were found.
    is_complete : bool

    Examples
    --------
    >>> from app.analysis.meetings.walk_limit import walk_limit
    >>> weights = np.array([[0.0, 3.0, 1.0], [3.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    >>> walk = walk_limit(np.array([[0, 900, 60], [900, 0, 900], [60, 900, 0]]), np.zeros(3), 100)
    >>> anyone = np.ones(3, dtype=bool)
    >>> task = WalkTask(weights, np.zeros(3), 0, 1, anyone, np.array([True, False, False]), walk)
    >>> heaviest_walked(task, -np.inf, time.perf_counter() + 60)
    ((2,), True)
    """
    order = _order(task)
    n_required = int(task.is_required[order].sum())
    k, m = task.n_guests, len(order)
    if k > m or n_required > k:
        return None, True
    places = np.concatenate([[task.host], order])
    weights = np.ascontiguousarray(task.weights[np.ix_(places, places)])
    walk_s = np.ascontiguousarray(task.walk.walk_s[np.ix_(places, places)])
    dwell_s = np.ascontiguousarray(task.walk.dwell_s[places])
    gains = weights[0] + task.own[places]
    chosen, best = np.zeros(k + 1, dtype=np.int64), np.zeros(k, dtype=np.int64)
    stop = np.zeros(1, dtype=np.int64)
    left_s = min(max(0.0, until - time.perf_counter()), TIMEOUT_MAX)
    timer = Timer(left_s, stop.__setitem__, (0, 1))
    timer.daemon = True
    timer.start()
    spare_s = task.walk.limit_s - task.walk.host_dwell_s
    # A number also where anything is looked for: sums with infinity are none.
    least = max(more_than - task.own[task.host], -1e300)
    numbers = np.array([spare_s, dwell_s[1:].min(), least])
    tables = np.empty((1 << k, k)), np.zeros((k + 1, m + 1), dtype=np.int64), np.zeros((k + 1, m + 1))
    found = _search(
        weights, gains, walk_s, dwell_s, numbers, n_required, task.walk.is_round,
        chosen, best, *tables, np.zeros((2, k + 1)), stop,
    )  # fmt: skip
    timer.cancel()
    guests = tuple(sorted(places[best].tolist())) if found else None
    return guests, not stop[0]


def _order(task: WalkTask) -> Array:
    """Return who can be a guest: those who must be first, then who could add most."""
    there = np.flatnonzero(task.is_in)
    there = there[there != task.host]
    finite = np.where(np.isfinite(task.weights), task.weights, 0.0)
    gain = finite[task.host] + task.own + np.maximum(finite[:, there], 0.0).sum(axis=1) / 2
    return there[np.lexsort((there, -gain[there], ~task.is_required[there]))]


@compiled
def _search(
    weights: Array, gains: Array, walk_s: Array, dwell_s: Array, numbers: Array, n_required: int,
    is_round: bool, chosen: Array, best: Array, reached: Array, lists: Array, sums: Array, tops: Array,
    stop: Array,
) -> bool:  # fmt: skip
    """Go through all sets of guests depth first; write the best to `best`.

    `lists[d]` are who may still follow after `d` guests, `lists[d, -1]` how many, `sums[d]` what each would
    add to those `d`, `sums[d, -1]` what they weigh, `chosen[d]` where in its list the next one is.
    """
    k, last = best.size, lists.shape[1] - 1
    spare_s, least_s, most = numbers[0], numbers[1], numbers[2]
    is_found = False
    for i in range(last):
        lists[0, i] = i + 1
        sums[0, i] = gains[i + 1]
    lists[0, last], sums[0, last], chosen[0] = last, 0.0, 0
    depth, dwelt_s = 0, 0.0
    while depth >= 0 and not stop[0]:
        at, n_left = chosen[depth], lists[depth, last]
        # Who must be a guest comes first in the order.
        is_over = n_left - at < k - depth or (depth < n_required and (at > 0 or lists[depth, 0] != depth + 1))
        if not is_over:
            added = _most_added(weights, lists, sums, tops, depth, at, k)
            is_over = sums[depth, last] + added <= most + EQUAL * (1.0 + abs(most))
        if is_over:
            depth -= 1
            if depth >= 0:
                dwelt_s -= dwell_s[lists[depth, chosen[depth] - 1]]
            continue
        guest = lists[depth, at]
        chosen[depth] = at + 1
        walked_s = _reach(walk_s, lists, chosen, reached, depth, is_round)
        if walked_s + dwelt_s + dwell_s[guest] + (k - depth - 1) * least_s > spare_s:
            continue
        value = sums[depth, last] + sums[depth, at]
        if depth + 1 == k:
            if value > most + EQUAL * (1.0 + abs(most)):
                most, is_found = value, True
                for d in range(k):
                    best[d] = lists[d, chosen[d] - 1]
            continue
        _follow(weights, lists, sums, depth, at)
        dwelt_s += dwell_s[guest]
        depth += 1
        sums[depth, last], chosen[depth] = value, 0
    return is_found


@compiled
def _follow(weights: Array, lists: Array, sums: Array, depth: int, at: int) -> None:
    """Write who may still follow one of a list, and what each would add."""
    last, n_next, guest = lists.shape[1] - 1, 0, lists[depth, at]
    for i in range(at + 1, lists[depth, last]):
        other = lists[depth, i]
        if weights[guest, other] > -np.inf:
            lists[depth + 1, n_next] = other
            sums[depth + 1, n_next] = sums[depth, i] + weights[guest, other]
            n_next += 1
    lists[depth + 1, last] = n_next


@compiled
def _most_added(weights: Array, lists: Array, sums: Array, tops: Array, depth: int, at: int, k: int) -> float:
    """Return what no guests from a place of a list on add more than: each half of its best pairs."""
    n_more = k - depth
    n_left = lists[depth, lists.shape[1] - 1]
    for r in range(n_more):
        tops[0, r] = -np.inf
    for i in range(at, n_left):
        one = lists[depth, i]
        for r in range(n_more - 1):
            tops[1, r] = 0.0
        for j in range(at, n_left):
            worth = weights[one, lists[depth, j]]
            if worth > 0.0:
                _insert(tops[1], n_more - 1, worth)
        added = sums[depth, i]
        for r in range(n_more - 1):
            added += tops[1, r] / 2.0
        _insert(tops[0], n_more, added)
    total = 0.0
    for r in range(n_more):
        total += tops[0, r]
    return total


@compiled
def _insert(top: Array, n: int, value: float) -> None:
    """Put a value among the `n` greatest, in falling order."""
    if n == 0 or value <= top[n - 1]:
        return
    r = n - 1
    while r > 0 and top[r - 1] < value:
        top[r] = top[r - 1]
        r -= 1
    top[r] = value


@compiled
def _reach(walk_s: Array, lists: Array, chosen: Array, reached: Array, depth: int, is_round: bool) -> float:
    """Return the shortest walk past all chosen, the one at `depth` being new, from the table without it."""
    guest, own = lists[depth, chosen[depth] - 1], 1 << depth
    shortest = np.inf
    for before in range(own):
        here = walk_s[0, guest] if before == 0 else np.inf
        for j in range(depth):
            if before >> j & 1:
                here = min(here, reached[before, j] + walk_s[lists[j, chosen[j] - 1], guest])
        reached[before | own, depth] = here
        for j in range(depth):
            if not before >> j & 1:
                continue
            place, rest = lists[j, chosen[j] - 1], (before | own) ^ 1 << j
            there = np.inf
            for i in range(depth + 1):
                if rest >> i & 1:
                    there = min(there, reached[rest, i] + walk_s[lists[i, chosen[i] - 1], place])
            reached[before | own, j] = there
    full = 2 * own - 1
    for j in range(depth + 1):
        back = walk_s[lists[j, chosen[j] - 1], 0] if is_round else 0.0
        shortest = min(shortest, reached[full, j] + back)
    return shortest

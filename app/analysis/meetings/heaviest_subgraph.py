"""The heaviest k-subgraph: exactly, by a program over a tree decomposition; soon, by greed and swaps.

Weights are those of pairs (zero where there is no edge, negative ones allowed) and of vertices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.analysis.machine_code import compiled
from app.analysis.meetings.elimination import Bag, bags_within, n_states

Array = np.ndarray[Any, Any]

NEVER = -np.inf
# Numbers in all tables together, of which half are kept at a time: half a gigabyte.
MOST_ENTRIES = 1 << 27


@dataclass(frozen=True)
class Table:
    """What the eliminated vertices of a part of the graph are worth at most.

    Attributes
    ----------
    vertex : int
        The last one that was eliminated.
    vertices : tuple of int
        Of the rest of the graph, those that the part has edges to.
    values : array, shape (2 ** len(vertices), k + 1)
        By which of these vertices are in (bits), and by how many of the part are.
    n : int
        Vertices of the part.
    """

    vertex: int
    vertices: tuple[int, ...]
    values: Array
    n: int


def is_narrow(bags: tuple[Bag, ...], k: int) -> bool:
    """Return whether the program's tables fit into memory."""
    return n_states(bags) * (k + 1) <= MOST_ENTRIES


def heaviest_subgraph(
    weights: Array, own: Array, k: int, bags: tuple[Bag, ...], is_in: Array, is_required: Array
) -> tuple[float, tuple[int, ...]] | None:
    """Return the greatest weight of `k` vertices, and the vertices; None where there are not so many.

    Parameters
    ----------
    weights : array of float, shape (n, n)
        Symmetric, with zeros on the diagonal.
    own : array of float, shape (n,)
    k : int
    bags : tuple of Bag
        Of `elimination_bags` for the graph with an edge wherever a weight is not zero.
    is_in, is_required : array of bool, shape (n,)
        Which vertices may be chosen, and which must.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.array([[0.0, 3.0, 0.0], [3.0, 0.0, 4.0], [0.0, 4.0, 0.0]])
    >>> bags, anyone = ((0, 1), (1, 2), (2,)), np.ones(3, dtype=bool)
    >>> heaviest_subgraph(weights, np.zeros(3), 2, bags, anyone, ~anyone)
    (4.0, (1, 2))
    """
    if np.any(is_required & ~is_in) or not is_required.sum() <= k <= is_in.sum():
        return None
    bags = bags_within(bags, is_in)
    below: dict[int, list[Table]] = {bag[0]: [] for bag in bags}
    roots: list[Table] = []
    for vertex, *rest in bags:
        table = _eliminated(weights, own, k, (vertex, *rest), below[vertex], must=bool(is_required[vertex]))
        (below[rest[0]] if rest else roots).append(table)
    value, counts = _split([table.values[0] for table in roots], k)
    if value == NEVER:
        return None
    todo = [(table.vertex, count) for table, count in zip(roots, counts, strict=True)]
    chosen = _traced_back(weights, own, {bag[0]: bag for bag in bags}, below, is_required, todo)
    return float(value), tuple(sorted(chosen))


def _eliminated(weights: Array, own: Array, k: int, bag: Bag, below: list[Table], *, must: bool) -> Table:
    """Return the table of the part whose last vertex is the first of `bag`."""
    vertex, *rest = bag
    values = np.full((1 << len(bag), k + 1), NEVER)
    values[:, 0] = 0.0
    n = 0
    for table in below:
        _join(values, table.values, _places(table.vertices, bag), n, table.n)
        n += table.n
    left = np.empty((1 << len(rest), k + 1))
    _eliminate(values, left, own[vertex], weights[vertex, rest], must)
    return Table(vertex, tuple(rest), left, n + 1)


def _places(vertices: tuple[int, ...], bag: Bag) -> Array:
    return np.array([bag.index(vertex) for vertex in vertices], dtype=np.int64)


@compiled
def _join(values: Array, others: Array, places: Array, n: int, n_others: int) -> None:
    """Add to each state the other table's, in every division of the count; row by row, in place."""
    k = values.shape[1] - 1
    for state in range(values.shape[0]):
        other, n_in, bits = 0, 0, state
        for i in range(len(places)):
            other |= (state >> places[i] & 1) << i
        while bits:
            n_in, bits = n_in + 1, bits & (bits - 1)
        # From the largest count on: what a count is made of has not been changed yet.
        for count in range(min(k - n_in, n + n_others), -1, -1):
            best = -np.inf
            for mine in range(max(0, count - n_others), min(count, n) + 1):
                value = values[state, mine] + others[other, count - mine]
                best = max(best, value)
            values[state, count] = best


@compiled
def _eliminate(values: Array, left: Array, own: float, edges: Array, must: bool) -> None:
    """Decide on the vertex that is bit 0 of `values`."""
    k = values.shape[1] - 1
    for state in range(left.shape[0]):
        gain, n_in = own, 0
        for i in range(len(edges)):
            if state >> i & 1:
                gain, n_in = gain + edges[i], n_in + 1
        for count in range(k + 1):
            best = -np.inf
            if count <= k - n_in:
                if not must:
                    best = values[2 * state, count]
                if count > 0:
                    best = max(best, values[2 * state + 1, count - 1] + gain)
            left[state, count] = best


NO_PLACES = np.zeros(0, dtype=np.int64)


def _split(rows: list[Array], count: int) -> tuple[float, list[int]]:
    """Return the greatest sum of one entry a row whose indexes add up to `count`, and these."""
    sums = np.full((len(rows) + 1, count + 1), NEVER)
    sums[0, 0] = 0.0
    for i, row in enumerate(rows):
        sums[i + 1] = sums[i]
        _join(sums[i + 1 : i + 2], row[None, : count + 1], NO_PLACES, count, count)
    counts, left = [], count
    for i in range(len(rows) - 1, -1, -1):
        mine = int(np.argmax(sums[i, : left + 1] + rows[i][left::-1]))
        counts.append(left - mine)
        left = mine
    return float(sums[-1, count]), counts[::-1]


def _traced_back(
    weights: Array,
    own: Array,
    bags: dict[int, Bag],
    below: dict[int, list[Table]],
    is_required: Array,
    todo: list[tuple[int, int]],
) -> set[int]:
    """Return the vertices that the tables chose, from the roots' counts on."""
    chosen: set[int] = set()
    while todo:
        vertex, count = todo.pop()
        rest = [other for other in bags[vertex][1:] if other in chosen]
        best = (NEVER, [0] * len(below[vertex]), False)
        for is_chosen in (False, True):
            if count < is_chosen or (is_required[vertex] and not is_chosen):
                continue
            state = {*rest, vertex} if is_chosen else set(rest)
            rows = [table.values[_state(table, state)] for table in below[vertex]]
            value, counts = _split(rows, count - is_chosen)
            value += (own[vertex] + weights[vertex, rest].sum()) if is_chosen else 0.0
            best = max(best, (value, counts, is_chosen), key=lambda one: one[0])
        if best[2]:
            chosen.add(vertex)
        todo += [(table.vertex, n) for table, n in zip(below[vertex], best[1], strict=True)]
    return chosen


def _state(table: Table, chosen: set[int]) -> int:
    return sum(1 << i for i, vertex in enumerate(table.vertices) if vertex in chosen)


def swapped(
    weights: Array,
    own: Array,
    k: int,
    is_in: Array,
    is_required: Array,
    fits: Callable[[Array], bool] = lambda chosen: True,
) -> tuple[float, tuple[int, ...]] | None:
    """Return a good choice of `k` vertices soon: by greed, then by the best exchange of one for another.

    Parameters
    ----------
    fits : callable
        Whether some vertices can be chosen together, as far as weights do not say so; fewer always can.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.array([[0.0, 3.0, 0.0], [3.0, 0.0, 4.0], [0.0, 4.0, 0.0]])
    >>> anyone = np.ones(3, dtype=bool)
    >>> swapped(weights, np.zeros(3), 2, anyone, ~anyone)
    (4.0, (1, 2))
    """
    if np.any(is_required & ~is_in) or not is_required.sum() <= k <= is_in.sum():
        return None
    is_chosen = is_required.copy()
    # What a vertex could have with others decides between equals: the first one has nothing yet.
    hope = own + 1e-6 * np.maximum(weights, 0.0).sum(axis=1)
    while is_chosen.sum() < k:
        into = np.flatnonzero(is_in & ~is_chosen)
        order = into[np.argsort(-(hope + weights @ is_chosen)[into], kind="stable")]
        added = next((one for one in order if fits(np.append(np.flatnonzero(is_chosen), one))), None)
        if added is None:
            return None
        is_chosen[added] = True
    while _exchange(weights, own, is_chosen, is_in, is_required, fits):
        pass
    chosen = np.flatnonzero(is_chosen)
    return weight_of(weights, own, chosen), tuple(chosen.tolist())


def _exchange(
    weights: Array,
    own: Array,
    is_chosen: Array,
    is_in: Array,
    is_required: Array,
    fits: Callable[[Array], bool],
) -> bool:
    """Exchange the two vertices that gain most by it, in place; return whether any do."""
    gain = own + weights @ is_chosen
    out, into = np.flatnonzero(is_chosen & ~is_required), np.flatnonzero(is_in & ~is_chosen)
    change = gain[into] - gain[out][:, None] - weights[np.ix_(out, into)]
    least = 1e-9 * (1.0 + np.abs(gain).max())
    for place in np.argsort(-change, axis=None, kind="stable"):
        i, j = np.unravel_index(place, change.shape)
        if change[i, j] <= least:
            return False
        changed = is_chosen.copy()
        changed[out[i]], changed[into[j]] = False, True
        if fits(np.flatnonzero(changed)):
            is_chosen[:] = changed
            return True
    return False


def weight_of(weights: Array, own: Array, chosen: Array) -> float:
    """Return what vertices and the pairs of them weigh.

    Examples
    --------
    >>> import numpy as np
    >>> weight_of(np.array([[0.0, 3.0], [3.0, 0.0]]), np.array([1.0, 1.0]), np.array([0, 1]))
    5.0
    """
    return float(own[chosen].sum() + np.triu(weights[np.ix_(chosen, chosen)], 1).sum())

"""In which order to eliminate the vertices of a graph so that few must be looked at together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
# A vertex, and its neighbors that are eliminated later, the next one first.
Bag = tuple[int, ...]


def elimination_bags(is_edge: Array) -> tuple[Bag, ...]:
    """Return the bags of a tree decomposition, by the min-fill heuristic.

    Parameters
    ----------
    is_edge : array of bool, shape (n, n)
        Symmetric; the diagonal is not read.

    Returns
    -------
    tuple of Bag
        In the order of elimination. The later vertices of a bag are all in the bag of the first of them.

    Examples
    --------
    >>> import numpy as np
    >>> elimination_bags(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool))
    ((0, 1), (1, 2), (2,))

    Notes
    -----
    H. L. Bodlaender, A. M. C. A. Koster: Treewidth computations I. Upper bounds (2010).
    """
    near = [_bits(np.flatnonzero(row)) & ~(1 << i) for i, row in enumerate(is_edge)]
    n_missing = {vertex: _n_missing(near, vertex) for vertex in range(len(near))}
    order = []
    while n_missing:
        vertex = min(n_missing, key=lambda one: (n_missing[one], near[one].bit_count(), one))
        del n_missing[vertex]
        order.append((vertex, near[vertex]))
        changed = near[vertex]
        for other in _vertices(near[vertex]):
            near[other] = (near[other] | near[vertex]) & ~(1 << other | 1 << vertex)
            changed |= near[other]
        n_missing.update((other, _n_missing(near, other)) for other in _vertices(changed))
    place = {vertex: i for i, (vertex, _) in enumerate(order)}
    return tuple((vertex, *sorted(_vertices(later), key=place.__getitem__)) for vertex, later in order)


def bags_within(bags: tuple[Bag, ...], is_in: Array) -> tuple[Bag, ...]:
    """Return the bags of the same graph with some of its vertices only.

    Examples
    --------
    >>> bags_within(((0, 1), (1, 2), (2,)), np.array([True, False, True]))
    ((0,), (2,))
    """
    return tuple(tuple(one for one in bag if is_in[one]) for bag in bags if is_in[bag[0]])


def n_states(bags: tuple[Bag, ...]) -> int:
    """Return how many states the bags have in all, each vertex in or out."""
    return sum(1 << len(bag) for bag in bags)


def _n_missing(near: list[int], vertex: int) -> int:
    """Return twice the number of edges that eliminating a vertex adds."""
    around = near[vertex]
    return sum((around & ~near[other]).bit_count() - 1 for other in _vertices(around))


def _bits(vertices: Array) -> int:
    return sum(1 << int(vertex) for vertex in vertices)


def _vertices(bits: int) -> Iterator[int]:
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1

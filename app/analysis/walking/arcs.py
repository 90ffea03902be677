"""The graph of a search: pieces of edges and straight bits as directed arcs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from app.analysis.walking.snapping import Snapped
from app.analysis.walking.walkable import Ground

Array = np.ndarray[Any, Any]

# A sparse matrix drops zeros, and with them arcs between places at one spot.
_LEAST_EFFORT_M = 1e-9
STRAIGHT = -1


@dataclass(frozen=True)
class Arcs:
    """Directed arcs, one (the quickest) from a tail to a head, sorted by both.

    `edge` is `STRAIGHT` beside the network; otherwise the arc runs along that edge between the
    measures `from_m` and `to_m`. `effort_m` is the length of level ground that takes as long.
    """

    tail: Array
    head: Array
    edge: Array
    from_m: Array
    to_m: Array
    length_m: Array
    effort_m: Array

    def taken(self, rows: Array) -> Arcs:
        """Return some of the arcs."""
        return Arcs(*(column[rows] for column in self.__dict__.values()))

    def quickest(self) -> Arcs:
        """Return the arcs without parallels: summed up in a sparse matrix, they would be wrong."""
        order = np.lexsort((self.edge, self.length_m, self.effort_m, self.head, self.tail))
        arcs = self.taken(order)
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = (np.diff(arcs.tail) != 0) | (np.diff(arcs.head) != 0)
        return arcs.taken(np.flatnonzero(is_first))

    def graph(self, n: int) -> csr_array:
        """Return the matrix of efforts between `n` vertices."""
        starts = np.searchsorted(self.tail, np.arange(n + 1))
        return csr_array((np.maximum(self.effort_m, _LEAST_EFFORT_M), self.head, starts), shape=(n, n))

    def between(self, tails: Array, heads: Array, n: int) -> Array:
        """Return the rows of the arcs from `tails` to `heads`."""
        return np.searchsorted(self.tail * n + self.head, tails * n + heads)


def both_ways(arcs: list[Arcs]) -> Arcs:
    """Return arcs in both directions, as one."""
    columns = [
        np.concatenate(column) for column in zip(*(part.__dict__.values() for part in arcs), strict=True)
    ]
    tail, head, edge, from_m, to_m, length_m, effort_m = columns
    there = (tail, head, edge, from_m, to_m, length_m, effort_m)
    back = (head, tail, edge, to_m, from_m, length_m, effort_m)
    return Arcs(*(np.concatenate(pair) for pair in zip(there, back, strict=True)))


def edge_arcs(ground: Ground, edges: Array, start: Array, end: Array) -> Arcs:
    """Return whole edges, from vertices `start` to `end`."""
    zero = np.zeros(len(edges))
    return _pieces(ground, edges, (start, end), (zero, ground.network.length_m[edges]))


def place_arcs(ground: Ground, snapped: Snapped, start: Array, end: Array, vertex: Array) -> list[Arcs]:
    """Return the arcs that split edges at snapped places: to either end, and between places on one edge.

    Parameters
    ----------
    start, end, vertex : array of int
        Vertices of the ends of each place's edge, and of its point on it. Places that are not
        served must have been left out of all arguments.
    """
    edge, at_m = snapped.edge, snapped.measure_m
    one, other = np.nonzero(np.triu(edge[:, None] == edge[None, :], 1))
    return [
        _pieces(ground, edge, (vertex, start), (at_m, np.zeros(len(edge)))),
        _pieces(ground, edge, (vertex, end), (at_m, ground.network.length_m[edge])),
        _pieces(ground, edge[one], (vertex[one], vertex[other]), (at_m[one], at_m[other])),
    ]


def straight_arcs(tail: Array, head: Array, length_m: Array) -> Arcs:
    """Return arcs beside the network."""
    zero = np.zeros(len(tail))
    return Arcs(tail, head, np.full(len(tail), STRAIGHT), zero, zero, length_m, length_m)


def _pieces(
    ground: Ground, edge: Array, vertices: tuple[Array, Array], measures_m: tuple[Array, Array]
) -> Arcs:
    length_m = np.abs(measures_m[1] - measures_m[0])
    return Arcs(*vertices, edge, *measures_m, length_m, length_m * ground.effort[edge])

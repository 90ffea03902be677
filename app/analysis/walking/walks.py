"""Shortest walks between places: straight to the network, along it, straight to the place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString
from shapely.ops import substring

from app.analysis.walking.network import JOIN_M, Network, Snapped, serving_component, snap

# A sparse matrix drops zeros, and with them arcs between places at one spot.
_LEAST_WEIGHT_M = 1e-9
_MILLIMETRE = 1e-3

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Walk:
    """The walk from one place to another.

    Attributes
    ----------
    line : LineString
        The whole walk, EPSG:25832; of two equal points when there is nowhere to go.
    network_from_m, network_to_m : float or None
        Between these measures of the line it is on the network; None when all of it is straight.
    effort_m : float
        Length of level ground that takes as long to walk.
    """

    line: LineString
    network_from_m: float | None
    network_to_m: float | None
    effort_m: float

    @property
    def length_m(self) -> float:
        """Length of the whole walk."""
        return float(self.line.length)

    @property
    def off_network_m(self) -> float:
        """Length of its straight parts."""
        if self.network_from_m is None or self.network_to_m is None:
            return self.length_m
        return self.length_m - (self.network_to_m - self.network_from_m)

    def walk_s(self, pace_m_s: float) -> int:
        """Return the walking time at a pace on level ground, rounded up to whole seconds."""
        # Rounded first, so that 200 m at 1 m/s are 200 s and not 201 for a last bit in a sum.
        return math.ceil(round(self.effort_m / pace_m_s, 6))


@dataclass(frozen=True)
class _Arcs:
    """Pieces of edges as directed arcs, one (the shortest) from a tail to a head, sorted by both."""

    tail: Array
    head: Array
    edge: Array
    from_m: Array
    to_m: Array

    @property
    def weight_m(self) -> Array:
        return np.asarray(np.abs(self.to_m - self.from_m))

    def shortest(self) -> _Arcs:
        """Return the arcs without parallels: summed up in a sparse matrix, they would be wrong."""
        order = np.lexsort((self.edge, self.weight_m, self.head, self.tail))
        arcs = self.taken(order)
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = (np.diff(arcs.tail) != 0) | (np.diff(arcs.head) != 0)
        return arcs.taken(np.flatnonzero(is_first))

    def taken(self, rows: Array) -> _Arcs:
        return _Arcs(self.tail[rows], self.head[rows], self.edge[rows], self.from_m[rows], self.to_m[rows])

    def graph(self, n: int) -> csr_array:
        starts = np.searchsorted(self.tail, np.arange(n + 1))
        return csr_array((np.maximum(self.weight_m, _LEAST_WEIGHT_M), self.head, starts), shape=(n, n))

    def between(self, tails: Array, heads: Array, n: int) -> _Arcs:
        return self.taken(np.searchsorted(self.tail * n + self.head, tails * n + heads))


@dataclass(frozen=True)
class Walks:
    """All shortest walks between some places; made by `shortest_walks`.

    Attributes
    ----------
    places : array of Point, shape (n,)
        EPSG:25832.
    snapped : Snapped
        Where each is on the network; edge -1 where the network does not serve it.
    """

    network: Network
    places: Array
    snapped: Snapped
    component: int

    @cached_property
    def length_m(self) -> Array:
        """Length of the walk from each place to each other, shape (n, n)."""
        return np.where(self.is_straight, self._straight_m, self._off_network_m + self._along_m)

    @cached_property
    def is_straight(self) -> Array:
        """Whether a walk keeps off the network, shape (n, n).

        It does where one of its places is not served, and where the straight line is not longer
        than the straight bits to and from the network would be: then going there gains nothing
        (two shops under one roof, two firms at one address). Otherwise people walk on streets,
        however long the way round is.
        """
        is_served = self.snapped.edge >= 0
        both = is_served[:, None] & is_served[None, :]
        return ~both | (self._straight_m <= self._off_network_m + _MILLIMETRE)

    def walk(self, i: int, j: int) -> Walk:
        """Return the walk from place `i` to place `j`."""
        if self.is_straight[i, j]:
            line = LineString([self.places[i], self.places[j]])
            return Walk(line, None, None, float(line.length))
        pieces = self._pieces(i, j)
        way = [self._piece_xy(*piece) for piece in zip(pieces.edge, pieces.from_m, pieces.to_m, strict=True)]
        ends = shapely.get_coordinates([self.places[i], self.places[j]])
        line = LineString(_without_repeats(np.concatenate([ends[:1], *way, ends[1:]])))
        effort = self.network.effort[pieces.edge]
        effort_m = float(pieces.weight_m @ effort) + float(self._off_network_m[i, j])
        to_m = float(line.length) - self._access_m(j)
        return Walk(line, self._access_m(i), to_m, effort_m)

    def _access_m(self, i: int) -> float:
        # Nearer than two ends that count as one: the place is on the network.
        access_m = float(self.snapped.access_m[i])
        return 0.0 if access_m < JOIN_M else access_m

    @cached_property
    def _straight_m(self) -> Array:
        return np.asarray(shapely.distance(self.places[:, None], self.places[None, :]))

    @cached_property
    def _off_network_m(self) -> Array:
        access_m = self.snapped.access_m
        return np.asarray(access_m[:, None] + access_m[None, :])

    @property
    def _along_m(self) -> Array:
        return self._paths[0]

    @property
    def _n_vertices(self) -> int:
        return self.network.n_nodes + len(self.places)

    @cached_property
    def _arcs(self) -> _Arcs:
        parts = (_edge_arcs(self.network, self.component), *_place_arcs(self.network, self.snapped))
        joined = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return _Arcs(*joined).shortest()

    @cached_property
    def _paths(self) -> tuple[Array, Array]:
        """Distances between places, and the vertex before each vertex on the way from each place."""
        along_m = np.full((len(self.places), len(self.places)), np.inf)
        before = np.empty((len(self.places), 0), int)
        if self.component < 0:
            return along_m, before
        graph = self._arcs.graph(self._n_vertices)
        sources = self.network.n_nodes + np.arange(len(self.places))
        is_served = self.snapped.edge >= 0
        both = is_served[:, None] & is_served[None, :]
        # Looking no farther than a walk is likely to go saves seconds in a network of a whole city.
        for limit_m in (4 * float(self._straight_m.max(initial=0.0)) + 1000, np.inf):
            along_m, before = dijkstra(graph, indices=sources, limit=limit_m, return_predecessors=True)
            along_m = along_m[:, self.network.n_nodes :]
            if np.isfinite(along_m[both]).all():
                break
        return along_m, before

    def _pieces(self, i: int, j: int) -> _Arcs:
        before = self._paths[1][i]
        way = [self.network.n_nodes + j]
        while way[-1] != self.network.n_nodes + i:
            way.append(int(before[way[-1]]))
        vertices = np.array(way[::-1])
        return self._arcs.between(vertices[:-1], vertices[1:], self._n_vertices)

    def _piece_xy(self, edge: int, from_m: float, to_m: float) -> Array:
        return np.asarray(shapely.get_coordinates(substring(self.network.lines[edge], from_m, to_m)))


def shortest_walks(network: Network, places: Array) -> Walks:
    """Prepare the shortest walks between places, along one component of the network.

    The component is the one that serves most places (see `serving_component`), for all walks
    together. A place farther than `MAX_ACCESS_M` from it is reached by straight walks, which say
    so. Shortest means metres; steps cost time, not metres.

    Parameters
    ----------
    network : Network
        May be empty: then all walks are straight.
    places : array of Point, shape (n,)
        EPSG:25832; n may be 0.
    """
    places = np.asarray(places, dtype=object)
    component = serving_component(network, places)
    return Walks(network, places, snap(network, places, component), component)


def _edge_arcs(network: Network, component: int) -> tuple[Array, ...]:
    """Return both directions of every edge of a component as columns of `_Arcs`."""
    edge = np.flatnonzero(network.component == component)
    start, end, zero = network.ends[edge, 0], network.ends[edge, 1], np.zeros(len(edge))
    length_m = network.length_m[edge]
    return _both_ways(start, end, edge, zero, length_m)


def _place_arcs(network: Network, snapped: Snapped) -> list[tuple[Array, ...]]:
    """Return the arcs that split edges at the places: to either end, and between places on one edge."""
    place = np.flatnonzero(snapped.edge >= 0)
    edge, at_m, vertex = snapped.edge[place], snapped.measure_m[place], network.n_nodes + place
    start, end = network.ends[edge, 0], network.ends[edge, 1]
    one, other = np.nonzero(np.triu(edge[:, None] == edge[None, :], 1))
    return [
        _both_ways(vertex, start, edge, at_m, np.zeros(len(place))),
        _both_ways(vertex, end, edge, at_m, network.length_m[edge]),
        _both_ways(vertex[one], vertex[other], edge[one], at_m[one], at_m[other]),
    ]


def _both_ways(tail: Array, head: Array, edge: Array, from_m: Array, to_m: Array) -> tuple[Array, ...]:
    there, back = (tail, head, edge, from_m, to_m), (head, tail, edge, to_m, from_m)
    return tuple(np.concatenate(pair) for pair in zip(there, back, strict=True))


def _without_repeats(xy: Array) -> Array:
    """Return the coordinates without points equal to the one before."""
    is_new = np.r_[True, np.any(np.diff(xy, axis=0) != 0, axis=1)]
    return xy[is_new]

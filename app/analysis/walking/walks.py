"""Quickest walks between places: straight to the network, along it, straight to the place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from app.analysis.walking.arcs import Arcs, both_ways, edge_arcs, place_arcs, straight_arcs
from app.analysis.walking.network import Array, Network
from app.analysis.walking.snapping import Snapped, serving_component, snap
from app.analysis.walking.walk import Walk, unreachable_walk, walk_along
from app.analysis.walking.walkable import WalkableSubgraph

_MILLIMETRE = 1e-3


@dataclass(frozen=True)
class _Found:
    """A search between all places: the graph, costs from door to vertex, and the vertex before.

    Vertices are `n_nodes` nodes of the network, then the snapped points, then the doors.
    """

    arcs: Arcs
    n_nodes: int
    cost_m: Array
    before: Array

    @property
    def n_vertices(self) -> int:
        return int(self.cost_m.shape[1])


@dataclass(frozen=True, eq=False)
class Walks:
    """All quickest walks between some places; made by `shortest_walks`.

    The walk back is the same as the walk there. A walk may lead by the door of another of the
    places where that is quicker; so there is no shorter way round by any of them.

    Attributes
    ----------
    subgraph : WalkableSubgraph
        What may be walked.
    places : array of Point, shape (n,)
        EPSG:25832.
    snapped : Snapped
        Where each is on the network; edge -1 where the network does not serve it.
    component : int
        The only one walked; -1 when there is none.
    """

    subgraph: WalkableSubgraph
    places: Array
    snapped: Snapped
    component: int

    @property
    def network(self) -> Network:
        """The network walked."""
        return self.subgraph.network

    @cached_property
    def is_reachable(self) -> Array:
        """Whether a walk leads from place to place, shape (n, n); a place that is not served has none."""
        is_served = self.snapped.edge >= 0
        return (is_served[:, None] & is_served[None, :]) | self.is_straight

    @cached_property
    def cost_m(self) -> Array:
        """Length of level, firm ground that takes as long, from each place to each, shape (n, n).

        Infinite where no walk leads.
        """
        return _mirrored(self._found.cost_m[:, self._door])

    @cached_property
    def length_m(self) -> Array:
        """Length of these walks, shape (n, n); infinite where there is none."""
        one, other = self._pairs
        length_m = np.where(self.is_reachable, 0.0, np.inf)
        for pair, row, _, _ in self._steps:
            length_m[one[pair], other[pair]] += self._found.arcs.length_m[row]
        return _mirrored(length_m)

    @cached_property
    def is_straight(self) -> Array:
        """Whether one can go straight from place to place beside the network, shape (n, n).

        That is where the straight line is not longer than the straight bits to and from the network
        would be: then going there gains nothing (two shops under one roof, two firms at one
        address). Otherwise people walk on streets, however long the way round is. A place that is not
        served is reached from its own spot only. Where nothing is known of any way all is straight.
        """
        is_served = self.snapped.edge >= 0
        both = is_served[:, None] & is_served[None, :]
        off_m = np.where(both, self.snapped.access_m[:, None] + self.snapped.access_m[None, :], 0.0)
        return (self._straight_m <= off_m + _MILLIMETRE) | self.subgraph.is_empty

    def walk_s(self, pace_m_s: float) -> Array:
        """Return the walking times in whole seconds, shape (n, n), with no way round by a third place.

        -1 where no walk leads.

        Times of quickest walks obey the triangle inequality, and rounding up keeps it but for a
        last bit in a sum; so times are closed once more over all places after it.
        """
        # As `whole_seconds` of `Walk`, for all at once.
        walk_s = np.ceil(np.round(self.cost_m / pace_m_s, 6))
        for k in range(len(walk_s)):
            np.minimum(walk_s, walk_s[:, k : k + 1] + walk_s[k], out=walk_s)
        return np.where(np.isfinite(walk_s), walk_s, -1).astype(np.int64)

    def away_m(self, i: int) -> float:
        """Return how far place `i` is from the nearest way that serves the others, else from any way.

        Infinite without a network.
        """
        serving = self.subgraph.is_usable if self.component < 0 else self.subgraph.component == self.component
        edges = np.flatnonzero(serving) if serving.any() else np.arange(len(self.network))
        lines = self.network.lines_of(edges)
        return float(shapely.distance(lines, self.places[i]).min(initial=np.inf))

    def walk(self, i: int, j: int) -> Walk:
        """Return the walk from place `i` to place `j`; where none leads, one that is not reachable."""
        if i > j:
            return self.walk(j, i).reversed()
        if not self.is_reachable[i, j]:
            return unreachable_walk(self.places[i], self.places[j])
        vertices = self._vertices(i, j)
        n = self._found.n_vertices
        rows = self._found.arcs.between(vertices[:-1], vertices[1:], n)
        return walk_along(self.network, self._found.arcs.taken(rows), self._corners(vertices))

    def passages(self, edges: Array) -> tuple[Array, Array, Array, Array, Array]:
        """Return where walks pass some edges.

        Parameters
        ----------
        edges : array of int

        Returns
        -------
        tuple of array
            A row for each passage: from place, to place (the lower of the two first), edge, and
            the cost from the start until it begins and until it ends.
        """
        is_asked = np.zeros(len(self.network) + 1, dtype=bool)
        is_asked[edges] = True
        one, other = self._pairs
        found = []
        for pair, row, tail, head in self._steps:
            edge = self._found.arcs.edge[row]
            hit = np.flatnonzero(is_asked[edge])  # of straight arcs the last, never asked for
            door = one[pair[hit]]
            times = (self._found.cost_m[door, tail[hit]], self._found.cost_m[door, head[hit]])
            found.append((door, other[pair[hit]], edge[hit], *times))
        empty = [(np.empty(0, int),) * 3 + (np.empty(0),) * 2]
        columns = [np.concatenate(column) for column in zip(*(found or empty), strict=True)]
        return columns[0], columns[1], columns[2], columns[3], columns[4]

    @cached_property
    def _pairs(self) -> tuple[Array, Array]:
        one, other = np.triu_indices(len(self.places), 1)
        return one, other

    @cached_property
    def _steps(self) -> list[tuple[Array, Array, Array, Array]]:
        """All walks backwards at once, a step at a time: pairs still under way, arcs, tails, heads."""
        found, (one, other) = self._found, self._pairs
        pair = np.flatnonzero(self.is_reachable[one, other])
        head, steps = self._door[other[pair]], []
        while len(pair):
            tail = found.before[one[pair], head]
            steps.append((pair, found.arcs.between(tail, head, found.n_vertices), tail, head))
            goes_on = tail != self._door[one[pair]]
            pair, head = pair[goes_on], tail[goes_on]
        return steps

    @cached_property
    def _straight_m(self) -> Array:
        xy = shapely.get_coordinates(self.places)
        return np.asarray(np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)))

    @cached_property
    def _door(self) -> Array:
        """Vertices of the places' doors."""
        return self._found.n_nodes + len(self.places) + np.arange(len(self.places))

    def _vertices(self, i: int, j: int) -> Array:
        before, vertices = self._found.before[i], [int(self._door[j])]
        while vertices[-1] != self._door[i]:
            vertices.append(int(before[vertices[-1]]))
        return np.array(vertices[::-1])

    def _corners(self, vertices: Array) -> Array:
        """Return the coordinates of snapped points and doors; nodes get those of the first of them."""
        known = shapely.get_coordinates(np.concatenate([self.snapped.points, self.places]))
        return np.asarray(known[np.maximum(vertices - self._found.n_nodes, 0)])

    @cached_property
    def _found(self) -> _Found:
        """The search, no farther than a walk is likely to go: in a city that saves seconds.

        What is as far from the places as half the limit is on no walk within the limit, since
        cost is never less than length.
        """
        span_m = float(self._straight_m.max(initial=0.0))
        for limit_m in (2 * span_m + 600, 6 * span_m + 3000, np.inf):
            found = self._search(limit_m)
            doors = found.cost_m[:, found.n_nodes + len(self.places) :]
            if np.isfinite(doors[self.is_reachable]).all():
                break
        return found

    def _search(self, limit_m: float) -> _Found:
        edges = np.flatnonzero((self.subgraph.component == self.component) & self._is_within(limit_m / 2))
        if self.component < 0:
            edges = edges[:0]
        nodes, ends = np.unique(self.network.ends[edges], return_inverse=True)
        ends = ends.reshape(-1, 2)
        arcs = self._arcs(edges, nodes, ends)
        n_vertices = len(nodes) + 2 * len(self.places)
        doors = len(nodes) + len(self.places) + np.arange(len(self.places))
        graph = arcs.graph(n_vertices)
        cost_m, before = dijkstra(graph, indices=doors, limit=limit_m, return_predecessors=True)
        return _Found(arcs, len(nodes), cost_m, before)

    def _is_within(self, distance_m: float) -> Array:
        if not len(self.places) or not np.isfinite(distance_m):
            return np.ones(len(self.network), dtype=bool)
        return self.network.is_in_box(
            shapely.total_bounds(self.places) + distance_m * np.array([-1, -1, 1, 1])
        )

    def _arcs(self, edges: Array, nodes: Array, ends: Array) -> Arcs:
        served = np.flatnonzero(self.snapped.edge >= 0)
        snapped = Snapped(*(column[served] for column in self.snapped.__dict__.values()))
        start, end = np.searchsorted(nodes, self.network.ends[snapped.edge]).T
        vertex = len(nodes) + served
        door = len(nodes) + len(self.places) + np.arange(len(self.places))
        one, other = np.nonzero(np.triu(self.is_straight, 1))
        parts = [
            edge_arcs(self.subgraph, edges, ends[:, 0], ends[:, 1]),
            *place_arcs(self.subgraph, snapped, start, end, vertex),
            straight_arcs(door[served], vertex, snapped.access_m),
            straight_arcs(door[one], door[other], self._straight_m[one, other]),
        ]
        return both_ways(parts).without_parallels()


def shortest_walks(subgraph: WalkableSubgraph, places: Array) -> Walks:
    """Prepare the quickest walks between places, along one component of what may be walked.

    The component is the one that serves most places (see `serving_component`), for all walks
    together. A place farther than `MAX_ACCESS_M` from it is not reachable.

    On level, firm ground they are the shortest, too. Steps and rough ground count as long as they
    take, so a short way round them is taken. The search is Dijkstra's, of SciPy.

    Parameters
    ----------
    subgraph : WalkableSubgraph
        May be empty: then nothing is known of ways, and all walks are straight.
    places : array of Point, shape (n,)
        EPSG:25832; n may be 0.

    Returns
    -------
    Walks
        Worked out when they are asked for.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (100 0, 100 50)"], crs=25832)
    >>> network = make_network(gpd.GeoDataFrame({"kind": ["street", "path"]}, geometry=lines))
    >>> walks = shortest_walks(walkable_subgraph(network), gpd.points_from_xy([0, 100], [0, 50]))
    >>> walks.length_m.tolist(), walks.walk_s(pace_m_s=1.25).tolist()
    ([[0.0, 150.0], [150.0, 0.0]], [[0, 120], [120, 0]])
    >>> walks.walk(0, 1).line.wkt
    'LINESTRING (0 0, 100 0, 100 50)'
    """
    places = np.asarray(places, dtype=object)
    component = serving_component(subgraph, places)
    return Walks(subgraph, places, snap(subgraph, places, component), component)


def _mirrored(upper: Array) -> Array:
    """Return the symmetric matrix of an upper triangle, with a diagonal of zeros."""
    upper = np.triu(upper, 1)
    return np.asarray(upper + upper.T)

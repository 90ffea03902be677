"""The graph of a search: pieces of edges and straight bits as directed arcs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.analysis.walking.network import Array
from app.analysis.walking.snapping import Snapped
from app.analysis.walking.walkable import WalkableSubgraph

# A sparse matrix drops zeros, and with them arcs between places at one spot.
_LEAST_COST_M = 1e-9
STRAIGHT = -1


@dataclass(frozen=True)
class Arcs:
    """Directed arcs, one (that of least cost) from a tail to a head, sorted by both.

    `edge` is `STRAIGHT` beside the network; otherwise the arc runs along that edge between the
    measures `from_m` and `to_m`. `cost_m` is the length of level ground that takes as long.
    """

    tail: Array
    head: Array
    edge: Array
    from_m: Array
    to_m: Array
    length_m: Array
    cost_m: Array

    def taken(self, rows: Array) -> Arcs:
        """Return some of the arcs."""
        return Arcs(*(column[rows] for column in self.__dict__.values()))

    def without_parallels(self) -> Arcs:
        """Return the quickest of parallel arcs: summed up in a sparse matrix, they would be wrong."""
        order = np.lexsort((self.edge, self.length_m, self.cost_m, self.head, self.tail))
        arcs = self.taken(order)
        is_first = np.ones(len(order), dtype=bool)
        is_first[1:] = (np.diff(arcs.tail) != 0) | (np.diff(arcs.head) != 0)
        return arcs.taken(np.flatnonzero(is_first))

    def graph(self, n: int) -> csr_array:
        """Return the matrix of costs between `n` vertices."""
        starts = np.searchsorted(self.tail, np.arange(n + 1))
        return csr_array((np.maximum(self.cost_m, _LEAST_COST_M), self.head, starts), shape=(n, n))

    def between(self, tails: Array, heads: Array, n: int) -> Array:
        """Return the rows of the arcs from `tails` to `heads`."""
        return np.searchsorted(self.tail * n + self.head, tails * n + heads)


def both_ways(arcs: list[Arcs]) -> Arcs:
    """Return arcs in both directions, as one.

    Parameters
    ----------
    arcs : list of Arcs
        At least one; each may be empty.

    Examples
    --------
    >>> import numpy as np
    >>> there = straight_arcs(np.array([0]), np.array([1]), np.array([5.0]))
    >>> both_ways([there]).tail.tolist(), both_ways([there]).head.tolist()
    ([0, 1], [1, 0])
    """
    columns = [
        np.concatenate(column) for column in zip(*(part.__dict__.values() for part in arcs), strict=True)
    ]
    tail, head, edge, from_m, to_m, length_m, cost_m = columns
    there = (tail, head, edge, from_m, to_m, length_m, cost_m)
    back = (head, tail, edge, to_m, from_m, length_m, cost_m)
    return Arcs(*(np.concatenate(pair) for pair in zip(there, back, strict=True)))


def edge_arcs(subgraph: WalkableSubgraph, edges: Array, start: Array, end: Array) -> Arcs:
    """Return whole edges, from vertices `start` to `end`.

    Parameters
    ----------
    subgraph : WalkableSubgraph
    edges : array of int, shape (n,)
    start, end : array of int, shape (n,)
        Vertices of a search.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"], crs=25832)
    >>> network = make_network(gpd.GeoDataFrame({"kind": ["steps"]}, geometry=lines))
    >>> arcs = edge_arcs(walkable_subgraph(network), np.array([0]), np.array([0]), np.array([1]))
    >>> arcs.length_m.tolist(), arcs.cost_m.tolist()
    ([9.0], [18.0])
    """
    zero = np.zeros(len(edges))
    return _pieces(subgraph, edges, (start, end), (zero, subgraph.network.length_m[edges]))


def place_arcs(
    subgraph: WalkableSubgraph, snapped: Snapped, start: Array, end: Array, vertex: Array
) -> list[Arcs]:
    """Return the arcs that split edges at snapped places: to either end, and between places on one edge.

    Parameters
    ----------
    subgraph : WalkableSubgraph
    snapped : Snapped
        Of n places.
    start, end, vertex : array of int, shape (n,)
        Vertices of the ends of each place's edge, and of its point on it. Places that are not
        served must have been left out of all arguments.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.snapping import snap
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"], crs=25832)
    >>> subgraph = walkable_subgraph(make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines)))
    >>> snapped = snap(subgraph, gpd.points_from_xy([3.0], [1.0]).to_numpy(), 0)
    >>> parts = place_arcs(subgraph, snapped, np.array([0]), np.array([1]), np.array([2]))
    >>> [part.length_m.tolist() for part in parts]
    [[3.0], [6.0], []]
    """
    edge, at_m = snapped.edge, snapped.measure_m
    one, other = np.nonzero(np.triu(edge[:, None] == edge[None, :], 1))
    return [
        _pieces(subgraph, edge, (vertex, start), (at_m, np.zeros(len(edge)))),
        _pieces(subgraph, edge, (vertex, end), (at_m, subgraph.network.length_m[edge])),
        _pieces(subgraph, edge[one], (vertex[one], vertex[other]), (at_m[one], at_m[other])),
    ]


def straight_arcs(tail: Array, head: Array, length_m: Array) -> Arcs:
    """Return arcs beside the network.

    Parameters
    ----------
    tail, head : array of int, shape (n,)
        Vertices of a search.
    length_m : array of float, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> straight_arcs(np.array([0]), np.array([1]), np.array([5.0])).cost_m.tolist()
    [5.0]
    """
    zero = np.zeros(len(tail))
    return Arcs(tail, head, np.full(len(tail), STRAIGHT), zero, zero, length_m, length_m)


def _pieces(
    subgraph: WalkableSubgraph, edge: Array, vertices: tuple[Array, Array], measures_m: tuple[Array, Array]
) -> Arcs:
    length_m = np.abs(measures_m[1] - measures_m[0])
    return Arcs(*vertices, edge, *measures_m, length_m, length_m * subgraph.cost_factor[edge])

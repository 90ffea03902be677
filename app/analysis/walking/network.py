"""The walk network: edges that meet at their ends, as flat arrays.

Coordinates are EPSG:25832. An *edge* is a row of the walkways frame, a *node* a place where ends of
edges coincide. All walkways can be walked both ways. Shapely lines are made only of the edges that
somebody asks for: a million of them would take a gigabyte.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from app.domain.kinds import WalkwayAccess

Array = np.ndarray[Any, Any]

# Ends closer than this are one node: coordinates with 7 decimals are good to about a centimetre.
JOIN_M = 0.01
_COLUMNS = ("key", "kind", "name", "surface", "kerb", "access")
# What may be missing in a frame of walkways, and is then taken to be this in every row.
_UNKNOWN = {
    "key": None,
    "name": None,
    "surface": None,
    "kerb": None,
    "access": WalkwayAccess.PUBLIC.value,
}


@dataclass(frozen=True, eq=False)
class Network:
    """A walk network of `n` edges and `k` nodes.

    Attributes
    ----------
    xy : array of float, shape (m, 2)
        Vertices of all edges, one edge after the other; the ends of edges are moved onto the nodes
        (by less than `JOIN_M`).
    first : array of int, shape (n + 1,)
        Edge `e` has the vertices ``first[e]`` to ``first[e + 1] - 1``.
    length_m : array of float, shape (n,)
        Length on the map.
    ends : array of int, shape (n, 2)
        Nodes at the start and the end of each edge.
    n_nodes : int
    key, kind, name, surface, kerb, access : array of object, shape (n,)
        The columns of the walkways frame; text, or None where unknown.
    """

    xy: Array
    first: Array
    length_m: Array
    ends: Array
    n_nodes: int
    key: Array
    kind: Array
    name: Array
    surface: Array
    kerb: Array
    access: Array

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.length_m)

    @cached_property
    def lines(self) -> Array:
        """The edges as LineStrings."""
        return self.lines_of(np.arange(len(self)))

    def lines_of(self, edges: Array) -> Array:
        """Return some edges as LineStrings."""
        if "lines" in self.__dict__:
            return np.asarray(self.lines[edges])
        n_points = self.first[edges + 1] - self.first[edges]
        row = np.repeat(np.arange(len(edges)), n_points)
        within = np.arange(len(row)) - np.repeat(np.cumsum(n_points) - n_points, n_points)
        xy = self.xy[np.repeat(self.first[edges], n_points) + within]
        return np.asarray(shapely.linestrings(xy, indices=row), dtype=object)

    @cached_property
    def boxes(self) -> Array:
        """Bounding boxes of the edges, shape (4, n): least x, least y, greatest x, greatest y."""
        if not len(self):
            return np.empty((4, 0))
        starts = self.first[:-1]
        return np.vstack([np.minimum.reduceat(self.xy, starts).T, np.maximum.reduceat(self.xy, starts).T])

    def is_in_box(self, box: Array) -> Array:
        """Return of each edge whether its bounding box meets `box`."""
        left, low, right, top = self.boxes
        return np.asarray((left <= box[2]) & (right >= box[0]) & (low <= box[3]) & (top >= box[1]))

    def stretch(self, edge: int, from_m: float, to_m: float) -> Array:
        """Return the vertices of an edge between two measures, in walking direction."""
        xy = self.xy[self.first[edge] : self.first[edge + 1]]
        if {from_m, to_m} == {0.0, float(self.length_m[edge])}:
            return xy if from_m < to_m else xy[::-1]
        at_m = np.concatenate([[0.0], np.cumsum(np.hypot(*(xy[1:] - xy[:-1]).T))])
        low, high = min(from_m, to_m), max(from_m, to_m)
        inner = (at_m > low) & (at_m < high)
        tips = np.column_stack([np.interp([low, high], at_m, xy[:, axis]) for axis in (0, 1)])
        part = np.concatenate([tips[:1], xy[inner], tips[1:]])
        return part if from_m <= to_m else part[::-1]


def make_network(walkways: gpd.GeoDataFrame) -> Network:
    """Join walkways to a network.

    Parameters
    ----------
    walkways : GeoDataFrame
        Rows of one day with `kind` and LineString `geometry`, EPSG:25832; `key`, `name`, `surface`,
        `kerb` and `access` may be missing (then unknown, and public).

    Returns
    -------
    Network
        Edges in the order of the rows; without rows an empty network.

    Examples
    --------
    >>> import geopandas as gpd
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (100 0, 100 50)"], crs=25832)
    >>> network = make_network(gpd.GeoDataFrame({"kind": ["street", "path"]}, geometry=lines))
    >>> network.length_m.tolist(), network.ends.tolist()
    ([100.0, 50.0], [[0, 1], [1, 2]])
    """
    lines = np.asarray(walkways.geometry.to_numpy(), dtype=object)
    xy, row = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(row, np.arange(len(lines) + 1))
    return network_of(xy, first, {name: _column(walkways, name) for name in _COLUMNS})


def network_of(xy: Array, first: Array, columns: dict[str, Array]) -> Network:
    """Join edges given as flat arrays to a network.

    Parameters
    ----------
    xy, first : array
        As in `Network`, ends not yet joined.
    columns : dict of array of object, shape (n,)
        `key`, `kind`, `name`, `surface`, `kerb`, `access`.

    Returns
    -------
    Network
        Edges in the order given; of none an empty network.

    Examples
    --------
    >>> import numpy as np
    >>> unknown = np.full(1, None)
    >>> columns = dict.fromkeys(("key", "kind", "name", "surface", "kerb", "access"), unknown)
    >>> network_of(np.array([[0.0, 0.0], [30.0, 40.0]]), np.array([0, 2]), columns).length_m.tolist()
    [50.0]
    """
    tips = np.concatenate([xy[first[:-1]], xy[first[1:] - 1]])
    node, node_xy = _joined(tips)
    ends = node.reshape(2, -1).T
    xy = xy.copy()
    xy[first[:-1]], xy[first[1:] - 1] = node_xy[ends[:, 0]], node_xy[ends[:, 1]]
    named: dict[str, Any] = {name: columns[name] for name in _COLUMNS}
    return Network(xy, first, _lengths_m(xy, first), ends, len(node_xy), **named)


def _column(walkways: gpd.GeoDataFrame, name: str) -> Array:
    if name not in walkways:
        return np.full(len(walkways), _UNKNOWN[name], dtype=object)
    values = walkways[name].to_numpy(dtype=object)
    return np.asarray(np.where(walkways[name].isna().to_numpy(), None, values))


def _lengths_m(xy: Array, first: Array) -> Array:
    if len(first) < 2:
        return np.empty(0)
    step_m = np.hypot(*np.diff(xy, axis=0, append=xy[-1:]).T)
    step_m[first[1:] - 1] = 0.0  # from the end of an edge to the start of the next is no step
    return np.asarray(np.add.reduceat(step_m, first[:-1]))


def _joined(tips: Array) -> tuple[Array, Array]:
    """Return the node of each tip and the coordinates of each node (those of its first tip)."""
    pairs = cKDTree(tips).query_pairs(JOIN_M, output_type="ndarray") if len(tips) else np.empty((0, 2), int)
    node = components(pairs, len(tips))
    firsts: Any = np.unique(node, return_index=True)[1]
    return node, np.asarray(tips[firsts])


def components(pairs: Array, n: int) -> Array:
    """Return the component of each of `n` vertices that `pairs` of them hold together.

    Parameters
    ----------
    pairs : array of int, shape (m, 2)
    n : int

    Returns
    -------
    array of int, shape (n,)
        Numbered from 0.

    Examples
    --------
    >>> import numpy as np
    >>> components(np.array([[0, 2]]), 3).tolist()
    [0, 1, 0]
    """
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1]) if n else np.empty(0, int)

"""The walk network: edges that meet at their ends, snapping to it, shortest walks along it.

Everything is flat arrays in EPSG:25832: an *edge* is a row of the walkways frame, a *node* a
place where ends of edges coincide, a *component* the edges that can be reached from one another.
All walkways can be walked both ways.
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

from app.domain.kinds import WalkwayKind

Array = np.ndarray[Any, Any]

# Ends closer than this are one node: coordinates with 7 decimals are good to about a centimetre.
JOIN_M = 0.01
# A place farther from the network than this is not served by it.
MAX_ACCESS_M = 150.0
# Steps take about twice the time of level ground of the same length on the map: 0.69 m/s down and
# 0.61 m/s up instead of 1.34 m/s (U. Weidmann, Transporttechnik der Fussgänger, 1993).
STEPS_FACTOR = 2.0


@dataclass(frozen=True)
class Network:
    """A walk network of `n` edges and `k` nodes.

    Attributes
    ----------
    lines : array of LineString, shape (n,)
        The edges, EPSG:25832; their ends are moved onto the nodes (by less than `JOIN_M`).
    length_m, effort : array of float, shape (n,)
        Length on the map; time relative to level ground (1, or `STEPS_FACTOR` on steps).
    ends : array of int, shape (n, 2)
        Nodes at the start and the end of each edge.
    node_component, component : array of int, shapes (k,) and (n,)
        Component of each node and of each edge.
    """

    lines: Array
    length_m: Array
    effort: Array
    ends: Array
    node_component: Array

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_component)

    @cached_property
    def component(self) -> Array:
        """Component of each edge."""
        return np.asarray(self.node_component[self.ends[:, 0]])

    def component_length_m(self) -> Array:
        """Return the total length of each component."""
        return np.bincount(self.component, weights=self.length_m)


def make_network(walkways: gpd.GeoDataFrame) -> Network:
    """Join walkways to a network.

    Parameters
    ----------
    walkways : GeoDataFrame
        Rows of one day with `kind` and LineString `geometry`, EPSG:25832.

    Returns
    -------
    Network
        Edges in the order of the rows; without rows an empty network.
    """
    lines = np.asarray(walkways.geometry.to_numpy(), dtype=object)
    tips = shapely.get_coordinates([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    node, node_xy = _joined(tips)
    ends = node.reshape(2, -1).T
    lines = _moved_onto(lines, node_xy[ends])
    return Network(
        lines,
        shapely.length(lines),
        np.where(walkways["kind"].to_numpy() == WalkwayKind.STEPS, STEPS_FACTOR, 1.0),
        ends,
        _components(ends, len(node_xy)),
    )


def _joined(tips: Array) -> tuple[Array, Array]:
    """Return the node of each tip and the coordinates of each node (those of its first tip)."""
    pairs = cKDTree(tips).query_pairs(JOIN_M, output_type="ndarray") if len(tips) else np.empty((0, 2), int)
    node = _components(pairs, len(tips))
    _, first = np.unique(node, return_index=True)
    return node, tips[first]


def _components(pairs: Array, n: int) -> Array:
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1]) if n else np.empty(0, int)


def _moved_onto(lines: Array, tips: Array) -> Array:
    """Return the lines with their first and last point replaced by `tips`, shape (n, 2, 2)."""
    xy, row = shapely.get_coordinates(lines, return_index=True)
    n_points = np.bincount(row, minlength=len(lines))
    last = np.cumsum(n_points) - 1
    xy[last - n_points + 1], xy[last] = tips[:, 0], tips[:, 1]
    return np.asarray(shapely.linestrings(xy, indices=row), dtype=object)


@dataclass(frozen=True)
class Snapped:
    """The nearest points on a network of some places.

    Attributes
    ----------
    edge : array of int
        Edge of each place, -1 where the network does not serve it.
    measure_m : array of float
        Where on the edge, from its start.
    points : array of Point
        The points on the edges; the place itself where it is not served.
    access_m : array of float
        Straight distance between place and point.
    """

    edge: Array
    measure_m: Array
    points: Array
    access_m: Array


def serving_component(network: Network, places: Array) -> int:
    """Return the component within reach of most places, the longest among equals; -1 when none is.

    A walk must stay within one component, so it is chosen for all places of a walk together: the
    nearest path of one place may be an island.

    Parameters
    ----------
    network : Network
    places : array of Geometry
        Points or areas, EPSG:25832; in reach is what lies within `MAX_ACCESS_M`.
    """
    tree = shapely.STRtree(network.lines)
    place, edge = tree.query(places, predicate="dwithin", distance=MAX_ACCESS_M)
    served = np.unique(np.column_stack([place, network.component[edge]]), axis=0)[:, 1]
    if not len(served):
        return -1
    length_m = network.component_length_m()
    n_served = np.bincount(served, minlength=len(length_m))
    return int(np.lexsort((-length_m, -n_served))[0])


def snap(network: Network, places: Array, component: int) -> Snapped:
    """Snap points to the nearest point on an edge of one component, within `MAX_ACCESS_M`.

    Parameters
    ----------
    network : Network
    places : array of Point
        EPSG:25832.
    component : int
        As from `serving_component`; -1 serves nobody.
    """
    edge = _nearest_edge(network, places, component)
    is_served = edge >= 0
    lines = network.lines[edge[is_served]]
    measure_m = np.zeros(len(places))
    measure_m[is_served] = shapely.line_locate_point(lines, places[is_served])
    points = np.array(places, dtype=object)
    points[is_served] = shapely.line_interpolate_point(lines, measure_m[is_served])
    return Snapped(edge, measure_m, points, shapely.distance(places, points))


def _nearest_edge(network: Network, places: Array, component: int) -> Array:
    """Return the nearest edge of each place in `component`, the lowest among equals; -1 out of reach."""
    usable = np.flatnonzero(network.component == component)
    tree = shapely.STRtree(network.lines[usable])
    place, found = tree.query_nearest(places, max_distance=MAX_ACCESS_M)
    edge = np.full(len(places), len(network.lines))
    np.minimum.at(edge, place, usable[found])
    return np.where(edge == len(network.lines), -1, edge)


def entrances(network: Network, places: Array, component: int | None = None) -> Array:
    """Return the point at which each place is entered.

    A point is its own entrance. An area is entered where its border comes nearest to the
    component that serves the places (not at a centroid inside a yard); without such a
    component, at the point of its border nearest to its centroid.

    Parameters
    ----------
    network : Network
    places : array of Geometry
        Points or areas, EPSG:25832.
    component : int, optional
        By default the one that serves the places.
    """
    component = serving_component(network, places) if component is None else component
    usable = shapely.multilinestrings(network.lines[network.component == component])
    is_area = shapely.get_dimensions(places) == 2
    border = shapely.boundary(places)
    target = shapely.centroid(places) if usable.is_empty else usable
    nearest = shapely.get_point(shapely.shortest_line(border, target), 0)
    return np.asarray(np.where(is_area, nearest, places), dtype=object)

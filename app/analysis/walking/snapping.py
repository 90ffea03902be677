"""Where places meet the network: the nearest point on an edge, the door of a yard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from app.analysis.walking.network import Array
from app.analysis.walking.walkable import WalkableSubgraph

# A place farther from the network than this is not served by it.
MAX_ACCESS_M = 150.0


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


def serving_component(subgraph: WalkableSubgraph, places: Array) -> int:
    """Return the component near most places, the longest among equals; -1 when none is.

    A walk must stay within one component, so it is chosen for all places of a walk together: the
    nearest path of one place may be an island.

    Parameters
    ----------
    subgraph : WalkableSubgraph
    places : array of Geometry, shape (n,)
        Points or areas, EPSG:25832; near is what lies within `MAX_ACCESS_M`. n may be 0.

    Returns
    -------
    int
        A number of `WalkableSubgraph.component`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"], crs=25832)
    >>> subgraph = walkable_subgraph(make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines)))
    >>> [serving_component(subgraph, gpd.points_from_xy([x], [0]).to_numpy()) for x in (20, 999)]
    [0, -1]
    """
    near = _near(subgraph, places)
    tree = shapely.STRtree(subgraph.network.lines_of(near))
    place, edge = tree.query(places, predicate="dwithin", distance=MAX_ACCESS_M)
    served = np.unique(np.column_stack([place, subgraph.component[near[edge]]]), axis=0)[:, 1]
    if not len(served):
        return -1
    length_m = subgraph.component_length_m
    n_served = np.bincount(served, minlength=len(length_m))
    return int(np.lexsort((-length_m, -n_served))[0])


def snap(subgraph: WalkableSubgraph, places: Array, component: int) -> Snapped:
    """Snap points to the nearest point on a usable edge of one component, within `MAX_ACCESS_M`.

    Parameters
    ----------
    subgraph : WalkableSubgraph
    places : array of Point, shape (n,)
        EPSG:25832; n may be 0.
    component : int
        As from `serving_component`; -1 serves nobody.

    Returns
    -------
    Snapped
        Of n places.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"], crs=25832)
    >>> subgraph = walkable_subgraph(make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines)))
    >>> snapped = snap(subgraph, gpd.points_from_xy([4, 999], [3, 0]).to_numpy(), 0)
    >>> snapped.edge.tolist(), snapped.access_m.tolist()
    ([0, -1], [3.0, 0.0])
    """
    edge = _nearest_edge(subgraph, places, component)
    is_served = edge >= 0
    lines = subgraph.network.lines_of(edge[is_served])
    measure_m = np.zeros(len(places))
    measure_m[is_served] = shapely.line_locate_point(lines, places[is_served])
    points = np.array(places, dtype=object)
    points[is_served] = shapely.line_interpolate_point(lines, measure_m[is_served])
    return Snapped(edge, measure_m, points, shapely.distance(places, points))


def _near(subgraph: WalkableSubgraph, places: Array) -> Array:
    """Return the usable edges whose bounding box is within `MAX_ACCESS_M` of that of any place."""
    network = subgraph.network
    around = shapely.bounds(places) + MAX_ACCESS_M * np.array([-1, -1, 1, 1])
    if not len(places):
        return np.empty(0, int)
    everything = np.r_[around[:, :2].min(axis=0), around[:, 2:].max(axis=0)]
    edges = np.flatnonzero(subgraph.is_usable & network.is_in_box(everything))
    left, low, right, top = network.boxes[:, edges]
    is_near = np.zeros(len(edges), dtype=bool)
    for box in around:
        is_near |= (left <= box[2]) & (right >= box[0]) & (low <= box[3]) & (top >= box[1])
    return np.asarray(edges[is_near])


def _nearest_edge(subgraph: WalkableSubgraph, places: Array, component: int) -> Array:
    """Return the nearest edge of each place in `component`, the lowest among equals; -1 for none."""
    near = _near(subgraph, places)
    usable = near[subgraph.component[near] == component] if component >= 0 else near[:0]
    tree = shapely.STRtree(subgraph.network.lines_of(usable))
    place, found = tree.query_nearest(places, max_distance=MAX_ACCESS_M)
    edge = np.full(len(places), len(subgraph.network))
    np.minimum.at(edge, place, usable[found])
    return np.where(edge == len(subgraph.network), -1, edge)


def entrances(subgraph: WalkableSubgraph, places: Array) -> Array:
    """Return the point at which each place is entered.

    A point is its own entrance. An area is entered where its border comes nearest to the
    component that serves the places (not at a centroid inside a yard); without such a
    component, at the point of its border nearest to its centroid.

    Parameters
    ----------
    subgraph : WalkableSubgraph
        What may be walked; as a rule without permission.
    places : array of Geometry, shape (n,)
        Points or areas, EPSG:25832; n may be 0.

    Returns
    -------
    array of Point, shape (n,)

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 -10, 0 20)"], crs=25832)
    >>> subgraph = walkable_subgraph(make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines)))
    >>> entrances(subgraph, np.array([shapely.box(3, 0, 9, 5)]))[0].x
    3.0
    """
    component = serving_component(subgraph, places)
    near = _near(subgraph, places)
    serving = near[subgraph.component[near] == component]
    is_area = shapely.get_dimensions(places) == 2
    border = shapely.boundary(places)
    target: Any = shapely.multilinestrings(subgraph.network.lines_of(serving))
    target = target if len(serving) else shapely.centroid(places)
    nearest = shapely.get_point(shapely.shortest_line(border, target), 0)
    return np.asarray(np.where(is_area, nearest, places), dtype=object)

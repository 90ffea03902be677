"""Who is within some minutes' walk of a place, by the network's cost, and the area as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from shapely import MultiPolygon, Point

from app.analysis.walking.arcs import both_ways, edge_arcs, place_arcs
from app.analysis.walking.network import JOIN_M, Array
from app.analysis.walking.paces import ALONE_M_S
from app.analysis.walking.snapping import Snapped, serving_component, snap
from app.analysis.walking.walkable import WalkableSubgraph

# The area is drawn this far to either side of what is reached.
BESIDE_M = 15.0
SIMPLER_M = 1.0
# So much around a place that is not reached is left out of it.
OTHERS_M = 5.0
_MILLIMETRE = 1e-3


@dataclass(frozen=True, eq=False)
class Isochrone:
    """What can be reached from a place; made by `isochrone`. The way back takes as long.

    Attributes
    ----------
    subgraph : WalkableSubgraph
    start : Point
    pace_m_s : float
    snapped : Snapped
        Where the start meets the network; of one place.
    component : int
        The only one walked; -1 when there is none.
    """

    subgraph: WalkableSubgraph
    start: Point
    pace_m_s: float
    snapped: Snapped
    component: int

    def times_s(self, places: Array) -> Array:
        """Return the walking time to each of some points, in seconds, shape (n,).

        As for the walks of a tour: straight where going straight is no longer than the straight bits to the
        network would be, infinite where one of the two is not served by it. Unlike them, no walk leads by
        the door of a third place.
        """
        places = np.asarray(places, dtype=object)
        there = snap(self.subgraph, places, self.component)
        straight_m = shapely.distance(places, self.start)
        off_m = there.access_m + self.snapped.access_m
        is_straight = self._is_straight(places, there)
        is_served = (there.edge >= 0) & (self.snapped.edge[0] >= 0)
        along_m = np.where(is_served, self._along_m(there), np.inf)
        return np.asarray(np.where(is_straight, straight_m, off_m + along_m) / self.pace_m_s)

    def area(self, minutes: float, places: Sequence[Any] | Array = ()) -> MultiPolygon:
        """Return the area within some minutes: `BESIDE_M` around all that is walked by then.

        Of `places` (points) it holds those that are reached by then, with the straight way to each, and
        no other: who lies beside a street that is reached may have a longer way to it. Without a
        network it is what lies around the start.
        """
        places = np.asarray(places, dtype=object)
        is_reached = self.times_s(places) <= minutes * 60
        pieces = [self.start, *self.walked(minutes), *self._last_bits(places[is_reached])]
        if self.snapped.access_m[0] > JOIN_M:
            pieces.append(shapely.shortest_line(self.start, self.snapped.points[0]))
        around = shapely.union_all(shapely.buffer(np.array(pieces, dtype=object), BESIDE_M, quad_segs=4))
        area = shapely.simplify(around, SIMPLER_M)
        others = _around_others(places[is_reached], places[~is_reached])
        parts = shapely.get_parts(shapely.difference(area, others))
        return MultiPolygon(parts.tolist())

    def walked(self, minutes: float) -> list[Any]:
        """Return the pieces of edges that are walked within some minutes, as LineStrings."""
        budget_m = minutes * 60 * self.pace_m_s - float(self.snapped.access_m[0])
        if budget_m <= 0 or self.snapped.edge[0] < 0:
            return []
        network, cost_factor = self.subgraph.network, self.subgraph.cost_factor
        own, at_m = int(self.snapped.edge[0]), float(self.snapped.measure_m[0])
        left_m = budget_m / cost_factor[own]
        stretches: list[tuple[int, float, float]] = [
            (own, max(at_m - left_m, 0.0), min(at_m + left_m, network.length_m[own]))
        ]
        beyond_m = budget_m - self._node_m[network.ends]
        for edge in np.flatnonzero(
            (self.subgraph.component == self.component) & (beyond_m > 0).any(axis=1)
        ).tolist():
            length_m = network.length_m[edge]
            from_start_m, from_end_m = np.clip(beyond_m[edge] / cost_factor[edge], 0.0, length_m)
            if from_start_m + from_end_m >= length_m:
                stretches.append((edge, 0.0, length_m))
                continue
            stretches += [(edge, 0.0, from_start_m), (edge, length_m - from_end_m, length_m)]
        return [shapely.LineString(network.stretch(*each)) for each in stretches if each[2] > each[1]]

    def _last_bits(self, places: Array) -> list[Any]:
        """Return the straight line to each place, from the network or, beside it, from the start."""
        there = snap(self.subgraph, places, self.component)
        begins = there.points.copy()
        begins[self._is_straight(places, there)] = self.start
        return list(shapely.shortest_line(begins, places))

    def _is_straight(self, places: Array, there: Snapped) -> Array:
        is_served = (there.edge >= 0) & (self.snapped.edge[0] >= 0)
        off_m = np.where(is_served, there.access_m + self.snapped.access_m, 0.0)
        straight_m = shapely.distance(places, self.start)
        return np.asarray((straight_m <= off_m + _MILLIMETRE) | self.subgraph.is_empty)

    def _along_m(self, there: Snapped) -> Array:
        """Return the cost along the network to snapped points."""
        network, edge = self.subgraph.network, there.edge
        cost_factor = self.subgraph.cost_factor[edge]
        start_m, end_m = self._node_m[network.ends[edge]].T
        by_start_m = start_m + there.measure_m * cost_factor
        by_end_m = end_m + (network.length_m[edge] - there.measure_m) * cost_factor
        is_own = edge == self.snapped.edge[0]
        own_m = np.where(is_own, np.abs(there.measure_m - self.snapped.measure_m[0]) * cost_factor, np.inf)
        return np.asarray(np.minimum(np.minimum(by_start_m, by_end_m), own_m))

    @cached_property
    def _node_m(self) -> Array:
        """Effort from the start's point on the network to each node, infinite where none leads there."""
        network = self.subgraph.network
        if self.snapped.edge[0] < 0:
            return np.full(network.n_nodes, np.inf)
        edges = np.flatnonzero(self.subgraph.component == self.component)
        source = np.array([network.n_nodes])
        start, end = network.ends[self.snapped.edge].T
        arcs = both_ways(
            [
                edge_arcs(self.subgraph, edges, *network.ends[edges].T),
                *place_arcs(self.subgraph, self.snapped, start, end, source),
            ]
        ).without_parallels()
        found = dijkstra(arcs.graph(network.n_nodes + 1), indices=source)
        return np.asarray(found[0, :-1])


def _around_others(reached: Array, others: Array) -> Any:
    """Return small discs around places that are not reached, none of which holds one that is."""
    away_m = shapely.distance(others, shapely.multipoints(reached)) if len(reached) else np.inf
    radius_m = np.minimum(OTHERS_M, np.broadcast_to(away_m, len(others)) / 2)
    return shapely.union_all(shapely.buffer(others, radius_m, quad_segs=4))


def isochrone(
    subgraph: WalkableSubgraph,
    start: Point,
    pace_m_s: float = ALONE_M_S,
    places: Sequence[Any] | Array = (),
) -> Isochrone:
    """Return what can be reached from a place.

    Parameters
    ----------
    subgraph : WalkableSubgraph
        What may be walked. Where it is empty, all is reached straight.
    start : Point
        EPSG:25832.
    pace_m_s : float
        On level, firm ground; by default somebody's alone.
    places : sequence or array of Point, optional
        Who is asked about, EPSG:25832: of several components near the start the one is walked that serves
        most.

    Returns
    -------
    Isochrone
        Times and areas, worked out when they are asked for.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 300 0)"], crs=25832)
    >>> subgraph = walkable_subgraph(make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines)))
    >>> found = isochrone(subgraph, Point(0, 0), pace_m_s=1.25)
    >>> found.times_s([Point(75, 0), Point(300, 0)]).tolist()
    [60.0, 240.0]
    >>> found.area(1).intersects(Point(75, 0)), found.area(1).intersects(Point(300, 0))
    (True, False)
    """
    here = np.array([start], dtype=object)
    component = serving_component(subgraph, np.array([start, *places], dtype=object))
    snapped = snap(subgraph, here, component)
    if snapped.edge[0] < 0:
        component = serving_component(subgraph, here)
        snapped = snap(subgraph, here, component)
    return Isochrone(subgraph, start, pace_m_s, snapped, component)

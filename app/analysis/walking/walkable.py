"""What of a network somebody may and can walk: without permission, with some, on wheels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.analysis.walking.network import Array, Network, components
from app.analysis.walking.paces import WalkProfile, cost_factors, is_barred
from app.domain.kinds import WalkwayAccess


@dataclass(frozen=True, eq=False)
class WalkableSubgraph:
    """The usable part of a network.

    Attributes
    ----------
    network : Network
    is_usable : array of bool, shape (n,)
        Of each edge.
    cost_factor : array of float, shape (n,)
        Time of each edge relative to level, firm ground.
    node_component : array of int, shape (k,)
        Nodes that usable edges hold together have the same number.
    """

    network: Network
    is_usable: Array
    cost_factor: Array
    node_component: Array

    @cached_property
    def is_empty(self) -> bool:
        """Whether there is nothing to walk on: no network was ever stored, or none for that day."""
        return not len(self.network)

    @cached_property
    def component(self) -> Array:
        """Component of each edge, -1 where it is not usable."""
        return np.where(self.is_usable, self.node_component[self.network.ends[:, 0]], -1)

    @cached_property
    def component_length_m(self) -> Array:
        """Total length of the usable edges of each component."""
        usable = self.component[self.is_usable]
        return np.bincount(usable, weights=self.network.length_m[self.is_usable])

    @cached_property
    def degree(self) -> Array:
        """Number of usable edges that end at each node; a loop counts twice."""
        return np.bincount(self.network.ends[self.is_usable].ravel(), minlength=self.network.n_nodes)


def walkable_subgraph(
    network: Network,
    profile: WalkProfile | None = None,
    opened: frozenset[int] = frozenset(),
    cost_factor: Array | None = None,
) -> WalkableSubgraph:
    """Return what a profile can walk of a network: public edges, and the ones `opened` to it.

    Parameters
    ----------
    network : Network
    profile : WalkProfile, optional
        By default somebody alone.
    opened : frozenset of int
        Edges that need permission and have it; a barred one (steps on wheels) stays barred.
    cost_factor : array of float, shape (n,), optional
        `cost_factors` of the network where they are known: they are the same for everybody.

    Returns
    -------
    WalkableSubgraph
        Of an empty network an empty one.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (100 0, 100 50)"], crs=25832)
    >>> walkways = gpd.GeoDataFrame({"kind": ["street", "yard"]}, geometry=lines)
    >>> network = make_network(walkways.assign(access=["public", "permission"]))
    >>> walkable_subgraph(network).is_usable.tolist()
    [True, False]
    >>> walkable_subgraph(network, opened=frozenset({1})).is_usable.tolist()
    [True, True]
    """
    is_usable = network.access == WalkwayAccess.PUBLIC
    is_usable[list(opened)] = True
    is_usable &= ~is_barred(network, profile or WalkProfile())
    node_component = components(network.ends[is_usable], network.n_nodes)
    return WalkableSubgraph(
        network, is_usable, cost_factors(network) if cost_factor is None else cost_factor, node_component
    )

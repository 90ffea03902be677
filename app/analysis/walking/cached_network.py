"""A network with what is worked out of it again and again: walkable subgraphs, and streets beside paths."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from app.analysis.walking.network import Network
from app.analysis.walking.paces import WalkProfile, cost_factors
from app.analysis.walking.street_names import street_beside
from app.analysis.walking.walkable import WalkableSubgraph, walkable_subgraph
from app.cache import Cache

# Of a city of a million edges each takes 20 MB.
MOST_SUBGRAPHS = 24
MOST_STREETS = 65_536


class CachedNetwork:
    """A network whose walkable subgraphs are worked out once; shared by threads.

    Parameters
    ----------
    network : Network

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)"], crs=25832)
    >>> cached = CachedNetwork(make_network(gpd.GeoDataFrame({"kind": ["street"]}, geometry=lines)))
    >>> cached.subgraph() is cached.subgraph()
    True
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._subgraphs = Cache[tuple[bool, frozenset[int]], WalkableSubgraph](MOST_SUBGRAPHS)
        self._streets = Cache[int, str](MOST_STREETS)

    def subgraph(
        self, profile: WalkProfile | None = None, opened: frozenset[int] = frozenset()
    ) -> WalkableSubgraph:
        """Return what a profile can walk, as `walkable_subgraph`; the size of the group does not matter."""
        profile = profile or WalkProfile()
        return self._subgraphs.get_or_make(
            (profile.is_step_free, opened),
            lambda: walkable_subgraph(self.network, profile, opened, self._cost_factor),
        )

    def street_beside(self, edge: int) -> str | None:
        """Return the name of the street that an edge runs along, as `street_names.street_beside`."""
        # None is no value for a cache.
        return self._streets.get_or_make(edge, lambda: street_beside(self.network, edge) or "") or None

    @cached_property
    def _cost_factor(self) -> np.ndarray[Any, Any]:
        return cost_factors(self.network)

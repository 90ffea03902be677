"""Which street a path without a name runs along: what people know it by."""

from __future__ import annotations

import numpy as np
import shapely

from app.analysis.walking.network import Array, Network
from app.domain.kinds import WalkwayKind

# A sidewalk or cycle path lies so far from the middle of its street.
BESIDE_M = 15.0
SHARE = 0.7
_EVERY_M = 5.0
_KINDS = frozenset({WalkwayKind.PATH, WalkwayKind.FOOTWAY})


def street_beside(network: Network, edge: int) -> str | None:
    """Return the name of the street that an edge runs along.

    Parameters
    ----------
    network : Network
    edge : int
        Row of the network.

    Returns
    -------
    str or None
        For a path or footway without a name, the street that is within `BESIDE_M` of at least `SHARE` of it,
        the one of most where there are several; else None. A short one may cross that street.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (0 5, 100 5)"], crs=25832)
    >>> columns = {"kind": ["street", "footway"], "name": ["Klauskamp", None]}
    >>> street_beside(make_network(gpd.GeoDataFrame(columns, geometry=lines)), 1)
    'Klauskamp'
    """
    if network.kind[edge] not in _KINDS or network.name[edge] is not None:
        return None
    line = network.lines_of(np.array([edge]))[0]
    left, low, right, top = line.bounds
    box = np.array([left - BESIDE_M, low - BESIDE_M, right + BESIDE_M, top + BESIDE_M])
    near = np.flatnonzero(network.is_in_box(box) & (network.kind == WalkwayKind.STREET))
    names = {network.name[one] for one in near} - {None}
    steps = np.arange(0.0, line.length, _EVERY_M)
    shares = {name: _share(network, near[network.name[near] == name], line, steps) for name in names}
    # By name where two are alike: a set has no order of its own.
    best = max(sorted(shares), key=shares.__getitem__, default=None)
    return best if best is not None and shares[best] >= SHARE else None


def _share(network: Network, streets: Array, line: shapely.LineString, steps: Array) -> float:
    """Return how much of a line is near any of some streets."""
    street = shapely.union_all(network.lines_of(streets))
    return float(np.mean(shapely.distance(shapely.line_interpolate_point(line, steps), street) <= BESIDE_M))

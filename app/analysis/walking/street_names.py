"""Which street a path without a name runs along: what people know it by."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from app.analysis.walking.network import Network
from app.domain.kinds import WalkwayKind

Array = np.ndarray[Any, Any]

# A sidewalk or cycle path lies so far from the middle of its street.
REACH_M = 15.0
SHARE = 0.7
_EVERY_M = 5.0
_KINDS = frozenset({WalkwayKind.PATH, WalkwayKind.FOOTWAY})


def street_beside(network: Network, edge: int) -> str | None:
    """Return the name of the street that an edge runs along.

    Parameters
    ----------
    network : Network
    edge : int

    Returns
    -------
    str or None
        For a path or footway without a name, the street that is within `REACH_M` of at least `SHARE` of it,
        the one of most where there are several; kept by the network. A short one may cross that street.
    """
    if edge not in network.beside:
        network.beside[edge] = _found(network, edge)
    return network.beside[edge]


def _found(network: Network, edge: int) -> str | None:
    if network.kind[edge] not in _KINDS or network.name[edge] is not None:
        return None
    line = network.lines_of(np.array([edge]))[0]
    left, low, right, top = line.bounds
    box = np.array([left - REACH_M, low - REACH_M, right + REACH_M, top + REACH_M])
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
    return float(np.mean(shapely.distance(shapely.line_interpolate_point(line, steps), street) <= REACH_M))

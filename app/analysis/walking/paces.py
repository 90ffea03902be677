"""How fast a group walks, on what, and what it cannot walk at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.analysis.walking.network import Array, Network
from app.domain.kinds import Kerb, WalkwayKind

# Level, firm subgraph, in metres a second. 1.25 alone: the preferred speed on a smooth floor is
# 1.24 m/s (K. Gast, R. Kram, R. Riemer, Preferred walking speed on rough terrain, Journal of
# Experimental Biology 222, 2019). Groups go at the pace of their slowest, who must also hear the
# others; this project plans 1.0 m/s from 15 people on, straight in between, and 0.8 m/s without steps.
ALONE_M_S = 1.25
GROUP_M_S = 1.0
STEP_FREE_M_S = 0.8
GROUP_SIZE = 15

# Steps take about twice the time of level ground of the same length on the map: 0.69 m/s down and
# 0.61 m/s up instead of 1.34 m/s (U. Weidmann, Transporttechnik der Fussgänger, 1993).
STEPS_FACTOR = 2.0
# 1.24 m/s on a smooth floor, 1.07 m/s on a natural trail (Gast, Kram, Riemer 2019, as above).
ROUGH_FACTOR = 1.24 / 1.07
# As surfaces are called in OpenStreetMap; every other one, and an unknown one, counts as firm.
ROUGH_SURFACES = (
    *("unpaved", "gravel", "pebblestone", "ground", "dirt", "earth", "mud", "sand", "rock", "woodchips"),
    *("grass", "grass_paver", "cobblestone", "unhewn_cobblestone"),
)


@dataclass(frozen=True)
class WalkProfile:
    """Who walks.

    Attributes
    ----------
    group_size : int
        People, 1 or more.
    is_step_free : bool
        With wheels: no steps and no raised kerbs. A kerb that nobody has looked at counts as passable.
    own_pace_m_s : float or None
        The pace where it is known, whoever walks.
    """

    group_size: int = 1
    is_step_free: bool = False
    own_pace_m_s: float | None = None

    @property
    def pace_m_s(self) -> float:
        """Pace on level, firm ground; the slower of what the group and its wheels ask for."""
        if self.own_pace_m_s is not None:
            return self.own_pace_m_s
        share = min(max(self.group_size - 1, 0) / (GROUP_SIZE - 1), 1.0)
        group_m_s = ALONE_M_S + share * (GROUP_M_S - ALONE_M_S)
        return min(group_m_s, STEP_FREE_M_S) if self.is_step_free else group_m_s


def cost_factors(network: Network) -> Array:
    """Return the time each edge takes relative to level, firm ground; 1 or more.

    Steps count `STEPS_FACTOR`, rough surfaces `ROUGH_FACTOR`; rough steps are steps. Sources stand beside
    these constants.

    Parameters
    ----------
    network : Network

    Returns
    -------
    array of float, shape (n,)

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)", "LINESTRING (9 0, 18 0)"], crs=25832)
    >>> cost_factors(make_network(gpd.GeoDataFrame({"kind": ["street", "steps"]}, geometry=lines))).tolist()
    [1.0, 2.0]
    """
    is_rough = np.isin(network.surface.astype(str), ROUGH_SURFACES)
    level = np.where(is_rough, ROUGH_FACTOR, 1.0)
    return np.where(network.kind == WalkwayKind.STEPS, STEPS_FACTOR, level)


def is_barred(network: Network, profile: WalkProfile) -> Array:
    """Return of each edge whether the profile cannot walk it: steps and raised kerbs on wheels.

    Parameters
    ----------
    network : Network
    profile : WalkProfile

    Returns
    -------
    array of bool, shape (n,)

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)", "LINESTRING (9 0, 18 0)"], crs=25832)
    >>> network = make_network(gpd.GeoDataFrame({"kind": ["street", "steps"]}, geometry=lines))
    >>> is_barred(network, WalkProfile(is_step_free=True)).tolist()
    [False, True]
    """
    if not profile.is_step_free:
        return np.zeros(len(network), dtype=bool)
    return np.asarray((network.kind == WalkwayKind.STEPS) | (network.kerb == Kerb.RAISED))

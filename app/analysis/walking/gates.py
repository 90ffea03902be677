"""Walks that use gates and yards for which there is an access permission, within its time window."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.network import Array, Network
from app.analysis.walking.paces import WalkProfile
from app.analysis.walking.walk import Walk, whole_seconds
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.clocks import Way, Window
from app.errors import N_, NotFoundError

# Of so many gates every set is tried; of more, each one alone and all together.
MOST_SETS_OF = 4
_CENTIMETRE = 0.01
_DAY_S = 24 * 60 * 60


@dataclass(frozen=True)
class AccessPermission:
    """Permission to walk one edge within a time window, both ends included.

    Attributes
    ----------
    edge : str
        Key of the walkway.
    opens_s, closes_s : int
        From the zero that all times of the tour count from; by default the whole day.
    """

    edge: str
    opens_s: int = 0
    closes_s: int = _DAY_S

    @property
    def window(self) -> Window:
        """When one may be on the edge."""
        return Window(self.opens_s, self.closes_s)


@dataclass(frozen=True)
class Gate:
    """Edges with permission that are opened together: of one name and one window, or a single one."""

    edges: frozenset[int]
    window: Window


@dataclass(frozen=True)
class Passage:
    """An edge with permission on a walk: when one is on it, in seconds from the departure."""

    edge: int
    from_s: float
    to_s: float


@dataclass(frozen=True)
class GatedWalk:
    """Behind a time-dependent arc: all walks with certain gates open, and what this one passes."""

    walks: Walks
    windows: dict[int, Window]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, eq=False)
class Options:
    """All the walks between the places of a tour; made by `walk_options`.

    Attributes
    ----------
    cached : CachedNetwork
    places : array of Point, shape (n,)
    profile : WalkProfile
    permissions : tuple of AccessPermission
    base : Walks
        The quickest walks that need no permission.
    walk_s : array of int, shape (n, n)
        Their times, as `Walks.walk_s`; symmetric, and no way round by a third place is quicker. -1 where no
        way leads without permission.
    length_m : array of float, shape (n, n)
        Their lengths; infinite where no way leads.
    timed_arcs : tuple of Way
        Walks that use gates; see `walk_options`.
    gated : tuple of GatedWalk
        Beside each of `timed_arcs`.
    """

    cached: CachedNetwork
    places: Array
    profile: WalkProfile
    permissions: tuple[AccessPermission, ...]
    base: Walks
    walk_s: Array
    length_m: Array
    timed_arcs: tuple[Way, ...] = ()
    gated: tuple[GatedWalk, ...] = ()

    @property
    def network(self) -> Network:
        """The network walked."""
        return self.cached.network

    def walk(self, i: int, j: int, arc: int | None = None) -> Walk:
        """Return the walk from place `i` to place `j`: without permission, or that of ``timed_arcs[arc]``."""
        return (self.base if arc is None else self.gated[arc].walks).walk(i, j)

    @cached_property
    def unreachable(self) -> dict[int, float]:
        """Places that no way leads to at any time, with the metres to the nearest way."""
        by_gate = {end for arc in self.timed_arcs for end in (arc.start, arc.end)}
        is_off = self.base.snapped.edge < 0
        places = () if self.base.subgraph.is_empty else np.flatnonzero(is_off).tolist()
        return {place: self.base.away_m(place) for place in places if place not in by_gate}


def walk_options(
    cached: CachedNetwork,
    places: Array,
    profile: WalkProfile | None = None,
    permissions: Sequence[AccessPermission] = (),
) -> Options:
    """Return the walks between places at any time, and those that permissions open at certain times.

    For a set of gates, the walk that uses only these gates is the quickest one on public edges and
    theirs; it may be begun when each gate on it is open while one passes it. It is a time-dependent
    arc where it uses a gate and is quicker or shorter than the walk without any, and no other arc is
    at least as good and open at least as long. All sets of up to `MOST_SETS_OF` gates are tried; of
    more, each gate alone and all together, so that a walk through some of many may be missed (never a
    wrong one be returned). Edges of one name and one window count as one gate. Who would have to wait
    at a gate departs later instead.

    Parameters
    ----------
    cached : CachedNetwork
    places : array of Point, shape (n,)
        EPSG:25832; n may be 0.
    profile : WalkProfile, optional
        By default somebody alone.
    permissions : sequence of AccessPermission
        Of edges that need permission; of public ones they change nothing.

    Returns
    -------
    Options

    Raises
    ------
    NotFoundError
        For a permission whose edge the network does not have.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> texts = ["LINESTRING (0 0, 0 100, 50 100, 50 0)", "LINESTRING (0 0, 50 0)"]
    >>> lines = gpd.GeoSeries.from_wkt(texts, crs=25832)
    >>> walkways = gpd.GeoDataFrame({"key": ["street", "gate"], "kind": ["street", "gate"]}, geometry=lines)
    >>> network = make_network(walkways.assign(access=["public", "permission"]))
    >>> places = gpd.points_from_xy([0, 50], [0, 0])
    >>> given = [AccessPermission("gate", 36_000, 39_600)]
    >>> options = walk_options(CachedNetwork(network), places, permissions=given)
    >>> options.length_m[0, 1].item(), options.timed_arcs[0].length_m
    (250.0, 50.0)
    >>> options.timed_arcs[0].departs
    Window(opens_s=36000, closes_s=39560)
    """
    profile = profile or WalkProfile()
    base = shortest_walks(cached.subgraph(profile), places)
    found = Options(
        *(cached, base.places, profile, tuple(permissions), base),
        *(base.walk_s(profile.pace_m_s), base.length_m),
    )
    gates = gates_of(cached.network, permissions)
    best = _undominated([each for chosen in _sets(gates) for each in _timed_arcs(found, chosen)])
    return replace(found, timed_arcs=tuple(arc for arc, _ in best), gated=tuple(gated for _, gated in best))


def gates_of(network: Network, permissions: Iterable[AccessPermission]) -> tuple[Gate, ...]:
    """Return the gates that permissions open, in the order of these.

    Parameters
    ----------
    network : Network
    permissions : iterable of AccessPermission

    Raises
    ------
    NotFoundError
        For a permission whose edge the network does not have.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"], crs=25832)
    >>> network = make_network(gpd.GeoDataFrame({"key": ["g"], "kind": ["gate"]}, geometry=lines))
    >>> gates_of(network, [AccessPermission("g", 0, 60)])
    (Gate(edges=frozenset({0}), window=Window(opens_s=0, closes_s=60)),)
    """
    number = {key: edge for edge, key in enumerate(network.key)}
    groups: dict[tuple[object, Window], set[int]] = {}
    for permission in permissions:
        edge = number.get(permission.edge)
        if edge is None:
            raise NotFoundError(
                N_("There is no gate or yard “%(key)s” on that day."), key=permission.edge[:60]
            )
        groups.setdefault((network.name[edge] or edge, permission.window), set()).add(edge)
    return tuple(Gate(frozenset(edges), window) for (_, window), edges in groups.items())


def _sets(gates: tuple[Gate, ...]) -> list[tuple[Gate, ...]]:
    """Return the sets of gates to try: no edge twice in one, for it has one window in a walk."""
    sizes = range(1, len(gates) + 1) if len(gates) <= MOST_SETS_OF else (1,)
    sets = [chosen for size in sizes for chosen in combinations(gates, size) if _is_disjoint(chosen)]
    if len(gates) > MOST_SETS_OF:
        longest = sorted(gates, key=lambda gate: gate.window.opens_s - gate.window.closes_s)
        together: list[Gate] = []
        for gate in longest:
            together += [gate] if _is_disjoint([*together, gate]) else []
        sets.append(tuple(together))
    return sets


def _is_disjoint(gates: Sequence[Gate]) -> bool:
    return len(frozenset().union(*(gate.edges for gate in gates))) == sum(len(gate.edges) for gate in gates)


def _timed_arcs(options: Options, gates: tuple[Gate, ...]) -> list[tuple[Way, GatedWalk]]:
    """Return the arcs through a set of gates that are better than the walks without."""
    windows = {edge: gate.window for gate in gates for edge in gate.edges}
    walks = shortest_walks(options.cached.subgraph(options.profile, frozenset(windows)), options.places)
    pace_m_s = options.profile.pace_m_s
    arcs = []
    for (i, j), passed in _passages(walks, windows, pace_m_s).items():
        walk_s = whole_seconds(walks.cost_m[i, j] / pace_m_s)
        length_m = float(walks.length_m[i, j])
        departs = _departures(passed, windows)
        is_first = options.walk_s[i, j] < 0
        is_better = walk_s < options.walk_s[i, j] or length_m < options.length_m[i, j] - _CENTIMETRE
        if (is_first or is_better) and departs is not None:
            arcs.append((Way(i, j, walk_s, length_m, departs), GatedWalk(walks, windows, passed)))
    return arcs


def _passages(
    walks: Walks, edges: Iterable[int], pace_m_s: float
) -> dict[tuple[int, int], tuple[Passage, ...]]:
    """Return the passages of `edges` on each walk that has any, there and back."""
    cost_m = walks.cost_m
    found: dict[tuple[int, int], tuple[Passage, ...]] = {}
    for i, j, edge, begins_m, ends_m in zip(*walks.passages(np.array(sorted(edges))), strict=True):
        if ends_m - begins_m < _CENTIMETRE:
            continue  # a place at the very end of the edge
        there, back = (int(i), int(j)), (int(j), int(i))
        total_m = cost_m[there]
        ahead = Passage(int(edge), begins_m / pace_m_s, ends_m / pace_m_s)
        home = Passage(int(edge), (total_m - ends_m) / pace_m_s, (total_m - begins_m) / pace_m_s)
        # Steps come backwards: the last passage first.
        found[there] = (ahead, *found.get(there, ()))
        found[back] = (*found.get(back, ()), home)
    return found


def _departures(passed: tuple[Passage, ...], windows: dict[int, Window]) -> Window | None:
    """Return when one may depart so that every gate is open while one passes it; None: never."""
    opens_s = max(math.ceil(round(windows[p.edge].opens_s - p.from_s, 6)) for p in passed)
    closes_s = min(math.floor(round(windows[p.edge].closes_s - p.to_s, 6)) for p in passed)
    opens_s = max(opens_s, 0)
    return Window(opens_s, closes_s) if opens_s <= closes_s else None


def _undominated(arcs: list[tuple[Way, GatedWalk]]) -> list[tuple[Way, GatedWalk]]:
    """Return the arcs that no other one dominates by being as quick, as short, and open as long."""
    best: dict[tuple[int, int], list[tuple[Way, GatedWalk]]] = {}
    for arc, gated in sorted(arcs, key=lambda each: _rank(each[0])):
        others = best.setdefault((arc.start, arc.end), [])
        if not any(_dominates(other, arc) for other, _ in others):
            others.append((arc, gated))
    return [each for pair in sorted(best) for each in best[pair]]


def _rank(arc: Way) -> tuple[float, ...]:
    """Return a rank by which an arc comes after all that can dominate it."""
    return arc.walk_s, round(arc.length_m, 2), arc.departs.opens_s - arc.departs.closes_s, arc.departs.opens_s


def _dominates(one: Way, other: Way) -> bool:
    is_as_good = one.walk_s <= other.walk_s and one.length_m <= other.length_m + _CENTIMETRE
    is_as_open = (
        one.departs.opens_s <= other.departs.opens_s and one.departs.closes_s >= other.departs.closes_s
    )
    return is_as_good and is_as_open

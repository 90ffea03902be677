"""Walks that use gates and yards for which there is leave, within its hours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from app.analysis.walking.network import Network
from app.analysis.walking.paces import WalkProfile
from app.analysis.walking.walk import Walk, whole_seconds
from app.analysis.walking.walkable import ground_for
from app.analysis.walking.walks import Walks, walks_on
from app.domain.clocks import Way, Window
from app.errors import N_, NotFoundError

Array = np.ndarray[Any, Any]

# Of so many gates every set is tried; of more, each one alone and all together.
MOST_SETS_OF = 4
_CENTIMETRE = 0.01
_DAY_S = 24 * 60 * 60


@dataclass(frozen=True)
class Leave:
    """Leave to walk one edge within a window, both ends included.

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
    """Edges with leave that are opened together: of one name and one window, or a single one."""

    edges: frozenset[int]
    window: Window


@dataclass(frozen=True)
class Passage:
    """An edge with leave on a walk: when one is on it, in seconds from setting out."""

    edge: int
    from_s: float
    to_s: float


@dataclass(frozen=True)
class GatedWalk:
    """What stands behind a `Way`: all walks with certain gates open, and what is passed on this one."""

    walks: Walks
    windows: dict[int, Window]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, eq=False)
class Options:
    """All the walks between the places of a tour; made by `walk_options`.

    Attributes
    ----------
    network : Network
    places : array of Point, shape (n,)
    profile : WalkProfile
    leaves : tuple of Leave
    base : Walks
        The quickest walks that need no leave.
    walk_s : array of int, shape (n, n)
        Their times, as `Walks.walk_s`; symmetric, and no way round by a third place is quicker. -1 where no
        way leads without leave.
    length_m : array of float, shape (n, n)
        Their lengths; infinite where no way leads.
    ways : tuple of Way
        Walks that use gates; see `walk_options`.
    gated : tuple of GatedWalk
        Beside each of `ways`.
    """

    network: Network
    places: Array
    profile: WalkProfile
    leaves: tuple[Leave, ...]
    base: Walks
    walk_s: Array
    length_m: Array
    ways: tuple[Way, ...]
    gated: tuple[GatedWalk, ...]

    def walk(self, i: int, j: int, way: int | None = None) -> Walk:
        """Return the walk from place `i` to place `j`: without leave, or that of ``ways[way]``."""
        return (self.base if way is None else self.gated[way].walks).walk(i, j)

    @cached_property
    def unreachable(self) -> dict[int, float]:
        """Places that no way leads to at any time, with the metres to the nearest way."""
        by_gate = {end for way in self.ways for end in (way.start, way.end)}
        is_off = self.base.snapped.edge < 0
        places = () if self.base.ground.is_empty else np.flatnonzero(is_off).tolist()
        return {place: self.base.away_m(place) for place in places if place not in by_gate}


def walk_options(
    network: Network, places: Array, profile: WalkProfile | None = None, leaves: Sequence[Leave] = ()
) -> Options:
    """Return the walks between places at any time, and those that leave opens at certain times.

    For a set of gates, the walk that uses only these gates is the quickest one on public edges and
    theirs; it may be begun when each gate on it is open while one passes it. It is a `Way` where it
    uses a gate and is quicker or shorter than the walk without any, and no other way is at least as
    good and open at least as long. All sets of up to `MOST_SETS_OF` gates are tried; of more, each
    gate alone and all together, so that a way through some of many may be missed (never a wrong one
    be told). Edges of one name and one window count as one gate. Who must wait at a gate sets out
    later instead.

    Parameters
    ----------
    network : Network
    places : array of Point, shape (n,)
        EPSG:25832.
    profile : WalkProfile, optional
        By default somebody alone.
    leaves : sequence of Leave
        Of edges that need leave; of public ones they change nothing.

    Raises
    ------
    NotFoundError
        For a leave whose edge the network does not have.
    """
    profile = profile or WalkProfile()
    base = walks_on(ground_for(network, profile), places)
    found = Options(
        *(network, base.places, profile, tuple(leaves), base),
        *(base.walk_s(profile.pace_m_s), base.length_m, (), ()),
    )
    gates = gates_of(network, leaves)
    ways = [each for chosen in _sets(gates) for each in _ways(found, chosen)]
    kept = _undominated(ways)
    return Options(
        *(network, base.places, profile, tuple(leaves), base, found.walk_s, found.length_m),
        *(tuple(way for way, _ in kept), tuple(gated for _, gated in kept)),
    )


def gates_of(network: Network, leaves: Iterable[Leave]) -> tuple[Gate, ...]:
    """Return the gates that leaves open, in the order of the leaves.

    Raises
    ------
    NotFoundError
        For a leave whose edge the network does not have.
    """
    number = {key: edge for edge, key in enumerate(network.key)}
    groups: dict[tuple[object, Window], set[int]] = {}
    for leave in leaves:
        edge = number.get(leave.edge)
        if edge is None:
            raise NotFoundError(N_("There is no gate or yard “%(key)s” on that day."), key=leave.edge[:60])
        groups.setdefault((network.name[edge] or edge, leave.window), set()).add(edge)
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


def _ways(options: Options, gates: tuple[Gate, ...]) -> list[tuple[Way, GatedWalk]]:
    """Return the ways through a set of gates that beat the walks without."""
    windows = {edge: gate.window for gate in gates for edge in gate.edges}
    walks = walks_on(ground_for(options.network, options.profile, frozenset(windows)), options.places)
    pace_m_s = options.profile.pace_m_s
    ways = []
    for (i, j), passed in _passages(walks, windows, pace_m_s).items():
        walk_s = whole_seconds(walks.effort_m[i, j] / pace_m_s)
        length_m = float(walks.length_m[i, j])
        departs = _departures(passed, windows)
        is_first = options.walk_s[i, j] < 0
        is_better = walk_s < options.walk_s[i, j] or length_m < options.length_m[i, j] - _CENTIMETRE
        if (is_first or is_better) and departs is not None:
            ways.append((Way(i, j, walk_s, length_m, departs), GatedWalk(walks, windows, passed)))
    return ways


def _passages(
    walks: Walks, edges: Iterable[int], pace_m_s: float
) -> dict[tuple[int, int], tuple[Passage, ...]]:
    """Return the passages of `edges` on each walk that has any, there and back."""
    effort_m = walks.effort_m
    found: dict[tuple[int, int], tuple[Passage, ...]] = {}
    for i, j, edge, begins_m, ends_m in zip(*walks.passages(np.array(sorted(edges))), strict=True):
        if ends_m - begins_m < _CENTIMETRE:
            continue  # a place at the very end of the edge
        there, back = (int(i), int(j)), (int(j), int(i))
        total_m = effort_m[there]
        ahead = Passage(int(edge), begins_m / pace_m_s, ends_m / pace_m_s)
        home = Passage(int(edge), (total_m - ends_m) / pace_m_s, (total_m - begins_m) / pace_m_s)
        # Steps come backwards: the last passage first.
        found[there] = (ahead, *found.get(there, ()))
        found[back] = (*found.get(back, ()), home)
    return found


def _departures(passed: tuple[Passage, ...], windows: dict[int, Window]) -> Window | None:
    """Return when one may set out so that every gate is open while one passes it; None: never."""
    opens_s = max(math.ceil(round(windows[p.edge].opens_s - p.from_s, 6)) for p in passed)
    closes_s = min(math.floor(round(windows[p.edge].closes_s - p.to_s, 6)) for p in passed)
    opens_s = max(opens_s, 0)
    return Window(opens_s, closes_s) if opens_s <= closes_s else None


def _undominated(ways: list[tuple[Way, GatedWalk]]) -> list[tuple[Way, GatedWalk]]:
    """Return the ways without those that another one replaces: as quick, as short, open as long."""
    kept: dict[tuple[int, int], list[tuple[Way, GatedWalk]]] = {}
    for way, gated in sorted(ways, key=lambda each: _rank(each[0])):
        others = kept.setdefault((way.start, way.end), [])
        if not any(_replaces(other, way) for other, _ in others):
            others.append((way, gated))
    return [each for pair in sorted(kept) for each in kept[pair]]


def _rank(way: Way) -> tuple[float, ...]:
    """Return a rank by which a way comes after all that can replace it."""
    return way.walk_s, round(way.length_m, 2), way.departs.opens_s - way.departs.closes_s, way.departs.opens_s


def _replaces(one: Way, other: Way) -> bool:
    is_as_good = one.walk_s <= other.walk_s and one.length_m <= other.length_m + _CENTIMETRE
    is_as_open = (
        one.departs.opens_s <= other.departs.opens_s and one.departs.closes_s >= other.departs.closes_s
    )
    return is_as_good and is_as_open

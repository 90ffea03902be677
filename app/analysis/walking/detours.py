"""Why a walk is longer than it could be: steps avoided, a gate closed then, a yard without permission.

And what is reported of a walk where no way leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely

from app.analysis.walking.gates import Options
from app.analysis.walking.walk import Piece, Walk
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.clocks import Window
from app.domain.kinds import Kerb, WalkwayAccess, WalkwayKind

# A detour is reported from so many metres on, or from this share of the walk if that is some metres.
REPORTED_FROM_M = 20.0
REPORTED_SHARE = 0.1
REPORTED_SHARE_FROM_M = 5.0
# A permission that saves less than this is not worth asking for.
LEAST_SAVING_M = 1.0


class DetourKind(StrEnum):
    """What keeps a walk from being shorter, or from being on the network."""

    STEPS = "steps"
    KERB = "kerb"
    BESIDE_STEPS = "beside_steps"
    BESIDE_KERB = "beside_kerb"
    GATE_CLOSED = "gate_closed"
    NO_PERMISSION = "no_leave"
    UNREACHABLE = "unreachable"


_BESIDE = {DetourKind.STEPS: DetourKind.BESIDE_STEPS, DetourKind.KERB: DetourKind.BESIDE_KERB}


@dataclass(frozen=True)
class Detour:
    """One reason why a walk is longer.

    Attributes
    ----------
    kind : DetourKind
    extra_m : float
        How much shorter the walk would be without this restriction; beside steps and kerbs: how much less of
        it would be beside the network. Of what no way leads to: how far the nearest way is.
    name : str or None
        Of the edge that is avoided, where it has one.
    edge_kind : WalkwayKind
        Of what no way leads to, a path: what is missing.
    window : Window or None
        When a closed gate is open; the window nearest to the departure.
    """

    kind: DetourKind
    extra_m: float
    name: str | None
    edge_kind: WalkwayKind
    window: Window | None = None


@dataclass(frozen=True)
class MissingPermission:
    """A permission that nobody has recorded, and by how much it would shorten a tour's walk.

    `edges` are the keys of one edge, or of all of one `name`; `edge_kind` is that of the first.
    """

    edges: tuple[str, ...]
    name: str | None
    edge_kind: WalkwayKind
    saves_m: float


@dataclass(frozen=True, eq=False)
class Detours:
    """Finds the detours of a tour's legs; walks without a restriction are worked out when asked for.

    Attributes
    ----------
    options : Options
    """

    options: Options
    _walks: dict[tuple[bool, frozenset[int]], Walks] = field(default_factory=dict, repr=False)

    def of(self, i: int, j: int, arc: int | None = None, departs_s: int | None = None) -> tuple[Detour, ...]:
        """Return why the walk from place `i` to place `j` takes a detour, if it does.

        A walk is compared with the quickest one that may use what it may not: with steps and raised
        kerbs; with every gate that has a permission at some other time; with every gate and yard there is.
        Reported is what is at least `REPORTED_FROM_M` longer, or a tenth (and `REPORTED_SHARE_FROM_M`), and
        where one walks beside the network because it leads over steps or a raised kerb only.

        Parameters
        ----------
        i, j : int
        arc : int, optional
            As in `Options.walk`.
        departs_s : int, optional
            When one departs; without it no gate is called closed.
        """
        taken_m = self._taken_m(i, j, arc)
        leg = (i, j)
        closed = () if departs_s is None else self._closed(leg, taken_m, departs_s)
        beside = self._beside(leg, arc)
        return (*self._avoided(leg, taken_m, arc), *beside, *closed, *self._unallowed(leg, taken_m))

    def missing(
        self, legs: Sequence[tuple[int, int, int | None]], is_over: Callable[[], bool] = lambda: False
    ) -> tuple[MissingPermission, ...]:
        """Return which permissions would shorten a tour's walk, in its order, the greatest saving first.

        Each edge without permission is tried alone, at any time, beside all that have one at some time;
        then all edges of one name, reported where that saves more than any one of them. Edges that no
        shorter walk can use are not tried.

        Parameters
        ----------
        legs : sequence of (int, int, int or None)
            From place, to place, index in `Options.timed_arcs` or None.
        is_over : callable, optional
            Asked before each trial whether to be content with what is found: a city has hundreds of yards.
        """
        edges = self._near(legs)
        single: dict[int, float] = {}
        for edge in edges:
            if is_over():
                break
            single[edge] = self._saving_m(legs, frozenset([edge]))
        found = [self._missing([edge], saved_m) for edge, saved_m in single.items()]
        for group in self._of_one_name(sorted(self._locked - self._opened)):
            if is_over():
                break
            tried = [single[edge] for edge in group if edge in single]
            saved_m = self._saving_m(legs, frozenset(group)) if tried else 0.0
            if tried and saved_m >= max(tried) + LEAST_SAVING_M:
                found.append(self._missing(group, saved_m))
        worth = [each for each in found if each.saves_m >= LEAST_SAVING_M]
        return tuple(sorted(worth, key=lambda each: (-each.saves_m, len(each.edges), each.edges)))

    def needed(self, place: int) -> tuple[str, ...]:
        """Return the keys of the edges without permission on the walk to a place unreachable without them.

        Empty where no permission would help either.
        """
        walks = self._walks_with(self._locked | self._opened)
        others = np.flatnonzero(walks.is_reachable[place] & (self.options.base.snapped.edge >= 0)).tolist()
        if not others:
            return ()
        edges = dict.fromkeys(piece.edge for piece in _on_edges(walks.walk(others[0], place)))
        return tuple(str(self.options.network.key[e]) for e in edges if e in self._locked - self._opened)

    def _near(self, legs: Sequence[tuple[int, int, int | None]]) -> list[int]:
        """Return the edges without permission by which a leg could be shorter, if walked to straight."""
        edges = np.array(sorted(self._locked - self._opened), dtype=int)
        lines = self.options.network.lines_of(edges)
        away_m = shapely.distance(lines[:, None], np.asarray(self.options.places)[None, :])
        is_near = np.zeros(len(edges), dtype=bool)
        for i, j, arc in legs:
            is_near |= away_m[:, i] + away_m[:, j] < self._taken_m(i, j, arc)
        return [int(edge) for edge in edges[is_near]]

    def _avoided(self, leg: tuple[int, int], taken_m: float, arc: int | None) -> list[Detour]:
        if not self.options.profile.is_step_free:
            return []
        freer = self._free_walk(leg, taken_m, self._opened_by(arc), has_steps=True)
        kind, piece = self._obstacle(freer)
        return [] if piece is None else [self._detour(kind, piece, freer, taken_m)]

    def _beside(self, leg: tuple[int, int], arc: int | None) -> list[Detour]:
        if not self.options.profile.is_step_free:
            return []
        freer = self._walks_with(self._opened_by(arc), has_steps=True).walk(*leg)
        extra_m = self.options.walk(*leg, arc).off_network_m - freer.off_network_m
        kind, piece = self._obstacle(freer)
        if piece is None or extra_m < LEAST_SAVING_M:
            return []
        return [replace(self._detour(_BESIDE[kind], piece, freer, 0.0), extra_m=extra_m)]

    def _opened_by(self, arc: int | None) -> frozenset[int]:
        return frozenset() if arc is None else frozenset(self.options.gated[arc].windows)

    def _obstacle(self, walk: Walk | None) -> tuple[DetourKind, Piece | None]:
        """Return the first steps of a walk, or else its first raised kerb."""
        network = self.options.network
        for piece in _on_edges(walk):
            if network.kind[piece.edge] == WalkwayKind.STEPS:
                return DetourKind.STEPS, piece
        raised = (piece for piece in _on_edges(walk) if network.kerb[piece.edge] == Kerb.RAISED)
        return DetourKind.KERB, next(raised, None)

    def _closed(self, leg: tuple[int, int], taken_m: float, departs_s: int) -> list[Detour]:
        if not self._opened:
            return []
        freer, at_s = self._free_walk(leg, taken_m, self._opened), float(departs_s)
        pace_m_s = self.options.profile.pace_m_s
        for piece in () if freer is None else freer.pieces:
            until_s = at_s + piece.cost_m / pace_m_s
            windows = self._windows.get(-1 if piece.edge is None else piece.edge, [])
            if windows and not any(w.opens_s <= at_s and until_s <= w.closes_s for w in windows):
                nearest = min(windows, key=lambda w: max(w.opens_s - at_s, until_s - w.closes_s))
                return [self._detour(DetourKind.GATE_CLOSED, piece, freer, taken_m, nearest)]
            at_s = until_s
        return []

    def _unallowed(self, leg: tuple[int, int], taken_m: float) -> list[Detour]:
        if self._locked <= self._opened:
            return []
        allowed_m = min(taken_m, self._allowed_m(leg, taken_m))
        freer = self._free_walk(leg, allowed_m, self._locked | self._opened)
        for piece in _on_edges(freer):
            if piece.edge in self._locked - self._opened:
                return [self._detour(DetourKind.NO_PERMISSION, piece, freer, allowed_m)]
        return []

    def _detour(
        self, kind: DetourKind, piece: Piece, freer: Walk | None, taken_m: float, window: Window | None = None
    ) -> Detour:
        edge = -1 if piece.edge is None else piece.edge
        extra_m = taken_m - (taken_m if freer is None else freer.length_m)
        name, edge_kind = self.options.network.name[edge], self.options.network.kind[edge]
        return Detour(kind, extra_m, name, WalkwayKind(edge_kind), window)

    def _free_walk(
        self, leg: tuple[int, int], taken_m: float, opened: frozenset[int], *, has_steps: bool = False
    ) -> Walk | None:
        """Return the walk with fewer restrictions where the one taken counts as a detour."""
        walks = self._walks_with(opened, has_steps=has_steps)
        extra_m = taken_m - float(walks.length_m[leg])
        is_reported = extra_m >= REPORTED_FROM_M or extra_m >= max(
            REPORTED_SHARE * taken_m, REPORTED_SHARE_FROM_M
        )
        return walks.walk(*leg) if is_reported else None

    def _walks_with(self, opened: frozenset[int], *, has_steps: bool = False) -> Walks:
        options = self.options
        if (has_steps, opened) not in self._walks:
            profile = replace(options.profile, is_step_free=False) if has_steps else options.profile
            subgraph = options.cached.subgraph(profile, opened)
            self._walks[has_steps, opened] = shortest_walks(subgraph, options.places)
        return self._walks[has_steps, opened]

    @cached_property
    def _locked(self) -> frozenset[int]:
        """Edges that need permission."""
        return frozenset(np.flatnonzero(self.options.network.access == WalkwayAccess.PERMISSION).tolist())

    @cached_property
    def _opened(self) -> frozenset[int]:
        """Edges for which there is a permission at some time."""
        return frozenset(self._windows)

    @cached_property
    def _windows(self) -> dict[int, list[Window]]:
        number = {key: edge for edge, key in enumerate(self.options.network.key)}
        windows: dict[int, list[Window]] = {}
        for permission in self.options.permissions:
            windows.setdefault(number[permission.edge], []).append(permission.window)
        return windows

    def _saving_m(self, legs: Sequence[tuple[int, int, int | None]], edges: frozenset[int]) -> float:
        saved_m = 0.0
        for i, j, arc in legs:
            now_m = self._taken_m(i, j, arc)
            allowed_m = min(now_m, self._allowed_m((i, j), now_m))
            opened_m = self._walks_with(self._opened | edges).length_m[i, j]
            saved_m += max(allowed_m - float(opened_m), 0.0)
        return saved_m

    def _taken_m(self, i: int, j: int, arc: int | None) -> float:
        return float(self.options.length_m[i, j]) if arc is None else self.options.timed_arcs[arc].length_m

    def _allowed_m(self, leg: tuple[int, int], taken_m: float) -> float:
        """Return the length of a leg's walk with every gate open that has a permission at some time."""
        return float(self._walks_with(self._opened).length_m[leg]) if self._opened else taken_m

    def _of_one_name(self, edges: Iterable[int]) -> list[list[int]]:
        groups: dict[str, list[int]] = {}
        for edge in edges:
            if self.options.network.name[edge] is not None:
                groups.setdefault(self.options.network.name[edge], []).append(edge)
        return [group for group in groups.values() if len(group) > 1]

    def _missing(self, edges: list[int], saved_m: float) -> MissingPermission:
        network = self.options.network
        keys = tuple(str(network.key[edge]) for edge in edges)
        return MissingPermission(keys, network.name[edges[0]], WalkwayKind(network.kind[edges[0]]), saved_m)


def _on_edges(walk: Walk | None) -> list[Piece]:
    return [] if walk is None else [piece for piece in walk.pieces if piece.edge is not None]


def no_way(walks: Walks, i: int, j: int) -> Detour | None:
    """Return that no way leads from place `i` to place `j`; None where one does.

    Parameters
    ----------
    walks : Walks
    i, j : int
        Places.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)"], crs=25832)
    >>> subgraph = walkable_subgraph(make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines)))
    >>> walks = shortest_walks(subgraph, gpd.points_from_xy([0, 100, 400], [0, 0, 0]))
    >>> no_way(walks, 0, 1) is None, no_way(walks, 0, 2).extra_m
    (True, 300.0)
    """
    if walks.is_reachable[i, j]:
        return None
    away_m = max(walks.away_m(place) for place in (i, j) if walks.snapped.edge[place] < 0)
    return Detour(DetourKind.UNREACHABLE, away_m, None, WalkwayKind.PATH)

"""Directions from geometry: where a walk turns, onto what, and for how long it goes on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

import numpy as np
import shapely
from shapely import Point

from app.analysis.walking.street_names import SHARE, street_beside
from app.analysis.walking.walk import Piece, Walk
from app.analysis.walking.walkable import WalkableSubgraph
from app.domain.clocks import Window
from app.domain.kinds import WalkwayKind

StreetOf = Callable[[int], str | None]

# Bearings are taken so far before and after a junction; nearer, they show how it was digitized.
LOOK_M = 8.0
STRAIGHT_DEG, SLIGHT_DEG, TURN_DEG, SHARP_DEG = 20.0, 50.0, 130.0, 165.0
# What is shorter gets no direction of its own: nobody could make out half a metre to the door. Of what
# always gets one, only what would be written as 0.0 m.
LEAST_M, LEAST_REPORTED_M = 0.5, 0.05
# A bit shorter than this, nameless or of the name that follows, is the way over a junction (the
# other carriageway, a roundabout's piece) and belongs to what follows.
SHORT_M = 10.0
# A shorter path may cross a street rather than run along it.
ALONG_M = 60.0
# What always gets a direction, even straight on.
REPORTED_KINDS = frozenset({WalkwayKind.STEPS, WalkwayKind.GATE, WalkwayKind.YARD, WalkwayKind.CROSSING})
_ALWAYS_REPORTED = frozenset({None, *REPORTED_KINDS})
_COMPASS = 8


class TurnKind(StrEnum):
    """How a walk goes on."""

    DEPART = "depart"
    STRAIGHT = "straight"
    SLIGHT_LEFT = "slight_left"
    LEFT = "left"
    SHARP_LEFT = "sharp_left"
    SLIGHT_RIGHT = "slight_right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp_right"
    BACK = "back"
    ARRIVE = "arrive"


@dataclass(frozen=True)
class Turn:
    """One direction.

    Attributes
    ----------
    kind : TurnKind
    name : str or None
        Of what one walks on from here.
    edge_kind : WalkwayKind or None
        None beside the network, and on arrival.
    length_m : float
        Until the next direction.
    point : Point
        Where, EPSG:25832.
    octant : int
        Where to from here, in eighths of a circle clockwise from north (0 north, 2 east).
    is_same : bool
        Whether one stays on what one has walked on.
    window : Window or None
        When a gate or yard with permission is open.
    beside : str or None
        The street along which one walks on, where that has no name.
    """

    kind: TurnKind
    name: str | None
    edge_kind: WalkwayKind | None
    length_m: float
    point: Point
    octant: int
    is_same: bool = False
    window: Window | None = None
    beside: str | None = None


@dataclass(frozen=True)
class _Stretch:
    """A part of a walk with one direction; one comes to its junction at `turns_m`."""

    turns_m: float
    begins_m: float
    ends_m: float
    name: str | None
    edge_kind: WalkwayKind | None
    window: Window | None
    # Whether there is a choice; on the network only, beside it each stretch gets a direction anyway.
    is_junction: bool = False
    # The streets beside it, each with the metres that run along it.
    along: tuple[tuple[str, float], ...] = ()

    @property
    def length_m(self) -> float:
        return self.ends_m - self.begins_m

    @property
    def beside(self) -> str | None:
        """The street along which most of it runs."""
        metres: dict[str, float] = {}
        for name, length_m in self.along:
            metres[name] = metres.get(name, 0.0) + length_m
        best = max(metres, key=metres.__getitem__, default=None)
        return best if best is not None and metres[best] >= max(SHARE * self.length_m, ALONG_M) else None


def directions(
    subgraph: WalkableSubgraph,
    walk: Walk,
    windows: dict[int, Window] | None = None,
    street_of: StreetOf | None = None,
) -> tuple[Turn, ...]:
    """Return the directions of a walk, the first where it begins, the last on arrival.

    Bearings are compared `LOOK_M` before and after each junction, no farther than the stretches of its
    directions: below 20 degrees is straight on, below 50 slightly, below 130 a turn, below 165 sharp,
    above that back. A turn gets a direction where there is a choice (three edges or more meet; a slight
    one along one name gets none), another name, and steps, crossings, gates, yards and straight bits
    beside the network even straight on.

    Parameters
    ----------
    subgraph : WalkableSubgraph
        On which the walk was found.
    walk : Walk
    windows : dict of int to Window, optional
        Time windows of edges with permission, as in `GatedWalk.windows`.

    street_of : callable, optional
        `CachedNetwork.street_beside` where there is one, so that streets are not looked for again.

    Returns
    -------
    tuple of Turn
        Of a walk nowhere only the arrival; where no way leads none.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> from app.analysis.walking.walks import shortest_walks
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 0 50)", "LINESTRING (0 50, 80 50)"], crs=25832)
    >>> walkways = gpd.GeoDataFrame({"kind": "street", "name": ["Klauskamp", "Am Ring"]}, geometry=lines)
    >>> subgraph = walkable_subgraph(make_network(walkways))
    >>> walk = shortest_walks(subgraph, gpd.points_from_xy([0, 80], [0, 50])).walk(0, 1)
    >>> [(turn.kind.value, turn.name, turn.length_m) for turn in directions(subgraph, walk)]
    [('depart', 'Klauskamp', 50.0), ('right', 'Am Ring', 80.0), ('arrive', None, 0.0)]
    """
    if not walk.is_reachable:
        return ()
    street_of = street_of or partial(street_beside, subgraph.network)
    stretches = _joined(_stretches(subgraph, walk, windows or {}, street_of), walk)
    turns = [_turn(walk, before, here) for before, here in zip([None, *stretches], stretches, strict=False)]
    end = Point(walk.line.coords[-1])
    octant = turns[-1].octant if turns else 0
    return (*turns, Turn(TurnKind.ARRIVE, None, None, 0.0, end, octant))


def _stretches(
    subgraph: WalkableSubgraph, walk: Walk, windows: dict[int, Window], street_of: StreetOf
) -> list[_Stretch]:
    network = subgraph.network
    found: list[_Stretch] = []
    turns_m = 0.0
    for piece in walk.pieces:
        kind = None if piece.edge is None else WalkwayKind(network.kind[piece.edge])
        if piece.length_m < (LEAST_REPORTED_M if kind in REPORTED_KINDS else LEAST_M):
            found = [*found[:-1], *(replace(last, ends_m=piece.ends_m) for last in found[-1:])]
            turns_m = piece.ends_m if found else turns_m
            continue
        measures, turns_m = (turns_m, piece.begins_m, piece.ends_m), piece.ends_m
        if piece.edge is None or kind is None:
            found.append(_Stretch(*measures, name=None, edge_kind=None, window=None))
            continue
        name = network.name[piece.edge]
        has_choice = subgraph.degree[_node_at_start(subgraph, piece)] > 2
        street = street_of(piece.edge)
        along = () if street is None else ((street, piece.length_m),)
        found.append(_Stretch(*measures, name, kind, windows.get(piece.edge), has_choice, along))
    return found


def _node_at_start(subgraph: WalkableSubgraph, piece: Piece) -> int:
    return int(subgraph.network.ends[piece.edge, 0 if piece.from_m <= piece.to_m else 1])


def _joined(stretches: list[_Stretch], walk: Walk) -> list[_Stretch]:
    """Return the stretches with those of one direction joined."""
    joined: list[_Stretch] = []
    for here in stretches:
        if len(joined) > 1 and _is_junction_bit(joined[-1], here):
            # One turn, from before the short bit to after it.
            short = joined.pop()
            here = replace(here, turns_m=short.turns_m, is_junction=True)  # noqa: PLW2901
        if joined and _goes_on(walk, joined[-1], here):
            before = joined[-1]
            joined[-1] = replace(before, ends_m=here.ends_m, along=before.along + here.along)
        else:
            joined.append(here)
    return joined


def _is_junction_bit(bit: _Stretch, following: _Stretch) -> bool:
    is_reported = not {bit.edge_kind, following.edge_kind}.isdisjoint(_ALWAYS_REPORTED)
    return bit.length_m < SHORT_M and not is_reported and bit.name in {None, following.name}


def _goes_on(walk: Walk, before: _Stretch, here: _Stretch) -> bool:
    """Return whether no direction is needed between two stretches."""
    if before.name != here.name or before.window != here.window or here.edge_kind is None:
        return False
    if before.edge_kind != here.edge_kind and not {before.edge_kind, here.edge_kind}.isdisjoint(
        _ALWAYS_REPORTED
    ):
        return False
    # A street that keeps its name through a slight bend is what anybody would follow.
    turns_from_deg = STRAIGHT_DEG if here.name is None else SLIGHT_DEG
    return not here.is_junction or abs(_angle_deg(walk, before, here)) < turns_from_deg


def _turn(walk: Walk, before: _Stretch | None, here: _Stretch) -> Turn:
    kind = TurnKind.DEPART if before is None else turn_kind(_angle_deg(walk, before, here))
    end_m = here.ends_m
    point = Point(walk.line.interpolate(here.turns_m))
    is_same = before is not None and (before.name, before.edge_kind) == (here.name, here.edge_kind)
    return Turn(
        kind,
        here.name,
        here.edge_kind,
        end_m - here.turns_m,
        point,
        round(_ahead_deg(walk, here) / (360 / _COMPASS)) % _COMPASS,
        is_same,
        here.window,
        here.beside,
    )


def turn_kind(angle_deg: float) -> TurnKind:
    """Return the turn of an angle, clockwise positive, between -180 and 180.

    Examples
    --------
    >>> turn_kind(-90.0).value
    'left'
    """
    size = abs(angle_deg)
    if size < STRAIGHT_DEG:
        return TurnKind.STRAIGHT
    if size >= SHARP_DEG:
        return TurnKind.BACK
    side = "right" if angle_deg > 0 else "left"
    strength = "slight_" if size < SLIGHT_DEG else "" if size < TURN_DEG else "sharp_"
    return TurnKind(strength + side)


def _angle_deg(walk: Walk, before: _Stretch, here: _Stretch) -> float:
    before_deg = _bearing_deg(walk, max(here.turns_m - LOOK_M, before.begins_m), here.turns_m)
    return (_ahead_deg(walk, here) - before_deg + 180.0) % 360.0 - 180.0


def _ahead_deg(walk: Walk, here: _Stretch) -> float:
    return _bearing_deg(walk, here.begins_m, min(here.begins_m + LOOK_M, here.ends_m))


def _bearing_deg(walk: Walk, from_m: float, to_m: float) -> float:
    """Return the direction between two measures of a walk, clockwise from north."""
    tips = shapely.line_interpolate_point(walk.line, [from_m, to_m])
    (east_m, north_m) = np.diff(shapely.get_coordinates(tips), axis=0)[0]
    return math.degrees(math.atan2(east_m, north_m)) % 360.0

"""One walk from place to place: its line, and what each part of it runs along."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry import LineString, Point

from app.analysis.walking.arcs import STRAIGHT, Arcs
from app.analysis.walking.network import JOIN_M, Array, Network

# The last bit of a sum, not a walk along the network.
_LEAST_M = 1e-3


@dataclass(frozen=True)
class Piece:
    """A part of a walk: along one edge, or straight beside the network.

    Attributes
    ----------
    edge : int or None
        None beside the network.
    from_m, to_m : float
        Measures on the edge, in walking direction; 0 and the length beside the network.
    begins_m, ends_m : float
        Measures on the walk.
    cost_m : float
        Length of level, firm ground that takes as long.
    """

    edge: int | None
    from_m: float
    to_m: float
    begins_m: float
    ends_m: float
    cost_m: float

    @property
    def length_m(self) -> float:
        """Length of the part."""
        return self.ends_m - self.begins_m


@dataclass(frozen=True)
class Walk:
    """The walk from one place to another.

    Attributes
    ----------
    line : LineString
        The whole walk, EPSG:25832; of two equal points when there is nowhere to go. Where no way leads, a
        straight line as a picture.
    pieces : tuple of Piece
        What it is made of, in walking order; none where no way leads.
    """

    line: LineString
    pieces: tuple[Piece, ...]

    @property
    def is_reachable(self) -> bool:
        """Whether one can walk it: its end lies at the ways that its start lies at."""
        return bool(self.pieces)

    @property
    def length_m(self) -> float:
        """Length of the whole walk; 0 where no way leads."""
        return float(self.line.length) if self.is_reachable else 0.0

    @property
    def cost_m(self) -> float:
        """Length of level, firm ground that takes as long to walk."""
        return sum(piece.cost_m for piece in self.pieces)

    @property
    def straight(self) -> tuple[Piece, ...]:
        """The parts beside the network; of a walk that uses it, none shorter than `JOIN_M`."""
        least_m = 0.0 if all(p.edge is None for p in self.pieces) else JOIN_M
        return tuple(p for p in self.pieces if p.edge is None and p.length_m >= least_m)

    @property
    def off_network_m(self) -> float:
        """Length of the straight parts beside the network."""
        return sum(piece.length_m for piece in self.straight)

    @property
    def off_network(self) -> tuple[LineString, ...]:
        """The straight parts beside the network."""
        return tuple(
            LineString([self.line.interpolate(p.begins_m), self.line.interpolate(p.ends_m)])
            for p in self.straight
        )

    @property
    def on_network(self) -> tuple[tuple[float, float], ...]:
        """Between which measures the walk is on the network, in walking order; none of no length."""
        if all(piece.edge is None for piece in self.pieces):
            return ()
        joins = [0.0, *(piece.ends_m for piece in self.straight)]
        leaves = [*(piece.begins_m for piece in self.straight), self.length_m]
        return tuple((a, b) for a, b in zip(joins, leaves, strict=True) if b - a >= _LEAST_M)

    def walk_s(self, pace_m_s: float) -> int:
        """Return the walking time at a pace on level subgraph, rounded up to whole seconds."""
        return whole_seconds(self.cost_m / pace_m_s)

    def reversed(self) -> Walk:
        """Return the walk back."""
        length_m = self.length_m
        pieces = tuple(
            replace(
                p,
                from_m=p.to_m,
                to_m=p.from_m,
                begins_m=max(length_m - p.ends_m, 0.0),  # a negative measure would count from the end
                ends_m=length_m - p.begins_m,
            )
            for p in self.pieces[::-1]
        )
        return Walk(self.line.reverse(), pieces)


def whole_seconds(time_s: float) -> int:
    """Return a time rounded up to whole seconds; a last bit too much in a sum adds none.

    Examples
    --------
    >>> whole_seconds(59.2), whole_seconds(60.0000000001)
    (60, 60)
    """
    return math.ceil(round(time_s, 6))


def unreachable_walk(start: Point, end: Point) -> Walk:
    """Return what is drawn where no way leads: a line that is not walked.

    Parameters
    ----------
    start, end : Point
        EPSG:25832.

    Examples
    --------
    >>> unreachable_walk(Point(0, 0), Point(3, 4)).is_reachable
    False
    """
    return Walk(LineString([start, end]), ())


def walk_along(network: Network, arcs: Arcs, corners: Array) -> Walk:
    """Return the walk along arcs.

    Parameters
    ----------
    network : Network
    arcs : Arcs
        In walking order.
    corners : array of float, shape (len(arcs) + 1, 2)
        Coordinates of their vertices, EPSG:25832; read of straight ones only.

    Returns
    -------
    Walk

    Examples
    --------
    >>> import geopandas as gpd
    >>> from app.analysis.walking.arcs import edge_arcs
    >>> from app.analysis.walking.network import make_network
    >>> from app.analysis.walking.walkable import walkable_subgraph
    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"], crs=25832)
    >>> network = make_network(gpd.GeoDataFrame({"kind": ["path"]}, geometry=lines))
    >>> one, other = np.array([0]), np.array([1])
    >>> arcs = edge_arcs(walkable_subgraph(network), np.array([0]), one, other)
    >>> walk_along(network, arcs, np.zeros((2, 2))).line.wkt
    'LINESTRING (0 0, 9 0)'
    """
    parts, pieces, at_m = [corners[:1]], list[Piece](), 0.0
    for rows in _runs(arcs):
        last = rows[-1]
        edge, from_m, to_m = int(arcs.edge[last]), float(arcs.from_m[rows[0]]), float(arcs.to_m[last])
        is_straight = edge == STRAIGHT
        xy = corners[last : last + 2] if is_straight else network.stretch(edge, from_m, to_m)
        length_m = float(np.hypot(*(xy[1:] - xy[:-1]).T).sum())
        cost_m = float(arcs.cost_m[rows].sum())
        measures = (0.0, length_m) if is_straight else (from_m, to_m)
        pieces.append(Piece(None if is_straight else edge, *measures, at_m, at_m + length_m, cost_m))
        parts.append(xy)
        at_m += length_m
    xy = _without_repeats(np.concatenate(parts))
    return Walk(LineString(xy if len(xy) > 1 else [xy[0], xy[0]]), tuple(pieces))


def _runs(arcs: Arcs) -> list[Sequence[int]]:
    """Return the arcs in runs that go on along the same edge in the same direction."""
    runs: list[list[int]] = []
    for row, edge in enumerate(arcs.edge.tolist()):
        goes_on = (
            runs
            and edge == arcs.edge[row - 1] != STRAIGHT
            and arcs.from_m[row] == arcs.to_m[row - 1]
            and (arcs.to_m[row] >= arcs.from_m[row]) == (arcs.to_m[row - 1] >= arcs.from_m[row - 1])
        )
        if goes_on:
            runs[-1].append(row)
        else:
            runs.append([row])
    return list(runs)


def _without_repeats(xy: Array) -> Array:
    """Return the coordinates without points equal to the one before."""
    is_new = np.ones(len(xy), dtype=bool)
    is_new[1:] = (xy[1:] != xy[:-1]).any(axis=1)
    return np.asarray(xy[is_new])

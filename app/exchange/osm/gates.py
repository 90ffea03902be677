"""Nodes that not everybody passes, made into short edges of their own: a gate is walked, a fence is a gap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString
from shapely.ops import substring

from app.domain.kinds import WalkwayKind
from app.exchange.osm.lines import Array, OsmLine
from app.exchange.osm.tags import Rule, Tags, kind_of

# So much of a way on either side of its node counts as the gate, but no more than a third of a piece.
GATE_M = 1.0
_SHARE = 1 / 3
# Of several ways that lie on each other (a bridge above a street) each is cut a little nearer to the node, so
# that their new ends do not meet.
_LESS = 0.95
_GATES = ("barrier", "entrance", "door", "locked")


@dataclass(frozen=True)
class OsmPiece:
    """A part of a line between two nodes at which lines end; `line` in EPSG:25832."""

    of: OsmLine
    start: int
    end: int
    line: LineString


@dataclass(frozen=True)
class GateEdge:
    """The short edge at a node that is passed with permission only."""

    key: str
    of: OsmLine
    tags: Tags
    rule: Rule
    line: LineString

    @property
    def kind(self) -> WalkwayKind:
        """A gate where something stands there, else what the way is."""
        return WalkwayKind.GATE if any(name in self.tags for name in _GATES) else kind_of(self.of.tags)


def gated(
    pieces: list[OsmPiece], rules: dict[int, Rule], node_tags: dict[int, Tags]
) -> tuple[list[OsmPiece], list[GateEdge]]:
    """Return pieces shortened at nodes with a rule, and the edges in between that need permission.

    Where two pieces meet, it is one edge through the node; of more pieces each has its own. Where ways
    meet a square, the gate stands on the ways. A closed node leaves a gap.

    Parameters
    ----------
    pieces : list of OsmPiece
    rules : dict of int to Rule
        Of the nodes that not everybody passes.
    node_tags : dict of int to mapping
    """
    arms: dict[int, list[tuple[int, int]]] = {node: [] for node in rules}
    for number, piece in enumerate(pieces):
        for tip, node in enumerate((piece.start, piece.end)):
            if node in rules:
                arms[node].append((number, tip))
    cut = list(pieces)
    bits: list[GateEdge] = []
    for node, all_arms in sorted(arms.items()):
        ways = [arm for arm in all_arms if not pieces[arm[0]].of.is_square]
        chosen = ways or all_arms
        is_through = len(chosen) == 2 and not rules[node].is_closed
        shares = [1.0 if is_through else _LESS**n for n in range(len(chosen))]
        stubs = [_shorten(cut, pieces, arm, share) for arm, share in zip(chosen, shares, strict=True)]
        if not rules[node].is_closed:
            owners = [pieces[number].of for number, _ in chosen]
            bits += _bits(node, stubs, owners, rules[node], node_tags.get(node, {}))
    return cut, bits


def _shorten(cut: list[OsmPiece], pieces: list[OsmPiece], arm: tuple[int, int], share: float) -> Array:
    """Shorten a piece at one end, in place; return what is taken away, from the node outwards."""
    number, tip = arm
    least_m = share * min(GATE_M, _SHARE * pieces[number].line.length)
    piece = cut[number]
    if tip == 0:
        stub, rest = substring(piece.line, 0, least_m), substring(piece.line, least_m, piece.line.length)
    else:
        at_m = piece.line.length - least_m
        stub, rest = substring(piece.line, at_m, piece.line.length).reverse(), substring(piece.line, 0, at_m)
    xy = shapely.get_coordinates(rest)
    # To the last bit one spot, or the edges would not meet.
    xy[0 if tip == 0 else -1] = stub.coords[-1]
    cut[number] = replace(piece, line=LineString(xy))
    return np.asarray(shapely.get_coordinates(stub))


def _bits(node: int, stubs: list[Array], owners: list[OsmLine], rule: Rule, tags: Tags) -> Iterator[GateEdge]:
    if len(stubs) == 2:
        stubs = [np.concatenate([stubs[0][::-1], stubs[1][1:]])]
    for number, xy in enumerate(stubs, 1):
        key = f"osm-n{node}" if len(stubs) == 1 else f"osm-n{node}.{number}"
        yield GateEdge(key, owners[number - 1], tags, rule, LineString(xy))

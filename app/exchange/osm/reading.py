"""A walk network from an extract of OpenStreetMap.

Ways run on over their crossings; here they are cut at every node that they share, so that edges meet at
their ends, and only there. Squares are crossed, gates and fences on a way are short edges of their own or
gaps, and what the extract lacks is cut out rather than bridged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString

from app.domain.crs import STORAGE_CRS, to_storage
from app.errors import N_, NN_, DataError
from app.exchange.osm.extract import Extract, read_extract
from app.exchange.osm.gates import GateEdge, OsmPiece, gated
from app.exchange.osm.lines import Lines, OsmLine, Square, ends_of, lines_of, separate_nodes
from app.exchange.osm.squares import visible_edges
from app.exchange.osm.tags import Rule, kind_of, node_rule, way_rule

Spots = dict[int, Any]


@dataclass(frozen=True)
class OsmTally:
    """Counts of one extract.

    Attributes
    ----------
    n_ways : int
        Ways to walk of which at least a part was read, squares not counted.
    n_squares : int
        Areas to walk.
    n_outlined : int
        Of these, squares walked along their outline only: because nobody asked for more, or the outline has
        gaps, crosses itself or has too many corners.
    n_gates : int
        Nodes that are passed with permission, or at certain hours.
    n_closed : int
        Nodes that nobody passes: fences and walls across a way.
    n_cut : int
        Ways cut where the extract lacks a node.
    n_lost : int
        Ways to walk of which nothing is left, for lack of nodes.
    n_apart : int
        Nodes moved by centimetres because they lie on another one without being joined to it.
    n_unread : int
        Ways and nodes with hours or conditions that are not understood.
    """

    n_ways: int = 0
    n_squares: int = 0
    n_outlined: int = 0
    n_gates: int = 0
    n_closed: int = 0
    n_cut: int = 0
    n_lost: int = 0
    n_apart: int = 0
    n_unread: int = 0


@dataclass(frozen=True)
class OsmWalkways:
    """The walkways of an extract, and what was read, cut and lost.

    Attributes
    ----------
    walkways : GeoDataFrame
        Columns `key` (number of the way and of the piece within it; `osm-n` and the node's number of a gate,
        `osm-r` and the relation's of a square), `kind`, `name`, `surface`, `kerb` (unknown), `access`,
        `opening_hours`; LineStrings, EPSG:25832.
    tally : OsmTally
    """

    walkways: gpd.GeoDataFrame
    tally: OsmTally


def read_osm(path: Path, *, crosses_squares: bool = False) -> OsmWalkways:
    """Return the ways of an extract that can be walked, joined where they share a node.

    Parameters
    ----------
    path : Path
        An extract as .osm.pbf, .osm, .osm.gz or .osm.bz2, or what Overpass answers as XML.
    crosses_squares : bool
        Whether squares are crossed straight on, too. Else they are walked along their outline, as other
        routing engines do: of flower beds, fountains and stalls a square seldom has.

    Raises
    ------
    NotFoundError, DataError
        When the file is missing, is no extract, or holds nothing that can be walked.
    """
    extract = read_extract(path)
    lines = lines_of(extract)
    if not any(True for _ in lines):
        raise _nothing_walked(path, lines)
    rules = _node_rules(extract, lines)
    ends = ends_of(lines) | rules.keys()
    spots = _metres(extract, lines)
    crossings, n_outlined = _crossings(lines, spots) if crosses_squares else ([], len(lines.squares))
    ends |= {node for crossing in crossings for node in crossing.nodes}
    n_apart = separate_nodes(extract.places, ends)
    spots = _metres(extract, lines) if n_apart else spots
    pieces = [piece for line in [*lines, *crossings] for piece in _pieces(line, ends, spots)]
    pieces, bits = gated(pieces, rules, extract.node_tags)
    n_unread = sum(rule.is_unread for rule in rules.values())
    n_unread += sum(way_rule(tags).is_unread for tags in {line.key: line.tags for line in lines}.values())
    tally = OsmTally(
        n_ways=lines.n_ways,
        n_squares=len(lines.squares),
        n_outlined=n_outlined,
        n_gates=len({bit.key.split(".")[0] for bit in bits}),
        n_closed=sum(rule.is_closed for rule in rules.values()),
        n_cut=lines.n_cut,
        n_lost=lines.n_lost,
        n_apart=n_apart,
        n_unread=n_unread,
    )
    return OsmWalkways(_frame(pieces, bits), tally)


def _nothing_walked(path: Path, lines: Lines) -> DataError:
    if lines.n_lost:
        return DataError(
            NN_(
                "“%(file)s” contains %(n)s walkable way, but not its coordinates; ask Overpass for "
                "“out geom”, or for the nodes as well.",
                "“%(file)s” contains %(n)s walkable ways, but not their coordinates; ask Overpass "
                "for “out geom”, or for the nodes as well.",
            ),
            file=path.name,
            n=lines.n_lost,
        )
    return DataError(N_("“%(file)s” contains no walkable ways."), file=path.name)


def _node_rules(extract: Extract, lines: Lines) -> dict[int, Rule]:
    """Return the rules of nodes that not everybody passes, of the lines' nodes."""
    nodes = {node for line in lines for node in line.nodes} & extract.node_tags.keys()
    rules = {node: node_rule(extract.node_tags[node]) for node in nodes}
    return {node: rule for node, rule in rules.items() if not rule.is_free}


def _metres(extract: Extract, lines: Lines) -> Spots:
    """Return the coordinates of the lines' nodes in EPSG:25832."""
    nodes = sorted({node for line in lines for node in line.nodes})
    degrees = np.array([extract.places[node] for node in nodes])
    xy = shapely.get_coordinates(to_storage(shapely.multipoints(degrees)))
    return dict(zip(nodes, map(tuple, xy.tolist()), strict=True))


def _crossings(lines: Lines, spots: Spots) -> tuple[list[OsmLine], int]:
    """Return the edges by which squares are crossed, and how many are walked along their outline only."""
    uses = Counter(node for line in lines for node in set(line.nodes))
    found, n_outlined = list[OsmLine](), 0
    for square in lines.squares:
        own = Counter(node for line in square.outline for node in set(line.nodes))
        entries = sorted(node for node in own if uses[node] > own[node])
        edges = _edges(square, entries, spots)
        n_outlined += edges is None
        found += [OsmLine(square.key, edge, square.tags, is_square=True) for edge in edges or ()]
    return found, n_outlined


def _edges(square: Square, entries: list[int], spots: Spots) -> list[tuple[int, int]] | None:
    if not square.is_whole:
        return None
    return visible_edges([line.nodes for line in square.outline], entries, spots)


def _pieces(line: OsmLine, ends: set[int], spots: Spots) -> list[OsmPiece]:
    """Return the parts of a line between the nodes at which it is cut."""
    at = [0, *(n for n in range(1, len(line.nodes) - 1) if line.nodes[n] in ends), len(line.nodes) - 1]
    return [
        OsmPiece(line, line.nodes[a], line.nodes[b], LineString([spots[n] for n in line.nodes[a : b + 1]]))
        for a, b in pairwise(at)
    ]


def _frame(pieces: list[OsmPiece], bits: list[GateEdge]) -> gpd.GeoDataFrame:
    numbers = Counter[str]()
    rows = []
    for piece in pieces:
        numbers[piece.of.key] += 1
        key = f"{piece.of.key}.{numbers[piece.of.key]}"
        rows.append(_row(key, piece.of, kind_of(piece.of.tags), way_rule(piece.of.tags), piece.line))
    for bit in bits:
        row = _row(bit.key, bit.of, bit.kind, bit.rule, bit.line)
        rows.append({**row, "name": bit.tags.get("name")})
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=STORAGE_CRS)
    columns = ["name", "surface", "kerb", "opening_hours"]
    frame[columns] = frame[columns].astype(object).where(frame[columns].notna(), None)
    return frame[np.asarray(frame.length > 0)].reset_index(drop=True)


def _row(key: str, line: OsmLine, kind: str, rule: Rule, geometry: LineString) -> dict[str, Any]:
    return {
        "key": key,
        "kind": str(kind),
        "name": line.tags.get("name"),
        "surface": line.tags.get("surface"),
        "kerb": None,
        "access": rule.access.value,
        "opening_hours": rule.opening_hours,
        "geometry": geometry,
    }

"""Ways and outlines as lines over nodes: cut at gaps, joined by the ids of nodes, never by coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from app.exchange.osm.extract import Extract, OsmArea
from app.exchange.osm.tags import Tags, is_area

Array = np.ndarray[Any, Any]

# Stored ways join where their ends lie within a centimetre. Nodes nearer than this to another one that
# is not theirs are moved, a step to the north: three units of the last of seven decimals, 3 cm.
APART_M = 0.025
_STEP_DEG = 3e-7
_DEGREE_M = 111_320.0


@dataclass(frozen=True)
class OsmLine:
    """A run of nodes of one way, or of the outline of a square, with the tags that hold for it."""

    key: str
    nodes: tuple[int, ...]
    tags: Tags
    is_square: bool = False


@dataclass(frozen=True)
class Square:
    """An area to walk: its key, and the lines of its outline; `is_whole` when no node of it is missing."""

    key: str
    tags: Tags
    outline: tuple[OsmLine, ...]
    is_whole: bool


@dataclass
class Lines:
    """All lines of an extract.

    Attributes
    ----------
    ways : list of OsmLine
    squares : list of Square
    n_ways, n_cut, n_lost : int
        As in `OsmTally`.
    """

    ways: list[OsmLine] = field(default_factory=list)
    squares: list[Square] = field(default_factory=list)
    n_ways: int = 0
    n_cut: int = 0
    n_lost: int = 0

    def __iter__(self) -> Iterator[OsmLine]:
        """Yield all lines, those of squares after those of ways."""
        yield from self.ways
        for square in self.squares:
            yield from square.outline


def lines_of(extract: Extract) -> Lines:
    """Return the lines of an extract, ways cut where it lacks a node."""
    lines = Lines()
    for way in extract.walked:
        is_square = len(way.nodes) > 3 and way.nodes[0] == way.nodes[-1] and is_area(way.tags)
        given = OsmLine(f"osm-{way.number}", _without_repeats(way.nodes), way.tags, is_square)
        parts = _parts(lines, extract, given)
        if is_square and parts:
            lines.squares.append(Square(given.key, way.tags, tuple(parts), parts == [given]))
        elif parts:
            lines.n_ways += 1
            lines.ways += parts
    for area in extract.areas:
        _add_area(lines, extract, area)
    return lines


def _add_area(lines: Lines, extract: Extract, area: OsmArea) -> None:
    members = [extract.ways[number] for number in area.members if number in extract.ways]
    key = f"osm-r{area.number}"
    given = [OsmLine(key, _without_repeats(way.nodes), area.tags, is_square=True) for way in members]
    parts = [part for line in given for part in _parts(lines, extract, line)]
    lines.n_lost += not members
    if parts:
        is_whole = parts == given and len(members) == len(area.members)
        lines.squares.append(Square(key, area.tags, tuple(parts), is_whole))


def _parts(lines: Lines, extract: Extract, given: OsmLine) -> list[OsmLine]:
    """Return the parts of a line that the extract has; what is cut or lost is counted."""
    runs: list[list[int]] = [[]]
    for node in given.nodes:
        if node in extract.places:
            runs[-1].append(node)
        elif runs[-1]:
            runs.append([])
    parts = [replace(given, nodes=tuple(run)) for run in runs if len(run) > 1]
    lines.n_cut += bool(parts) and parts != [given]
    lines.n_lost += not parts
    return parts


def _without_repeats(nodes: tuple[int, ...]) -> tuple[int, ...]:
    return (*nodes[:1], *(b for a, b in pairwise(nodes) if a != b))


def ends_of(lines: Lines) -> set[int]:
    """Return the nodes at which lines are cut: their ends, and what two lines share or one meets again."""
    ends, seen = set[int](), set[int]()
    for line in lines:
        ends.update((line.nodes[0], line.nodes[-1]))
        for node in line.nodes:
            (ends if node in seen else seen).add(node)
    return ends


def separate_nodes(places: dict[int, tuple[float, float]], nodes: set[int]) -> int:
    """Move nodes that lie on another one of `nodes`, in place; return how many.

    A bridge and the street below it may have nodes at one spot, and are not joined there.
    """
    ids = np.array(sorted(nodes), dtype=np.int64)
    if not len(ids):
        return 0
    degrees = np.array([places[node] for node in ids.tolist()])
    moved = np.zeros(len(ids), dtype=bool)
    scale = np.column_stack([_DEGREE_M * np.cos(np.radians(degrees[:, 1])), np.full(len(degrees), _DEGREE_M)])
    while len(pairs := cKDTree(degrees * scale).query_pairs(APART_M, output_type="ndarray")):
        second = np.unique(pairs.max(axis=1))
        degrees[second, 1] += _STEP_DEG
        moved[second] = True
    for row in np.flatnonzero(moved).tolist():
        places[int(ids[row])] = (float(degrees[row, 0]), float(degrees[row, 1]))
    return int(moved.sum())

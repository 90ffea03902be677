"""Squares crossed: along the edges of the visibility graph that shortest walks across them take."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

Array = np.ndarray[Any, Any]

# The visible edges grow with the square of the corners; a square of more is walked along its outline.
MOST_CORNERS = 120
_SLACK_M = 0.01


def visible_edges(
    outline: Sequence[Sequence[int]], entries: Sequence[int], xy: dict[int, Any]
) -> list[tuple[int, int]] | None:
    """Return the edges by which a square is crossed the shortest way from any entry to any other.

    A shortest walk within a polygon turns at its reflex corners only, so all pairs of entries and such
    corners that see each other are enough; of them those are returned that a shortest walk between two
    entries takes, without those along the outline.

    Parameters
    ----------
    outline : sequence of sequence of int
        Runs of nodes that make its rings, outer and inner.
    entries : sequence of int
        Nodes of the outline at which other ways end.
    xy : dict of int to (float, float)
        Coordinates of nodes, in metres.

    Returns
    -------
    list of (int, int) or None
        None where the outline makes no polygon, or one of too many corners.
    """
    area = _polygon([[xy[node] for node in run] for run in outline])
    if area is None:
        return None
    at = {tuple(xy[node]): node for run in outline for node in run}
    corners = list(dict.fromkeys([*entries, *(at[spot] for spot in _reflex(area) if spot in at)]))
    if len(corners) > MOST_CORNERS:
        return None
    sides = {frozenset(side) for run in outline for side in pairwise(run)}
    used = _used(corners, len(entries), _visible(area, corners, xy), xy)
    return [edge for edge in used if frozenset(edge) not in sides]


def _polygon(rings: list[list[Any]]) -> Any:
    """Return the area of rings, holes left out; None where they make no sound one."""
    lines = shapely.multilinestrings([shapely.linestrings(ring) for ring in rings])
    area = shapely.build_area(lines)
    is_sound = not area.is_empty and area.is_valid and area.boundary.length > lines.length - 1.0
    return shapely.orient_polygons(area) if is_sound else None


def _reflex(area: Any) -> list[tuple[float, float]]:
    """Return the corners at which the area bends inwards, of its holes, too."""
    found = []
    for part in shapely.get_parts(area):
        for ring in (part.exterior, *part.interiors):
            spots = shapely.get_coordinates(ring)[:-1]
            before, after = spots - np.roll(spots, 1, axis=0), np.roll(spots, -1, axis=0) - spots
            # The area lies to the left of its rings.
            turns = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
            found += [tuple(spot) for spot in spots[turns < 0].tolist()]
    return found


def _visible(area: Any, corners: list[int], xy: dict[int, Any]) -> list[tuple[int, int]]:
    pairs = list(combinations(range(len(corners)), 2))
    if not pairs:
        return []
    ends = np.array([[xy[corners[i]], xy[corners[j]]] for i, j in pairs])
    within = area.buffer(_SLACK_M, join_style="mitre")
    shapely.prepare(within)
    sees = shapely.covers(within, shapely.linestrings(ends))
    return [pair for pair, is_seen in zip(pairs, sees.tolist(), strict=True) if is_seen]


def _used(
    corners: list[int], n_entries: int, seen: list[tuple[int, int]], xy: dict[int, Any]
) -> list[tuple[int, int]]:
    """Return the pairs that shortest walks from entry to entry take; entries are the first corners."""
    spots = np.array([xy[corner] for corner in corners]).reshape(-1, 2)
    one, other = np.array(seen, dtype=int).reshape(-1, 2).T
    length_m = np.maximum(np.hypot(*(spots[one] - spots[other]).T), 1e-9)
    graph = csr_array((length_m, (one, other)), shape=(len(corners), len(corners)))
    before = dijkstra(graph, directed=False, indices=np.arange(n_entries), return_predecessors=True)[1]
    used = set()
    for start in range(n_entries):
        for end in range(start):
            here = end
            while (there := int(before[start, here])) >= 0:
                used.add((min(here, there), max(here, there)))
                here = there
    return [(corners[i], corners[j]) for i, j in sorted(used)]

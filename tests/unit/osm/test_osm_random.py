"""Random extracts: walks along what was read are those of the raw nodes and steps, by another library."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from app.analysis.walking.network import make_network
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import shortest_walks
from app.exchange.osm import read_osm
from tests.unit.osm.osm_files import Spots, Way, extract, spot

# So far apart that no place is near any node but its own.
GRID, APART = 6, 40.0
Knot = tuple[int, int]


def world(seed: int) -> tuple[Spots, list[Way], set[int], set[int]]:
    """Return nodes on a grid, ways over it, nodes that the file lacks, and nodes behind a fence.

    Every third way is a bridge: where it passes over another one it has a node of its own on that spot.
    """
    chance = np.random.default_rng(seed)
    spots: Spots = {1 + GRID * x + y: (APART * x, APART * y) for x in range(GRID) for y in range(GRID)}
    ways: list[Way] = []
    for number in range(14):
        knot: Knot = (int(chance.integers(GRID)), int(chance.integers(GRID)))
        nodes = [1 + GRID * knot[0] + knot[1]]
        for _ in range(int(chance.integers(2, 9))):
            step = ((1, 0), (-1, 0), (0, 1), (0, -1))[int(chance.integers(4))]
            knot = (min(max(knot[0] + step[0], 0), GRID - 1), min(max(knot[1] + step[1], 0), GRID - 1))
            nodes.append(1 + GRID * knot[0] + knot[1])
        if number % 3 == 2:
            nodes = [nodes[0], *(1000 * (number + 1) + node for node in nodes[1:-1]), nodes[-1]]
            spots |= {node: spots[node % 1000] for node in nodes[1:-1]}
        ways.append((100 + number, nodes, {"highway": "footway"}))
    plain = [node for node in spots if node < 1000]
    missing, fenced = (set(chance.choice(plain, 3, replace=False).tolist()) for _ in range(2))
    return spots, ways, missing, fenced - missing


def raw_graph(spots: Spots, ways: list[Way], missing: set[int], fenced: set[int]) -> nx.Graph:
    graph = nx.Graph()
    for _, nodes, _ in ways:
        for a, b in pairwise(nodes):
            if a != b and not {a, b} & missing:
                graph.add_edge(a, b, weight=spot(*spots[a]).distance(spot(*spots[b])))
    graph.remove_nodes_from(fenced)
    return graph


@pytest.mark.parametrize("seed", range(30))
def test_walks_are_those_of_the_raw_extract(seed: int, tmp_path: Path) -> None:
    spots, ways, missing, fenced = world(seed)
    kept = {node: xy for node, xy in spots.items() if node not in missing}
    found = read_osm(extract(tmp_path, kept, ways, {node: {"barrier": "fence"} for node in fenced}))
    graph = raw_graph(spots, ways, missing, fenced)
    network = make_network(found.walkways)
    # Of a place with several nodes on its spot nobody could tell which one is meant.
    alone = {node for node in graph if sum(xy == spots[node] for xy in spots.values()) == 1}
    n_told = 0
    for a, b in combinations(sorted(alone), 2):
        walks = shortest_walks(
            walkable_subgraph(network), np.array([spot(*spots[a]), spot(*spots[b])], dtype=object)
        )
        if not nx.has_path(graph, a, b):
            assert not walks.is_reachable[0, 1]
            continue
        n_told += 1
        length_m = nx.shortest_path_length(graph, a, b, weight="weight")
        assert walks.length_m[0, 1] == pytest.approx(length_m, abs=0.5)
    assert n_told > 5
    assert found.tally.n_closed <= len(fenced)

"""Squares of OpenStreetMap: joined to the ways that end at them, walked round or straight across."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import LineString, Polygon

from app.exchange.osm import OsmTally, read_osm
from app.exchange.osm.squares import MOST_CORNERS, visible_edges
from tests.unit.osm.osm_files import Way, extract, node_xml, spot, tag_xml, walks_between, way_xml, written

FOOT = {"highway": "footway"}
SQUARE = {"highway": "pedestrian", "area": "yes", "name": "Markt"}
# Ways of ten steps (68 m) end at the west and the east corner of a square.
SPOTS = {1: (0.0, 0.0), 2: (10.0, 0.0), 3: (20.0, 0.0), 4: (30.0, 0.0), 5: (15.0, 5.0), 6: (15.0, -5.0)}
ENDS: list[Way] = [(10, [1, 2], FOOT), (11, [3, 4], FOOT)]
RING = [2, 5, 3, 6, 2]


def end_to_end_m(path: Path, *, crosses_squares: bool = False) -> float:
    walkways = read_osm(path, crosses_squares=crosses_squares).walkways
    return float(walks_between(walkways, (0, 0), (30, 0)).length_m[0, 1])


def test_ways_at_both_ends_of_a_side_are_one_network(tmp_path: Path) -> None:
    """The side is 68 m, too: 204 m in all, whether the square is crossed or not."""
    spots = {**SPOTS, 5: (10.0, 10.0), 6: (20.0, 10.0)}
    path = extract(tmp_path, spots, [*ENDS, (12, [2, 5, 6, 3, 2], SQUARE)])
    for crosses in (False, True):
        assert end_to_end_m(path, crosses_squares=crosses) == pytest.approx(204.2, abs=0.1)


def test_a_square_is_walked_round_or_straight_across(tmp_path: Path) -> None:
    path = extract(tmp_path, SPOTS, [*ENDS, (12, RING, SQUARE)])
    side_m = spot(10, 0).distance(spot(15, 5))
    assert end_to_end_m(path) == pytest.approx(136.2 + 2 * side_m, abs=0.1)
    assert end_to_end_m(path, crosses_squares=True) == pytest.approx(204.2, abs=0.1)
    walkways = read_osm(path).walkways
    assert walkways.loc[
        walkways["name"] == "Markt", ["kind", "access"]
    ].drop_duplicates().to_numpy().tolist() == [["footway", "public"]]
    assert read_osm(path).tally == OsmTally(n_ways=2, n_squares=1, n_outlined=1)
    assert read_osm(path, crosses_squares=True).tally == OsmTally(n_ways=2, n_squares=1)


def test_a_closed_way_that_is_no_area_is_not_crossed(tmp_path: Path) -> None:
    """Of a pedestrian street that runs round a block nobody may walk through the block."""
    path = extract(tmp_path, SPOTS, [*ENDS, (12, RING, {"highway": "pedestrian"})])
    assert read_osm(path, crosses_squares=True).tally == OsmTally(n_ways=3)


def test_a_platform_is_an_area_by_nature(tmp_path: Path) -> None:
    for tags in ({"highway": "platform"}, {"railway": "platform"}, {"man_made": "pier"}):
        path = extract(tmp_path, SPOTS, [*ENDS, (12, RING, tags)])
        assert read_osm(path).tally.n_squares == 1
        assert end_to_end_m(path, crosses_squares=True) == pytest.approx(204.2, abs=0.1)


def test_a_building_in_the_middle_is_walked_round(tmp_path: Path) -> None:
    """The square is an area put together by a relation, of an outer ring in two ways and an inner one."""
    spots = {**SPOTS, 7: (14.0, -2.0), 8: (16.0, -2.0), 9: (16.0, 2.0), 10: (14.0, 2.0)}
    nodes = [node_xml(number, *xy) for number, xy in spots.items()]
    ways = [way_xml(*way) for way in ENDS]
    rings = [way_xml(20, [2, 5, 3], {}), way_xml(21, [3, 6, 2], {}), way_xml(22, [7, 8, 9, 10, 7], {})]
    members = "".join(
        f'<member type="way" ref="{number}" role="{role}"/>'
        for number, role in ((20, "outer"), (21, "outer"), (22, "inner"))
    )
    tags = tag_xml({"type": "multipolygon", **SQUARE})
    path = written(
        tmp_path, *nodes, *ways, *rings, f'<relation id="9" version="1">{members}{tags}</relation>'
    )
    # One goes by two corners of the building.
    round_m = sum(
        spot(*a).distance(spot(*b)) for a, b in (((10, 0), (14, 2)), ((14, 2), (16, 2)), ((16, 2), (20, 0)))
    )
    assert end_to_end_m(path, crosses_squares=True) == pytest.approx(136.2 + round_m, abs=0.1)
    assert read_osm(path, crosses_squares=True).tally == OsmTally(n_ways=2, n_squares=1)


def test_a_square_with_a_gap_is_walked_along_what_there_is(tmp_path: Path) -> None:
    spots = {number: xy for number, xy in SPOTS.items() if number != 6}
    found = read_osm(extract(tmp_path, spots, [*ENDS, (12, RING, SQUARE)]), crosses_squares=True)
    assert found.tally == OsmTally(n_ways=2, n_squares=1, n_outlined=1, n_cut=1)


def star(seed: int, n: int) -> tuple[list[int], dict[int, tuple[float, float]]]:
    """Return a ring that never crosses itself, with corners inwards and outwards."""
    chance = np.random.default_rng(seed)
    angles = np.sort(chance.uniform(0, 2 * np.pi, n))
    radii = chance.uniform(20, 100, n)
    xy = {
        i: (float(r * np.cos(a)), float(r * np.sin(a)))
        for i, (r, a) in enumerate(zip(radii, angles, strict=True))
    }
    return [*range(n), 0], xy


@pytest.mark.parametrize("seed", range(25))
def test_squares_are_crossed_the_shortest_way(seed: int) -> None:
    """Against all pairs of corners that see each other, in a graph of another library."""
    ring, xy = star(seed, 6 + seed)
    area = Polygon([xy[node] for node in ring])
    if not area.contains(shapely.Point(0, 0)):
        ring, xy = star(seed + 100, 6 + seed)
        area = Polygon([xy[node] for node in ring])
    entries = list(range(0, len(xy), 2))
    edges = visible_edges([ring], entries, xy)
    assert edges is not None
    mine, every = nx.Graph(), nx.Graph()
    for a, b in [*edges, *pairwise(ring)]:
        mine.add_edge(a, b, weight=float(np.hypot(*np.subtract(xy[a], xy[b]))))
    for a, b in combinations(xy, 2):
        if area.buffer(0.01, join_style="mitre").covers(LineString([xy[a], xy[b]])):
            every.add_edge(a, b, weight=float(np.hypot(*np.subtract(xy[a], xy[b]))))
    for a, b in combinations(entries, 2):
        lengths = [nx.shortest_path_length(graph, a, b, weight="weight") for graph in (mine, every)]
        assert lengths[0] == pytest.approx(lengths[1], abs=1e-6)


def test_what_crosses_itself_or_has_too_many_corners_is_not_crossed() -> None:
    bow = {0: (0.0, 0.0), 1: (10.0, 10.0), 2: (10.0, 0.0), 3: (0.0, 10.0)}
    assert visible_edges([[0, 1, 2, 3, 0]], [0, 2], bow) is None
    n = MOST_CORNERS + 1
    ring, xy = star(1, n)
    assert visible_edges([ring], list(range(n)), xy) is None

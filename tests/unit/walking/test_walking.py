"""The walk network and walks along it, against networkx on an independently split graph."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import Point
from shapely.ops import substring

from app.analysis.walking.isochrones import SIMPLER_M, Isochrone, isochrone
from app.analysis.walking.network import JOIN_M, make_network
from app.analysis.walking.paces import WalkProfile
from app.analysis.walking.snapping import MAX_ACCESS_M, Snapped, entrances, serving_component, snap
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import Walks
from app.domain.crs import STORAGE_CRS
from tests.unit.walking.walk_worlds import (
    PLACES,
    at,
    expected_cost_m,
    frame,
    named,
    networks,
    split_graph,
    walks,
    way,
)

SHIPPED = Path(__file__).parents[3] / "geodata" / "heinenkamp" / "walkways.geojson"


@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_times_are_those_of_networkx(walkways: gpd.GeoDataFrame, places: list[Point]) -> None:
    found = walks(walkways, *places)
    graph = split_graph(walkways, found)
    walk_s = found.walk_s(0.8)
    for i, j in itertools.permutations(range(len(places)), 2):
        expected_m = expected_cost_m(graph, i, j)
        assert found.cost_m[i, j] == pytest.approx(expected_m, abs=0.005)
        assert found.is_reachable[i, j] == found.walk(i, j).is_reachable == np.isfinite(expected_m)
        if not found.is_reachable[i, j]:
            assert (walk_s[i, j], found.walk(i, j).walk_s(0.8)) == (-1, 0)
            continue
        assert found.walk(i, j).cost_m == pytest.approx(expected_m, abs=0.005)
        assert 0 <= walk_s[i, j] - expected_m / 0.8 + 0.01 < 1.02


@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_on_level_ground_the_quickest_is_the_shortest(
    walkways: gpd.GeoDataFrame, places: list[Point]
) -> None:
    level = walkways.assign(kind="street", surface=None)
    found = walks(level, *places)
    graph = split_graph(level, found)
    for i, j in itertools.permutations(range(len(places)), 2):
        assert found.length_m[i, j] == pytest.approx(expected_cost_m(graph, i, j), abs=0.005)


# Steps and a street begin on one line but join at its end only: somebody comes up the steps.
STEPS_UNDER_A_STREET = frame(
    way((0, 0), (0, 7), (0, 0)),
    way((0, 50), (27, 34), (100, 50)),
    way((0, 50), (27, 34), (50, 0)),
    kinds=["street", "street", "steps"],
).assign(surface=None)


@example(STEPS_UNDER_A_STREET, [at(0, 0), at(0, 0)])
@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_what_is_in_reach_is_what_is_walked_to_in_time(
    walkways: gpd.GeoDataFrame, places: list[Point]
) -> None:
    """By two-place walks for the times; the picture holds what is walked by then, and little more."""
    network = make_network(walkways)
    places = [walkways.geometry.iloc[0].interpolate(0.3, normalized=True), *places]
    found = isochrone(walkable_subgraph(network), places[0], WalkProfile(20).pace_m_s, places[1:])
    times_s = found.times_s(np.array(places, dtype=object))
    for place, time_s in zip(places, times_s, strict=True):
        pair = np.array([places[0], place], dtype=object)
        alone = Walks(found.subgraph, pair, snap(found.subgraph, pair, found.component), found.component)
        assert time_s == pytest.approx(alone.cost_m[0, 1] / 1.0, abs=0.005)
    area = found.area(2)
    assert area.is_valid
    assert found.area(3).buffer(2 * SIMPLER_M).covers(area)
    served = found.component >= 0 and found.snapped.edge[0] >= 0
    for line in network.lines[found.subgraph.component == found.component] if served else ():
        for share in (0.1, 0.5, 0.9):
            spot = line.interpolate(share, normalized=True)
            (on_s,) = found.times_s(np.array([spot], dtype=object))
            if found.snapped.access_m[0] < 1 and on_s <= 119:
                assert area.distance(spot) < 1e-6
    for piece in found.walked(2):
        for tip in (Point(piece.coords[0]), Point(piece.coords[-1])):
            assert soonest_s(walkways, found, tip) <= 120.01


def soonest_s(walkways: gpd.GeoDataFrame, found: Isochrone, spot: Point) -> float:
    """Return networkx's time to a spot along whichever edge lies there; a place is on one of them only."""
    lines = found.subgraph.network.lines
    is_there = (found.subgraph.component == found.component) & (shapely.distance(lines, spot) < 1e-6)
    return min(
        expected_cost_m(split_graph(walkways, alone), 0, 1)
        for alone in (walk_to(found, spot, edge) for edge in np.flatnonzero(is_there))
    )


def walk_to(found: Isochrone, spot: Point, edge: int) -> Walks:
    """Return the walks between the start and a spot that is taken to lie on a certain edge."""
    line, start = found.subgraph.network.lines[edge], found.snapped
    measure_m = line.project(spot)
    snapped = Snapped(
        np.array([start.edge[0], edge]),
        np.array([start.measure_m[0], measure_m]),
        np.array([start.points[0], line.interpolate(measure_m)], dtype=object),
        np.array([start.access_m[0], 0.0]),
    )
    return Walks(found.subgraph, np.array([found.start, spot], dtype=object), snapped, found.component)


@given(networks(), PLACES, st.sampled_from([0.2, 1, 2, 4]))
@settings(max_examples=60, deadline=None)
def test_the_picture_holds_those_that_are_listed_and_no_others(
    walkways: gpd.GeoDataFrame, places: list[Point], minutes: float
) -> None:
    found = isochrone(walkable_subgraph(make_network(walkways)), places[0], places=places[1:])
    area = found.area(minutes, places)
    assert area.is_valid
    for place, time_s in zip(places, found.times_s(np.array(places, dtype=object)), strict=True):
        assert area.intersects(place) == (time_s <= 60 * minutes)


def test_far_places_are_found_without_the_whole_city() -> None:
    """The search is cut off where no walk can lead; the answer is that of the whole network."""
    chance = np.random.default_rng(3)
    knots = chance.uniform(-30, 30, (40, 40, 2)) + 120 * np.indices((40, 40)).transpose(1, 2, 0)
    pairs = [((x, y), there) for x in range(40) for y in range(40) for there in ((x + 1, y), (x, y + 1))]
    kept = [(a, b) for a, b in pairs if max(b) < 40 and chance.random() < 0.7]
    walkways = frame(*(way(tuple(knots[a]), tuple(knots[b])) for a, b in kept))
    found = walks(walkways, *(at(*(2000 + chance.uniform(0, 400, 2))) for _ in range(6)))
    graph = split_graph(walkways, found)
    for i, j in itertools.combinations(range(6), 2):
        assert found.length_m[i, j] == pytest.approx(expected_cost_m(graph, i, j), abs=0.01)


@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_places_snap_to_the_nearest_edge_of_the_component_that_serves_most(
    walkways: gpd.GeoDataFrame, places: list[Point]
) -> None:
    found = walks(walkways, *places)
    parts = [shapely.union_all(found.network.lines[sorted(edges)]) for edges in edges_of_components(walkways)]
    ranks = {
        n: (sum(place.distance(part) <= MAX_ACCESS_M for place in places), part_length_m(walkways, edges))
        for n, (part, edges) in enumerate(zip(parts, edges_of_components(walkways), strict=True))
    }
    served, _ = max(ranks.values())
    assert (found.component >= 0) == (served > 0)
    if served:
        chosen = set(np.flatnonzero(found.subgraph.component == found.component).tolist())
        number = edges_of_components(walkways).index(chosen)
        assert ranks[number] == pytest.approx(max(ranks.values()))
        for place, edge, access_m in zip(places, found.snapped.edge, found.snapped.access_m, strict=True):
            nearest_m = place.distance(parts[number])
            assert (edge >= 0) == (nearest_m <= MAX_ACCESS_M)
            assert access_m == pytest.approx(nearest_m if edge >= 0 else 0, abs=1e-6)


def edges_of_components(walkways: gpd.GeoDataFrame) -> list[set[int]]:
    graph = nx.MultiGraph()
    for number, line in enumerate(walkways.geometry):
        graph.add_edge(*(named(Point(line.coords[k])) for k in (0, -1)), number=number)
    return [
        {number for _, _, number in graph.subgraph(nodes).edges(data="number")}
        for nodes in nx.connected_components(graph)
    ]


def part_length_m(walkways: gpd.GeoDataFrame, edges: set[int]) -> float:
    return sum(walkways.geometry.iloc[edge].length for edge in edges)


@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_a_walk_is_drawn_where_it_goes(walkways: gpd.GeoDataFrame, places: list[Point]) -> None:
    found = walks(walkways, *places)
    network = shapely.union_all(walkways.geometry.to_numpy())
    for i, j in itertools.permutations(range(len(places)), 2):
        walk = found.walk(i, j)
        if not walk.is_reachable:
            assert (walk.length_m, walk.off_network_m, walk.on_network) == (0, 0, ())
            assert (Point(walk.line.coords[0]), Point(walk.line.coords[-1])) == (places[i], places[j])
            continue
        assert walk.line.length == pytest.approx(found.length_m[i, j], abs=1e-5)
        assert (Point(walk.line.coords[0]), Point(walk.line.coords[-1])) == (places[i], places[j])
        assert walk.length_m >= places[i].distance(places[j]) - 1e-6
        assert 0 <= walk.off_network_m <= walk.length_m + 1e-9
        on_m = sum(ends_m - begins_m for begins_m, ends_m in walk.on_network)
        assert walk.off_network_m == pytest.approx(walk.length_m - on_m, abs=1e-2)
        for begins_m, ends_m in walk.on_network:
            assert network.buffer(JOIN_M).covers(substring(walk.line, begins_m, ends_m))
        for (_, ends_m), (begins_m, _) in itertools.pairwise(walk.on_network):
            join = substring(walk.line, ends_m, begins_m)
            assert join.length == pytest.approx(Point(join.coords[0]).distance(Point(join.coords[-1])))
        at_ends = [p.begins_m < JOIN_M or p.ends_m > walk.length_m - JOIN_M for p in walk.straight]
        if len(walk.on_network) == 1 and all(at_ends):
            access_m = sum(places[k].distance(found.snapped.points[k]) for k in (i, j))
            assert walk.off_network_m == pytest.approx(access_m, abs=2 * JOIN_M)


@given(networks(), st.floats(-200, 500), st.floats(-200, 500), st.floats(1, 60))
@settings(max_examples=60, deadline=None)
def test_no_point_of_the_border_is_nearer_than_the_entrance(
    walkways: gpd.GeoDataFrame, x: float, y: float, radius_m: float
) -> None:
    network, yard = make_network(walkways), at(x, y).buffer(radius_m, quad_segs=3)
    (entrance,) = entrances(walkable_subgraph(network), np.array([yard], dtype=object))
    assert yard.boundary.distance(entrance) == pytest.approx(0, abs=1e-6)
    subgraph = walkable_subgraph(network)
    component = serving_component(subgraph, np.array([yard], dtype=object))
    if component >= 0:
        serving = shapely.union_all(network.lines[subgraph.component == component])
        assert entrance.distance(serving) == pytest.approx(yard.boundary.distance(serving), abs=1e-6)


@pytest.fixture(scope="module")
def shipped() -> gpd.GeoDataFrame:
    return gpd.read_file(SHIPPED).to_crs(STORAGE_CRS)


def test_the_shipped_network_hangs_together_as_told(shipped: gpd.GeoDataFrame) -> None:
    network = make_network(shipped)
    length_m = walkable_subgraph(network).component_length_m
    assert (len(network.lines), network.n_nodes, len(length_m)) == (303, 262, 22)
    assert (length_m.max(), length_m.sum()) == (pytest.approx(24_799, abs=1), pytest.approx(29_487, abs=1))


def test_walks_on_the_shipped_network_are_those_of_networkx(shipped: gpd.GeoDataFrame) -> None:
    chance = np.random.default_rng(24)
    lines = shipped.geometry.iloc[chance.integers(0, len(shipped), 25)]
    beside = chance.uniform(-60, 60, (25, 2))
    spots = [
        shapely.affinity.translate(line.centroid, *step) for line, step in zip(lines, beside, strict=True)
    ]
    found = walks(shipped, *spots)
    graph = split_graph(shipped, found)
    pairs = list(itertools.permutations(range(25), 2))
    expected = [expected_cost_m(graph, i, j) for i, j in pairs]
    assert [found.cost_m[i, j] for i, j in pairs] == pytest.approx(expected, abs=0.05)
    assert sum(not found.is_straight[i, j] for i, j in pairs) > 300

"""The walk network and walks along it, against networkx on an independently split graph."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon
from shapely.ops import substring

from app.analysis.walking.ground import ground_for
from app.analysis.walking.network import JOIN_M, make_network
from app.analysis.walking.paces import STEPS_FACTOR, WalkProfile
from app.analysis.walking.reach import SIMPLER_M, reach
from app.analysis.walking.snapping import MAX_ACCESS_M, entrances, serving_component, snap
from app.analysis.walking.walks import Walks, shortest_walks
from app.domain.crs import STORAGE_CRS
from tests.scenes import EAST, NORTH

SHIPPED = Path(__file__).parents[2] / "geodata" / "heinenkamp" / "walkways.geojson"


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def way(*xy: tuple[float, float]) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in xy])


def frame(*lines: LineString, kinds: list[str] | None = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": kinds or ["street"] * len(lines)}, geometry=list(lines), crs=STORAGE_CRS)


def walks(walkways: gpd.GeoDataFrame, *places: Point) -> Walks:
    return shortest_walks(make_network(walkways), np.array(places, dtype=object))


def split_graph(walkways: gpd.GeoDataFrame, found: Walks) -> nx.MultiGraph:
    """Return a graph of the edges, cut into real pieces at the snapped points.

    Nodes are rounded coordinates, so that the ends join by themselves.
    """
    graph = nx.MultiGraph()
    for number, line in enumerate(walkways.geometry):
        cuts = [
            float(m) for m, e in zip(found.snapped.measure_m, found.snapped.edge, strict=True) if e == number
        ]
        for begin, end in itertools.pairwise(sorted({0.0, *cuts, line.length})):
            ends = (line.interpolate(begin), line.interpolate(end))
            slow = factor(walkways.iloc[number])
            graph.add_edge(*(named(point) for point in ends), weight=(end - begin) * slow)
    add_doors(graph, found)
    return graph


def factor(row: pd.Series) -> float:
    """Return how much longer an edge takes than level, firm ground, plainly said."""
    if row["kind"] == "steps":
        return 2.0
    return 1.24 / 1.07 if row.get("surface") in {"gravel", "grass"} else 1.0


def add_doors(graph: nx.MultiGraph, found: Walks) -> None:
    """Join the places to their snapped points, and straight to one another where that is the rule."""
    for i, place in enumerate(found.places):
        if found.snapped.edge[i] >= 0:
            graph.add_edge(i, named(found.snapped.points[i]), weight=place.distance(found.snapped.points[i]))
        for j in range(i):
            straight_m = place.distance(found.places[j])
            off_m = sum(found.places[k].distance(found.snapped.points[k]) for k in (i, j))
            if min(found.snapped.edge[i], found.snapped.edge[j]) < 0 or straight_m <= off_m + 0.001:
                graph.add_edge(i, j, weight=straight_m)


def named(point: Point) -> tuple[float, float]:
    return round(point.x, 3), round(point.y, 3)


def expected_effort_m(graph: nx.MultiGraph, i: int, j: int) -> float:
    return float(nx.shortest_path_length(graph, i, j, weight="weight"))


KINDS = ["street", "path", "steps"]
SURFACES = [None, "asphalt", "gravel", "grass"]


@st.composite
def networks(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Return edges between points of a grid: parallels, loops, crossings and islands included."""
    corner = st.tuples(st.integers(0, 4), st.integers(0, 4))
    ends = draw(st.lists(st.tuples(corner, corner), min_size=1, max_size=14))
    bends = draw(st.lists(st.integers(-45, 45), min_size=len(ends), max_size=len(ends)))
    lines = []
    for ((x, y), (u, v)), bend in zip(ends, bends, strict=True):
        middle = (50 * (x + u) / 2 + bend, 50 * (y + v) / 2 + bend + 7)
        lines.append(way((50 * x, 50 * y), middle, (50 * u, 50 * v)))
    of_edge = {"min_size": len(ends), "max_size": len(ends)}
    walkways = frame(*lines, kinds=draw(st.lists(st.sampled_from(KINDS), **of_edge)))
    walkways["surface"] = draw(st.lists(st.sampled_from(SURFACES), **of_edge))
    return walkways


PLACES = st.lists(
    st.builds(at, st.floats(-120, 420, width=32), st.floats(-120, 420, width=32)), min_size=2, max_size=5
)


@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_times_are_those_of_networkx(walkways: gpd.GeoDataFrame, places: list[Point]) -> None:
    found = walks(walkways, *places)
    graph = split_graph(walkways, found)
    walk_s = found.walk_s(0.8)
    for i, j in itertools.permutations(range(len(places)), 2):
        expected_m = expected_effort_m(graph, i, j)
        assert found.effort_m[i, j] == pytest.approx(expected_m, abs=0.005)
        assert found.walk(i, j).effort_m == pytest.approx(expected_m, abs=0.005)
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
        assert found.length_m[i, j] == pytest.approx(expected_effort_m(graph, i, j), abs=0.005)


@given(networks(), PLACES)
@settings(max_examples=60, deadline=None)
def test_what_is_in_reach_is_what_is_walked_to_in_time(
    walkways: gpd.GeoDataFrame, places: list[Point]
) -> None:
    """By two-place walks for the times; the picture holds what is walked by then, and little more."""
    network = make_network(walkways)
    places = [walkways.geometry.iloc[0].interpolate(0.3, normalized=True), *places]
    found = reach(network, places[0], WalkProfile(20), places[1:])
    times_s = found.times_s(np.array(places, dtype=object))
    for place, time_s in zip(places, times_s, strict=True):
        pair = np.array([places[0], place], dtype=object)
        alone = Walks(found.ground, pair, snap(found.ground, pair, found.component), found.component)
        assert time_s == pytest.approx(alone.effort_m[0, 1] / 1.0, abs=0.005)
    area = found.area(2)
    assert area.is_valid
    assert found.area(3).buffer(2 * SIMPLER_M).covers(area)
    served = found.component >= 0 and found.snapped.edge[0] >= 0
    for line in network.lines[found.ground.component == found.component] if served else ():
        for share in (0.1, 0.5, 0.9):
            spot = line.interpolate(share, normalized=True)
            (on_s,) = found.times_s(np.array([spot], dtype=object))
            if found.snapped.access_m[0] < 1 and on_s <= 119:
                assert area.distance(spot) < 1e-6
    for piece in found.walked(2):
        tips = np.array([Point(piece.coords[0]), Point(piece.coords[-1])], dtype=object)
        assert found.times_s(tips).max() <= 120.01


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
        assert found.length_m[i, j] == pytest.approx(expected_effort_m(graph, i, j), abs=0.01)


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
        chosen = set(np.flatnonzero(found.ground.component == found.component).tolist())
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
        assert walk.line.length == pytest.approx(found.length_m[i, j], abs=1e-5)
        assert (Point(walk.line.coords[0]), Point(walk.line.coords[-1])) == (places[i], places[j])
        assert walk.length_m >= places[i].distance(places[j]) - 1e-6
        assert 0 <= walk.off_network_m <= walk.length_m + 1e-9
        if walk.network_from_m is not None and walk.network_to_m is not None:
            on_network = substring(walk.line, walk.network_from_m, walk.network_to_m)
            assert network.buffer(JOIN_M).covers(on_network)
            access_m = sum(places[k].distance(found.snapped.points[k]) for k in (i, j))
            assert walk.off_network_m == pytest.approx(access_m, abs=2 * JOIN_M)


def test_ends_within_a_centimetre_are_one_node_and_others_are_not() -> None:
    joined = make_network(frame(way((0, 0), (100, 0)), way((100.004, 0.003), (200, 0))))
    apart = make_network(frame(way((0, 0), (100, 0)), way((100.02, 0), (200, 0))))
    assert (joined.n_nodes, apart.n_nodes) == (3, 4)
    assert joined.lines[0].coords[-1] == joined.lines[1].coords[0]


def test_of_parallel_edges_the_shorter_is_walked() -> None:
    long_way = way((0, 0), (50, 80), (100, 0))
    found = walks(frame(long_way, way((0, 0), (100, 0)), long_way), at(0, 0), at(100, 0))
    assert found.length_m[0, 1] == pytest.approx(100)


def test_two_places_on_one_edge_may_go_around_when_that_is_shorter() -> None:
    hairpin = way((0, 0), (0, 200), (20, 200), (20, 0))
    found = walks(frame(hairpin, way((0, 0), (20, 0))), at(0, 10), at(20, 10))
    assert found.length_m[0, 1] == pytest.approx(10 + 20 + 10)
    direct = walks(frame(hairpin, way((0, 0), (20, 0))), at(0, 190), at(20, 190))
    assert direct.length_m[0, 1] == pytest.approx(10 + 20 + 10)
    assert list(direct.walk(0, 1).line.coords)[1] == (EAST, NORTH + 200)


def test_a_loop_is_walked_the_shorter_way_round() -> None:
    loop = way((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
    found = walks(frame(loop), at(0, 0), at(0, 90), at(90, 0))
    assert found.length_m[0, 1:] == pytest.approx([90, 90])
    assert found.length_m[1, 2] == pytest.approx(180)


def test_an_island_at_the_door_does_not_cut_a_place_off() -> None:
    street, island = way((0, 0), (500, 0)), way((0, 12), (10, 12))
    found = walks(frame(island, street), at(5, 15), at(400, -20))
    assert found.snapped.edge.tolist() == [1, 1]
    assert found.walk(0, 1).off_network_m == pytest.approx(35)
    assert found.length_m[0, 1] == pytest.approx(15 + 395 + 20)


def test_a_place_out_of_reach_is_walked_to_straight_and_says_so() -> None:
    found = walks(frame(way((0, 0), (500, 0))), at(0, 0), at(400, MAX_ACCESS_M + 1), at(500, 0))
    walk = found.walk(0, 1)
    assert (walk.network_from_m, walk.network_to_m) == (None, None)
    assert walk.off_network_m == walk.length_m == pytest.approx(math.hypot(400, MAX_ACCESS_M + 1))
    assert found.walk(0, 2).off_network_m == 0


def test_places_under_one_roof_need_no_street_but_places_across_it_do() -> None:
    street = frame(way((0, 0), (300, 0)))
    roof = walks(street, at(100, 40), at(140, 40)).walk(0, 1)
    assert (roof.length_m, roof.network_from_m) == (40, None)
    apart = walks(street, at(100, 40), at(200, 40)).walk(0, 1)
    assert (apart.network_from_m, apart.network_to_m) == (pytest.approx(40), pytest.approx(140))


def test_two_firms_at_one_address_are_no_walk_apart() -> None:
    walk = walks(frame(way((0, 0), (300, 0))), at(100, 40), at(100, 40)).walk(0, 1)
    assert (walk.length_m, walk.walk_s(1.0)) == (0, 0)


def test_steps_cost_time_but_no_metres() -> None:
    kinds = ["street", "steps", "street"]
    lines = way((0, 0), (100, 0)), way((100, 0), (110, 0)), way((110, 0), (200, 0))
    walk = walks(frame(*lines, kinds=kinds), at(0, 0), at(200, 0)).walk(0, 1)
    assert walk.length_m == pytest.approx(200)
    assert walk.effort_m == pytest.approx(190 + 10 * STEPS_FACTOR)
    assert (walk.walk_s(1.0), walk.walk_s(1.25), walk.walk_s(0.8)) == (210, 168, 263)


def test_short_steps_are_taken_and_long_ones_walked_round() -> None:
    lines = way((0, 0), (50, 0)), way((0, 0), (25, 60), (50, 0)), way((0, 0), (25, 30), (50, 0))
    steep = frame(*lines[:2], kinds=["steps", "street"])
    assert walks(steep, at(0, 0), at(50, 0)).length_m[0, 1] == pytest.approx(50)
    gentle = frame(lines[0], lines[2], kinds=["steps", "street"])
    assert walks(gentle, at(0, 0), at(50, 0)).length_m[0, 1] == pytest.approx(2 * math.hypot(25, 30))


@pytest.mark.parametrize(
    ("group_size", "is_step_free", "pace_m_s"),
    [
        (1, False, 1.25),
        (15, False, 1.0),
        (40, False, 1.0),
        (8, False, 1.125),
        (1, True, 0.8),
        (40, True, 0.8),
    ],
)
def test_groups_and_wheels_are_slower(group_size: int, is_step_free: bool, pace_m_s: float) -> None:
    assert WalkProfile(group_size, is_step_free).pace_m_s == pytest.approx(pace_m_s)


def test_wheels_keep_off_steps_and_raised_kerbs_only() -> None:
    lines = [way((0, 0), (100, 0)), way((0, 0), (50, 40), (100, 0)), way((0, 0), (50, 90), (100, 0))]
    walkways = frame(*lines, kinds=["steps", "crossing", "street"])
    walkways["kerb"] = [None, "raised", "lowered"]
    network, ends = make_network(walkways), np.array([at(0, 0), at(100, 0)], dtype=object)
    wheels = shortest_walks(network, ends, WalkProfile(1, is_step_free=True))
    assert wheels.length_m[0, 1] == pytest.approx(2 * math.hypot(50, 90))
    assert shortest_walks(network, ends).length_m[0, 1] == pytest.approx(2 * math.hypot(50, 40))


def test_what_needs_leave_is_not_walked_without() -> None:
    walkways = frame(way((0, 0), (100, 0)), way((0, 0), (50, 90), (100, 0)))
    walkways["access"] = ["permission", "public"]
    found = walks(walkways, at(0, 0), at(100, 0))
    assert found.length_m[0, 1] == pytest.approx(2 * math.hypot(50, 90))


def test_without_a_network_all_is_straight() -> None:
    found = walks(frame(), at(0, 0), at(30, 40))
    assert found.length_m[0, 1] == 50
    assert found.walk(0, 1).network_from_m is None
    assert walks(frame()).length_m.shape == (0, 0)


def test_a_far_way_round_is_still_found() -> None:
    detour = way((0, 0), (0, 9000), (10, 9000), (10, 0))
    found = walks(frame(detour), at(0, 0), at(10, 0))
    assert found.length_m[0, 1] == pytest.approx(18010)


def test_an_area_is_entered_at_its_border_nearest_to_the_serving_network() -> None:
    yard = Polygon([(EAST + x, NORTH + y) for x, y in [(50, 20), (150, 20), (150, 120), (50, 90)]])
    island = way((90, 60), (110, 60))
    network = make_network(frame(way((0, 0), (300, 0)), island))
    shop = at(250, 10)
    entrance, same = entrances(network, np.array([yard, shop], dtype=object))
    assert same == shop
    assert entrance.y - NORTH == 20
    assert yard.boundary.distance(entrance) == 0


@given(networks(), st.floats(-200, 500), st.floats(-200, 500), st.floats(1, 60))
@settings(max_examples=60, deadline=None)
def test_no_point_of_the_border_is_nearer_than_the_entrance(
    walkways: gpd.GeoDataFrame, x: float, y: float, radius_m: float
) -> None:
    network, yard = make_network(walkways), at(x, y).buffer(radius_m, quad_segs=3)
    (entrance,) = entrances(network, np.array([yard], dtype=object))
    assert yard.boundary.distance(entrance) == pytest.approx(0, abs=1e-6)
    ground = ground_for(network)
    component = serving_component(ground, np.array([yard], dtype=object))
    if component >= 0:
        serving = shapely.union_all(network.lines[ground.component == component])
        assert entrance.distance(serving) == pytest.approx(yard.boundary.distance(serving), abs=1e-6)


@pytest.fixture(scope="module")
def shipped() -> gpd.GeoDataFrame:
    return gpd.read_file(SHIPPED).to_crs(STORAGE_CRS)


def test_the_shipped_network_hangs_together_as_told(shipped: gpd.GeoDataFrame) -> None:
    network = make_network(shipped)
    length_m = ground_for(network).component_length_m
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
    expected = [expected_effort_m(graph, i, j) for i, j in pairs]
    assert [found.effort_m[i, j] for i, j in pairs] == pytest.approx(expected, abs=0.05)
    assert sum(not found.is_straight[i, j] for i, j in pairs) > 300

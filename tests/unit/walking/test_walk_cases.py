"""Walks in worlds where the answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely import Point, Polygon

from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.detours import no_way
from app.analysis.walking.directions import directions
from app.analysis.walking.gates import AccessPermission, walk_options
from app.analysis.walking.isochrones import isochrone
from app.analysis.walking.network import make_network
from app.analysis.walking.paces import STEPS_FACTOR, WalkProfile
from app.analysis.walking.snapping import MAX_ACCESS_M, entrances
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import shortest_walks
from tests.scenes import EAST, NORTH
from tests.unit.walking.walk_worlds import at, frame, walks, way


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


def test_a_place_far_from_all_ways_is_not_reachable_and_only_drawn() -> None:
    far = at(400, MAX_ACCESS_M + 1)
    found = walks(frame(way((0, 0), (500, 0))), at(0, 0), far, at(500, 0), far, at(400, MAX_ACCESS_M + 9))
    assert found.is_reachable[:3, :3].tolist() == [
        [True, False, True],
        [False, True, False],
        [True, False, True],
    ]
    assert found.walk_s(1.0)[0].tolist() == [0, -1, 500, -1, -1]
    walk = found.walk(1, 0)
    assert (walk.is_reachable, walk.length_m, walk.walk_s(1.0), walk.off_network_m) == (False, 0, 0, 0)
    assert [Point(*spot) for spot in walk.line.coords] == [far, at(0, 0)]
    assert directions(found.subgraph, walk) == ()
    told = no_way(found, 0, 1)
    assert told is not None
    assert (told.kind, told.extra_m) == ("unreachable", pytest.approx(MAX_ACCESS_M + 1))
    assert no_way(found, 0, 2) is None
    # Two firms on one spot need no way, two beside each other do.
    assert found.walk_s(1.0)[1, 3:].tolist() == [0, -1]


def test_where_all_ways_need_leave_the_nearest_of_them_is_told() -> None:
    walkways = frame(way((0, 0), (500, 0)))
    walkways["access"] = ["permission"]
    found = walks(walkways, at(0, 30), at(100, 40))
    told = no_way(found, 0, 1)
    assert told is not None
    assert told.extra_m == pytest.approx(40)


def test_who_is_far_from_all_ways_is_in_nobodys_reach() -> None:
    network = make_network(frame(way((0, 0), (500, 0))))
    far, near = at(400, MAX_ACCESS_M + 1), at(100, 5)
    doors = np.array([far, near], dtype=object)
    assert np.isinf(
        isochrone(walkable_subgraph(network), at(0, 0), places=doors).times_s(doors)
    ).tolist() == [True, False]
    assert np.isinf(isochrone(walkable_subgraph(network), far, places=doors).times_s(doors)).tolist() == [
        False,
        True,
    ]
    area = isochrone(walkable_subgraph(network), at(0, 0), places=doors).area(60, doors)
    assert (area.intersects(far), area.intersects(near)) == (False, True)


def test_a_gate_that_is_the_only_way_in_is_a_way_at_its_hours_only() -> None:
    """Behind the gate the path goes on, far from all other ways."""
    street, gate, path = way((0, 0), (500, 0)), way((500, 0), (502, 0)), way((502, 0), (502, 400))
    walkways = frame(street, gate, path, kinds=["street", "gate", "path"])
    walkways["key"], walkways["access"] = ["a", "b", "c"], ["public", "permission", "public"]
    places = np.array([at(0, 0), at(100, 0), at(502, 400)], dtype=object)
    closed = walk_options(CachedNetwork(make_network(walkways)), places)
    assert closed.walk_s[0].tolist() == [0, 80, -1]
    assert closed.unreachable == {2: pytest.approx(math.hypot(400, 2))}
    opened = walk_options(
        CachedNetwork(make_network(walkways)), places, permissions=[AccessPermission("b", 0, 3600)]
    )
    assert opened.walk_s[0, 2] == -1
    assert {(one.start, one.end): one.walk_s for one in opened.timed_arcs}[0, 2] == 722
    assert opened.unreachable == {}


def test_places_under_one_roof_need_no_street_but_places_across_it_do() -> None:
    street = frame(way((0, 0), (300, 0)))
    roof = walks(street, at(100, 40), at(140, 40)).walk(0, 1)
    assert (roof.length_m, roof.on_network) == (40, ())
    apart = walks(street, at(100, 40), at(200, 40)).walk(0, 1)
    assert apart.on_network == (pytest.approx((40, 140)),)


def test_two_firms_at_one_address_are_no_walk_apart() -> None:
    walk = walks(frame(way((0, 0), (300, 0))), at(100, 40), at(100, 40)).walk(0, 1)
    assert (walk.length_m, walk.walk_s(1.0)) == (0, 0)


def test_steps_cost_time_but_no_metres() -> None:
    kinds = ["street", "steps", "street"]
    lines = way((0, 0), (100, 0)), way((100, 0), (110, 0)), way((110, 0), (200, 0))
    walk = walks(frame(*lines, kinds=kinds), at(0, 0), at(200, 0)).walk(0, 1)
    assert walk.length_m == pytest.approx(200)
    assert walk.cost_m == pytest.approx(190 + 10 * STEPS_FACTOR)
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
    wheels = shortest_walks(walkable_subgraph(network, WalkProfile(1, is_step_free=True)), ends)
    assert wheels.length_m[0, 1] == pytest.approx(2 * math.hypot(50, 90))
    assert shortest_walks(walkable_subgraph(network), ends).length_m[0, 1] == pytest.approx(
        2 * math.hypot(50, 40)
    )


def test_what_needs_leave_is_not_walked_without() -> None:
    walkways = frame(way((0, 0), (100, 0)), way((0, 0), (50, 90), (100, 0)))
    walkways["access"] = ["permission", "public"]
    found = walks(walkways, at(0, 0), at(100, 0))
    assert found.length_m[0, 1] == pytest.approx(2 * math.hypot(50, 90))


def test_without_a_network_all_is_straight() -> None:
    found = walks(frame(), at(0, 0), at(30, 40))
    assert found.length_m[0, 1] == 50
    assert found.walk(0, 1).on_network == ()
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
    entrance, same = entrances(walkable_subgraph(network), np.array([yard, shop], dtype=object))
    assert same == shop
    assert entrance.y - NORTH == 20
    assert yard.boundary.distance(entrance) == 0

"""Walks through gates within their hours, against networkx over every set of gates."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from app.analysis.tours.problem import Window
from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.gates import MOST_SETS_OF, AccessPermission, Options, walk_options
from app.analysis.walking.network import make_network
from app.analysis.walking.paces import WalkProfile
from app.domain.crs import STORAGE_CRS
from app.errors import NotFoundError
from tests.scenes import EAST, NORTH

ALONE = WalkProfile()


def frame(rows: list[dict]) -> gpd.GeoDataFrame:
    plain = {"kind": "street", "access": "public", "name": None, "surface": None, "kerb": None}
    lines = [LineString(np.add(row["xy"], (EAST, NORTH))) for row in rows]
    columns = [{**plain, **{name: row[name] for name in row if name != "xy"}} for row in rows]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=STORAGE_CRS)


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def options(
    rows: list[dict], places: list[Point], *leaves: AccessPermission, profile: WalkProfile = ALONE
) -> Options:
    return walk_options(
        CachedNetwork(make_network(frame(rows))), np.array(places, dtype=object), profile, leaves
    )


# A way round three sides of a yard, 300 m; through the yard, 100 m.
ROUND = [{"key": "round", "xy": [(0, 0), (0, 100), (100, 100), (100, 0)]}]
YARD = [{"key": "yard", "kind": "yard", "access": "permission", "xy": [(0, 0), (100, 0)]}]
ENDS = [at(0, 0), at(100, 0)]


def test_without_leave_the_yard_is_walked_round() -> None:
    found = options(ROUND + YARD, ENDS)
    assert found.length_m[0, 1] == pytest.approx(300)
    assert found.walk_s[0, 1] == 240
    assert found.timed_arcs == ()


def test_with_leave_one_sets_out_so_that_one_is_out_before_it_closes() -> None:
    found = options(ROUND + YARD, ENDS, AccessPermission("yard", 1000, 1100))
    assert {(way.start, way.end) for way in found.timed_arcs} == {(0, 1), (1, 0)}
    for number, way in enumerate(found.timed_arcs):
        assert (way.walk_s, way.length_m) == (80, pytest.approx(100))
        assert way.departs == Window(1000, 1020)
        assert found.walk(way.start, way.end, number).length_m == pytest.approx(100)
    assert found.walk(0, 1).length_m == pytest.approx(300)


def test_a_window_too_short_to_pass_is_none() -> None:
    assert options(ROUND + YARD, ENDS, AccessPermission("yard", 1000, 1079)).timed_arcs == ()
    (there, _) = options(ROUND + YARD, ENDS, AccessPermission("yard", 1000, 1080)).timed_arcs
    assert there.departs == Window(1000, 1000)


def test_two_windows_are_two_ways_and_a_short_one_within_a_long_one_none() -> None:
    twice = options(
        ROUND + YARD, ENDS, AccessPermission("yard", 1000, 1100), AccessPermission("yard", 2000, 2100)
    )
    assert [way.departs for way in twice.timed_arcs if way.start == 0] == [
        Window(1000, 1020),
        Window(2000, 2020),
    ]
    within = options(
        ROUND + YARD, ENDS, AccessPermission("yard", 1000, 1100), AccessPermission("yard", 500, 2000)
    )
    assert [way.departs for way in within.timed_arcs if way.start == 0] == [Window(500, 1920)]


def test_wheels_are_not_let_over_steps_whoever_gives_leave() -> None:
    steps = [{**row, "kind": "steps"} for row in YARD]
    wheels = WalkProfile(1, is_step_free=True)
    assert options(ROUND + steps, ENDS, AccessPermission("yard"), profile=wheels).timed_arcs == ()
    assert len(options(ROUND + steps, ENDS, AccessPermission("yard")).timed_arcs) == 2


def test_leave_for_what_does_not_exist_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no gate or yard “gone”"):
        options(ROUND + YARD, ENDS, AccessPermission("gone"))


def test_a_place_in_a_yard_is_entered_from_the_yard_only_with_leave() -> None:
    found = options(ROUND + YARD, [at(100, 0), at(30, 3)], AccessPermission("yard", 0, 10_000))
    assert found.walk(0, 1).length_m == pytest.approx(297 + 30)
    assert found.walk(0, 1).off_network_m == pytest.approx(30)
    assert found.walk(0, 1, 0).length_m == pytest.approx(70 + 3)
    assert found.walk(0, 1, 0).off_network_m == pytest.approx(3)


# --- every set of gates -----------------------------------------------------------------------


def random_world(seed: int, n_gates: int) -> tuple[list[dict], list[Point], list[AccessPermission]]:
    """Return a connected public network, gates across it with hours, and places at its nodes."""
    chance = np.random.default_rng(seed)
    n = int(chance.integers(4, 9))
    spots = chance.uniform(0, 600, (n, 2))
    rows = [
        {
            "key": f"E{i}",
            "xy": [spots[i], spots[i] + chance.uniform(-200, 200, 2), spots[int(chance.integers(i))]],
        }
        for i in range(1, n)
    ]
    leaves = []
    for g in range(n_gates):
        i, j = chance.choice(n, 2, replace=False)
        rows.append({"key": f"G{g}", "kind": "gate", "access": "permission", "xy": [spots[i], spots[j]]})
        opens_s = int(chance.integers(0, 400))
        leaves.append(AccessPermission(f"G{g}", opens_s, opens_s + int(chance.integers(1, 900))))
    return rows, [at(*spots[i]) for i in chance.permutation(n)[:4]], leaves


def named(x: float, y: float) -> tuple[float, float]:
    return round(x, 3), round(y, 3)


def brute_ways(
    rows: list[dict], places: list[Point], leaves: list[AccessPermission], i: int, j: int
) -> list[tuple]:
    """Return (walk_s, first departure, last departure) for each set of gates; unbounded without any."""
    hours = {leave.edge: leave.window for leave in leaves}
    found = []
    for chosen in itertools.chain.from_iterable(
        itertools.combinations(hours, size) for size in range(len(hours) + 1)
    ):
        graph = nx.MultiGraph()
        for row in rows:
            if row["key"] in hours and row["key"] not in chosen:
                continue
            line = LineString(row["xy"])
            ends = (named(*np.add(line.coords[k], (EAST, NORTH))) for k in (0, -1))
            graph.add_edge(*ends, key=row["key"], weight=line.length / ALONE.pace_m_s)
        source, target = (named(places[k].x, places[k].y) for k in (i, j))
        nodes = nx.shortest_path(graph, source, target, weight="weight")
        at_s, opens_s, closes_s = 0.0, 0.0, math.inf
        for tail, head in itertools.pairwise(nodes):
            key, data = min(graph[tail][head].items(), key=lambda each: each[1]["weight"])
            if key in hours:
                opens_s = max(opens_s, hours[key].opens_s - at_s)
                closes_s = min(closes_s, hours[key].closes_s - at_s - data["weight"])
            at_s += data["weight"]
        found.append((math.ceil(round(at_s, 6)), opens_s, closes_s))
    return found


@pytest.mark.parametrize("seed", range(80))
def test_at_every_time_the_best_walk_is_that_of_all_sets_of_gates(seed: int) -> None:
    rows, places, leaves = random_world(seed, n_gates=seed % MOST_SETS_OF + 1)
    found = options(rows, places, *leaves)
    # Straight from place to place only where both are at one spot; here none are.
    assert (found.base.snapped.access_m < 1e-6).all()
    for i, j in itertools.permutations(range(len(places)), 2):
        expected = brute_ways(rows, places, leaves, i, j)
        mine = [way for way in found.timed_arcs if (way.start, way.end) == (i, j)]
        for depart_s in range(0, 1300, 13):
            best_s = min(walk_s for walk_s, opens_s, closes_s in expected if opens_s <= depart_s <= closes_s)
            open_s = [w.walk_s for w in mine if w.departs.opens_s <= depart_s <= w.departs.closes_s]
            assert min([int(found.walk_s[i, j]), *open_s]) == best_s


@pytest.mark.parametrize("seed", range(40))
def test_every_way_is_true_also_where_not_all_sets_are_tried(seed: int) -> None:
    rows, places, leaves = random_world(seed, n_gates=MOST_SETS_OF + 3)
    hours = {leave.edge: leave.window for leave in leaves}
    found = options(rows, places, *leaves)
    for number, way in enumerate(found.timed_arcs):
        walk = found.walk(way.start, way.end, number)
        assert walk.walk_s(ALONE.pace_m_s) == way.walk_s
        assert walk.length_m == pytest.approx(way.length_m)
        base_s, base_m = found.walk_s[way.start, way.end], found.length_m[way.start, way.end]
        assert way.walk_s < base_s or way.length_m < base_m
        for depart_s in (way.departs.opens_s, way.departs.closes_s):
            at_s = float(depart_s)
            for piece in walk.pieces:
                key = None if piece.edge is None else found.network.key[piece.edge]
                if key in hours:
                    assert hours[key].opens_s - 1e-5 <= at_s
                    assert at_s + piece.cost_m / ALONE.pace_m_s <= hours[key].closes_s + 1e-5
                at_s += piece.cost_m / ALONE.pace_m_s


@given(st.integers(0, 10_000), st.integers(1, 30), st.booleans(), st.lists(st.tuples(
    st.floats(-200, 800), st.floats(-200, 800)), min_size=1, max_size=7))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_times_are_symmetric_and_no_way_round_is_quicker(
    seed: int, group_size: int, is_step_free: bool, spots: list[tuple[float, float]]
) -> None:
    rows, places, _ = random_world(seed, n_gates=2)
    places += [at(*spot) for spot in spots]
    found = options(rows, places, profile=WalkProfile(group_size, is_step_free))
    assert (found.walk_s == found.walk_s.T).all()
    assert (found.length_m == found.length_m.T).all()
    assert ((found.walk_s < 0) == np.isinf(found.length_m)).all()
    walk_s = np.where(found.walk_s < 0, np.inf, found.walk_s)
    for k in range(len(places)):
        assert (walk_s <= walk_s[:, [k]] + walk_s[[k], :]).all()

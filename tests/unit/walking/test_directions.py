"""Directions: every turn of known worlds, and their sentences."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from app.analysis.tours.problem import Window
from app.analysis.walking.cached_network import CachedNetwork
from app.analysis.walking.directions import Turn, TurnKind, directions, turn_kind
from app.analysis.walking.gates import AccessPermission, walk_options
from app.analysis.walking.network import make_network
from app.analysis.walking.street_names import street_beside
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import shortest_walks
from app.domain.crs import STORAGE_CRS
from app.domain.kinds import WalkwayKind
from app.domain.localizer import localizer_for
from app.services.walking.direction_texts import direction_sentence
from tests.scenes import EAST, NORTH

ENGLISH = localizer_for("en")
S, FOOT, PATH = "street", "footway", "path"


def at(x: float, y: float) -> Point:
    return Point(EAST + x, NORTH + y)


def frame(*rows: tuple) -> gpd.GeoDataFrame:
    """Return edges given as (kind, name, vertices)."""
    lines = [LineString(np.add(xy, (EAST, NORTH))) for _, _, xy in rows]
    columns = {"kind": [row[0] for row in rows], "name": [row[1] for row in rows]}
    columns["key"] = [f"W{n}" for n in range(len(rows))]
    needs_leave = {"gate", "yard"}
    columns["access"] = ["permission" if row[0] in needs_leave else "public" for row in rows]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=STORAGE_CRS)


def turns(walkways: gpd.GeoDataFrame, start: Point, end: Point) -> tuple[Turn, ...]:
    walks = shortest_walks(walkable_subgraph(make_network(walkways)), np.array([start, end], dtype=object))
    return directions(walks.subgraph, walks.walk(0, 1))


def sentences(found: tuple[Turn, ...]) -> list[str]:
    return [direction_sentence(turn, ENGLISH, "Shop").replace("\N{NO-BREAK SPACE}", " ") for turn in found]


def star(angle_deg: float) -> tuple[gpd.GeoDataFrame, Point]:
    """Return a crossing: from the south to the middle, and on at an angle, with a stub to make a choice."""
    bearing = math.radians(angle_deg)
    end = (100 * math.sin(bearing), 100 * math.cos(bearing))
    stub = (-60 * math.sin(bearing / 2 + 1.3), 60 * math.cos(bearing / 2 + 1.3))
    rows = [(S, "A", [(0, -100), (0, 0)]), (S, "B", [(0, 0), end]), (S, None, [(0, 0), stub])]
    return frame(*rows), at(*end)


@pytest.mark.parametrize(
    ("angle_deg", "kind"),
    [
        (0, "straight"), (19, "straight"), (-19, "straight"), (21, "slight_right"), (-49, "slight_left"),
        (51, "right"), (90, "right"), (-90, "left"), (-129, "left"), (131, "sharp_right"),
        (-164, "sharp_left"), (166, "back"), (-179, "back"),
    ],
)  # fmt: skip
def test_a_turn_is_told_by_its_angle(angle_deg: float, kind: str) -> None:
    walkways, end = star(angle_deg)
    depart, turn, arrive = turns(walkways, at(0, -100), end)
    assert (depart.kind, depart.name, depart.octant, depart.length_m) == (
        "depart", "A", 0, pytest.approx(100),
    )  # fmt: skip
    assert (turn.kind, turn.name, turn.length_m) == (kind, "B", pytest.approx(100))
    assert turn.point.equals_exact(at(0, 0), 1e-6)
    assert arrive.point.equals_exact(end, 1e-6)


def test_angles_have_one_kind_each() -> None:
    kinds = [turn_kind(angle_deg) for angle_deg in range(-180, 180)]
    assert set(kinds) == set(TurnKind) - {TurnKind.DEPART, TurnKind.ARRIVE}
    sides = {"left": "right", "right": "left"}
    for kind, mirrored in zip(kinds[1:], kinds[:0:-1], strict=True):
        assert mirrored == "_".join(sides.get(part, part) for part in kind.split("_"))


def test_a_turn_without_a_choice_is_not_told() -> None:
    bend = frame((S, "A", [(0, -100), (0, 0)]), (S, "A", [(0, 0), (100, 0)]))
    assert [turn.kind for turn in turns(bend, at(0, -100), at(100, 0))] == ["depart", "arrive"]
    fork = frame((S, "A", [(0, -100), (0, 0)]), (S, "A", [(0, 0), (100, 0)]), (S, None, [(0, 0), (-100, 0)]))
    assert sentences(turns(fork, at(0, -100), at(100, 0))) == [
        "to the north along A, 100 m",
        "right along A, 100 m",
        "arrived: Shop",
    ]


def test_a_short_bit_over_a_junction_is_told_with_what_follows() -> None:
    """From one carriageway over a nameless bit of 6 m into a side street: one turn, not two."""
    walkways = frame(
        (S, "Ring", [(-100, 0), (0, 0)]),
        (S, "Ring", [(0, 0), (100, 0)]),
        (S, None, [(0, 0), (0, 6)]),
        (S, "Ring", [(-100, 6), (0, 6)]),
        (S, "Ring", [(0, 6), (100, 6)]),
        (S, "Side", [(0, 6), (0, 100)]),
    )
    assert sentences(turns(walkways, at(-100, 0), at(0, 100))) == [
        "to the east along Ring, 100 m",
        "left into Side, 100 m",
        "arrived: Shop",
    ]


def test_a_turn_over_a_short_bit_is_where_the_choice_is() -> None:
    """Off a footpath over 4 m to the street beside it, as at Brandgehaege 3: the choice is before the bit."""
    walkways = frame(
        (PATH, None, [(-33, -19), (0, 0)]),
        (PATH, None, [(0, 0), (20, 80)]),
        (PATH, None, [(0, 0), (4.4, -0.3)]),
        (S, "A", [(4.4, -0.3), (24.4, 79.7)]),
        (S, "A", [(4.4, -0.3), (-20, -60)]),
    )
    # 46 degrees from the footpath to the street: the bit, which leads to the right, is no bearing of its own.
    assert sentences(turns(walkways, at(-33, -19), at(24.4, 79.7))) == [
        "to the northeast onto the path, 38 m",
        "slightly left into A, 87 m",
        "arrived: Shop",
    ]


def test_steps_crossings_and_straight_bits_are_always_told() -> None:
    walkways = frame(
        (S, "A", [(0, 0), (100, 0)]),
        ("crossing", None, [(100, 0), (112, 0)]),
        (FOOT, None, [(112, 0), (150, 0)]),
        ("steps", None, [(150, 0), (170, 0)]),
        (PATH, None, [(170, 0), (300, 0)]),
    )
    assert sentences(turns(walkways, at(0, 0), at(300, 40))) == [
        "to the east along A, 100 m",
        "straight on over the crossing, 12 m",
        "straight on onto the footway, 38 m",
        "straight on over the steps, 20 m",
        "straight on onto the path, 130 m",
        "left off the paths, 40 m",
        "arrived: Shop",
    ]


def test_gates_are_told_with_their_hours() -> None:
    walkways = frame(
        (S, "A", [(0, 0), (100, 0)]),
        ("gate", "East gate", [(100, 0), (104, 0)]),
        ("yard", None, [(104, 0), (200, 0)]),
        (S, "B", [(0, 0), (0, 300), (200, 300), (200, 0)]),
    )
    network = make_network(walkways)
    places = np.array([at(50, 0), at(200, 0)], dtype=object)
    leaves = [
        AccessPermission("W1", 14 * 3600, 15 * 3600),
        AccessPermission("W2", 8 * 3600, 16 * 3600 + 1800),
    ]
    options = walk_options(CachedNetwork(network), places, permissions=leaves)
    (way,) = [n for n, way in enumerate(options.timed_arcs) if way.start == 0]
    gated = options.gated[way]
    found = directions(gated.walks.subgraph, options.walk(0, 1, way), gated.windows)
    assert found[1].window == Window(14 * 3600, 15 * 3600)
    assert sentences(found) == [
        "to the east along A, 50 m",
        "straight on through the gate “East gate”, 4.0 m (open only 14:00–15:00)",
        "straight on across the yard, 96 m (open only 08:00–16:30)",
        "arrived: Shop",
    ]


def test_a_walk_nowhere_only_arrives() -> None:
    walkways = frame((S, "A", [(0, 0), (100, 0)]))
    assert [turn.kind for turn in turns(walkways, at(50, 0), at(50, 0))] == ["arrive"]


def test_lengths_add_up_and_points_lie_on_the_walk() -> None:
    """On random grids with kinks: nothing of the walk is left out, and turns follow one another."""
    chance = np.random.default_rng(7)
    for _ in range(60):
        knots = {
            (x, y): np.array([60 * x, 60 * y]) + chance.uniform(-20, 20, 2)
            for x in range(4)
            for y in range(4)
        }
        rows = []
        for (x, y), knot in knots.items():
            for there in ((x + 1, y), (x, y + 1)):
                if there in knots and chance.random() < 0.85:
                    kind = str(chance.choice([S, FOOT, PATH, "steps", "crossing"]))
                    name = chance.choice(["A", "B", "C", ""]) or None
                    rows.append(
                        (
                            kind,
                            name,
                            [knot, (knot + knots[there]) / 2 + chance.uniform(-9, 9, 2), knots[there]],
                        )
                    )
        walks = shortest_walks(
            walkable_subgraph(make_network(frame(*rows))),
            np.array([at(*chance.uniform(0, 180, 2)) for _ in range(4)], dtype=object),
        )
        for i in range(4):
            for j in range(i):
                walk = walks.walk(i, j)
                found = directions(walks.subgraph, walk)
                assert sum(turn.length_m for turn in found) == pytest.approx(walk.length_m, abs=0.05)
                for n, turn in enumerate(found):
                    here = walk.line.interpolate(sum(before.length_m for before in found[:n]))
                    assert here.distance(turn.point) < 0.05
                assert found[-1].kind == TurnKind.ARRIVE
                assert all(turn.kind != TurnKind.DEPART for turn in found[1:])


def test_every_turn_has_a_sentence() -> None:
    for kind in TurnKind:
        for edge_kind in (*WalkwayKind, None):
            for name in (None, "X"):
                for is_same in (False, True):
                    turn = Turn(kind, name, edge_kind, 12.0, at(0, 0), 3, is_same, Window(0, 3600))
                    assert "%(" not in direction_sentence(turn, ENGLISH)


def test_the_shipped_network_is_told_by_its_streets() -> None:
    walkways = gpd.read_file("geodata/heinenkamp/walkways.geojson").to_crs(STORAGE_CRS)
    network = make_network(walkways)
    subgraph = walkable_subgraph(network)
    named = walkways[walkways["name"].notna() & (subgraph.component == subgraph.component_length_m.argmax())]
    places = shapely.line_interpolate_point(named.geometry.to_numpy()[::9], 3.0)
    walks = shortest_walks(walkable_subgraph(network), places)
    told = {turn.name for n in range(1, len(places)) for turn in directions(walks.subgraph, walks.walk(0, n))}
    assert {"Heinenkamp", "Brandgehaege"} <= told


def test_a_nameless_path_is_told_by_the_street_it_runs_along() -> None:
    """As far as it does: crossing a street, or leaving it, is another thing."""
    rows = [
        (S, "Klauskamp", [(0, 0), (400, 0)]),
        (S, "Lindenkamp", [(200, -50), (200, 300)]),
        (PATH, None, [(0, 8), (150, 8)]),
        (FOOT, None, [(150, 8), (150, 140)]),
        (PATH, None, [(150, 140), (300, 140)]),
        (FOOT, None, [(0, 0), (0, 8)]),
        (FOOT, None, [(150, 8), (190, 8)]),
    ]
    assert sentences(turns(frame(*rows), at(0, 8), at(150, 140))) == [
        "to the east onto the path along Klauskamp, 150 m",
        "left onto the footway, 132 m",
        "arrived: Shop",
    ]
    assert sentences(turns(frame(*rows), at(150, 140), at(300, 140)))[0] == "to the east onto the path, 150 m"
    network = make_network(frame(*rows))
    assert [street_beside(network, edge) for edge in (0, 2, 3, 4)] == [None, "Klauskamp", None, None]


def test_a_path_along_two_streets_is_told_by_the_one_of_most_of_it_or_by_none() -> None:
    """One path, whose pieces are told together."""

    def first(turn_at: float) -> str:
        rows = [
            (S, "A", [(0, 0), (turn_at, 0)]),
            (S, "B", [(turn_at, 0), (400, 0)]),
            (PATH, None, [(0, 8), (turn_at, 8)]),
            (PATH, None, [(turn_at, 8), (400, 8)]),
            (FOOT, None, [(0, 0), (0, 8)]),
        ]
        return sentences(turns(frame(*rows), at(0, 8), at(400, 8)))[0]

    assert first(320) == "to the east onto the path along A, 400 m"
    assert first(80) == "to the east onto the path along B, 400 m"
    assert first(200) == "to the east onto the path, 400 m"

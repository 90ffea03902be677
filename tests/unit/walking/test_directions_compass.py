"""The first direction points where one sets out; bits that nobody could make out are not told."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from app.analysis.walking.directions import Turn, TurnKind, directions
from app.analysis.walking.network import make_network
from app.analysis.walking.snapping import entrances
from app.analysis.walking.walk import Walk
from app.analysis.walking.walkable import walkable_subgraph
from app.analysis.walking.walks import shortest_walks
from app.domain.crs import STORAGE_CRS
from tests.unit.walking.test_directions import at, frame, sentences, turns

SHIPPED = Path(__file__).parents[3] / "geodata" / "heinenkamp"
STREET = ("street", "A", [(0, 0), (100, 0)])


@pytest.mark.parametrize(("y", "heading"), [(3.0, "south"), (-3.0, "north"), (0.6, "south")])
def test_the_first_compass_looks_no_farther_than_the_stretch(y: float, heading: str) -> None:
    """Three metres to the street, then along it: eight metres on, one is on the way to the east."""
    length = f"{abs(y):.1f} m"
    assert sentences(turns(frame(STREET), at(0, y), at(100, 0)))[:2] == [
        f"to the {heading} off the paths, {length}",
        f"{'left' if y > 0 else 'right'} into A, 100 m",
    ]


@pytest.mark.parametrize("y", [0.03, 0.3, -0.49])
def test_a_bit_to_the_door_is_not_told(y: float) -> None:
    there = turns(frame(STREET), at(0, y), at(100, 0))
    assert sentences(there) == ["to the east along A, 100 m", "arrived: Shop"]
    assert there[0].point.equals_exact(at(0, y), 1e-6)
    back = turns(frame(STREET), at(100, 0), at(0, y))
    assert sentences(back) == ["to the west along A, 100 m", "arrived: Shop"]
    for found in (there, back):
        assert sum(turn.length_m for turn in found) == pytest.approx(100 + abs(y))


def test_a_bit_of_steps_is_told_however_short_unless_it_is_nothing() -> None:
    for length_m, told in ((0.3, True), (0.04, False)):
        steps = ("steps", None, [(100, 0), (100 + length_m, 0)])
        path = ("path", None, [(100 + length_m, 0), (200, 0)])
        found = turns(frame(STREET, steps, path), at(0, 0), at(200, 0))
        assert any(turn.edge_kind == "steps" for turn in found) == told
        assert not any("0.0 m" in sentence for sentence in sentences(found))


def test_two_doors_side_by_side_are_no_walk() -> None:
    assert [turn.kind for turn in turns(frame(STREET), at(0, 0.1), at(0.2, 0.1))] == [TurnKind.ARRIVE]


def off_deg(walk: Walk, first: Turn) -> float:
    """Return by how much a compass misses the way to where one is after eight metres, or turns."""
    end = walk.line.interpolate(min(first.length_m, 8.0))
    (x, y), (ahead_x, ahead_y) = walk.line.coords[0], end.coords[0]
    bearing_deg = math.degrees(math.atan2(ahead_x - x, ahead_y - y))
    return abs((45 * first.octant - bearing_deg + 180) % 360 - 180)


def test_all_walks_of_the_park_set_out_where_they_are_told_to() -> None:
    """From each place to each other; told to eighths of a circle, none is off by more than half of one."""
    network = make_network(gpd.read_file(SHIPPED / "walkways.geojson").to_crs(STORAGE_CRS))
    places: list[Point] = []
    for name in ("companies", "facilities"):
        rows = gpd.read_file(SHIPPED / f"{name}.geojson").to_crs(STORAGE_CRS)
        places += entrances(
            walkable_subgraph(network), np.asarray(rows.geometry.to_numpy(), dtype=object)
        ).tolist()
    walks = shortest_walks(walkable_subgraph(network), np.array(places, dtype=object))
    n_walks, worst_deg = 0, 0.0
    for i, j in itertools.permutations(range(len(places)), 2):
        walk = walks.walk(i, j)
        first, *others = directions(walks.subgraph, walk)
        assert not any(0 < turn.length_m < 0.05 for turn in (first, *others))
        if first.kind != TurnKind.ARRIVE:
            n_walks += 1
            worst_deg = max(worst_deg, off_deg(walk, first))
    assert n_walks == 2242
    # Half an eighth, and what half a metre to the door may bend eight metres.
    assert worst_deg < 22.5 + math.degrees(math.atan2(0.5, 8.0))

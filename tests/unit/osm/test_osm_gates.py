"""Nodes of OpenStreetMap that not everybody passes: gates, fences, hours, conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.exchange.osm import OsmTally, read_osm
from app.exchange.osm.gates import GATE_M
from tests.unit.osm.osm_files import Way, extract, walks_between

FOOT = {"highway": "footway"}
SPOTS = {1: (0.0, 0.0), 2: (10.0, 0.0), 3: (20.0, 0.0), 4: (10.0, 10.0)}
ALONG: list[Way] = [(10, [1, 2, 3], FOOT)]


def with_node(folder: Path, tags: dict[str, str], ways: list[Way] | None = None) -> Path:
    return extract(folder, SPOTS, ways or ALONG, {2: tags})


@pytest.mark.parametrize(
    "tags",
    [
        {"barrier": "gate", "access": "private"},
        {"barrier": "gate", "locked": "yes"},
        {"barrier": "lift_gate", "access": "employees"},
        {"barrier": "gate", "foot": "permit"},
    ],
)
def test_a_gate_with_access_is_a_short_edge_that_needs_leave(tmp_path: Path, tags: dict[str, str]) -> None:
    found = read_osm(with_node(tmp_path, {**tags, "name": "Werkstor"}))
    walkways = found.walkways.set_index("key")
    assert sorted(walkways.index) == ["osm-10.1", "osm-10.2", "osm-n2"]
    assert walkways.loc["osm-n2", ["kind", "access", "name"]].tolist() == ["gate", "permission", "Werkstor"]
    assert walkways.loc["osm-n2"].geometry.length == pytest.approx(2 * GATE_M)
    assert (walkways.loc[["osm-10.1", "osm-10.2"], "access"] == "public").all()
    assert found.tally == OsmTally(n_ways=1, n_gates=1)
    assert walks_between(found.walkways, (0, 0), (20, 0)).walk(0, 1).off_network_m > 60
    opened = walks_between(found.walkways.assign(access="public"), (0, 0), (20, 0))
    assert opened.length_m[0, 1] == pytest.approx(136.2, abs=0.1)
    assert opened.walk(0, 1).off_network_m == pytest.approx(0, abs=0.05)


def test_a_private_node_needs_leave_without_being_a_gate(tmp_path: Path) -> None:
    walkways = read_osm(with_node(tmp_path, {"access": "private"})).walkways.set_index("key")
    assert walkways.loc["osm-n2", ["kind", "access"]].tolist() == ["footway", "permission"]


@pytest.mark.parametrize(
    "tags",
    [{"barrier": "fence"}, {"barrier": "wall"}, {"barrier": "gate", "foot": "no"}, {"barrier": "hedge"}],
)
def test_nobody_walks_through_a_fence(tmp_path: Path, tags: dict[str, str]) -> None:
    found = read_osm(with_node(tmp_path, tags))
    assert sorted(found.walkways["key"]) == ["osm-10.1", "osm-10.2"]
    assert found.tally == OsmTally(n_ways=1, n_closed=1)
    first, second = found.walkways.geometry
    assert first.distance(second) == pytest.approx(2 * GATE_M, abs=0.1)


@pytest.mark.parametrize(
    "tags",
    [
        {"barrier": "gate"},
        {"barrier": "bollard"},
        {"barrier": "kissing_gate", "foot": "yes", "access": "no"},
        {"barrier": "fence", "foot": "yes"},
        {"barrier": "gate", "access": "permissive"},
        {"barrier": "gate", "opening_hours": "24/7"},
        {"highway": "crossing", "foot": "no"},
        {"amenity": "cafe", "access": "private", "opening_hours": "Mo-Fr 08:00-18:00"},
    ],
)
def test_what_everybody_passes_leaves_the_way_whole(tmp_path: Path, tags: dict[str, str]) -> None:
    found = read_osm(with_node(tmp_path, tags))
    assert found.walkways["key"].tolist() == ["osm-10.1"]
    assert found.tally == OsmTally(n_ways=1)


def test_a_gate_where_several_ways_meet_stands_on_each(tmp_path: Path) -> None:
    found = read_osm(
        with_node(tmp_path, {"barrier": "gate", "access": "private"}, [*ALONG, (11, [2, 4], FOOT)])
    )
    assert sorted(found.walkways["key"])[3:] == ["osm-n2.1", "osm-n2.2", "osm-n2.3"]
    assert found.tally.n_gates == 1


def test_a_gate_at_a_square_stands_on_the_way_to_it(tmp_path: Path) -> None:
    spots = {**SPOTS, 5: (20.0, 10.0), 6: (30.0, 5.0), 7: (20.0, -10.0)}
    square = {"highway": "pedestrian", "area": "yes"}
    ways: list[Way] = [(10, [1, 2], FOOT), (12, [2, 5, 6, 7, 2], square), (13, [3, 6], FOOT)]
    found = read_osm(extract(tmp_path, spots, ways, {2: {"barrier": "gate", "access": "private"}}))
    gates = found.walkways[found.walkways["kind"] == "gate"]
    assert gates["key"].tolist() == ["osm-n2"]
    assert gates.length.tolist() == [pytest.approx(GATE_M)]


def test_a_gate_on_a_short_piece_leaves_some_of_it(tmp_path: Path) -> None:
    spots = {1: (0.0, 0.0), 2: (10.0, 0.0), 3: (10.1, 0.0)}
    gate = {"barrier": "gate", "access": "private"}
    walkways = read_osm(extract(tmp_path, spots, ALONG, {2: gate, 3: gate})).walkways.set_index("key")
    assert walkways.loc["osm-10.2"].geometry.length == pytest.approx(0.68 / 3, abs=0.02)
    assert sorted(walkways.index) == ["osm-10.1", "osm-10.2", "osm-n2", "osm-n3"]


@pytest.mark.parametrize(
    ("tags", "access", "hours", "n_unread"),
    [
        ({"opening_hours": "Mo-Fr 08:00-18:00"}, "permission", "Mo-Fr 08:00-18:00", 0),
        ({"opening_hours": "sunrise-sunset"}, "permission", None, 1),
        ({"access": "private", "opening_hours": "Mo-Fr 08:00-18:00"}, "permission", None, 0),
        (
            {
                "access": "no",
                "access:conditional": "yes @ (Mo-Fr 08:00-18:00); destination @ (Sa 09:00-12:00)",
            },
            *("permission", "Mo-Fr 08:00-18:00; Sa 09:00-12:00", 0),
        ),
        ({"access:conditional": "no @ (22:00-06:00)"}, "permission", "24/7; 22:00-06:00 off", 0),
        ({"foot:conditional": "yes @ 08:00-18:00", "foot": "private"}, "permission", "08:00-18:00", 0),
        ({"access:conditional": "no @ (22:00-06:00)", "foot": "yes"}, "public", None, 0),
        ({"access:conditional": "no @ snow"}, "public", None, 1),
        ({"access": "private", "access:conditional": "yes @ (daylight)"}, "permission", None, 1),
    ],
)
def test_hours_of_ways_and_gates_are_kept(
    tmp_path: Path, tags: dict[str, str], access: str, hours: str | None, n_unread: int
) -> None:
    way = read_osm(extract(tmp_path, SPOTS, [(10, [1, 2], {**FOOT, **tags})]))
    assert way.walkways[["access", "opening_hours"]].to_numpy().tolist() == [[access, hours]]
    gate = read_osm(with_node(tmp_path, {"barrier": "gate", **tags}))
    found = gate.walkways.set_index("key")
    if access == "permission":
        assert found.loc["osm-n2", ["kind", "access", "opening_hours"]].tolist() == ["gate", access, hours]
    else:
        assert found.index.tolist() == ["osm-10.1"]
    assert way.tally.n_unread == n_unread
    assert gate.tally.n_unread == (n_unread if access == "permission" else 0)

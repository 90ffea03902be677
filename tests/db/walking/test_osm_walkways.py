"""From an extract of OpenStreetMap to a planned walk: read, imported, joined, and walked within hours."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from shapely import Point
from sqlalchemy import Connection

from app.analysis.walking.walkable import walkable_subgraph
from app.db.integrity import findings
from app.db.walking.walkways import walkways_on
from app.domain.crs import to_wgs84
from app.domain.tour_requests import parse_request
from app.errors import DataError, InputError
from app.services.features.importing import import_file
from app.services.tours.planning.plans import day_permissions, make_task, solve_task
from app.services.tours.saving import publish_tour, save_tour
from app.services.walking.networks import network_on
from app.services.walking.permissions import add_walkway, read_walkway
from app.services.walking.walkway_files import write_osm_walkways
from tests.stored import store_park
from tests.unit.osm.osm_files import Way, extract, spot

FOOT = {"highway": "footway"}
WEDNESDAY, SATURDAY = "2999-04-24", "2999-04-27"
# A gate in the middle of a way of 20 steps (136 m), and a way round it of 80 steps.
SPOTS = {1: (0.0, 0.0), 2: (10.0, 0.0), 3: (20.0, 0.0), 4: (0.0, 30.0), 5: (20.0, 30.0)}
WAYS: list[Way] = [(10, [1, 2, 3], FOOT), (11, [1, 4, 5, 3], FOOT)]
GATE = {"barrier": "gate", "name": "Werkstor"}


def imported(connection: Connection, folder: Path, given: Path) -> None:
    out = folder / "walkways.geojson"
    write_osm_walkways(given, out)
    import_file(connection, "walkways", out)


def wish(on: str, earliest: str) -> dict[str, object]:
    points = [(name, to_wgs84(spot(x, 0))) for name, x in (("one", 0.0), ("other", 20.0))]
    stops = [{"name": name, "lon": at.x, "lat": at.y, "dwell_min": 1} for name, at in points]
    return {"park": "park", "on": on, "earliest": earliest, "latest": "23:59", "stops": stops}


def planned_m(connection: Connection, on: str, earliest: str, latest: str) -> float:
    asked = {**wish(on, earliest), "latest": latest}
    return solve_task(make_task(connection, parse_request(asked))).length_m


def test_ways_join_by_nodes_from_the_file_to_the_network(connection: Connection, tmp_path: Path) -> None:
    """A bridge and the street below have nodes on one spot; ways that share a node stay joined."""
    spots = {1: (-3.0, 0.0), 2: (0.0, 0.0), 3: (3.0, 0.0), 4: (0.0, -3.0), 5: (0.0, 0.0), 6: (0.0, 3.0)}
    spots |= {7: (2.0, 2.0), 8: (-2.0, 2.0)}
    bridge = {"highway": "footway", "bridge": "yes", "layer": "1"}
    ways: list[Way] = [
        (10, [1, 2, 3], FOOT),
        (11, [4, 5, 6], bridge),
        (12, [2, 7], FOOT),
        (13, [5, 8], bridge),
    ]
    imported(connection, tmp_path, extract(tmp_path, spots, ways))
    network = network_on(connection, date(2024, 4, 24)).network
    component = dict(zip(network.key, walkable_subgraph(network).component, strict=True))
    assert component["osm-10.1"] == component["osm-10.2"] == component["osm-12.1"]
    assert component["osm-11.1"] == component["osm-11.2"] == component["osm-13.1"]
    assert len(set(component.values())) == 2


def test_a_gate_of_a_file_is_walked_within_its_hours_on_its_days(
    connection: Connection, tmp_path: Path
) -> None:
    store_park(connection)
    gate = {**GATE, "opening_hours": "Mo-Fr 08:00-18:00"}
    imported(connection, tmp_path, extract(tmp_path, SPOTS, WAYS, {2: gate}))
    frame = walkways_on(connection, date(2999, 4, 24)).set_index("key")
    assert frame.loc["osm-n2", "opening_hours"] == "Mo-Fr 08:00-18:00"
    through, around = pytest.approx(136.2, abs=0.3), pytest.approx(803.9, abs=1)
    assert planned_m(connection, WEDNESDAY, "09:00", "12:00") == through
    assert planned_m(connection, WEDNESDAY, "18:00", "20:00") == around
    assert planned_m(connection, SATURDAY, "09:00", "12:00") == around
    (leave,) = day_permissions(connection, parse_request(wish(WEDNESDAY, "09:00")), None)
    assert (leave.edge, leave.opens_s, leave.closes_s) == ("osm-n2", 8 * 3600, 18 * 3600)


def test_nobody_misses_leave_for_a_gate_with_hours(connection: Connection, tmp_path: Path) -> None:
    store_park(connection)
    gate = {**GATE, "opening_hours": "08:00-18:00"}
    imported(connection, tmp_path, extract(tmp_path, SPOTS, WAYS, {2: gate}))
    key = save_tour(connection, wish(WEDNESDAY, "09:00"), "A walk").key
    publish_tour(connection, key)
    assert list(findings(connection)) == []


def test_hours_are_typed_and_kept_where_a_way_is_divided(connection: Connection) -> None:
    def typed(key: str, a: tuple[float, float], b: tuple[float, float], **more: str) -> None:
        points = "; ".join(f"{p.x:.7f}, {p.y:.7f}" for p in (to_wgs84(spot(*xy)) for xy in (a, b)))
        add_walkway(connection, read_walkway({"key": key, "kind": "gate", "line": points, **more}))

    typed("gate", (0, 0), (20, 0), access="permission", opening_hours=" Mo-Fr  08:00-18:00 ")
    typed("way", (10, 10), (10, 0), access="public")
    frame = walkways_on(connection, date(2024, 4, 24)).set_index("key")
    assert frame["opening_hours"].to_dict() == {
        **dict.fromkeys(("gate.1", "gate.2"), "Mo-Fr 08:00-18:00"),
        "way": None,
    }
    with pytest.raises(InputError, match="is not a valid form of opening hours"):
        typed("odd", (0, 0), (20, 0), access="permission", opening_hours="sometimes")
    with pytest.raises(InputError, match="Only what needs permission"):
        typed("odd", (0, 0), (20, 0), access="public", opening_hours="08:00-18:00")


@pytest.mark.parametrize(
    ("access", "hours", "told"),
    [
        ("permission", "sometimes", "is not a valid form of opening hours"),
        ("public", "08:00-18:00", "only what needs permission"),
    ],
)
def test_a_file_with_hours_that_are_none_is_refused(
    connection: Connection, tmp_path: Path, access: str, hours: str, told: str
) -> None:
    out = tmp_path / "walkways.geojson"
    write_osm_walkways(extract(tmp_path, SPOTS, WAYS), out)
    text = out.read_text("utf-8")
    out.write_text(
        text.replace(
            '"access":"public","opening_hours":null', f'"access":"{access}","opening_hours":"{hours}"', 1
        )
    )
    with pytest.raises(DataError, match=told):
        import_file(connection, "walkways", out)
    assert len(walkways_on(connection, None)) == 0


def test_what_was_read_hangs_together_as_before_it_was_stored(connection: Connection, tmp_path: Path) -> None:
    imported(connection, tmp_path, extract(tmp_path, SPOTS, WAYS, {2: {**GATE, "access": "private"}}))
    network = network_on(connection, date(2024, 4, 24)).network
    opened = walkable_subgraph(
        network, None, frozenset(np.flatnonzero(network.access == "permission").tolist())
    )
    assert len(np.unique(opened.component)) == 1
    assert Point(network.lines[0].coords[0]).distance(spot(0, 0)) < 0.01

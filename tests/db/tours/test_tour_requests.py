"""Planned tours keep their wish: taken out and brought in again, planned anew, told on paper."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from shapely import LineString, Point
from sqlalchemy import Connection, delete, insert, text

from app.db.models import Tour, Walkway
from app.db.tours.records import stop_rows
from app.db.tours.saved import saved_row
from app.domain.crs import to_storage, to_wgs84
from app.domain.localizer import localizer_for
from app.errors import DataError
from app.services.features.exporting import export_dataset
from app.services.tours.papers import tour_papers
from app.services.tours.saving import publish_tour, save_tour, saved_tour
from app.services.tours.storing import plan_legs, store_tours
from app.services.tours.timetables import tour_plan
from tests.scenes import EAST, NORTH, placed
from tests.stored import days, ewkb, store_company, store_park

RING = [(-100, -50), (400, -50), (400, 350), (-100, 350), (-100, -50)]


def spot(x: float, y: float, name: str, **changed: object) -> dict[str, Any]:
    point = to_wgs84(Point(EAST + x, NORTH + y))
    return {"name": name, "lon": point.x, "lat": point.y, "dwell_min": 5, **changed}


# The firm is told by its own key, two points have one name, one stop is not visited.
WISH: dict[str, Any] = {
    "park": "park",
    "on": "2024-04-24",
    "earliest": "13:00",
    "latest": "16:00",
    "stops": [
        spot(390, 0, "Gate", windows=[["14:30", "14:50"], ["15:30", "15:45"]]),
        {"company": "firm", "dwell_min": 20, "windows": [["13:30", "14:10"]], "note": "look"},
        spot(0, 330, "Gate"),
        spot(380, 340, "Far", is_optional=True, windows=[["08:00", "09:00"]]),
    ],
    "pause": {"minutes": 12, "earliest": "13:30", "latest": "14:20"},
    "group_size": 20,
}


@pytest.fixture
def world(connection: Connection) -> Connection:
    """A park with a ring of streets and a firm at (5, 5)."""
    store_company(connection, store_park(connection), "firm", None)
    line = ewkb(placed(LineString(RING)))
    values = {"key": "ring", "kind": "street", "access": "public", "geometry": line, "valid": days()}
    connection.execute(insert(Walkway).values(values))
    return connection


@pytest.fixture
def key(world: Connection) -> str:
    """Of that tour, published."""
    return publish_tour(world, save_tour(world, WISH, "A walk").key).key


def taken_out(connection: Connection, key: str) -> dict[str, Any]:
    """Return a tour as an exported folder tells it."""
    with TemporaryDirectory() as folder:
        export_dataset(connection, Path(folder))
        tours: list[dict[str, Any]] = json.loads((Path(folder) / "tours.json").read_text("utf-8"))
    return next(tour for tour in tours if tour["key"] == key)


def timetable(connection: Connection, key: str) -> list[tuple[Any, ...]]:
    plan = tour_plan(connection, key)
    clocks = ("arrives_at", "begins_at", "ends_at", "departs_at", "pause_at")
    told = [(stop.name, *(getattr(stop, name) for name in clocks)) for stop in plan.stops]
    return [*told, tuple(leg.walk_min for leg in plan.legs)]


def test_each_stored_stop_is_found_in_the_wish(world: Connection, key: str) -> None:
    stops = stop_rows(world, saved_row(world, key)["tour_id"])
    for stop in stops:
        wished = WISH["stops"][stop["request_stop"]]
        assert stop["dwell_min"] == wished["dwell_min"]
        if "lon" in wished:
            place = to_storage(Point(wished["lon"], wished["lat"]))
            assert place.distance(stop["geometry"]) < 1e-3
    assert sorted(stop["request_stop"] for stop in stops) == [0, 1, 2]


@pytest.mark.parametrize("is_twice", [False, True])
def test_a_file_that_does_not_number_its_stops_is_understood(world: Connection, is_twice: bool) -> None:
    """As files were written before; of two stops at one place it is the one told alike."""
    key = publish_tour(world, save_tour(world, TWICE if is_twice else WISH, "A walk").key).key
    file, before = taken_out(world, key), timetable(world, key)
    known = [stop.pop("request_stop") for stop in file["stops"]]
    assert sorted(known) == [0, 1, 2]
    world.execute(delete(Tour))
    store_tours(world, [file])
    assert timetable(world, key) == before


def test_papers_tell_when_hosts_can_receive(world: Connection, key: str) -> None:
    told = {(stop.name, stop.dwell_min, stop.windows): stop for stop in tour_papers(world, key, "de").stops}
    assert set(told) == {
        ("Gate", 5, "14:30–14:50, 15:30–15:45"),
        ("firm", 20, "13:30–14:10"),
        ("Gate", 5, ""),
    }
    for (_, _, windows), stop in told.items():
        spans = [window.split("–") for window in windows.split(", ") if window]
        inside = [a <= f"{stop.begins_at:%H:%M}" and f"{stop.ends_at:%H:%M}" <= b for a, b in spans]
        assert any(inside) or not spans


def test_a_planned_tour_comes_back_with_wish_and_times(world: Connection, key: str) -> None:
    """Into the data it came from, where nothing changes, and into data that do not know it."""
    file = taken_out(world, key)
    before, version = timetable(world, key), saved_row(world, key)["version"]
    assert store_tours(world, [file]) == 0
    assert saved_row(world, key)["version"] == version
    world.execute(delete(Tour))
    assert store_tours(world, [file]) == 1
    assert timetable(world, key) == before
    back = saved_row(world, key)
    assert (back["wish"], back["group_size"], back["time_basis"]) == (WISH, 20, "planned")
    assert saved_tour(world, key).request == WISH
    assert taken_out(world, key) == file
    assert store_tours(world, [file]) == 0
    assert plan_legs(world, key) == 2
    assert timetable(world, key) == before


def test_a_wish_that_is_no_longer_possible_is_kept_with_the_walk(world: Connection, key: str) -> None:
    file = taken_out(world, key)
    world.execute(delete(Tour))
    hopeless = {**file, "wish": {**file["wish"], "latest": "13:10"}}
    assert store_tours(world, [hopeless]) == 1
    plan = tour_plan(world, key)
    assert [stop.name for stop in plan.stops] == [row[0] for row in timetable(world, key)[:-1]]
    assert saved_tour(world, key).request == hopeless["wish"]
    assert plan.length_m > 0


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ([1], "Tour .*, wish: expected an object with the fields of a tour request"),
        ({}, r"Tour .*, wish.stops: expected a list of stops"),
        (
            {**WISH, "stops": WISH["stops"][:1]},
            r"Tour .*, stops\[.\].request_stop: expected the number of a stop",
        ),
        (
            {**WISH, "stops": [*WISH["stops"][:2], {**WISH["stops"][2], "windows": [["14:00", "14:01"]]}]},
            "Tour .*: A time window of “Gate” is shorter than the visit",
        ),
        ({**WISH, "stops": [WISH["stops"][1]] * 65}, "Tour .*: A tour can have at most 64 stops"),
    ],
)
def test_a_wish_that_is_none_is_refused(world: Connection, key: str, wish: object, told: str) -> None:
    file = {**taken_out(world, key), "wish": wish}
    with pytest.raises(DataError, match=told) as caught:
        store_tours(world, [file])
    assert "expected" not in localizer_for("de").error_text(caught.value)


def test_papers_of_a_tour_that_was_not_planned_tell_no_windows(world: Connection, key: str) -> None:
    file = {**taken_out(world, key), "key": "plain", "wish": None}
    store_tours(world, [file])
    assert [stop.windows for stop in tour_papers(world, "plain", "de").stops] == ["", "", ""]
    assert [stop["position"] for stop in saved_tour(world, "plain").request["stops"]] == [0, 1, 2]


TWICE = {
    **WISH,
    "stops": [
        {"company": "firm", "dwell_min": 5, "windows": [["15:00", "15:30"]]},
        spot(0, 330, "Gate"),
        {"company": "firm", "dwell_min": 5, "windows": [["13:00", "13:10"]]},
    ],
    "pause": None,
}


def test_a_place_visited_twice_has_the_windows_of_each_visit(world: Connection) -> None:
    key = save_tour(world, TWICE, "A walk").key
    told = [(f"{stop.begins_at:%H}", stop.windows) for stop in tour_papers(world, key, "de").stops]
    firm = [each for each in told if each[1]]
    assert firm == [("13", "13:00–13:10"), ("15", "15:00–15:30")]
    before = timetable(world, key)
    world.execute(delete(Walkway))
    assert plan_legs(world, key) == 2
    assert timetable(world, key) != before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE occupancy SET key = 'firm-elsewhere'; UPDATE company SET key = 'elsewhere'",
        """UPDATE tour SET wish = wish || '{"speed": 3}'""",
    ],
)
def test_papers_outlive_what_the_wish_knew(world: Connection, key: str, change: str) -> None:
    for statement in change.split("; "):
        world.execute(text(statement))
    assert len(tour_papers(world, key, "de").stops) == 3

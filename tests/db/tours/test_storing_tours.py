"""Tours in the database: stored, planned, told; sums and shortest walks answered a second time."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

import pytest
from shapely import LineString, Point
from sqlalchemy import Connection, delete, insert, select, update

from app.db.changes import data_version
from app.db.models import Facility, Tour, TourLeg, Walkway
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.tours.records import stop_rows, tour_row, unplanned
from app.db.walking.walkways import walkways_on
from app.domain.checked import FieldError
from app.domain.crs import STORAGE_CRS, to_wgs84
from app.domain.frames import TOUR_LEGS, TOUR_STOPS, TOURS, WALKWAYS
from app.domain.period import PARK_ZONE
from app.errors import ConflictError, DataError, NotFoundError
from app.services.tours.plan_rows import ENGINE
from app.services.tours.shortest_order import order_stops, reorder_stops
from app.services.tours.storing import plan_legs, store_tours
from app.services.tours.timetables import tour_plan
from tests.scenes import EAST, NORTH, rectangle
from tests.stored import EVER, days, ewkb, store_company, store_park

STREETS = {
    "south": [(-100, -50), (500, -50)],
    "west": [(-100, -50), (-100, 350)],
    "north": [(-100, 350), (500, 350)],
    "steps": [(500, -50), (500, 350)],
}


@pytest.fixture
def world(connection: Connection) -> Connection:
    """A park with a ring of streets, a yard from 2023-09-26, and a firm at (5, 5)."""
    park_id = store_park(connection)
    store_company(connection, park_id, "firm", None)
    for key, xy in STREETS.items():
        line = ewkb(LineString([(EAST + x, NORTH + y) for x, y in xy]))
        kind = "steps" if key == "steps" else "street"
        connection.execute(
            insert(Walkway).values(key=key, kind=kind, access="public", geometry=line, valid=days())
        )
    connection.execute(
        insert(Facility).values(
            key="yard", park_id=park_id, kind="truck_parking", name="Yard", location_quality="schematic",
            geometry=ewkb(rectangle(200, -40, 300, 100)), valid=days("2023-09-26"),
        )
    )  # fmt: skip
    return connection


FIRM, YARD = {"company": "firm-place", "dwell_min": 20}, {"facility": "yard", "dwell_min": 15}


def spot(x: float, y: float, dwell_min: float = 5, name: str = "Spot") -> dict:
    lon_lat = to_wgs84(Point(EAST + x, NORTH + y))
    return {"name": name, "lon": lon_lat.x, "lat": lon_lat.y, "dwell_min": dwell_min}


def a_tour(*stops: dict, **changed: object) -> dict:
    given = {
        "key": "walk", "park": "park", "title": "A walk", "starts_at": "2024-04-24T14:00+02:00",
        "time_basis": "assumed", "pace_m_s": 1.0, "is_round": False, "source": "A page",
        "stops": list(stops) or [FIRM, YARD],
    }  # fmt: skip
    return {**given, **changed}


# --- storing ----------------------------------------------------------------------------------


def test_places_are_resolved_and_a_yard_is_entered_from_the_street(world: Connection) -> None:
    assert store_tours(world, [a_tour()]) == 1
    firm, yard = stop_rows(world, tour_row(world, "walk")["tour_id"])
    assert (firm["name"], firm["location_quality"], firm["dwell_min"]) == ("firm", "street", 20)
    assert firm["geometry"] == Point(EAST + 5, NORTH + 5)
    assert (yard["name"], yard["location_quality"]) == ("Yard", "schematic")
    assert yard["geometry"].y == NORTH - 40
    assert 200 <= yard["geometry"].x - EAST <= 300


def test_legs_and_times_of_a_small_world(world: Connection) -> None:
    store_tours(world, [a_tour(spot(0, -30), spot(0, 330), spot(480, 340), is_round=True)])
    plan = tour_plan(world, "walk")
    # Around the west to the north; along the north; back the long way, which takes less time than the steps.
    assert [leg.length_m for leg in plan.legs] == pytest.approx(
        [20 + 100 + 400 + 100 + 20, 20 + 480 + 10, 10 + 580 + 400 + 100 + 20], abs=0.01
    )
    assert [leg.off_network_m for leg in plan.legs] == pytest.approx([40, 30, 30], abs=0.01)
    assert [leg.to_position for leg in plan.legs] == [2, 3, 1]
    assert [leg.walk_min * 60 for leg in plan.legs] == pytest.approx([640, 510, 1110], abs=1)
    assert plan.ends_at - plan.starts_at == timedelta(minutes=plan.total_min)
    assert plan.starts_at == datetime(2024, 4, 24, 14, tzinfo=PARK_ZONE)
    assert plan.toured_on == date(2024, 4, 24)
    assert (plan.source, plan.park_name) == ("A page", "Park")


def test_storing_twice_changes_nothing_and_a_change_replaces(world: Connection) -> None:
    store_tours(world, [a_tour()])
    before, tour_id = data_version(world), tour_row(world, "walk")["tour_id"]
    assert store_tours(world, [a_tour()]) == 0
    assert data_version(world) == before
    assert store_tours(world, [a_tour(title="Another walk")]) == 1
    assert store_tours(world, [a_tour(spot(0, -30), spot(300, -30), spot(480, 0))]) == 1
    assert tour_row(world, "walk")["tour_id"] == tour_id
    assert [leg.position for leg in tour_plan(world, "walk").legs] == [1, 2]


@pytest.mark.parametrize(
    ("tours", "sentence"),
    [
        ([a_tour(park="nowhere")], "Tour walk: There is no park “nowhere”; available: park."),
        (
            [a_tour(FIRM, {"company": "x", "dwell_min": 1})],
            "Tour walk: Stop 2: there is no place “x” in the parks on 2024-04-24.",
        ),
        (
            [a_tour(starts_at="2023-09-25T23:30+02:00")],
            "Tour walk: Stop 2: there is no place “yard” in the parks on 2023-09-25.",
        ),
        ([a_tour(), a_tour()], "The tour “walk” is given twice."),
    ],
)
def test_what_is_not_there_is_refused_by_name(world: Connection, tours: list[dict], sentence: str) -> None:
    with pytest.raises(DataError) as refusal:
        store_tours(world, tours)
    assert str(refusal.value) == sentence


def test_the_day_of_a_tour_is_the_one_in_the_parks(world: Connection) -> None:
    store_tours(world, [a_tour(starts_at="2023-09-25T23:30+00:00")])
    assert tours_on(world)["toured_on"].tolist() == [date(2023, 9, 26)]
    assert tours_on(world)["starts_at"].tolist() == ["01:30"]


def test_a_refused_list_of_tours_stores_none_of_them(world: Connection) -> None:
    with pytest.raises(FieldError):
        store_tours(world, [a_tour(), a_tour(key="other", pace_m_s="fast")])
    assert world.execute(select(Tour)).all() == []


def test_an_unknown_tour_is_not_found(world: Connection) -> None:
    for ask in (tour_plan, plan_legs, order_stops, reorder_stops):
        with pytest.raises(NotFoundError):
            ask(world, "nowhere")


# --- planning ---------------------------------------------------------------------------------


def test_streets_that_need_leave_or_are_not_there_yet_are_not_walked(world: Connection) -> None:
    given = [a_tour(spot(0, -40), spot(300, -40))]
    store_tours(world, given)
    direct_m = tours_on(world)["length_m"].item()
    gap = update(Walkway).where(Walkway.key == "south")
    for closed in ({"access": "permission"}, {"access": "public", "valid": days("2024-04-25")}):
        world.execute(gap.values(closed))
        assert plan_legs(world, "walk") == 1
        assert tour_legs_on(world)["is_on_network"].tolist() == [False]
    world.execute(gap.values(valid=days("2024-04-24")))
    assert plan_legs(world) == 1
    assert tours_on(world)["length_m"].item() == pytest.approx(direct_m)


def test_without_any_walkway_all_is_straight_and_a_yard_is_entered_at_its_border(world: Connection) -> None:
    world.execute(delete(Walkway))
    store_tours(world, [a_tour(spot(0, 0), YARD)])
    _, yard = stop_rows(world, tour_row(world, "walk")["tour_id"])
    assert rectangle(200, -40, 300, 100).boundary.distance(yard["geometry"]) == pytest.approx(0, abs=1e-6)
    (leg,) = tour_plan(world, "walk").legs
    assert (
        leg.off_network_m
        == leg.length_m
        == pytest.approx(Point(EAST, NORTH).distance(yard["geometry"]), abs=0.01)
    )


def test_legs_of_no_or_another_engine_are_to_be_planned(world: Connection) -> None:
    store_tours(world, [a_tour(), a_tour(key="second")])
    assert unplanned(world, ENGINE, EVER) == []
    first, second = (tour_row(world, key)["tour_id"] for key in ("walk", "second"))
    world.execute(delete(TourLeg).where(TourLeg.tour_id == first))
    world.execute(update(TourLeg).where(TourLeg.tour_id == second).values(engine="tour 0"))
    assert unplanned(world, ENGINE, EVER) == ["second", "walk"]
    assert tours_on(world)["key"].tolist() == ["second"]
    with pytest.raises(ConflictError):
        tour_plan(world, "walk")
    assert plan_legs(world) == 2
    assert unplanned(world, ENGINE, EVER) == []


def test_the_shortest_order_is_stored_and_none_is_shorter(world: Connection) -> None:
    spots = [spot(x, y, name=f"{x} {y}") for x, y in [(0, -30), (480, 330), (250, -60), (0, 340), (450, -45)]]
    for is_round in (False, True):
        store_tours(world, [a_tour(*spots, is_round=is_round)])
        lengths = []
        for others in itertools.permutations(spots[1:]):
            store_tours(world, [a_tour(spots[0], *others, key="other", is_round=is_round)])
            lengths.append(tours_on(world).set_index("key")["length_m"]["other"])
        order = reorder_stops(world, "walk")
        walked = tours_on(world).set_index("key")["length_m"]["walk"]
        assert order.length_m == pytest.approx(min(lengths), abs=1e-3)
        assert walked == pytest.approx(min(lengths), abs=1e-3)
        assert order.given_length_m > order.length_m
        names = [spots[position - 1]["name"] for position in order.positions]
        assert tour_stops_on(world, tour="walk")["name"].tolist() == names
        assert order_stops(world, "walk").positions == (1, 2, 3, 4, 5)


def test_seventeen_stops_in_a_row_are_ordered_too(world: Connection) -> None:
    spots = [spot(10 * n, -30, name=str(n)) for n in (0, *range(16, 0, -1))]
    store_tours(world, [a_tour(*spots)])
    assert order_stops(world, "walk").positions == (1, *range(17, 1, -1))


# --- frames -----------------------------------------------------------------------------------


def test_without_tours_the_frames_have_columns_and_no_rows(connection: Connection) -> None:
    frames = (
        (TOURS, tours_on(connection)),
        (TOUR_STOPS, tour_stops_on(connection)),
        (TOUR_LEGS, tour_legs_on(connection)),
        (WALKWAYS, walkways_on(connection, None)),
    )
    for contract, frame in frames:
        assert set(contract.columns) <= set(frame.columns)
        assert (len(frame), frame.crs) == (0, STORAGE_CRS)


def test_stops_at_one_address_give_a_leg_of_no_length_and_no_part(world: Connection) -> None:
    store_tours(world, [a_tour(FIRM, FIRM, spot(300, -30))])
    assert next(leg.walk_min for leg in tour_plan(world, "walk").legs) == 0
    assert tour_legs_on(world)["position"].unique().tolist() == [2]

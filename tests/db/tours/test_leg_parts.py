"""Walks that leave the network and join it again: stored, told and exported in their parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from shapely import LineString, Point
from sqlalchemy import Connection, insert, text

from app.db.migrate import downgrade, upgrade
from app.db.models import Walkway
from app.db.tours.frames import tour_legs_on, tours_on
from app.domain.crs import to_wgs84
from app.domain.localizer import localizer_for
from app.domain.tour_requests import parse_request
from app.services.tours.papers import tour_papers
from app.services.tours.planning.plan_json import plan_answer
from app.services.tours.planning.plans import make_task, solve_task
from app.services.tours.saving import publish_tour, save_tour
from app.services.tours.storing import store_tours
from app.services.tours.timetables import tour_plan
from tests.db.good_rows import store
from tests.scenes import EAST, NORTH, placed
from tests.stored import days, ewkb, store_park

# A street like a horseshoe, its ends 400 m apart; between them two places, each served by an arm of its own.
# They are nearer to each other than to the street, so one may go straight from one to the other.
STREET = [(-200, 800), (-200, -450), (200, -450), (200, 800)]
STOPS = {"West": (-220, 600), "East": (215, 600), "Left": (-60, 800), "Right": (60, 800)}


@pytest.fixture
def horseshoe(connection: Connection) -> Connection:
    """A park with that street."""
    store_park(connection)
    line = ewkb(placed(LineString(STREET)))
    values = {"key": "street", "kind": "street", "access": "public", "geometry": line, "valid": days()}
    connection.execute(insert(Walkway).values(values))
    return connection


def stops() -> list[dict[str, object]]:
    points = {name: to_wgs84(Point(EAST + x, NORTH + y)) for name, (x, y) in STOPS.items()}
    return [{"name": name, "lon": at.x, "lat": at.y, "dwell_min": 5} for name, at in points.items()]


def a_wish() -> dict[str, object]:
    placed_stops = [{**stop, "position": n} for n, stop in enumerate(stops())]
    return {"park": "park", "on": "2024-04-24", "earliest": "13:00", "stops": placed_stops}


def saved(connection: Connection) -> str:
    key = save_tour(connection, a_wish(), "A walk").key
    publish_tour(connection, key)
    return key


def imported(connection: Connection) -> str:
    tour = {
        "key": "old", "park": "park", "title": "Old", "starts_at": "2024-04-24T14:00+02:00",
        "time_basis": "assumed", "pace_m_s": 1.0, "is_round": False, "stops": stops(),
    }  # fmt: skip
    store_tours(connection, [tour])
    return "old"


@pytest.mark.parametrize("make", [saved, imported])
def test_a_walk_that_joins_the_network_twice_is_told_in_its_parts(
    horseshoe: Connection, make: Callable[[Connection], str]
) -> None:
    """By construction, by PostGIS, and in papers."""
    key = make(horseshoe)
    every = tour_legs_on(horseshoe, tour=key)
    parts = every[every["position"] == 1]
    assert parts["is_on_network"].tolist() == [False, True, False, True, False]
    assert parts["part"].tolist() == [1, 2, 3, 4, 5]
    assert parts["length_m"].tolist() == pytest.approx([20, 200, 400, 200, 15], abs=0.01)
    assert every.geometry.length.tolist() == pytest.approx(every["length_m"].tolist())
    for one, following in itertools.pairwise(parts.geometry):
        assert Point(one.coords[-1]).distance(Point(following.coords[0])) < 1e-6
    beside = text(
        "SELECT sum(ST_Length(ST_Difference(l.geometry, ST_Buffer(w.geometry, 0.01))))"
        " FROM walkway w, tour_leg l JOIN tour USING (tour_id) WHERE tour.key = :key"
    )
    beside_m = horseshoe.execute(beside, {"key": key}).scalar_one()
    plan = tour_plan(horseshoe, key)
    (row,) = tours_on(horseshoe).itertuples()
    assert plan.off_network_m == pytest.approx(beside_m, abs=0.2)
    assert plan.legs[0].off_network_m == pytest.approx(435, abs=0.01)
    assert row.off_network_m == pytest.approx(plan.off_network_m)
    assert every["walk_min"].sum() == pytest.approx(plan.walk_min)
    paper = tour_papers(horseshoe, key, "de").legs[0]
    assert [part.is_on_network for part in paper.parts] == parts["is_on_network"].tolist()


def test_page_and_stored_tour_tell_the_same_straight_metres(horseshoe: Connection) -> None:
    task = make_task(horseshoe, parse_request(a_wish()))
    answer = plan_answer(task, solve_task(task), localizer_for("de"))
    stored = tour_plan(horseshoe, saved(horseshoe))
    assert answer["off_network_m"] == pytest.approx(stored.off_network_m, abs=0.1)
    assert stored.off_network_m < stored.length_m - 400


def test_a_walk_no_part_of_which_is_on_the_network_is_all_straight(horseshoe: Connection) -> None:
    key = imported(horseshoe)
    every = tour_legs_on(horseshoe, tour=key)
    parts = every[every["position"] == 3]
    assert (parts["is_on_network"].tolist(), parts["part"].tolist()) == ([False], [1])
    leg = tour_plan(horseshoe, key).legs[2]
    assert leg.off_network_m == leg.length_m == pytest.approx(120, abs=0.01)
    assert parts["walk_min"].tolist() == [leg.walk_min]


# --- tours that were there before


def test_legs_and_times_keep_what_they_said(fresh: Connection) -> None:
    downgrade(fresh, "0002")
    tour_id = store(fresh, "tour", wish=None)
    store(fresh, "tour", key="wished", wish="{}")
    line = "LINESTRING(0 0, 10 0)"
    measured = {1: (2, 7), 2: (None, None), 3: (0, 10.0000001), 4: (5, 5)}
    for position, (begins_m, ends_m) in measured.items():
        values = {"network_from_m": begins_m, "network_to_m": ends_m, "tour_id": tour_id}
        store(fresh, "tour_leg", position=position, geometry=line, **values)

    def kept() -> list[tuple[object, ...]]:
        rows = fresh.execute(text("SELECT position, network_m::text FROM tour_leg ORDER BY position"))
        return [tuple(row) for row in rows]

    upgrade(fresh)
    assert kept() == [(1, "{[2,7)}"), (2, "{}"), (3, "{[0,10)}"), (4, "{}")]
    bases = fresh.execute(text("SELECT key, time_basis FROM tour ORDER BY key")).all()
    assert bases == [("t", "assumed"), ("wished", "planned")]
    downgrade(fresh, "0002")
    assert fresh.execute(text("SELECT DISTINCT time_basis FROM tour")).scalars().all() == ["assumed"]
    upgrade(fresh)
    assert kept() == [(1, "{[2,7)}"), (2, "{}"), (3, "{[0,10)}"), (4, "{}")]

"""Stops far from all ways: never planned, told in a sentence, drawn as a picture without metres."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import shapely
from shapely import LineString, Point
from sqlalchemy import Connection, insert, text

from app.db.migrate import downgrade, upgrade
from app.db.models import Facility, Walkway
from app.db.tours.frames import tour_legs_on, tours_on
from app.db.tours.records import leg_rows, tour_row
from app.domain.crs import to_wgs84
from app.domain.localizer import localizer_for
from app.domain.period import PARK_ZONE
from app.domain.tour_requests import parse_request
from app.errors import DataError
from app.exchange.tours.descriptions import leg_text
from app.exchange.tours.visit_sheet import visit_sheet
from app.services.tours.papers import around_tour, tour_papers
from app.services.tours.phone_page import phone_page
from app.services.tours.planning.plan_json import plan_answer
from app.services.tours.planning.plans import make_task, solve_task
from app.services.tours.planning.reasons import plan_explanation
from app.services.tours.shortest_order import order_stops
from app.services.tours.storing import store_tours
from app.services.tours.timetables import tour_plan
from app.services.walking.isochrones import IsochroneQuery, nearest_facilities
from app.services.walking.permissions import add_permission, read_permission
from tests.db.good_rows import store
from tests.scenes import EAST, NORTH
from tests.stored import days, ewkb, store_company, store_park
from tests.unit.tours.tour_problems import LONG_S

ON = "2024-04-24"
DAY = datetime(2024, 4, 24, tzinfo=PARK_ZONE).date()
ENGLISH = localizer_for("en")
NEAR, FAR = [(0.0, -190.0), (300.0, -210.0)], (150.0, 100.0)


@pytest.fixture
def world(connection: Connection) -> Connection:
    """A park with one street in its south; a firm at (5, 5) lies 205 m from it."""
    store_company(connection, store_park(connection), "firm", None)
    store_way(connection, "west", "public", (-100, -200), (150, -200))
    store_way(connection, "east", "public", (150, -200), (500, -200))
    return connection


def store_way(connection: Connection, key: str, access: str, *xy: tuple[float, float]) -> None:
    line = ewkb(LineString([(EAST + x, NORTH + y) for x, y in xy]))
    values = {"key": key, "kind": "street", "access": access, "geometry": line, "valid": days()}
    connection.execute(insert(Walkway).values(values))


def stop(name: str, x: float, y: float, **more: object) -> dict[str, Any]:
    at = to_wgs84(Point(EAST + x, NORTH + y))
    return {"name": name, "lon": at.x, "lat": at.y, "dwell_min": 5, **more}


def asked(
    connection: Connection, *stops: dict[str, Any], **more: object
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the planner answers, and what it explains."""
    wish = {"park": "park", "on": ON, "earliest": "14:00", "latest": "18:00", "stops": [*stops], **more}
    task = make_task(connection, parse_request(wish))
    told = plan_explanation(task, ENGLISH, limit_s=LONG_S, cancelled=lambda: False)
    return plan_answer(task, solve_task(task), ENGLISH), told


def plain(sentences: list[str]) -> list[str]:
    return [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences]


NEARBY = [stop("One", *NEAR[0]), stop("Two", *NEAR[1])]
SENTENCE = "“Far” is not reachable along paths: the nearest one that leads to the other stops is 300 m away."


def test_a_stop_that_must_be_visited_is_told_to_be_unreachable(world: Connection) -> None:
    answer, told = asked(world, *NEARBY, stop("Far", *FAR))
    assert answer["status"] == "infeasible"
    assert plain(told["conflict"]) == [SENTENCE]


def test_a_stop_left_out_is_told_to_be_unreachable(world: Connection) -> None:
    answer, told = asked(world, *NEARBY, stop("Far", *FAR, is_optional=True), objective="value")
    assert {visit["name"] for visit in answer["visits"]} == {"One", "Two"}
    (left,) = told["left_out"]
    assert (left["name"], plain(left["reasons"])) == ("Far", [SENTENCE])


def test_leave_that_leads_there_makes_it_reachable(world: Connection) -> None:
    store_way(world, "drive", "permission", (150, -200), (150, 100))
    assert asked(world, *NEARBY, stop("Far", *FAR))[1]["conflict"] == [
        "“Far” is reachable only with permission for drive."
    ]
    given = {"walkway": "drive", "by": "Frau Beispiel", "granted_on": "2024-04-01"}
    add_permission(world, read_permission(given))
    answer, told = asked(world, *NEARBY, stop("Far", *FAR))
    assert (answer["status"], told["conflict"]) == ("planned", [])
    assert {visit["name"] for visit in answer["visits"]} == {"One", "Two", "Far"}


def a_tour(*stops: dict[str, Any]) -> dict[str, Any]:
    told = {"key": "walk", "park": "park", "title": "A walk", "starts_at": f"{ON}T14:00+02:00"}
    basis = {"time_basis": "assumed", "pace_m_s": 1.0, "is_round": False, "source": "A page"}
    return {**told, **basis, "stops": [*stops]}


def test_a_stored_walk_says_so_and_counts_neither_metres_nor_minutes(world: Connection) -> None:
    store_tours(world, [a_tour(*NEARBY, {"company": "firm-place", "dwell_min": 20})])
    plan = tour_plan(world, "walk", "en")
    assert [round(leg.length_m) for leg in plan.legs] == [320, 0]
    assert [leg.off_network_m for leg in plan.legs] == [pytest.approx(20, abs=0.1), 0]
    assert plan.walk_min == plan.legs[0].walk_min
    assert plain(list(plan.legs[1].notes)) == [
        "Not reachable along paths, the nearest is 205 m away: no meters and minutes are given"
    ]
    assert plan.legs[1].turns == ()
    assert not any("0.0" in turn.text for turn in plan.legs[0].turns)


def test_the_map_has_a_line_as_a_picture(world: Connection) -> None:
    store_tours(world, [a_tour(*NEARBY, {"company": "firm-place", "dwell_min": 20})])
    legs = tour_legs_on(world, None)
    (picture,) = legs[legs["position"] == 2].to_dict("records")
    assert (picture["is_on_network"], picture["length_m"], picture["walk_min"]) == (False, 0, 0)
    ends = [(EAST + NEAR[1][0], NORTH + NEAR[1][1]), (EAST + 5, NORTH + 5)]
    assert shapely.equals_exact(picture["geometry"], LineString(ends), 0.02)
    (tour,) = tours_on(world, None).to_dict("records")
    assert tour["length_m"] == pytest.approx(legs.loc[legs["position"] == 1, "length_m"].sum())
    assert sum(
        leg["length_m"] for leg in leg_rows(world, tour_row(world, "walk")["tour_id"])
    ) == pytest.approx(tour["length_m"])


def test_a_walk_with_such_a_stop_has_no_shortest_order(world: Connection) -> None:
    store_tours(world, [a_tour(*NEARBY, {"company": "firm-place", "dwell_min": 20})])
    with pytest.raises(DataError, match="“firm” is not reachable along paths"):
        order_stops(world, "walk")


def test_who_reaches_no_facility_on_ways_has_none_nearest(world: Connection) -> None:
    park_id = store_park(world, "other")
    point = ewkb(Point(EAST, NORTH - 200))
    values = {
        "key": "stop",
        "park_id": park_id,
        "kind": "bus_stop",
        "name": "Stop",
        "location_quality": "mapped",
    }
    world.execute(insert(Facility).values(**values, geometry=point, valid=days()))
    assert nearest_facilities(world, "bus_stop", IsochroneQuery(DAY)) == [
        {"company": {"key": "firm-place", "name": "firm"}, "facility": None, "minutes": None}
    ]


def test_papers_and_phone_say_it_in_the_place_of_metres_and_minutes(world: Connection) -> None:
    store_tours(world, [a_tour(*NEARBY, {"company": "firm-place", "dwell_min": 20})])
    papers = tour_papers(world, "walk", "en")
    sentence = "Not reachable along paths, the nearest is 205 m away: no meters and minutes are given"
    assert [leg.is_reachable for leg in papers.legs] == [True, False]
    assert plain([leg_text(papers.legs[1], ENGLISH)]) == [sentence]
    assert leg_text(papers.legs[0], ENGLISH).endswith("off the paths")
    html = visit_sheet(papers, around_tour(world, papers))
    assert sentence in html.replace("\N{NO-BREAK SPACE}", " ")
    assert html.count("on foot") == 1
    goals = phone_page(world, papers).plan["goals"]
    assert goals[2]["leg"]["heading_deg"] is None
    assert goals[2]["leg"]["is_reachable"] is False


# --- what was stored before


def test_legs_and_ways_stay_as_they_are_when_the_tables_change(fresh: Connection) -> None:
    downgrade(fresh, "0005")
    store(fresh, "tour_leg")
    store(fresh, "walkway")

    def kept() -> list[tuple[object, ...]]:
        rows = fresh.execute(text("SELECT length_m, network_m::text, walk_s FROM tour_leg"))
        ways = fresh.execute(text("SELECT key, access, length_m FROM walkway"))
        return [tuple(row) for row in (*rows, *ways)]

    before = kept()
    upgrade(fresh)
    assert kept() == before
    assert fresh.execute(text("SELECT DISTINCT opening_hours FROM walkway")).scalars().all() == [None]
    told = """UPDATE tour_leg SET network_m = '{}', detours = '[{"kind": "unreachable", "extra_m": 200}]'"""
    fresh.execute(text(told))
    assert fresh.execute(text("SELECT length_m FROM tour_leg")).scalar_one() == 0
    downgrade(fresh, "0005")
    assert fresh.execute(text("SELECT length_m FROM tour_leg")).scalar_one() == before[0][0]

"""Where people meet: at a fixed time and place, walked from, no visit; planned, stored and told."""

from __future__ import annotations

import json
from itertools import pairwise, permutations
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app.db.migrate import downgrade, upgrade
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.tours.request_data import never_visited
from app.db.tours.saved import saved_row
from app.domain.checked import FieldError
from app.domain.clocks import timetable_day
from app.domain.localizer import localizer_for
from app.domain.tour_requests import parse_request
from app.errors import DataError, NotFoundError
from app.exchange.tours.calendar import calendar
from app.exchange.tours.geojson import tour_features
from app.exchange.tours.gpx import gpx
from app.exchange.tours.kml import kml
from app.exchange.tours.visit_sheet import visit_sheet
from app.services.tours.papers import around_tour, tour_papers
from app.services.tours.phone_page import phone_page
from app.services.tours.planning.plan_json import plan_answer
from app.services.tours.planning.plans import make_task, solve_task
from app.services.tours.planning.reasons import plan_explanation
from app.services.tours.saving import copy_tour, publish_tour, resave_tour, save_tour, saved_tour
from app.services.tours.shifting import shift_tour
from app.services.tours.storing import plan_legs, store_tours
from app.services.tours.timetables import tour_plan
from tests.db.good_rows import first, store
from tests.db.tours.saved_walks import FIRM, a_wish, spot, store_world
from tests.db.tours.test_tour_requests import taken_out
from tests.unit.tours.tour_problems import LONG_S

YARD = {name: value for name, value in spot(-90, -40, "Truck parking").items() if name != "dwell_min"}
NORTH, EAST = spot(0, 330, "North", note="Look up"), spot(390, 0, "East")


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


def met(*stops: dict[str, Any], **changed: object) -> dict[str, Any]:
    return a_wish(*stops or (FIRM, NORTH, EAST), meeting=YARD, **changed)


def answered(connection: Connection, wish: dict[str, Any]) -> dict[str, Any]:
    task = make_task(connection, parse_request(wish))
    return plan_answer(task, solve_task(task), localizer_for("en"))


def names(answer: dict[str, Any]) -> list[str]:
    return [visit["name"] for visit in answer["visits"]]


# --- planned


@pytest.mark.parametrize("is_round", [False, True])
def test_the_walk_begins_there_and_is_the_shortest_that_does(world: Connection, is_round: bool) -> None:
    """A second answer: every order of the visits, from the same matrix, walked from the meeting point."""
    wish = met(is_round=is_round)
    task = make_task(world, parse_request(wish))
    length_m = task.options.length_m
    orders = [(3, *order, *([3] if is_round else [])) for order in permutations(range(3))]
    least_m = min(sum(length_m[a, b] for a, b in pairwise(order)) for order in orders)
    answer = answered(world, wish)
    assert answer["length_m"] == pytest.approx(least_m, abs=0.01)
    assert answer["is_proved"]
    assert sum(leg["length_m"] for leg in answer["legs"]) == pytest.approx(answer["length_m"])
    ends = [(leg["from"], leg["to"]) for leg in answer["legs"]]
    assert ends == [(None, 0), (0, 1), (1, 2), *([(2, None)] if is_round else [])]


def test_it_is_no_visit(world: Connection) -> None:
    answer = answered(world, met())
    assert answer["meeting"]["name"] == "Truck parking"
    assert answer["meeting"]["position"] is None
    assert (answer["meeting"]["begins_at"], answer["meeting"]["departs_at"]) == ("13:00", "13:00")
    assert [visit["position"] for visit in answer["visits"]] == [0, 1, 2]
    assert "Truck parking" not in names(answer)
    assert answer["dwell_min"] == 30
    assert answer["left_out"] == []
    assert answered(world, a_wish())["meeting"] is None


def test_its_time_is_fixed_however_late_the_hosts_are(world: Connection) -> None:
    late = {**FIRM, "windows": [["14:30", "15:30"]]}
    assert answered(world, a_wish(late, objective="duration"))["starts_at"] == "14:30"
    for objective in ("walking", "duration", "value"):
        answer = answered(world, met(late, objective=objective))
        assert answer["starts_at"] == "13:00"
        assert answer["visits"][0]["begins_at"] == "14:30"
        assert answer["visits"][0]["wait_min"] > 60


def test_first_last_and_fixed_places_count_visits(world: Connection) -> None:
    stops = (FIRM, NORTH, EAST)
    assert names(answered(world, met(*stops, first=1)))[0] == "North"
    assert names(answered(world, met(*stops, first=2, last=0))) == ["East", "North", "firm"]
    held = (FIRM, {**NORTH, "position": 1}, EAST)
    assert names(answered(world, met(*held)))[1] == "North"
    optional = ({**FIRM, "is_optional": True, "value": 0}, NORTH)
    assert names(answered(world, met(*optional, first=0)))[0] == "firm"


def test_a_host_who_cannot_be_reached_from_there_in_time_is_told(world: Connection) -> None:
    early = spot(390, 0, "East", dwell_min=20, windows=[["13:00", "13:21"]])
    task = make_task(world, parse_request(met(early)))
    told = plan_explanation(task, localizer_for("en"), limit_s=LONG_S, cancelled=lambda: False)
    (sentence,) = told["conflict"]
    assert "“East”" in sentence
    assert "“Truck parking”" in sentence
    assert "13:00–13:00" not in sentence
    others = plan_explanation(
        make_task(world, parse_request(met())), localizer_for("en"), limit_s=LONG_S, cancelled=lambda: False
    )["alternatives"]
    assert all(set(other["order"]) <= {0, 1, 2} for other in others)


def test_a_contradiction_counts_visits_and_names_the_meeting(world: Connection) -> None:
    """The place where people meet has no number: who is the first visit is number 1."""
    second = {**NORTH, "position": 1, "windows": [["13:00", "13:20"]]}
    wish = met({**FIRM, "position": 0, "windows": [["15:00", "16:00"]]}, second, earliest="13:00")
    task = make_task(world, parse_request(wish))
    [said] = plan_explanation(task, localizer_for("en"), limit_s=LONG_S, cancelled=lambda: False)["conflict"]
    assert "as number 1" in said or "as number 2" in said
    assert "as number 3" not in said
    assert "meeting at" in said or "Truck parking" not in said


def test_time_and_place_of_the_meeting_are_told_as_one(world: Connection) -> None:
    """Where people meet, no field of its own asks for a begin: a contradiction does not name one."""
    task = make_task(world, parse_request(met({**EAST, "dwell_min": 30}, earliest="13:00", latest="13:31")))
    [said] = plan_explanation(task, localizer_for("en"), limit_s=60, cancelled=lambda: False)["conflict"]
    assert "meeting at 13:00, “Truck parking”; end by 13:31" in said
    assert "start at" not in said


def test_one_visit_is_a_walk_from_there(world: Connection) -> None:
    saved = save_tour(world, met(EAST), "One visit")
    assert publish_tour(world, saved.key).status == "published"
    assert len(tour_plan(world, saved.key).legs) == 1


@pytest.mark.parametrize(
    ("meeting", "refusal"),
    [
        ({"company": "nobody"}, NotFoundError),
        ({"name": "Far", "lon": 10.0, "lat": 50.0}, DataError),
        ({"name": "Half"}, FieldError),
        ({**YARD, "dwell_min": 5}, FieldError),
        ("yard", FieldError),
    ],
)
def test_a_place_that_is_none_is_refused(
    world: Connection, meeting: object, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal, match="meeting"):
        make_task(world, parse_request({**met(), "meeting": meeting}))


# --- stored


def test_a_stored_tour_begins_there_and_counts_visits(world: Connection) -> None:
    saved = save_tour(world, met(is_round=True), "A walk")
    publish_tour(world, saved.key)
    plan, answer = tour_plan(world, saved.key), answered(world, met(is_round=True))
    assert plan.meeting is not None
    assert (plan.meeting.name, plan.meeting.arrives_at) == ("Truck parking", plan.starts_at)
    assert [stop.name for stop in plan.stops] == names(answer)
    assert [(leg.position, leg.to_position) for leg in plan.legs] == [(0, 1), (1, 2), (2, 3), (3, 0)]
    (row,) = tours_on(world).itertuples()
    assert (row.n_stops, row.starts_at) == (3, "13:00")
    assert row.length_m == pytest.approx(answer["length_m"])
    assert row.total_min == pytest.approx(plan.total_min)
    stops, legs = tour_stops_on(world, tour=saved.key), tour_legs_on(world, tour=saved.key)
    assert stops["position"].tolist() == [0, 1, 2, 3]
    assert stops["arrives_min"].iloc[0] == 0
    assert sorted(set(legs["position"])) == [0, 1, 2, 3]


def test_meeting_at_a_firm_is_no_visit_of_it(world: Connection) -> None:
    wish = a_wish(NORTH, EAST, meeting={"company": "firm"})
    publish_tour(world, save_tour(world, wish, "A walk").key)
    assert never_visited(
        world, "park", timetable_day(tour_plan(world, "a-walk-2024-04-24").ends_at).replace(year=2025)
    ) == ["firm-place"]


def test_it_comes_back_to_the_planner_and_in_copies(world: Connection) -> None:
    key = save_tour(world, met(), "A walk").key
    assert saved_tour(world, key).request["meeting"] == YARD
    copy = copy_tour(world, key, "Another")
    assert tour_plan(world, copy.key).meeting is not None
    resave_tour(world, key, a_wish(), "A walk", 1)
    assert tour_plan(world, key).meeting is None


def test_planning_anew_changes_nothing(world: Connection) -> None:
    key = publish_tour(world, save_tour(world, met(), "A walk").key).key
    before, version = tour_plan(world, key), saved_row(world, key)["version"]
    plan_legs(world)
    assert tour_plan(world, key) == before
    assert saved_row(world, key)["version"] == version


@pytest.mark.parametrize("is_planned", [True, False])
def test_it_goes_through_files(world: Connection, is_planned: bool) -> None:
    key = publish_tour(world, save_tour(world, met(), "A walk").key).key
    file = taken_out(world, key)
    assert file["meeting"]["name"] == "Truck parking"
    assert [stop.get("name") or stop.get("company") for stop in file["stops"]].count("Truck parking") == 0
    if is_planned:
        assert store_tours(world, [file]) == 0
    else:
        own = {name: value for name, value in file.items() if name != "wish"}
        assert store_tours(world, [{**own, "key": "own", "is_round": True}]) == 1
        plan = tour_plan(world, "own")
        assert plan.meeting is not None
        assert [(leg.position, leg.to_position) for leg in plan.legs] == [(0, 1), (1, 2), (2, 3), (3, 0)]
        assert saved_tour(world, "own").request["meeting"]["name"] == "Truck parking"


# --- told


def test_every_paper_tells_it(world: Connection) -> None:
    key = publish_tour(world, save_tour(world, met(is_round=True), "A walk").key).key
    papers = tour_papers(world, key, "de")
    told = "Treffpunkt 13:00, Truck parking"
    (event,) = Calendar.from_ical(calendar(papers)).walk("VEVENT")
    assert event["LOCATION"].startswith("Truck parking")
    assert event["DESCRIPTION"].splitlines()[0] == told
    assert event["DTSTART"].dt == papers.starts_at
    assert f"<name>{told}</name>" in gpx(papers).decode()
    assert f"<name>{told}</name>" in kml(papers).decode()
    sheet = visit_sheet(papers, around_tour(world, papers))
    assert told in sheet
    assert "Zurück am Treffpunkt" in sheet
    assert sheet.count("<b>1</b>") == 1
    features = json.loads(tour_features(papers))["features"]
    assert (features[0]["id"], features[0]["properties"]["kind"]) == ("meeting-point", "meeting_point")
    goals = phone_page(world, papers).plan["goals"]
    assert [goal["position"] for goal in goals] == [0, 1, 2, 3, 0]
    assert [goal["is_return"] for goal in goals] == [False] * 4 + [True]
    assert goals[1]["leg"]["length_m"] == papers.legs[0].length_m


# --- shifted


def test_a_whole_tour_is_shifted_with_its_windows(world: Connection) -> None:
    wish = met(
        {**FIRM, "windows": [["13:20", "14:30"]]}, NORTH,
        pause={"minutes": 10, "earliest": "14:00", "latest": "14:30"},
    )  # fmt: skip
    key = save_tour(world, wish, "A walk").key
    before = tour_plan(world, key)
    shift_tour(world, key, 45)
    after, moved = tour_plan(world, key), saved_tour(world, key).request
    assert [stop.name for stop in after.stops] == [stop.name for stop in before.stops]
    steps = [
        (b.arrives_at - a.arrives_at).total_seconds()
        for a, b in zip(before.places, after.places, strict=True)
    ]
    assert set(steps) == {45 * 60}
    assert (moved["earliest"], moved["latest"], moved["stops"][0]["windows"]) == (
        "13:45",
        "16:45",
        [["14:05", "15:15"]],
    )
    assert (moved["pause"]["earliest"], moved["pause"]["latest"]) == ("14:45", "15:15")
    shift_tour(world, key, -45)
    assert saved_tour(world, key).request == wish
    assert tour_plan(world, key).starts_at == before.starts_at


def test_into_the_night_and_back(world: Connection) -> None:
    wish = met({**FIRM, "windows": [["13:20", "14:30"]]}, NORTH)
    key = save_tour(world, wish, "A walk").key
    shift_tour(world, key, 10 * 60)
    moved, plan = saved_tour(world, key).request, tour_plan(world, key)
    assert (moved["earliest"], moved["latest"], moved["stops"][0]["windows"]) == (
        "23:00",
        "02:00",
        [["23:20", "00:30"]],
    )
    assert (plan.starts_at.day, plan.starts_at.hour) == (24, 23)
    shift_tour(world, key, -10 * 60)
    assert saved_tour(world, key).request == wish


@pytest.mark.parametrize("minutes", [-14 * 60, 11 * 60])
def test_a_shift_out_of_the_day_is_refused_and_changes_nothing(world: Connection, minutes: int) -> None:
    from app.errors import ConflictError

    key = save_tour(world, met(), "A walk").key
    with pytest.raises(ConflictError):
        shift_tour(world, key, minutes)
    assert saved_tour(world, key).request == met()


# --- databases from before


def test_an_older_database_learns_of_meeting_points(fresh: Connection) -> None:
    """What it held stays; what it cannot hold keeps it from being made older again."""
    downgrade(fresh, "0005")
    tour_id = first(fresh, "tour")
    store(fresh, "tour_stop", tour_id=tour_id, position=1)
    with pytest.raises(IntegrityError), fresh.begin_nested():
        store(fresh, "tour_stop", tour_id=tour_id, position=0)
    upgrade(fresh)
    store(fresh, "tour_stop", tour_id=tour_id, position=0, request_stop=None)
    positions = text("SELECT array_agg(position ORDER BY position) FROM tour_stop")
    assert fresh.execute(positions).scalar_one() == [0, 1]
    with pytest.raises(RuntimeError, match="meeting point"), fresh.begin_nested():
        downgrade(fresh, "0005")
    fresh.execute(text("DELETE FROM tour_stop WHERE position = 0"))
    downgrade(fresh, "0005")
    assert fresh.execute(positions).scalar_one() == [1]

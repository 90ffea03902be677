"""Planned tours as they are stored: the same times as planned, versions, status, share links."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from shapely import LineString, Point
from sqlalchemy import Connection, delete, insert, select, text, update

from app.db.changes import act_as
from app.db.models import Occupancy, Tour, TourShare, Walkway
from app.db.saved_tours import saved_row
from app.db.tour_records import unplanned
from app.db.tours import tour_legs_on, tour_stops_on, tours_on
from app.domain.crs import to_wgs84
from app.domain.period import PARK_ZONE
from app.domain.voice import voice
from app.errors import AppError, ConflictError, DataError, InputError, NotFoundError
from app.services.direction_words import direction_sentence
from app.services.plan_answers import plan_answer
from app.services.planning import make_task, solve_task
from app.services.saving import (
    copy_tour,
    delete_tour,
    moment,
    publish_tour,
    resave_tour,
    save_tour,
    saved_tour,
    withdraw_tour,
)
from app.services.sharing import revoke_share, share_token, share_tour
from app.services.timetabling import tour_plan
from app.services.touring import ENGINE, plan_legs, store_tours
from app.services.wishes import parse_wish
from tests.scenes import EAST, NORTH, placed
from tests.stored import days, ewkb, store_company, store_park

STREETS = {
    "south": [(-100, -50), (400, -50)],
    "west": [(-100, -50), (-100, 350)],
    "north": [(-100, 350), (400, 350)],
    "east": [(400, -50), (400, 350)],
}
Wish = dict[str, Any]
FIRM = {"company": "firm-place", "dwell_min": 20}


@pytest.fixture
def world(connection: Connection) -> Connection:
    """A park with a ring of streets and a firm at (5, 5)."""
    park_id = store_park(connection)
    store_company(connection, park_id, "firm", None)
    for key, xy in STREETS.items():
        line = ewkb(placed(LineString(xy)))
        values = {"key": key, "kind": "street", "access": "public", "geometry": line, "valid": days()}
        connection.execute(insert(Walkway).values(values))
    act_as(connection, "Erika Muster")
    return connection


def spot(x: float, y: float, name: str, **changed: object) -> Wish:
    point = to_wgs84(Point(EAST + x, NORTH + y))
    return {"name": name, "lon": point.x, "lat": point.y, "dwell_min": 5, **changed}


def a_wish(*stops: Wish, **changed: object) -> Wish:
    given = list(stops) or [FIRM, spot(0, 330, "North"), spot(390, 0, "East")]
    return {
        "park": "park",
        "on": "2024-04-24",
        "earliest": "13:00",
        "latest": "16:00",
        "stops": given,
        **changed,
    }


WAITING = a_wish(
    FIRM,
    spot(0, 330, "North", windows=[["14:30", "14:50"]]),
    spot(390, 0, "East", windows=[["13:10", "13:20"]]),
    pause={"minutes": 12, "earliest": "13:30", "latest": "14:00"},
    is_round=True,
    group_size=20,
)


def told(connection: Connection, key: str) -> dict[str, Any]:
    """Return a stored tour as a plan's answer tells it, as far as both tell the same."""
    plan = tour_plan(connection, key)
    clocks = ("arrives_at", "begins_at", "ends_at", "departs_at", "pause_at")
    return {
        "visits": [
            {
                "name": stop.name,
                **{name: getattr(stop, name) for name in clocks},
                "wait_min": round(stop.wait_min, 2),
            }
            for stop in plan.stops
        ],
        "legs": [
            (leg.position, leg.to_position, round(leg.length_m, 1), round(leg.walk_min, 2))
            for leg in plan.legs
        ],
        "ends": (plan.starts_at, plan.ends_at),
    }


def expected(connection: Connection, wish: Wish) -> dict[str, Any]:
    """Return what `told` must return, from the plan itself."""
    parsed = parse_wish(wish)
    task = make_task(connection, parsed)
    plan = solve_task(task)
    answer = plan_answer(task, plan, voice("en"))

    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else moment(parsed.on, seconds)

    return {
        "visits": [
            {
                "name": task.places[visit.stop].name,
                **{
                    name: at(getattr(visit, f"{name[:-3]}_s"))
                    for name in ("arrives_at", "begins_at", "ends_at")
                },
                "departs_at": at(visit.departs_s),
                "pause_at": at(visit.pauses_s),
                "wait_min": shown["wait_min"],
            }
            for visit, shown in zip(plan.visits, answer["visits"], strict=True)
        ],
        "legs": [(leg["from"], leg["to"], leg["length_m"], leg["walk_min"]) for leg in answer["legs"]],
        "ends": (at(plan.starts_s), at(plan.ends_s)),
    }


# --- the same times


@pytest.mark.parametrize("wish", [a_wish(), WAITING], ids=["plain", "waiting"])
def test_a_stored_plan_tells_the_times_it_was_planned_with(world: Connection, wish: Wish) -> None:
    saved = save_tour(world, wish, "A walk")
    assert told(world, saved.key) == expected(world, wish)
    assert tour_plan(world, saved.key).time_basis == "planned"


def test_waits_and_pauses_are_in_the_frames(world: Connection) -> None:
    saved = save_tour(world, WAITING, "A walk")
    plan = tour_plan(world, saved.key)
    assert plan.pause_min == 12
    assert plan.wait_min > 10
    stops = tour_stops_on(world, tour=saved.key)
    minutes = [(stop.arrives_at - plan.starts_at).total_seconds() / 60 for stop in plan.stops]
    assert stops["arrives_min"].tolist() == pytest.approx(minutes)
    assert stops["departs_min"].tolist() == pytest.approx(
        [(stop.departs_at - plan.starts_at).total_seconds() / 60 for stop in plan.stops]
    )
    publish_tour(world, saved.key)
    (row,) = tours_on(world).itertuples()
    assert row.total_min == pytest.approx((plan.ends_at - plan.starts_at).total_seconds() / 60)
    assert (row.wait_min, row.pause_min) == (pytest.approx(plan.wait_min), 12)


def test_turns_are_stored_and_said_in_both_languages(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    task = make_task(world, parse_wish(a_wish()))
    answer = plan_answer(task, solve_task(task), voice("en"))
    stored = [
        [
            direction_sentence(turn, voice("en"), tour_plan(world, key).stops[leg.to_position - 1].name)
            for turn in leg.turns
        ]
        for leg in tour_plan(world, key).legs
    ]
    assert stored == [[direction["text"] for direction in leg["directions"]] for leg in answer["legs"]]
    assert all(len(leg) >= 2 for leg in stored)


def test_a_moment_is_told_by_clocks_on_a_day_with_a_clock_change() -> None:
    at = moment(date(2024, 3, 31), 14 * 3600)
    assert at == datetime(2024, 3, 31, 14, tzinfo=PARK_ZONE)
    assert f"{at:%H:%M}" == "14:00"


# --- saving


def test_a_saved_tour_is_a_draft_that_nobody_else_sees(world: Connection) -> None:
    saved = save_tour(world, a_wish(), "  Über die Höfe: Süd & Straße ")
    assert re.fullmatch(r"ueber-die-hoefe-sued-strasse-2024-04-24", saved.key)
    assert (saved.title, saved.status, saved.version) == ("Über die Höfe: Süd & Straße", "draft", 1)
    for read in (tours_on, tour_stops_on, tour_legs_on):
        assert read(world).empty
    assert len(tours_on(world, is_public=False)) == 1
    assert len(tour_stops_on(world, tour=saved.key)) == 3
    assert unplanned(world, ENGINE) == []


def test_the_wish_comes_back_as_it_was_saved(world: Connection) -> None:
    saved = save_tour(world, WAITING, "A walk")
    assert saved_tour(world, saved.key).wish == WAITING
    publish_tour(world, saved.key)
    (row,) = tours_on(world).itertuples()
    assert row.title == "A walk"


def test_equal_titles_get_keys_of_their_own(world: Connection) -> None:
    keys = [save_tour(world, a_wish(), title).key for title in ("A walk", "a walk!", "A walk", "日本")]
    assert keys == ["a-walk-2024-04-24", "a-walk-2024-04-24-2", "a-walk-2024-04-24-3", "tour-2024-04-24"]


@pytest.mark.parametrize("title", ["", " ", None, 3, "x" * 201, "a\nb", "a\x00b"])
def test_a_title_that_is_none_is_refused(world: Connection, title: object) -> None:
    with pytest.raises(DataError):
        save_tour(world, a_wish(), title)
    assert tours_on(world, is_public=False).empty


def test_only_who_saw_the_last_version_changes_a_tour_and_nothing_is_lost(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    mine = resave_tour(world, key, a_wish(is_round=True), "Mine", 1)
    assert mine.version == 2
    before = told(world, key)
    for version in (1, 3):
        with pytest.raises(ConflictError):
            resave_tour(world, key, a_wish(group_size=3), "Theirs", version)
    for version in (True, "2", None):
        with pytest.raises(InputError):
            resave_tour(world, key, a_wish(group_size=3), "Theirs", version)
    assert (saved_tour(world, key).title, told(world, key)) == ("Mine", before)
    assert saved_row(world, key)["version"] == 2


def test_sequence_rises_with_every_change(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    seen = [saved_row(world, key)["sequence"]]
    steps = (
        lambda: resave_tour(world, key, a_wish(earliest="13:30"), "A walk", 1),
        lambda: publish_tour(world, key),
        lambda: withdraw_tour(world, key),
        lambda: publish_tour(world, key),
    )
    for step in steps:
        step()
        seen.append(saved_row(world, key)["sequence"])
    assert seen == [0, 1, 2, 3, 4]
    # What changes nothing is no change.
    publish_tour(world, key)
    share_tour(world, key)
    plan_legs(world, key)
    assert saved_row(world, key)["sequence"] == 4


def test_a_wish_that_cannot_be_met_is_kept_but_not_published(world: Connection) -> None:
    hopeless = a_wish(FIRM, spot(390, 0, "East"), latest="13:05")
    saved = save_tour(world, hopeless, "A walk")
    assert saved_tour(world, saved.key).wish == hopeless
    assert len(tour_stops_on(world, tour=saved.key)) == 2
    for refused in (publish_tour, tour_plan):
        with pytest.raises(ConflictError):
            refused(world, saved.key)
    possible = resave_tour(world, saved.key, a_wish(), "A walk", 1)
    assert publish_tour(world, saved.key).status == "published"
    with pytest.raises(ConflictError):
        resave_tour(world, saved.key, hopeless, "A walk", possible.version + 1)
    assert len(tour_plan(world, saved.key).stops) == 3
    assert plan_legs(world) == 2


def test_a_copy_is_a_draft_of_its_own(world: Connection) -> None:
    key = save_tour(world, WAITING, "A walk").key
    publish_tour(world, key)
    copy = copy_tour(world, key, "Copy of A walk")
    assert (copy.status, copy.version, copy.title) == ("draft", 1, "Copy of A walk")
    assert copy.key != key
    assert told(world, copy.key) == told(world, key)
    resave_tour(world, copy.key, a_wish(), "Another", 1)
    assert saved_tour(world, key).wish == WAITING


def test_an_imported_tour_can_be_edited_and_copied(world: Connection) -> None:
    stops = [FIRM, {**spot(0, 330, "North"), "note": "look"}]
    store_tours(
        world,
        [
            {
                "key": "old", "park": "park", "title": "Old", "starts_at": "2024-04-24T14:00+02:00",
                "time_basis": "assumed", "pace_m_s": 1.0, "is_round": False, "stops": stops,
            }
        ],
    )  # fmt: skip
    before = told(world, "old")
    saved = saved_tour(world, "old")
    assert (saved.status, saved.wish["earliest"], saved.wish["group_size"]) == ("published", "14:00", 15)
    assert resave_tour(world, "old", dict(saved.wish), saved.title, saved.version).version == 2
    assert told(world, "old")["visits"] == before["visits"]


def test_who_changed_what_is_recorded(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    publish_tour(world, key)
    share_tour(world, key)
    rows = world.execute(
        text("SELECT actor, table_name, after::text FROM audit_entry ORDER BY audit_entry_id")
    ).all()
    assert {row.actor for row in rows} == {"Erika Muster"}
    assert {"tour", "tour_stop", "tour_share"} <= {row.table_name for row in rows}
    token = share_token(world, key)
    assert token
    assert not any(token in (row.after or "") for row in rows)


@pytest.mark.parametrize(
    "ask",
    [saved_tour, publish_tour, withdraw_tour, share_tour, revoke_share, share_token],
)
def test_an_unknown_tour_is_not_found(world: Connection, ask: Any) -> None:
    with pytest.raises(NotFoundError):
        ask(world, "nowhere")


def test_a_draft_cannot_be_withdrawn(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    with pytest.raises(ConflictError):
        withdraw_tour(world, key)


def test_a_draft_is_deleted_with_all_that_was_its_own_and_recorded(world: Connection) -> None:
    key, other = (save_tour(world, a_wish(), title).key for title in ("A walk", "Another"))
    share_tour(world, key)
    world.execute(
        text(
            "INSERT INTO walkway_permission (walkway_id, tour_id, granted_by, granted_on, valid)"
            " SELECT walkway_id, tour_id, 'x', '2024-01-01', '[2024-01-01,)'"
            " FROM walkway, tour WHERE tour.key = :key AND walkway.key = 'south'"
        ),
        {"key": key},
    )
    delete_tour(world, key, 1)
    with pytest.raises(NotFoundError):
        saved_tour(world, key)
    for table in ("tour", "tour_stop", "tour_leg", "tour_share", "walkway_permission"):
        n = world.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        assert n == {"tour": 1, "tour_stop": 3, "tour_leg": 2}.get(table, 0), table
    assert saved_tour(world, other).title == "Another"
    gone = world.execute(
        text("SELECT actor, before ->> 'title' FROM audit_entry WHERE table_name = 'tour' AND after IS NULL")
    ).all()
    assert gone == [("Erika Muster", "A walk")]


def test_what_is_public_is_withdrawn_before_it_is_deleted(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    publish_tour(world, key)
    with pytest.raises(ConflictError):
        delete_tour(world, key, 2)
    withdraw_tour(world, key)
    for stale, refusal in ((2, ConflictError), (None, InputError), (True, InputError)):
        with pytest.raises(refusal):
            delete_tour(world, key, stale)
    delete_tour(world, key, 3)
    with pytest.raises(NotFoundError):
        delete_tour(world, key, 3)


def test_a_tour_that_a_meeting_tells_of_stays(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    world.execute(
        text(
            "INSERT INTO meeting (key, park_id, tour_id, title, held_on, organizers, program)"
            " SELECT 'm', park_id, tour_id, 'Treffen', '2024-04-24', '{}', '{}' FROM tour"
        )
    )
    with pytest.raises(ConflictError, match="“Treffen”"):
        delete_tour(world, key, 1)
    assert saved_tour(world, key).version == 1


# --- share links


def test_a_share_link_is_long_stays_and_once_revoked_is_never_the_same(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    assert share_token(world, key) is None
    first = share_tour(world, key)
    assert re.fullmatch(r"[\w-]{32}", first)
    assert share_tour(world, key) == share_token(world, key) == first
    assert revoke_share(world, key)
    assert not revoke_share(world, key)
    assert share_token(world, key) is None
    assert share_tour(world, key) != first
    assert len(world.execute(select(TourShare.token)).all()) == 2


# --- planned anew


def test_planning_anew_keeps_the_order_and_follows_the_network(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    names = [stop.name for stop in tour_plan(world, key).stops]
    before = tour_plan(world, key).length_m
    sequence = saved_row(world, key)["sequence"]
    assert plan_legs(world, key) == 2
    assert saved_row(world, key)["sequence"] == sequence
    world.execute(delete(Walkway).where(Walkway.key == "south"))
    assert plan_legs(world, key) == 2
    assert [stop.name for stop in tour_plan(world, key).stops] == names
    assert tour_plan(world, key).length_m != pytest.approx(before, abs=1)
    assert saved_row(world, key)["sequence"] == sequence + 1


@pytest.mark.parametrize("trouble", ["no longer possible", "gone"])
def test_a_tour_that_is_no_longer_possible_keeps_its_plan(world: Connection, trouble: str) -> None:
    wish = a_wish(FIRM, spot(390, 0, "East"), latest="13:36")
    key = save_tour(world, wish, "A walk").key
    before = told(world, key)
    if trouble == "gone":
        world.execute(
            update(Occupancy).values(valid=days("2020-01-01", "2021-01-01"), starts_precision="day")
        )
    else:
        world.execute(delete(Walkway).where(Walkway.key == "south"))
        world.execute(update(Tour).values(wish={**wish, "latest": "13:20"}))
    assert plan_legs(world, key) == 1
    assert told(world, key)["visits"] == before["visits"]


def test_a_refused_change_is_one_sentence(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    with pytest.raises(AppError) as refusal:
        resave_tour(world, key, a_wish(), "A walk", 7)
    assert (
        str(refusal.value)
        == "Somebody else changed this tour meanwhile; load it again, or save yours as a copy."
    )

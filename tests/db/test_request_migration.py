"""Tours of every earlier state of the database: each gets its request, its stops their times and numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.db.migrate import downgrade, upgrade
from app.domain.tours import parse_request
from app.services.saving import saved_tour
from app.services.timetabling import tour_plan
from tests.db.good_rows import first, store

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0010", "0011")
# Since when tours could be asked for, and had meeting points.
ASKING, MEETING = REVISIONS[1:], REVISIONS[5:]
STARTS = datetime(2024, 4, 24, 12, tzinfo=UTC)
FIRM = {"company": "c-a", "dwell_min": 10}
ASKED: dict[str, Any] = {
    "park": "p",
    "on": "2024-04-24",
    "earliest": "13:00",
    "stops": [
        {**FIRM, "windows": [["15:00", "16:00"]]},
        {"company": "c", "dwell_min": 10, "windows": [["13:00", "14:30"]]},
        {"facility": "f", "dwell_min": 5.5, "note": "look"},
        {"facility": "f", "dwell_min": 5.5, "is_optional": True},
    ],
    "pause": {"minutes": 12, "earliest": "14:00", "latest": "15:00"},
}


def a_tour(connection: Connection, key: str, *, is_walked: bool = True, **changed: Any) -> int:
    """Store a tour whose stops are a firm's place, a facility and, after a wait, the firm's again."""
    tour_id = store(connection, "tour", key=key, park_id=first(connection, "park"), **changed)
    places: list[dict[str, Any]] = [
        {"occupancy_id": first(connection, "occupancy"), "dwell_min": 10},
        {"facility_id": first(connection, "facility"), "dwell_min": 5.5, "note": "look"},
        {"occupancy_id": first(connection, "occupancy"), "dwell_min": 10},
    ]
    for position, place in enumerate(places, 1):
        store(connection, "tour_stop", tour_id=tour_id, position=position, **place)
        if is_walked and position < 3:
            store(connection, "tour_leg", tour_id=tour_id, position=position, walk_s=100.5)
    return tour_id


def rows(connection: Connection, key: str, columns: str) -> list[tuple[Any, ...]]:
    statement = (
        f"SELECT {columns} FROM tour_stop JOIN tour USING (tour_id) WHERE key = :key ORDER BY position"
    )
    return [tuple(row) for row in connection.execute(text(statement), {"key": key})]


def minutes(connection: Connection, key: str) -> list[tuple[float | None, ...]]:
    """Return the stored times of a tour in minutes after its start."""
    instants = rows(connection, key, "arrives_at, begins_at, ends_at, departs_at, pauses_at")
    return [
        tuple(None if at is None else (at - STARTS) / timedelta(minutes=1) for at in stop)
        for stop in instants
    ]


@pytest.fixture(params=REVISIONS)
def older(request: pytest.FixtureRequest, fresh: Connection) -> tuple[Connection, str]:
    """A database of an earlier revision, with tours of that time."""
    downgrade(fresh, request.param)
    place = first(fresh, "park")
    store(fresh, "occupancy", park_id=place)
    store(fresh, "facility", park_id=place)
    a_tour(fresh, "plain", **({} if request.param == "0001" else {"wish": None}))
    return fresh, request.param


LEG_MIN = 100.5 / 60


def test_a_tour_that_nobody_asked_for_gets_a_request_of_its_stops_in_order(
    older: tuple[Connection, str],
) -> None:
    connection, revision = older
    upgrade(connection)
    given = saved_tour(connection, "plain").wish
    assert [stop["position"] for stop in given["stops"]] == [1, 2, 3]
    assert given["stops"][1] == {"facility": "f", "dwell_min": 5.5, "position": 2, "note": "look"}
    assert (given["on"], given["earliest"], given["group_size"]) == ("2024-04-24", "14:00", 15)
    assert parse_request(given).asks_only_order
    assert [row[0] for row in rows(connection, "plain", "request_stop")] == [0, 1, 2]
    arrivals = [0, 10 + LEG_MIN, 15.5 + 2 * LEG_MIN]
    expected = [
        (at, at, at + stay, at + stay, None) for at, stay in zip(arrivals, (10, 5.5, 10), strict=True)
    ]
    for told, right in zip(minutes(connection, "plain"), expected, strict=True):
        assert told[:4] == pytest.approx(right[:4], abs=1e-6)
        assert told[4] is None
    plan = tour_plan(connection, "plain")
    assert (plan.ends_at - plan.starts_at) / timedelta(minutes=1) == pytest.approx(25.5 + 2 * LEG_MIN)
    downgrade(connection, revision)
    if revision >= "0002":
        assert rows(connection, "plain", "wish")[0] == (None,)
        stored = rows(connection, "plain", "wait_min, pause_min, begins_after_min, pauses_after_min")
        assert stored == [(0, 0, 0, None)] * 3


@pytest.mark.parametrize("older", ASKING, indirect=True)
def test_a_tour_that_was_asked_for_keeps_its_times_and_knows_its_stops(older: tuple[Connection, str]) -> None:
    connection, revision = older
    a_tour(connection, "asked", wish=json.dumps(ASKED))
    given = [ASKED["stops"][i] for i in (0, 2, 1)]
    a_tour(connection, "draft", is_walked=False, wish=json.dumps({**ASKED, "stops": given}))
    waits = "wait_min = 40, pause_min = 12, begins_after_min = 52, pauses_after_min = 30"
    which = "WHERE position = 3 AND tour_id = (SELECT tour_id FROM tour WHERE key = 'asked')"
    connection.execute(text(f"UPDATE tour_stop SET {waits} {which}"))
    old = "wish, dwell_min, wait_min, pause_min, begins_after_min, pauses_after_min"
    before = rows(connection, "asked", old)
    upgrade(connection)
    # The first visit is at 14:00 and the last at 15:11, each within the hours of its own stop.
    assert [row[0] for row in rows(connection, "asked", "request_stop")] == [1, 2, 0]
    third = 15.5 + 2 * LEG_MIN
    assert minutes(connection, "asked")[2] == pytest.approx(
        (third, third + 52, third + 62, third + 62, third + 30), abs=1e-6
    )
    assert [stop.wait_min for stop in tour_plan(connection, "asked").stops] == pytest.approx([0, 0, 40])
    assert minutes(connection, "draft") == [(None,) * 5] * 3
    assert [row[0] for row in rows(connection, "draft", "request_stop")] == [0, 1, 2]
    downgrade(connection, revision)
    for told, right in zip(rows(connection, "asked", old), before, strict=True):
        assert told[0] == right[0]
        assert [value and round(value, 6) for value in told[1:]] == list(right[1:])


@pytest.mark.parametrize("older", MEETING, indirect=True)
def test_where_people_meet_is_no_stop_of_the_request(older: tuple[Connection, str]) -> None:
    connection, _ = older
    tour_id = a_tour(connection, "met", wish=None)
    store(connection, "tour_stop", tour_id=tour_id, position=0, dwell_min=0, name="Gate")
    store(connection, "tour_leg", tour_id=tour_id, position=0, walk_s=60)
    upgrade(connection)
    assert [row[0] for row in rows(connection, "met", "request_stop")] == [None, 0, 1, 2]
    assert saved_tour(connection, "met").wish["meeting"]["name"] == "Gate"
    assert [told[0] for told in minutes(connection, "met")][:2] == [0, 1]


@pytest.mark.parametrize("older", ASKING, indirect=True)
def test_stops_that_the_request_does_not_know_stay_without_a_number(older: tuple[Connection, str]) -> None:
    connection, _ = older
    for key, wish in (
        ("elsewhere", {**ASKED, "stops": [FIRM, {"facility": "gone"}]}),
        ("broken", {"stops": 3}),
    ):
        a_tour(connection, key, wish=json.dumps(wish))
    upgrade(connection)
    assert [row[0] for row in rows(connection, "elsewhere", "request_stop")] == [0, None, None]
    assert [row[0] for row in rows(connection, "broken", "request_stop")] == [None] * 3
    assert len(tour_plan(connection, "broken").stops) == 3

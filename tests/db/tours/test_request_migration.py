"""Tours of every earlier state of the database: each gets its request, its stops their times and numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.db.migrate import downgrade, upgrade
from app.domain.tour_requests import parse_request
from app.services.tours.saving import saved_tour
from app.services.tours.timetables import tour_plan
from tests.db.good_rows import first, store

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0010", "0011", "0012", "0013")
# Since when tours could be asked for, and had meeting points.
ASKING, MEETING = "0002", "0006"
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


def store_all(connection: Connection, revision: str) -> None:
    """Store tours as they could be at a revision."""
    park = first(connection, "park")
    store(connection, "occupancy", park_id=park)
    store(connection, "facility", park_id=park)
    a_tour(connection, "plain", **({"wish": None} if revision >= ASKING else {}))
    if revision >= ASKING:
        given = [ASKED["stops"][i] for i in (0, 2, 1)]
        a_tour(connection, "draft", is_walked=False, wish=json.dumps({**ASKED, "stops": given}))
        a_tour(connection, "elsewhere", wish=json.dumps({**ASKED, "stops": [FIRM, {"facility": "gone"}]}))
        a_tour(connection, "broken", wish=json.dumps({"stops": 3}))
        asked = a_tour(connection, "asked", wish=json.dumps(ASKED))
        waits = "wait_min = 40, pause_min = 12, begins_after_min = 52, pauses_after_min = 30"
        which = "WHERE position = 3 AND tour_id = :tour_id"
        connection.execute(text(f"UPDATE tour_stop SET {waits} {which}"), {"tour_id": asked})
    if revision >= MEETING:
        met = a_tour(connection, "met", wish=None)
        store(connection, "tour_stop", tour_id=met, position=0, dwell_min=0, name="Gate")
        store(connection, "tour_leg", tour_id=met, position=0, walk_s=60)


LEG_MIN = 100.5 / 60
THIRD_MIN = 15.5 + 2 * LEG_MIN
OLD = "wish, dwell_min, wait_min, pause_min, begins_after_min, pauses_after_min"


@pytest.mark.parametrize("revision", REVISIONS)
def test_tours_of_every_earlier_state_come_through_and_back(fresh: Connection, revision: str) -> None:
    downgrade(fresh, revision)
    store_all(fresh, revision)
    before = {key: rows(fresh, key, OLD) for key in ("plain", "asked")} if revision >= ASKING else {}
    upgrade(fresh)
    check_plain(fresh)
    if revision >= ASKING:
        check_asked(fresh)
        check_unknown(fresh)
    if revision >= MEETING:
        check_met(fresh)
    downgrade(fresh, revision)
    for key, stored in before.items():
        for told, right in zip(rows(fresh, key, OLD), stored, strict=True):
            assert told[0] == right[0]
            assert [value and round(value, 6) for value in told[1:]] == list(right[1:])


def numbers(connection: Connection, key: str) -> list[int | None]:
    return [row[0] for row in rows(connection, key, "request_stop")]


def check_plain(connection: Connection) -> None:
    """A tour that nobody asked for has a request of its stops in their order."""
    given = saved_tour(connection, "plain").request
    assert [stop["position"] for stop in given["stops"]] == [0, 1, 2]
    assert given["stops"][1] == {"facility": "f", "dwell_min": 5.5, "position": 1, "note": "look"}
    assert (given["on"], given["earliest"], given["group_size"]) == ("2024-04-24", "14:00", 15)
    assert parse_request(given).asks_only_order
    assert numbers(connection, "plain") == [0, 1, 2]
    arrivals = [0, 10 + LEG_MIN, THIRD_MIN]
    expected = [(at, at, at + stay, at + stay) for at, stay in zip(arrivals, (10, 5.5, 10), strict=True)]
    for told, right in zip(minutes(connection, "plain"), expected, strict=True):
        assert told[:4] == pytest.approx(right, abs=1e-6)
        assert told[4] is None
    plan = tour_plan(connection, "plain")
    assert (plan.ends_at - plan.starts_at) / timedelta(minutes=1) == pytest.approx(10 + THIRD_MIN)


def check_asked(connection: Connection) -> None:
    """A tour that was asked for keeps its times; the first and the last stop are at one place.

    The first visit is at 14:00 and the last at 15:11, each within the hours of its own stop.
    """
    assert numbers(connection, "asked") == [1, 2, 0]
    times = (THIRD_MIN, THIRD_MIN + 52, THIRD_MIN + 62, THIRD_MIN + 62, THIRD_MIN + 30)
    assert minutes(connection, "asked")[2] == pytest.approx(times, abs=1e-6)
    assert [stop.wait_min for stop in tour_plan(connection, "asked").stops] == pytest.approx([0, 0, 40])
    assert minutes(connection, "draft") == [(None,) * 5] * 3
    assert numbers(connection, "draft") == [0, 1, 2]


def check_unknown(connection: Connection) -> None:
    """Stops that the request does not know stay without a number, and the tour is told all the same."""
    assert numbers(connection, "elsewhere") == [0, None, None]
    assert numbers(connection, "broken") == [None] * 3
    assert len(tour_plan(connection, "broken").stops) == 3


def check_met(connection: Connection) -> None:
    """Where people meet is no stop of the request."""
    assert numbers(connection, "met") == [None, 0, 1, 2]
    assert saved_tour(connection, "met").request["meeting"]["name"] == "Gate"
    assert [told[0] for told in minutes(connection, "met")][:2] == [0, 1]


COUNTED = ("0002", "0006", "0014", "0015")
FROM_ONE: list[dict[str, Any]] = [
    {"facility": "f", "dwell_min": 5.5, "position": 3, "note": "look"},
    {**FIRM, "position": None},
    {**FIRM, "position": 1, "windows": [["13:00", "14:30"]]},
]


@pytest.mark.parametrize("revision", COUNTED)
def test_positions_in_stored_requests_count_from_zero_and_back(fresh: Connection, revision: str) -> None:
    downgrade(fresh, revision)
    given = {**ASKED, "stops": FROM_ONE, "first": 2, "orders": [[2, 0]]}
    stored = {"fixed": given, "free": ASKED, "broken": {"stops": [3, {"position": "x"}]}}
    for key, wish in stored.items():
        unnumbered = {"version": 7} if revision >= ASKING else {}
        store(fresh, "tour", key=key, park_id=first(fresh, "park"), wish=json.dumps(wish), **unnumbered)
    upgrade(fresh)
    positions = [2, None, 0]
    expected = [{**stop, "position": n} for stop, n in zip(FROM_ONE, positions, strict=True)]
    assert wishes(fresh) == {**stored, "fixed": {**given, "stops": expected}}
    assert [stop.position for stop in parse_request(wishes(fresh)["fixed"]).stops] == positions
    downgrade(fresh, revision)
    assert wishes(fresh) == stored


def wishes(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(text("SELECT key, wish FROM tour"))
    return {row.key: row.wish for row in rows}

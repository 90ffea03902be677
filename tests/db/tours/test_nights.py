"""Tours and leave over midnight, and in the nights in which the clocks are changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import Connection

from app.domain.localizer import localizer_for
from app.domain.tour_requests import parse_request
from app.errors import DataError
from app.services.tours.papers import tour_papers
from app.services.tours.planning.plan_json import plan_answer
from app.services.tours.planning.plans import make_task, solve_task
from app.services.tours.saving import save_tour
from app.services.tours.timetables import tour_plan
from app.services.walking.permissions import add_permission, add_walkway, read_permission, read_walkway
from tests.db.tours.saved_walks import FIRM, a_wish, spot, store_world
from tests.db.walking.test_permissions import GATE, ROUND, at, leave, store_way, typed
from tests.stored import store_park

NIGHT = {"earliest": "21:30", "latest": "03:00"}


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


@pytest.fixture
def yards(connection: Connection) -> Connection:
    store_park(connection)
    store_way(connection, "round", ROUND)
    return connection


def answered(connection: Connection, wish: dict[str, Any]) -> dict[str, Any]:
    task = make_task(connection, parse_request(wish))
    return plan_answer(task, solve_task(task), localizer_for("en"))


def begins(answer: dict[str, Any]) -> dict[str, str]:
    return {visit["name"]: visit["begins_at"] for visit in answer["visits"]}


@pytest.mark.parametrize(
    "windows", [[["22:00", "02:00"]], [["22:00", "26:00"]], [["00:10", "02:00"]], [["24:10", "26:00"]]]
)
def test_hosts_receive_over_midnight(world: Connection, windows: list[list[str]]) -> None:
    late = spot(390, 0, "East", windows=[["00:30", "01:30"]])
    answer = answered(world, a_wish({**FIRM, "windows": windows}, late, **NIGHT))
    assert answer["status"] == "planned"
    told = begins(answer)
    assert "24:30" <= told["East"] <= "25:25"
    assert "22:00" <= told["firm"] <= "25:40"
    assert answer["ends_at"] < "27:00"


def test_a_stored_night_is_told_with_its_days(world: Connection) -> None:
    late = spot(390, 0, "East", windows=[["00:30", "01:30"]])
    wish = a_wish({**FIRM, "windows": [["22:00", "23:00"]]}, late, **NIGHT)
    key = save_tour(world, wish, "A night").key
    plan = tour_plan(world, key)
    assert [stop.begins_at.day for stop in plan.stops] == [24, 25]
    assert f"{plan.stops[1].begins_at:%H:%M}" == "00:30"
    papers = tour_papers(world, key, "de")
    assert [stop.windows for stop in papers.stops] == ["22:00–23:00", "00:30–01:30"]
    assert papers.toured_on.isoformat() == wish["on"]


def test_a_slip_of_the_keyboard_is_no_night(world: Connection) -> None:
    with pytest.raises(DataError, match="ends before it begins"):
        parse_request(a_wish({**FIRM, "windows": [["15:00", "14:00"]]}))
    with pytest.raises(DataError, match="before its earliest start"):
        parse_request(a_wish(earliest="13:00", latest="12:00"))


# --- leave


def walked_m(connection: Connection, on: str, earliest: str, latest: str) -> float:
    stops = [{"name": name, **at(x), "dwell_min": 10} for name, x in (("one", 0.0), ("other", 100.0))]
    wish = {"park": "park", "on": on, "earliest": earliest, "latest": latest, "stops": stops}
    return solve_task(make_task(connection, parse_request(wish))).length_m


@pytest.mark.parametrize(
    ("on", "hours", "length_m"),
    [
        ("2024-04-24", ("22:30", "23:30"), 100),
        # The night after the day, and its end on the next day.
        ("2024-04-24", ("23:45", "00:45"), 100),
        ("2024-04-25", ("00:30", "01:30"), 100),
        ("2024-04-25", ("02:30", "03:30"), 700),
        ("2024-04-24", ("21:00", "22:00"), 700),
        # Leave holds from the night of the 24th to that of the 25th.
        ("2024-04-24", ("00:30", "01:30"), 700),
        ("2024-04-26", ("00:30", "01:30"), 100),
        ("2024-04-26", ("22:30", "23:30"), 700),
    ],
)
def test_a_gate_is_open_over_midnight(
    yards: Connection, on: str, hours: Sequence[str], length_m: float
) -> None:
    add_walkway(yards, read_walkway(typed(GATE)))
    given = leave(**{"from": "22:00", "until": "02:00", "valid_from": "2024-04-24", "valid_to": "2024-04-26"})
    add_permission(yards, read_permission(given))
    assert walked_m(yards, on, *hours) == pytest.approx(length_m, abs=0.1)


# --- the nights in which clocks are changed


@pytest.mark.parametrize(("on", "offset"), [("2026-10-25", 1), ("2026-03-29", -1)])
def test_page_and_stored_tour_agree_where_clocks_are_changed(world: Connection, on: str, offset: int) -> None:
    """A host who receives at four by the new clock is met then; minutes are those that pass."""
    at_four = spot(390, 0, "East", windows=[["04:00", "04:30"]])
    wish = a_wish({**FIRM, "windows": [["01:00", "01:20"]]}, at_four, on=on, earliest="01:00", latest="06:00")
    answer = answered(world, wish)
    plan = tour_plan(world, save_tour(world, wish, "A night").key)
    assert begins(answer) == {"firm": "01:00", "East": "04:00"}
    assert [f"{stop.begins_at:%H:%M}" for stop in plan.stops] == ["01:00", "04:00"]
    passed_h = (
        plan.stops[1].begins_at.astimezone(UTC) - plan.stops[0].begins_at.astimezone(UTC)
    ).total_seconds() / 3600
    assert passed_h == 3 + offset
    assert plan.total_min == pytest.approx(60 * (3 + offset) + 5)
    assert answer["wait_min"] == pytest.approx(plan.wait_min)

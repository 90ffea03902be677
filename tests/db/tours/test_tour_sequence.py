"""Whatever changes what a calendar tells of a tour raises its sequence, whoever changes it and how."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, delete, text

from app.db.models import Walkway
from app.db.tours.saved import saved_row
from app.errors import ConflictError
from app.services.tours.papers import tour_file, tour_papers
from app.services.tours.saving import delete_tour, publish_tour, resave_tour, save_tour, withdraw_tour
from app.services.tours.shortest_order import reorder_stops
from app.services.tours.storing import plan_legs, store_tours
from app.services.tours.timetables import tour_plan
from tests.db.tours.saved_walks import FIRM, WAITING, a_wish, spot, store_world, stored_plan

CORNERS = (spot(0, 330, "North"), spot(390, 0, "East"), spot(390, 340, "Far"))


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


def in_file(*stops: dict[str, Any]) -> dict[str, Any]:
    """Return a tour without a wish as a file tells it."""
    return {
        "key": "walk", "park": "park", "title": "A walk", "starts_at": "2024-04-24T14:00+02:00",
        "time_basis": "assumed", "pace_m_s": 1.0, "is_round": False, "stops": [FIRM, *stops],
    }  # fmt: skip


def counts(connection: Connection, key: str = "walk") -> int:
    """Return the version; the sequence has risen as far as it."""
    row = saved_row(connection, key)
    query = "SELECT min((after->>'sequence')::int) FROM audit_entry WHERE table_name = 'tour'"
    assert row["sequence"] - connection.execute(text(query)).scalar_one() == row["version"] - 1
    return int(row["version"])


def test_a_longer_visit_brought_in_is_a_change(world: Connection) -> None:
    store_tours(world, [in_file(*CORNERS)])
    assert counts(world) == 1
    before = tour_plan(world, "walk").ends_at
    store_tours(world, [in_file(*CORNERS[:-1], {**CORNERS[-1], "dwell_min": 50})])
    assert tour_plan(world, "walk").ends_at > before
    assert counts(world) == 2
    store_tours(world, [in_file(*CORNERS[:-1], {**CORNERS[-1], "dwell_min": 50})])
    assert counts(world) == 2


def test_another_order_is_a_change(world: Connection) -> None:
    store_tours(world, [in_file(CORNERS[2], CORNERS[0], CORNERS[1])])
    reorder_stops(world, "walk")
    assert counts(world) == 2
    reorder_stops(world, "walk")
    assert counts(world) == 2


def test_another_walk_is_a_change(world: Connection) -> None:
    store_tours(world, [in_file(*CORNERS)])
    plan_legs(world)
    assert counts(world) == 1
    before = tour_plan(world, "walk").ends_at
    world.execute(delete(Walkway).where(Walkway.key == "west"))
    plan_legs(world)
    assert tour_plan(world, "walk").ends_at > before
    assert counts(world) == 2


@pytest.mark.parametrize("wish", [WAITING, a_wish(FIRM, *CORNERS)])
def test_the_shortest_order_does_not_undo_a_planned_tour(world: Connection, wish: dict[str, Any]) -> None:
    key = publish_tour(world, save_tour(world, wish, "A walk").key).key
    before = stored_plan(world, key), counts(world, key)
    with pytest.raises(ConflictError, match="in the order that its request requires"):
        reorder_stops(world, key)
    assert (stored_plan(world, key), counts(world, key)) == before


# --- calling off ------------------------------------------------------------------------------


def calendar(connection: Connection, key: str) -> str:
    return tour_file(connection, "ics", tour_papers(connection, key, "de")).decode()


def line_of(ics: str, name: str) -> str:
    return next(line for line in ics.splitlines() if line.startswith(name))


@pytest.mark.parametrize("latest", ["18:00", "15:01"])
def test_what_a_withdrawn_tour_becomes_is_not_told(world: Connection, latest: str) -> None:
    """Of a wish that cannot be met there is no plan, and yet the tour is called off."""
    key = publish_tour(world, save_tour(world, a_wish(), "A walk").key).key
    known = calendar(world, key)
    withdraw_tour(world, key)
    withdraw_tour(world, key)
    resave_tour(world, key, a_wish(earliest="15:00", latest=latest), "Secret", 3)
    off = calendar(world, key)
    for name in ("SUMMARY", "DTSTART", "DTEND", "UID"):
        assert line_of(off, name) == line_of(known, name)
    assert "METHOD:CANCEL" in off
    assert "Secret" not in off


def test_published_again_it_is_told_as_it_is(world: Connection) -> None:
    key = publish_tour(world, save_tour(world, a_wish(), "A walk").key).key
    withdraw_tour(world, key)
    resave_tour(world, key, a_wish(), "Another", 3)
    publish_tour(world, key)
    assert "SUMMARY:Another" in calendar(world, key)


def test_a_new_tour_of_a_deleted_ones_key_is_newer_in_calendars(world: Connection) -> None:
    key = publish_tour(world, save_tour(world, a_wish(), "A walk").key).key
    withdraw_tour(world, key)
    off = calendar(world, key)
    delete_tour(world, key, 3)
    assert save_tour(world, a_wish(), "A walk").key == key
    numbers = [int(line_of(ics, "SEQUENCE").partition(":")[2]) for ics in (off, calendar(world, key))]
    assert numbers[1] > numbers[0]


def test_a_tour_of_no_length_has_no_end_before_which_it_could_be(world: Connection) -> None:
    key = save_tour(world, a_wish({**FIRM, "dwell_min": 0}), "A walk").key
    ics = calendar(world, key)
    assert "DTSTART" in ics
    assert "DTEND" not in ics

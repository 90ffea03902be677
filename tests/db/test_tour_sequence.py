"""Whatever changes what a calendar tells of a tour raises its sequence, whoever changes it and how."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, delete

from app.db.models import Walkway
from app.db.saved_tours import saved_row
from app.errors import ConflictError
from app.services.ordering import reorder_stops
from app.services.saving import publish_tour, save_tour
from app.services.timetabling import tour_plan
from app.services.touring import plan_legs, store_tours
from tests.db.saved_walks import FIRM, WAITING, a_wish, spot, store_world, told

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


def counts(connection: Connection, key: str = "walk") -> tuple[int, int]:
    row = saved_row(connection, key)
    return row["version"], row["sequence"]


def test_a_longer_visit_brought_in_is_a_change(world: Connection) -> None:
    store_tours(world, [in_file(*CORNERS)])
    assert counts(world) == (1, 0)
    before = tour_plan(world, "walk").ends_at
    store_tours(world, [in_file(*CORNERS[:-1], {**CORNERS[-1], "dwell_min": 50})])
    assert tour_plan(world, "walk").ends_at > before
    assert counts(world) == (2, 1)
    store_tours(world, [in_file(*CORNERS[:-1], {**CORNERS[-1], "dwell_min": 50})])
    assert counts(world) == (2, 1)


def test_another_order_is_a_change(world: Connection) -> None:
    store_tours(world, [in_file(CORNERS[2], CORNERS[0], CORNERS[1])])
    reorder_stops(world, "walk")
    assert counts(world) == (2, 1)
    reorder_stops(world, "walk")
    assert counts(world) == (2, 1)


def test_another_walk_is_a_change(world: Connection) -> None:
    store_tours(world, [in_file(*CORNERS)])
    plan_legs(world)
    assert counts(world) == (1, 0)
    before = tour_plan(world, "walk").ends_at
    world.execute(delete(Walkway).where(Walkway.key == "west"))
    plan_legs(world)
    assert tour_plan(world, "walk").ends_at > before
    assert counts(world) == (2, 1)


@pytest.mark.parametrize("wish", [WAITING, a_wish(FIRM, *CORNERS)])
def test_the_shortest_order_does_not_undo_a_planned_tour(world: Connection, wish: dict[str, Any]) -> None:
    key = publish_tour(world, save_tour(world, wish, "A walk").key).key
    before = told(world, key), counts(world, key)
    with pytest.raises(ConflictError, match="in the order that its wish asks for"):
        reorder_stops(world, key)
    assert (told(world, key), counts(world, key)) == before

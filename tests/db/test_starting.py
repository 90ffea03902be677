"""A start of a newer version: tours that lie ahead are planned by its engine, what was walked stays."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import Connection, text

from app.db.tours.records import leg_rows, tour_row
from app.db.tours.saved import change_tour, saved_row
from app.services.setup.checking import check
from app.services.setup.first_start import prepare_database
from app.services.tours.plan_rows import ENGINE
from app.services.tours.saving import publish_tour, save_tour, withdraw_tour
from app.services.tours.storing import store_tours
from tests.db.tours.saved_walks import FIRM, a_wish, spot, store_world

PAST, AHEAD = "2020-04-24", "2099-04-24"
OLDER = "UPDATE tour_leg SET engine = 'tour 0', walk_s = walk_s + 60"


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


def started(connection: Connection) -> list[str]:
    """Prepare the database as a start does; return the steps that were taken."""
    steps: list[str] = []
    prepare_database(connection, steps.append)
    return steps


def walks(connection: Connection, key: str) -> list[object]:
    """Return how long each of a tour's walks takes."""
    return [row["walk_s"] for row in leg_rows(connection, tour_row(connection, key)["tour_id"])]


def engines(connection: Connection, key: str) -> set[str]:
    statement = "SELECT engine FROM tour_leg JOIN tour USING (tour_id) WHERE key = :key"
    return set(connection.execute(text(statement), {"key": key}).scalars())


def saved(connection: Connection, title: str, on: str, *, is_public: bool = True, **changed: object) -> str:
    key = save_tour(connection, a_wish(on=on, **changed), title).key
    return publish_tour(connection, key).key if is_public else key


def imported(connection: Connection, key: str, on: str) -> None:
    """Store a tour without a wish."""
    given = {"key": key, "park": "park", "title": key, "starts_at": f"{on}T14:00+02:00", "pace_m_s": 1.0}
    given |= {"time_basis": "assumed", "is_round": False, "stops": [FIRM, spot(0, 330, "North")]}
    store_tours(connection, [given])


def test_tours_that_lie_ahead_are_planned_anew_and_no_others(world: Connection) -> None:
    ahead = [saved(world, "Public", AHEAD), saved(world, "Draft", AHEAD, is_public=False)]
    rest = [saved(world, "Walked", PAST), saved(world, "Called off", AHEAD)]
    withdraw_tour(world, rest[1])
    for key, on, keys in (("plain", AHEAD, ahead), ("plain-walked", PAST, rest)):
        imported(world, key, on)
        keys.append(key)
    right = {key: walks(world, key) for key in ahead + rest}
    world.execute(text(OLDER))
    wrong = {key: walks(world, key) for key in ahead + rest}
    versions = {key: saved_row(world, key)["version"] for key in ahead + rest}

    assert started(world) == ["Tours"]

    assert {key: walks(world, key) for key in ahead} == {key: right[key] for key in ahead}
    assert {key: walks(world, key) for key in rest} == {key: wrong[key] for key in rest}
    assert [engines(world, key) for key in ahead] == [{ENGINE}] * 3
    assert [engines(world, key) for key in rest] == [{"tour 0"}] * 3
    # Calendars are told what changed, and of nothing else.
    risen = {key: saved_row(world, key)["version"] - version for key, version in versions.items()}
    assert risen == {**dict.fromkeys(ahead, 1), **dict.fromkeys(rest, 0)}
    assert list(check(world)) == []
    assert started(world) == []


def test_what_is_not_possible_any_more_keeps_its_plan_and_is_told(
    world: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    places = {f"{n}": spot(0, 330 - n, f"Place {n}") for n in range(4)}
    bare = save_tour(world, a_wish(places["0"], places["1"], on=AHEAD), "Bare").key
    gone = saved(world, "Firm", AHEAD)
    crowded = saved(world, "Crowded", AHEAD, stops=[places["2"], places["3"]])
    world.execute(text("UPDATE occupancy SET valid = daterange(NULL, '2030-01-01')"))
    # More stops than the planner takes, from before it had a limit.
    many = a_wish(*[places["2"]] * 65, on=AHEAD)
    change_tour(world, saved_row(world, crowded)["tour_id"], wish=many)
    world.execute(text(OLDER))
    wrong = {key: walks(world, key) for key in (gone, crowded)}

    with caplog.at_level(logging.WARNING, "app"):
        assert started(world) == ["Tours"]

    assert engines(world, bare) == {ENGINE}
    assert {key: walks(world, key) for key in wrong} == wrong
    assert {key for key in (bare, gone, crowded) if f"tour {key} is not possible" in caplog.text} == {
        gone,
        crowded,
    }
    assert {finding.params.get("tour") for finding in check(world)} >= {gone, crowded}

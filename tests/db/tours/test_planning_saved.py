"""Planned tours as they are stored: versions, status, copies, share links, and what remains when they go."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from app.db.models import TourShare
from app.db.tours.frames import tour_legs_on, tour_stops_on, tours_on
from app.db.tours.records import unplanned
from app.db.tours.request_data import never_visited
from app.db.tours.saved import saved_row
from app.errors import AppError, ConflictError, DataError, InputError, NotFoundError
from app.services.tours.plan_rows import ENGINE
from app.services.tours.saving import (
    copy_tour,
    delete_tour,
    publish_tour,
    resave_tour,
    save_tour,
    saved_tour,
    withdraw_tour,
)
from app.services.tours.sharing import revoke_share, share_token, share_tour
from app.services.tours.storing import plan_legs, store_tours
from app.services.tours.timetables import tour_plan
from tests.db.tours.saved_walks import FIRM, WAITING, a_wish, spot, store_world, stored_plan
from tests.stored import EVER


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


# --- saving


def test_a_saved_tour_is_a_draft_that_nobody_else_sees(world: Connection) -> None:
    saved = save_tour(world, a_wish(), "  Über die Höfe: Süd & Straße ")
    assert re.fullmatch(r"ueber-die-hoefe-sued-strasse-2024-04-24", saved.key)
    assert (saved.title, saved.status, saved.version) == ("Über die Höfe: Süd & Straße", "draft", 1)
    for read in (tours_on, tour_stops_on, tour_legs_on):
        assert read(world).empty
    assert len(tours_on(world, is_public=False)) == 1
    assert len(tour_stops_on(world, tour=saved.key)) == 3
    assert unplanned(world, ENGINE, EVER) == []


def test_the_wish_comes_back_as_it_was_saved(world: Connection) -> None:
    saved = save_tour(world, WAITING, "A walk")
    assert saved_tour(world, saved.key).request == WAITING
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


def test_a_title_pasted_from_a_letter_is_a_title(world: Connection) -> None:
    assert save_tour(world, a_wish(), "Rundgang 24.\u00a0April").title == "Rundgang 24. April"


def test_only_who_saw_the_last_version_changes_a_tour_and_nothing_is_lost(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    mine = resave_tour(world, key, a_wish(is_round=True), "Mine", 1)
    assert mine.version == 2
    before = stored_plan(world, key)
    for version in (1, 3):
        with pytest.raises(ConflictError):
            resave_tour(world, key, a_wish(group_size=3), "Theirs", version)
    for version in (True, "2", None):
        with pytest.raises(InputError):
            resave_tour(world, key, a_wish(group_size=3), "Theirs", version)
    assert (saved_tour(world, key).title, stored_plan(world, key)) == ("Mine", before)
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
    assert [each - seen[0] for each in seen] == [0, 1, 2, 3, 4]
    # What changes nothing is no change.
    publish_tour(world, key)
    share_tour(world, key)
    plan_legs(world, key)
    assert saved_row(world, key)["sequence"] == seen[-1]


def test_a_wish_that_cannot_be_met_is_kept_but_not_published(world: Connection) -> None:
    hopeless = a_wish(FIRM, spot(390, 0, "East"), latest="13:05")
    saved = save_tour(world, hopeless, "A walk")
    assert saved_tour(world, saved.key).request == hopeless
    assert len(tour_stops_on(world, tour=saved.key)) == 2
    with pytest.raises(ConflictError):
        publish_tour(world, saved.key)
    with pytest.raises(ConflictError, match="has no plan that its request allows"):
        tour_plan(world, saved.key)
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
    assert stored_plan(world, copy.key) == stored_plan(world, key)
    resave_tour(world, copy.key, a_wish(), "Another", 1)
    assert saved_tour(world, key).request == WAITING


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
    before = stored_plan(world, "old")
    saved = saved_tour(world, "old")
    assert (saved.status, saved.request["earliest"], saved.request["group_size"]) == (
        "published",
        "14:00",
        15,
    )
    assert resave_tour(world, "old", dict(saved.request), saved.title, saved.version).version == 2
    assert stored_plan(world, "old")["visits"] == before["visits"]


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
            "INSERT INTO meeting (key, park_id, tour_id, title, held_on, organizers)"
            " SELECT 'm', park_id, tour_id, 'Treffen', '2024-04-24', '{}' FROM tour"
        )
    )
    with pytest.raises(ConflictError, match="“Treffen”"):
        delete_tour(world, key, 1)
    assert saved_tour(world, key).version == 1


def test_a_refused_change_is_one_sentence(world: Connection) -> None:
    key = save_tour(world, a_wish(), "A walk").key
    with pytest.raises(AppError) as refusal:
        resave_tour(world, key, a_wish(), "A walk", 7)
    assert (
        str(refusal.value)
        == "Somebody else has changed this tour in the meantime; reload it, or save yours as a copy."
    )


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


@pytest.mark.parametrize("earliest", ["00:15", "13:00", "22:45"])
def test_a_tour_visits_on_its_day_in_the_parks(world: Connection, earliest: str) -> None:
    wish = a_wish(FIRM, spot(390, 0, "East"), earliest=earliest, latest=None)
    publish_tour(world, save_tour(world, wish, "A walk").key)
    assert never_visited(world, "park", date(2024, 4, 24)) == ["firm-place"]
    assert never_visited(world, "park", date(2024, 4, 25)) == []

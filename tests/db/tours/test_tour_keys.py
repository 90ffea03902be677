"""By which key a tour is known: a copy by its own, a published or shared one by the same for ever."""

from __future__ import annotations

import pytest
from icalendar import Calendar
from sqlalchemy import Connection

from app.db.tours.saved import saved_row
from app.errors import NotFoundError
from app.exchange.tours.calendar import calendar
from app.services.tours.papers import tour_papers
from app.services.tours.saving import (
    copy_tour,
    delete_tour,
    publish_tour,
    resave_tour,
    save_tour,
    saved_tour,
    withdraw_tour,
)
from app.services.tours.sharing import revoke_share, share_tour
from tests.db.tours.saved_walks import WAITING, a_wish, store_world


@pytest.fixture
def world(connection: Connection) -> Connection:
    return store_world(connection)


def test_a_copy_has_its_own_key_until_it_is_published(world: Connection) -> None:
    """The walk it was copied from, and that one's day, are in no address, file or calendar of it."""
    key = publish_tour(world, save_tour(world, WAITING, "Old walk").key).key
    copy = copy_tour(world, key, "Copy of Old walk")
    resaved = resave_tour(world, copy.key, a_wish(on="2024-05-06"), "New walk", 1)
    assert resaved.key == copy.key
    for told in ("old", "copy", "2024"):
        assert told not in copy.key
    published = publish_tour(world, copy.key, resaved.version)
    assert published.key == "new-walk-2024-05-06"
    papers = tour_papers(world, published.key, "de")
    uid = Calendar.from_ical(calendar(papers)).walk("VEVENT")[0]["UID"]
    assert uid.startswith("new-walk-2024-05-06@")
    with pytest.raises(NotFoundError):
        saved_tour(world, copy.key)
    # From then on others know it by that.
    withdrawn = withdraw_tour(world, published.key)
    renamed = resave_tour(world, published.key, a_wish(on="2024-06-07"), "Newest", withdrawn.version)
    assert publish_tour(world, renamed.key).key == published.key


def test_who_has_a_link_keeps_the_key_he_knows(world: Connection) -> None:
    copy = copy_tour(world, save_tour(world, WAITING, "Old walk").key, "Copy")
    share_tour(world, copy.key)
    revoke_share(world, copy.key)
    assert publish_tour(world, copy.key).key == copy.key


def test_a_key_that_was_free_again_goes_on_counting(world: Connection) -> None:
    """A calendar that knows a deleted tour by it takes the new one for a newer state."""
    old = save_tour(world, WAITING, "Walk")
    published = publish_tour(world, old.key)
    sequence = saved_row(world, old.key)["sequence"]
    delete_tour(world, old.key, withdraw_tour(world, old.key, published.version).version)
    copy = copy_tour(world, save_tour(world, WAITING, "Other").key, "Walk")
    again = publish_tour(world, copy.key)
    assert again.key == old.key
    assert saved_row(world, again.key)["sequence"] > sequence

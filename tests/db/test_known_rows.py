"""What was known: of which tables, and of rows that were noted before a column was there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from app.db.changes import act_as
from app.db.known_rows import TABLES
from app.services.features.known import show_known

# Accounts are those of today, whatever is asked; tours are planned on what is known today.
_OF_TODAY = {
    *("api_token", "organization", "password_link", "staff", "tour", "tour_share", "tour_stop"),
    # What staff do for meetings is on pages of its own.
    *("meeting_organization", "participation_event", "invitation_list"),
    *("acquaintance", "keep_apart", "follow_up"),
}


def test_every_table_that_is_audited_is_known_or_of_today(connection: Connection) -> None:
    query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_audit'"
    assert set(connection.execute(text(query)).scalars()) == {*TABLES, *_OF_TODAY}


def test_a_column_that_an_older_entry_does_not_know_is_as_today(loaded_connection: Connection) -> None:
    held = loaded_connection
    at: datetime = held.execute(text("SELECT clock_timestamp()")).scalar_one()
    act_as(held, "Erika Muster")
    held.execute(text("UPDATE facility SET capacity = 77, fee = 'none' WHERE kind = 'truck_parking'"))
    held.execute(text("UPDATE audit_entry SET before = before - 'fee' WHERE table_name = 'facility'"))
    show_known(held, at)
    rows = held.execute(text("SELECT capacity, fee FROM facility WHERE kind = 'truck_parking'")).all()
    now = held.execute(text("SELECT capacity FROM public.facility WHERE kind = 'truck_parking'")).scalars()
    assert {fee for _, fee in rows} == {"none"}
    assert set(now) == {77}
    assert 77 not in {capacity for capacity, _ in rows}

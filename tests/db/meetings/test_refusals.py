"""What the database refuses of meetings, whoever asks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from tests.db.good_rows import first, store

Act = Callable[[Connection], object]


def two_invitations(connection: Connection) -> None:
    """Invite one address to one meeting twice."""
    for token in (b"1" * 32, b"2" * 32):
        store(connection, "invitation", token_sha256=token, address_normalized="a@b.example")


def host_without_part(connection: Connection) -> None:
    """Name a host who takes no part."""
    store(connection, "meeting", host_company_id="company")


def absent_in_the_dark(connection: Connection) -> None:
    """Call somebody absent while nobody knows who came."""
    store(connection, "participation", presence="absent")


def present_before_the_day(connection: Connection) -> None:
    """Note somebody at a meeting that is yet to come."""
    store(connection, "meeting", held_on="2099-04-24", attendance_known="partial")
    store(connection, "participation", presence="present")


def logged(act: str) -> Act:
    """Store an event, and change it."""

    def run_it(connection: Connection) -> None:
        store(connection, "participation_event")
        connection.execute(text(act))

    return run_it


def sent(act: str) -> Act:
    """Store a list as it was sent, and change it."""

    def run_it(connection: Connection) -> None:
        store(connection, "invitation_list")
        connection.execute(text(act))

    return run_it


def of_meeting(act: str, table: str = "meeting", **values: str) -> Act:
    """Store a meeting with something of it, and do something to it."""

    def run_it(connection: Connection) -> None:
        store(connection, "meeting", **values)
        if table != "meeting":
            store(connection, table)
        connection.execute(text(act))

    return run_it


def judged(connection: Connection, act: Act) -> None:
    """Do something, and judge it as at the end of the transaction."""
    act(connection)
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


REFUSED: dict[str, Act] = {
    "uq_invitation_address": two_invitations,
    "meeting_host_has_part": host_without_part,
    "participation_absent_is_known": absent_in_the_dark,
    "participation_present_from_the_day_on": present_before_the_day,
    "participation_event_is_appended": logged("UPDATE participation_event SET counter = 2"),
    "participation_event_stays": logged("DELETE FROM participation_event"),
    "invitation_list_is_as_sent": sent("UPDATE invitation_list SET rows = '[1]'"),
    "invitation_list_stays": sent("DELETE FROM invitation_list"),
    "meeting_uid_stays": of_meeting("UPDATE meeting SET uid = 'another'"),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_the_database_refuses(connection: Connection, rule: str) -> None:
    for table in ("park_version", "company_version"):
        first(connection, table)
    with pytest.raises(DBAPIError) as refusal:
        judged(connection, REFUSED[rule])
    assert refusal.value.orig.diag.constraint_name == rule  # type: ignore[union-attr]


@pytest.mark.parametrize("table", ["meeting", "invitation"])
def test_what_was_told_to_somebody_is_not_deleted(connection: Connection, table: str) -> None:
    state = "announced" if table == "meeting" else "draft"
    with pytest.raises(DBAPIError) as refusal:
        of_meeting("DELETE FROM meeting", table, state=state)(connection)
    assert refusal.value.orig.diag.constraint_name == "meeting_stays_once_announced"  # type: ignore[union-attr]


def test_a_plan_goes_with_its_log(connection: Connection) -> None:
    store(connection, "participation_event")
    connection.execute(text("DELETE FROM meeting"))
    assert connection.scalar(text("SELECT count(*) FROM participation_event")) == 0

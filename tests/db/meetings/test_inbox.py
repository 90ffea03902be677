"""What comes in by mail: calendars answer, strangers are asked about, bounces are marked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from app.cli.meetings.mail_worker import read_mailbox
from app.config import MailSettings, Settings, read_secret_key
from app.db.engine import make_engine
from app.db.meetings.contacts import erase_person, forget_names
from app.db.meetings.inbound import open_inbound
from app.errors import BusyError, NotFoundError
from app.exchange.meetings.mail import bounce_address
from app.services.meetings.inbox import assign, take_in
from tests.db.meetings.mail_scene import AT, SECRET, SENDER, UID, invite, store_meeting
from tests.imap_server import imap_server
from tests.machine import find_dovecot
from tests.unit.meetings.answers import SHAPES, away, gmail_reply, returned_mail

GUEST = "mailto:a@nachbar.example"


def come_in(connection: Connection, content: bytes, at: Any = AT) -> None:
    take_in(connection, content, SECRET, at)


def answers(connection: Connection) -> dict[str, tuple[str, str | None, int | None]]:
    """Return answer, way and state of the meeting that was answered, by company."""
    query = (
        "SELECT key, answer, answer_via, answered_sequence FROM participation JOIN company USING (company_id)"
    )
    return {key: tuple(rest) for key, *rest in connection.execute(text(query))}  # type: ignore[misc]


def events(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM participation_event")).scalar_one())


@pytest.fixture
def meeting_id(connection: Connection) -> int:
    return store_meeting(connection, ["a", "b"])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_calendars_answer_is_that_of_the_company(
    connection: Connection, meeting_id: int, shape: str
) -> None:
    come_in(connection, SHAPES[shape]("ACCEPTED", uid=UID, attendee="MAILTO:A@Nachbar.example"))
    assert answers(connection) == {"a": ("accepted", "calendar", 0)}
    assert open_inbound(connection, meeting_id) == []


def test_the_latest_answer_holds_in_whatever_order_they_come(connection: Connection, meeting_id: int) -> None:
    for hour, said in ((12, "DECLINED"), (11, "ACCEPTED"), (13, "TENTATIVE")):
        come_in(connection, gmail_reply(said, uid=UID, attendee=GUEST, stamp=f"20270301T{hour}0000Z"))
    assert answers(connection) == {"a": ("maybe", "calendar", 0)}
    # The one that came late but was given early is stored, and no event.
    assert events(connection) == 2
    notes = connection.execute(text("SELECT note FROM inbound ORDER BY inbound_id")).scalars()
    assert list(notes) == [None, "older than a later answer", None]


def test_an_answer_to_an_earlier_date_is_kept_as_such(connection: Connection, meeting_id: int) -> None:
    connection.execute(text("UPDATE meeting SET sequence = 1"))
    come_in(connection, gmail_reply(uid=UID, attendee=GUEST, sequence=0))
    assert answers(connection) == {}
    [note] = connection.execute(text("SELECT note FROM inbound")).scalars()
    assert note == "for the old date"
    come_in(connection, gmail_reply(uid=UID, attendee=GUEST, sequence=1))
    assert answers(connection) == {"a": ("accepted", "calendar", 1)}


@pytest.mark.parametrize(
    "change", ["state = 'cancelled'", "held_on = '2027-02-28', starts_at = '2027-02-28T12:00Z'"]
)
def test_what_comes_too_late_waits_for_a_person(connection: Connection, meeting_id: int, change: str) -> None:
    connection.execute(text(f"UPDATE meeting SET {change}"))
    come_in(connection, gmail_reply(uid=UID, attendee=GUEST))
    assert answers(connection) == {}
    assert [row["kind"] for row in open_inbound(connection, meeting_id)] == ["reply"]


def test_the_same_mail_read_twice_is_read_once(connection: Connection, meeting_id: int) -> None:
    for _ in range(2):
        come_in(connection, gmail_reply(uid=UID, attendee=GUEST))
    assert events(connection) == 1


def test_a_stranger_is_asked_about_and_nothing_happens_by_itself(
    connection: Connection, meeting_id: int
) -> None:
    come_in(connection, gmail_reply(uid=UID, attendee="mailto:stranger@elsewhere.example"))
    assert answers(connection) == {}
    [row] = open_inbound(connection, meeting_id)
    assert (row["kind"], row["participant"]) == ("reply", "stranger@elsewhere.example")
    staff_id = connection.execute(
        text("INSERT INTO staff (name, password_hash) VALUES ('Erika', '$argon2id$x') RETURNING staff_id")
    ).scalar_one()
    [number] = connection.execute(
        text("SELECT invitation_id FROM invitation WHERE address_normalized = 'b@nachbar.example'")
    ).scalars()
    assign(connection, row["inbound_id"], number, staff_id)
    assert answers(connection) == {"b": ("accepted", "calendar", 0)}
    assert open_inbound(connection, meeting_id) == []
    with pytest.raises(NotFoundError):
        assign(connection, row["inbound_id"], number, staff_id)


def test_a_stranger_may_be_nobody(connection: Connection, meeting_id: int) -> None:
    come_in(connection, gmail_reply(uid=UID, attendee="mailto:stranger@elsewhere.example"))
    [row] = open_inbound(connection, meeting_id)
    assign(connection, row["inbound_id"], None, 1)
    assert (answers(connection), open_inbound(connection, meeting_id)) == ({}, [])


def test_an_answer_to_a_meeting_of_others_waits_for_a_person(connection: Connection, meeting_id: int) -> None:
    come_in(connection, gmail_reply(uid="other@elsewhere.example", attendee=GUEST))
    assert answers(connection) == {}
    assert len(open_inbound(connection, meeting_id)) == 1


def bounced(connection: Connection) -> list[str]:
    query = "SELECT value FROM contact_channel WHERE bounced_at IS NOT NULL"
    return list(connection.execute(text(query)).scalars())


def number_of(connection: Connection, name: str) -> int:
    query = "SELECT invitation_id FROM invitation WHERE address_normalized = :address"
    found = connection.execute(text(query), {"address": f"{name}@nachbar.example"})
    return int(found.scalar_one())


def test_a_mail_that_came_back_marks_the_address_and_staff_is_told(
    connection: Connection, meeting_id: int
) -> None:
    to = bounce_address(number_of(connection, "b"), SENDER, SECRET)
    # The report names another address, as it does behind a forwarding: the envelope knows better.
    come_in(connection, returned_mail(to, "somebody@else.example"))
    assert bounced(connection) == ["b@nachbar.example"]
    assert [row["kind"] for row in open_inbound(connection, meeting_id)] == ["bounce"]


def test_a_delay_marks_nothing_and_two_are_looked_at(connection: Connection, meeting_id: int) -> None:
    to = bounce_address(number_of(connection, "b"), SENDER, SECRET)
    come_in(connection, returned_mail(to, status="4.2.2"))
    assert (bounced(connection), open_inbound(connection, meeting_id)) == ([], [])
    come_in(connection, returned_mail(to, status="4.4.1"), AT + timedelta(days=29))
    assert bounced(connection) == []
    assert len(open_inbound(connection, meeting_id)) == 1


def test_two_delays_far_apart_are_none(connection: Connection, meeting_id: int) -> None:
    to = bounce_address(number_of(connection, "b"), SENDER, SECRET)
    for days, status in ((0, "4.2.2"), (31, "4.4.1")):
        come_in(connection, returned_mail(to, status=status), AT + timedelta(days=days))
    assert open_inbound(connection, meeting_id) == []


def test_a_forged_return_marks_nobody(connection: Connection, meeting_id: int) -> None:
    to = bounce_address(number_of(connection, "b"), SENDER, "guessed")
    come_in(connection, returned_mail(to, "b@nachbar.example"))
    assert bounced(connection) == []
    assert len(open_inbound(connection, meeting_id)) == 1


def test_who_is_away_neither_answers_nor_bounces(connection: Connection, meeting_id: int) -> None:
    come_in(connection, away(bounce_address(number_of(connection, "b"), SENDER, SECRET)))
    assert (bounced(connection), answers(connection)) == ([], {})


def test_what_a_person_wrote_goes_with_the_person_and_in_time(
    connection: Connection, meeting_id: int
) -> None:
    come_in(connection, b"From: A <A@nachbar.example>\r\nSubject: x\r\n\r\nRufen Sie mich an!\r\n")
    come_in(connection, b"From: b@nachbar.example\r\nSubject: y\r\n\r\nIch auch\r\n")
    person = {"contact": 0, "name": None, "company": 0, "addresses": ["a@nachbar.example"]}
    assert erase_person(connection, person)["inbound"] == 1
    assert forget_names(connection, AT.date(), AT.date())["inbound"] == 0
    assert forget_names(connection, AT.date() + timedelta(days=1), AT.date())["inbound"] == 1


def test_one_address_invited_to_two_meetings_answers_the_one(connection: Connection, meeting_id: int) -> None:
    other = store_meeting(connection, [], "treffen-2028", "treffen-2028@anliegertreffen.example")
    invite(connection, other, "a")
    come_in(connection, gmail_reply(uid=UID, attendee=GUEST))
    query = "SELECT meeting_id FROM participation WHERE answer = 'accepted'"
    assert list(connection.execute(text(query)).scalars()) == [meeting_id]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[tuple[MailSettings, Path]]:
    root = find_dovecot()
    if root is None:
        pytest.skip("Dovecot, of the packages dovecot-core and dovecot-imapd")
    with imap_server(root) as found:
        yield found


@pytest.fixture
def own_engine(fresh_database_url: str) -> Iterator[Engine]:
    made = make_engine(fresh_database_url)
    yield made
    made.dispose()


def test_a_real_mailbox_is_read_once(
    own_engine: Engine, settings: Settings, dovecot: tuple[MailSettings, Path]
) -> None:
    found, arriving = dovecot
    reading = replace(settings, mail=found)
    with own_engine.begin() as connection:
        store_meeting(connection, ["a", "b"])
        to = bounce_address(number_of(connection, "b"), SENDER, read_secret_key(reading))
    mails = [shape("ACCEPTED", uid=UID, attendee=GUEST) for shape in SHAPES.values()]
    for n, content in enumerate([*mails, returned_mail(to), b"\x00 torn", away(to)]):
        file = arriving / f"{n}.eml"
        file.write_bytes(content)
        os.chmod(file, 0o666)  # noqa: PTH101
    with own_engine.connect() as connection:
        assert read_mailbox(connection, reading, lambda: AT) == 7
        assert read_mailbox(connection, reading, lambda: AT) == 0
        assert answers(connection) == {"a": ("accepted", "calendar", 0)}
        assert bounced(connection) == ["b@nachbar.example"]


def test_what_is_wrong_with_a_mailbox_is_told(
    connection: Connection, settings: Settings, dovecot: tuple[MailSettings, Path]
) -> None:
    found, _ = dovecot
    with pytest.raises(BusyError, match="refused"):
        read_mailbox(connection, replace(settings, mail=replace(found, imap_password="wrong")))
    with pytest.raises(BusyError, match="no folder “Antworten”"):
        read_mailbox(connection, replace(settings, mail=replace(found, imap_folder="Antworten")))

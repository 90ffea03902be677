"""What comes in is told apart: answers of four kinds of calendars, returned mails, people, programs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.meetings import InboundKind
from app.exchange.meetings.inbound import arrival
from app.exchange.meetings.mail import bounce_address
from tests.unit.meetings.answers import SHAPES, UID, away, calendar_lines, gmail_reply, returned_mail
from tests.unit.meetings.scene import SECRET, SENDER


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("said", "answer"), [("ACCEPTED", "accepted"), ("DECLINED", "declined"), ("TENTATIVE", "maybe")]
)
def test_a_calendars_answer_is_read_whatever_its_shape(shape: str, said: str, answer: str) -> None:
    found = arrival(SHAPES[shape](said), SECRET)
    [reply] = found.replies
    assert found.kind is InboundKind.REPLY
    assert (reply.uid, reply.attendee, reply.answer) == (UID, "empfang@nachbar.example", answer)
    assert (reply.sequence, reply.stamped_at) == (0, datetime(2027, 3, 1, 10, tzinfo=UTC))


def test_whoever_has_not_decided_has_not_answered() -> None:
    for said in ("NEEDS-ACTION", "DELEGATED", ""):
        assert arrival(gmail_reply(said), SECRET).replies == ()


def test_our_own_invitation_that_comes_back_is_no_answer() -> None:
    from tests.unit.meetings.scene import mail

    assert arrival(mail(), SECRET).kind is InboundKind.UNKNOWN


@pytest.mark.parametrize(("status", "is_permanent"), [("5.1.1", True), ("4.2.2", False)])
def test_a_returned_mail_is_known_by_its_envelope(status: str, is_permanent: bool) -> None:
    found = arrival(returned_mail(bounce_address(12, SENDER, SECRET), status=status), SECRET)
    assert found.kind is InboundKind.BOUNCE
    assert found.bounce is not None
    assert (found.bounce.invitation, found.bounce.is_permanent) == (12, is_permanent)
    assert found.bounce.status == status


def test_a_returned_mail_without_our_envelope_is_known_by_what_it_says() -> None:
    found = arrival(returned_mail("antwort@agentur.example"), SECRET)
    assert found.bounce is not None
    assert found.bounce.invitation is None
    assert found.bounce.addresses == {"empfang@nachbar.example"}
    assert found.bounce.is_permanent


def test_a_forged_envelope_names_nobody() -> None:
    forged = bounce_address(12, SENDER, "guessed")
    found = arrival(returned_mail(forged), SECRET)
    assert found.bounce is not None
    assert found.bounce.invitation is None


def test_who_is_away_has_not_returned_the_mail() -> None:
    assert arrival(away(bounce_address(12, SENDER, SECRET)), SECRET).kind is InboundKind.UNKNOWN


def test_what_a_person_writes_is_for_a_person() -> None:
    found = arrival(
        b"From: A <a@B.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nWir kommen!\r\n", SECRET
    )
    assert (found.kind, found.subject, found.sender) == (InboundKind.UNKNOWN, "Grüße", "a@b.example")


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT",
        b"Content-Type: text/calendar; charset=nonsense\r\n\r\n" + calendar_lines().encode()[:120],
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno parts",
        b"From: =?x?y?z?=\r\nTo: ,,<>@\r\n\r\n",
        b"Content-Type: text/calendar\r\n\r\n" + calendar_lines(stamp="yesterday").encode(),
        b"Content-Type: text/calendar\r\n\r\n"
        + calendar_lines().replace("SEQUENCE:0", "SEQUENCE:x").encode(),
    ],
)
def test_what_nobody_can_parse_is_for_a_person(torn: bytes) -> None:
    assert arrival(torn, SECRET).kind in (InboundKind.UNKNOWN, InboundKind.REPLY)


@given(st.binary(max_size=400), st.sampled_from(sorted(SHAPES)), st.integers(0, 900))
def test_no_mail_breaks_the_reader(noise: bytes, shape: str, at: int) -> None:
    content = SHAPES[shape]()
    arrival(content[:at] + noise + content[at:], SECRET)


def test_the_same_mail_has_the_same_key() -> None:
    assert arrival(gmail_reply(), SECRET).key != arrival(gmail_reply("DECLINED"), SECRET).key

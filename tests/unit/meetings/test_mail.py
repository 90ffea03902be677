"""Mails of meetings as others read them: the standard library and a second calendar library."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from ical.calendar_stream import IcsCalendarStream

from app.domain.meetings import MailKind
from app.errors import InputError
from app.exchange.meetings.mail import bounce_address, bounced_invitation, composed
from app.exchange.meetings.mail_texts import check_template, mail_template
from tests.unit.meetings.scene import AT, GUEST, LINK, LONG_NAME, MEETING, SECRET, SENDER, mail


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def parts(content: bytes) -> dict[str, str]:
    """Return the decoded parts of a mail by type."""
    return {
        part.get_content_type(): part.get_payload(decode=True).decode()
        for part in parsed(content).walk()
        if not part.is_multipart()
    }


def unfolded(calendar: str) -> list[str]:
    return calendar.replace("\r\n ", "").split("\r\n")


def test_a_mail_has_text_page_and_appointment_for_one_recipient() -> None:
    message = parsed(mail())
    alternatives, attachment = message.get_payload()
    assert [part.get_content_type() for part in alternatives.get_payload()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    calendar = alternatives.get_payload()[2]
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert attachment.get_content_type() == "application/ics"
    assert attachment.get_filename() == "termin.ics"
    assert attachment.get_payload(decode=True) == calendar.get_payload(decode=True)
    [to] = message["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Erika Müßtermann", "empfang@nachbar.example")


def test_headers_say_what_programs_look_for() -> None:
    message = parsed(mail())
    assert message["From"].addresses[0].display_name == SENDER.name
    assert message["Reply-To"] == SENDER.address
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<{GUEST.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"].datetime == AT
    assert message["Subject"] == f"Einladung: {MEETING.title} am 22.04.2027"


def test_every_line_is_ascii_short_and_ends_as_smtp_wants_it() -> None:
    content = mail(to=replace(GUEST, name="Ä" * 80, company="ß" * 80))
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    # RFC 2047: an encoded word has 75 characters at most.
    head = content.split(b"\r\n\r\n", 1)[0]
    assert max(len(word) for word in head.split() if word.startswith(b"=?")) <= 75


@pytest.mark.parametrize("length", [10, 200])
def test_the_address_for_unsubscribing_is_never_encoded_or_torn(length: int) -> None:
    address = f"https://{'a' * length}.example/answer/x/unsubscribe"
    assert f"\r\nList-Unsubscribe: <{address}>\r\n".encode() in b"\r\n" + mail(
        to=replace(GUEST, unsubscribe=address)
    )


def test_text_and_page_say_the_same_and_why_it_came() -> None:
    found = parts(mail())
    for expected in (
        "Donnerstag, 22. April 2027, 14:00 bis 16:00 Uhr",
        "14:30 Rundgang durch die Halle",
        "Guten Tag Erika Müßtermann,",
        GUEST.reason,
        LINK,
        GUEST.unsubscribe,
    ):
        assert expected in found["text/plain"]
        assert expected in found["text/html"]


def test_what_comes_from_data_is_text_in_the_page() -> None:
    evil = '<img src=x onerror=alert(1)> & "Co"'
    page = parts(mail(of=replace(MEETING, title=evil), to=replace(GUEST, name=evil, company=evil)))[
        "text/html"
    ]
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in page


def test_a_line_break_in_a_name_makes_no_header() -> None:
    message = parsed(
        mail(to=replace(GUEST, name="A\r\nBcc: all@other.example"), of=replace(MEETING, title="x\ny"))
    )
    assert message["Bcc"] is None
    assert len(message["To"].addresses) == 1


def test_a_second_calendar_library_reads_the_request() -> None:
    calendar = IcsCalendarStream.calendar_from_ics(parts(mail())["text/calendar"])
    [event] = calendar.events
    assert (event.uid, event.sequence, event.summary) == (MEETING.uid, 0, MEETING.title)
    assert (event.dtstart, event.dtend) == (MEETING.starts_at, MEETING.ends_at)
    assert event.location == MEETING.place
    [attendee] = event.attendees
    assert str(attendee.uri) == f"mailto:{GUEST.address}"
    assert LINK in event.description


def test_the_appointment_asks_one_attendee_and_is_answered_to_the_mailbox() -> None:
    lines = unfolded(parts(mail())["text/calendar"])
    [attendee] = [line for line in lines if line.startswith("ATTENDEE")]
    for part in ("PARTSTAT=NEEDS-ACTION", "RSVP=TRUE", "ROLE=REQ-PARTICIPANT", f"mailto:{GUEST.address}"):
        assert part in attendee
    [organizer] = [line for line in lines if line.startswith("ORGANIZER")]
    assert organizer.endswith(f"mailto:{SENDER.box}")
    assert "METHOD:REQUEST" in lines
    assert "DTSTART:20270422T120000Z" in lines


def test_an_update_replaces_the_first_invitation_in_a_second_library() -> None:
    moved = replace(
        MEETING,
        sequence=1,
        starts_at=MEETING.starts_at + timedelta(days=1),
        ends_at=MEETING.ends_at + timedelta(days=1),
    )
    held = {}
    for content in (mail(), mail(MailKind.UPDATE, moved)):
        [event] = IcsCalendarStream.calendar_from_ics(parts(content)["text/calendar"]).events
        if event.uid not in held or held[event.uid].sequence < event.sequence:
            held[event.uid] = event
    [event] = held.values()
    assert event.dtstart == moved.starts_at


def test_a_cancellation_takes_the_appointment_away() -> None:
    lines = unfolded(parts(mail(MailKind.CANCELLATION, replace(MEETING, sequence=2)))["text/calendar"])
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:2", f"UID:{MEETING.uid}"} <= set(lines)
    assert not any("RSVP" in line for line in lines)


def test_summer_time_ends_and_a_meeting_may_go_over_midnight() -> None:
    night = replace(
        MEETING,
        starts_at=datetime(2027, 10, 30, 20, tzinfo=UTC),
        ends_at=datetime(2027, 10, 31, 3, tzinfo=UTC),
    )
    assert (
        "Samstag, 30. Oktober 2027, 22:00 bis Sonntag, 31. Oktober 2027, 04:00 Uhr"
        in parts(mail(of=night))["text/plain"]
    )


def test_the_same_mail_has_the_same_bytes_but_for_the_boundaries() -> None:
    assert parsed(mail())["Message-ID"] == parsed(mail())["Message-ID"]
    others = {
        parsed(content)["Message-ID"]
        for content in (
            mail(),
            mail(MailKind.REMINDER),
            mail(of=replace(MEETING, sequence=1)),
            mail(to=replace(GUEST, number=8)),
        )
    }
    assert len(others) == 4


@pytest.mark.parametrize("kind", list(MailKind))
def test_each_text_that_ships_can_be_filled(kind: MailKind) -> None:
    check_template(mail_template(kind), kind)
    text = parts(mail(kind))["text/plain"]
    assert "{" not in text
    assert LONG_NAME in text


def test_an_own_text_comes_before_the_one_that_ships(tmp_path: Path) -> None:
    (tmp_path / "invitation.de.txt").write_text("Betreff: Kommt!\r\n\r\nHier: {Link}\r\n", "utf-8")
    own = mail_template(MailKind.INVITATION, tmp_path)
    check_template(own, MailKind.INVITATION)
    content = composed(MailKind.INVITATION, own, MEETING, GUEST, SENDER, AT, "k")
    assert parsed(content)["Subject"] == "Kommt!"
    assert parts(content)["text/plain"].startswith(f"Hier: {LINK}")
    assert mail_template(MailKind.REMINDER, tmp_path) == mail_template(MailKind.REMINDER)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("Hallo {Link}", "Betreff"),
        ("Betreff: x\n", "Betreff"),
        ("Betreff: x\n\n{Link} {Passwort}", "Passwort"),
        ("Betreff: x\n\nKommt!", "Link"),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused_with_the_reason(template: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        check_template(template, MailKind.INVITATION)


def test_a_returned_mail_names_its_invitation_and_nobody_forges_it() -> None:
    address = bounce_address(4711, SENDER, SECRET)
    assert address.endswith("@agentur.example")
    assert bounced_invitation(address, SECRET) == 4711
    assert bounced_invitation(address.upper(), SECRET) == 4711
    assert bounced_invitation(address.replace("4711", "4712"), SECRET) is None
    assert bounced_invitation(address, "another secret") is None
    assert bounced_invitation("antwort@agentur.example", SECRET) is None

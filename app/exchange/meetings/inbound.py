"""Mails that came in: answers of calendars (RFC 5546 REPLY), returned mails, and all else, told apart."""

from __future__ import annotations

import email
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any

from flufl.bounce import all_failures
from icalendar import Calendar

from app.domain.meetings import InboundKind
from app.exchange.meetings.mail import bounced_invitation

_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "maybe"}
# Fields in which servers say for whom a mail really was.
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


@dataclass(frozen=True)
class Reply:
    """What a calendar answered.

    Attributes
    ----------
    uid : str
        Of the meeting.
    attendee : str
        Address of who answered, in lower case.
    answer : str
        accepted, declined or maybe.
    sequence : int
        Of the invitation that is answered.
    stamped_at : datetime
        When, by the calendar.
    """

    uid: str
    attendee: str
    answer: str
    sequence: int
    stamped_at: datetime


@dataclass(frozen=True)
class Bounce:
    """A returned mail: of which invitation, if its envelope tells, which addresses, and whether for good."""

    invitation: int | None
    addresses: frozenset[str]
    is_permanent: bool
    status: str


@dataclass(frozen=True)
class Arrival:
    """A mail that came in.

    Attributes
    ----------
    key : str
        The same for the same mail.
    kind : InboundKind
    sender : str
        Address in lower case; empty where none can be read.
    subject : str
    replies : tuple of Reply
    bounce : Bounce or None
    """

    key: str
    kind: InboundKind
    sender: str
    subject: str
    replies: tuple[Reply, ...] = ()
    bounce: Bounce | None = None


def arrival(content: bytes, secret: str) -> Arrival:
    """Return what a mail says; one that nobody can parse is for a person to read.

    Parameters
    ----------
    content : bytes
    secret : str
        That of `app.exchange.meetings.mail.bounce_address`.
    """
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101  that is what the policy makes
    found = Arrival(
        hashlib.sha256(content).hexdigest(),
        InboundKind.UNKNOWN,
        parseaddr(_header(message, "From"))[1].lower(),
        _header(message, "Subject"),
    )
    # Parsers trip in many ways over what is no mail, and none may keep the next one from being read.
    try:
        replies = tuple(_replies(message))
        is_away = bool(replies) or _is_automatic_answer(message)
        bounce = None if is_away else _bounce(message, content, secret)
    except Exception:
        return found
    if replies:
        return replace(found, kind=InboundKind.REPLY, replies=replies)
    return found if bounce is None else replace(found, kind=InboundKind.BOUNCE, bounce=bounce)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:  # see `arrival`
        return ""


def _replies(message: EmailMessage) -> Iterator[Reply]:
    """Yield what the calendars in a mail answer; the same one may be in it twice."""
    seen = set()
    for part in message.walk():
        if part.get_content_type() not in ("text/calendar", "application/ics"):
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        try:
            calendar = Calendar.from_ical(payload.decode("utf-8", "replace"))
        except (ValueError, KeyError, IndexError):
            continue
        for reply in _replies_of(calendar):
            if reply not in seen:
                seen.add(reply)
                yield reply


def _replies_of(calendar: Any) -> Iterator[Reply]:
    # Neither organizer nor title are looked at: some programs leave them out or change them.
    if str(calendar.get("method", "")).upper() != "REPLY":
        return
    for event in calendar.walk("VEVENT"):
        attendees = event.get("attendee", [])
        for attendee in attendees if isinstance(attendees, list) else [attendees]:
            answer = _ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper())
            address = _address(str(attendee))
            if answer is not None and address and event.get("uid"):
                sequence = int(event.get("sequence", 0))
                yield Reply(str(event["uid"]), address, answer, sequence, _stamp(event))


def _address(text: str) -> str:
    """Return a calendar's address as a mail address in lower case."""
    plain = text.strip()
    return (plain[7:] if plain.lower().startswith("mailto:") else plain).strip().lower()


def _stamp(event: Any) -> datetime:
    """Return when a calendar says that it answered; the earliest instant where it does not."""
    stamp = event.get("dtstamp")
    at = getattr(stamp, "dt", None)
    if isinstance(at, datetime):
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if isinstance(at, date):
        return datetime(at.year, at.month, at.day, tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)


def _is_automatic_answer(message: EmailMessage) -> bool:
    """Return whether a program answers for somebody who is away: that is no returned mail."""
    kind = _header(message, "Auto-Submitted").strip().lower()
    return kind.startswith("auto-replied") and message.get_content_type() != "multipart/report"


def _bounce(message: EmailMessage, content: bytes, secret: str) -> Bounce | None:
    numbers = (
        bounced_invitation(address, secret)
        for name in _ENVELOPE
        for value in message.get_all(name, [])
        for address in str(value).replace("<", " ").replace(">", " ").replace(",", " ").split()
    )
    invitation = next((number for number in numbers if number is not None), None)
    legacy = email.message_from_bytes(content)
    temporary, permanent = all_failures(legacy)
    addresses = frozenset(address.decode("ascii", "replace").lower() for address in (*temporary, *permanent))
    status = _status(message)
    if not addresses and status is None and (invitation is None or not _is_from_a_server(message)):
        return None
    is_permanent = status.startswith("5") if status else bool(permanent)
    return Bounce(invitation, addresses, is_permanent, status or "")


def _is_from_a_server(message: EmailMessage) -> bool:
    sender = _header(message, "From").lower()
    return "mailer-daemon" in sender or "postmaster" in sender or _header(message, "Return-Path") == "<>"


def _status(message: EmailMessage) -> str | None:
    """Return the status that a report of delivery (RFC 3464) gives, such as 5.1.1."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in part.iter_parts() if part.is_multipart() else ():
                if status := str(block.get("Status", "")).strip():
                    return status.split()[0]
    return None

"""A mail of a meeting as finished bytes: text, HTML and the appointment (RFC 5545, 5546), for one recipient.

What is sent is composed once, where it is decided on; a retry sends the same bytes with the same Message-ID.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from babel.dates import format_date
from icalendar import Calendar, Event, vCalAddress, vText

from app.domain.meetings import MailKind
from app.domain.period import PARK_ZONE
from app.exchange.meetings.mail_texts import filled
from app.exchange.xml_text import xml_text

PRODUCT = "-//Nachbarschaft Heinenkamp//Anliegertreffen//DE"
# With one sign more the library would write encoded words of 76 signs, and RFC 2047 allows 75.
_POLICY = SMTP.clone(max_line_length=76)
_LINK = re.compile(r"https?://\S+")
_BUTTON = (
    "display:inline-block;padding:12px 22px;background:#1d5a8a;color:#ffffff;border-radius:6px;"
    "text-decoration:none;font-weight:bold"
)
_PAGE = (
    "margin:0;padding:24px;max-width:640px;font:16px/1.5 'Segoe UI',Roboto,Arial,sans-serif;"
    "color:#1f2328;background:#ffffff"
)


@dataclass(frozen=True)
class Appointment:
    """A meeting as a calendar knows it.

    Attributes
    ----------
    uid : str
        Never changes.
    sequence : int
        Rises when day, time or place change materially.
    starts_at, ends_at : datetime
        Aware.
    """

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    program: tuple[str, ...] = ()


@dataclass(frozen=True)
class MailSender:
    """Whose mail it is.

    Attributes
    ----------
    name : str
        Of the agency.
    address : str
        From which it comes, and to which a person answers.
    box : str
        The mailbox that is read by the service: calendars and servers answer to it.
    """

    name: str
    address: str
    box: str


@dataclass(frozen=True)
class Recipient:
    """Whom a mail is for, and why.

    Attributes
    ----------
    number : int
        Of the invitation.
    address, company : str
    name : str or None
        Of the person, where it is known.
    reason : str
        Why this company is invited, as a sentence.
    link, unsubscribe : str
        The invitation's own pages.
    """

    number: int
    address: str
    company: str
    reason: str
    link: str
    unsubscribe: str
    name: str | None = None


def composed(  # noqa: PLR0913, PLR0917  what a mail is made of
    kind: MailKind, template: str, of: Appointment, to: Recipient, sender: MailSender, at: datetime, key: str
) -> bytes:
    """Return a mail, with the line ends and the ASCII that every server takes.

    Parameters
    ----------
    kind : MailKind
    template : str
        Checked by `app.exchange.meetings.mail_texts.check_template`.
    of : Appointment
    to : Recipient
    sender : MailSender
    at : datetime
        When it is composed; aware.
    key : str
        What is the same for the same mail: so is its Message-ID.
    """
    subject, body = filled(template, _values(of, to, sender))
    why = _why(to, sender)
    made = EmailMessage(policy=_POLICY)
    made["From"] = Address(one_line(sender.name), addr_spec=sender.address)
    made["To"] = Address(one_line(to.name or to.company), addr_spec=to.address)
    made["Reply-To"] = sender.address
    made["Subject"] = subject
    made["Date"] = format_datetime(at.astimezone(UTC))
    made["Message-ID"] = message_id(key, sender)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(f"{body}\n\n-- \n{why}\n", cte="quoted-printable")
    made.add_alternative(_html(subject, body, why), subtype="html", cte="quoted-printable")
    method, calendar = invitation_calendar(kind, of, to, sender, at)
    made.add_alternative(calendar.decode(), subtype="calendar", params={"method": method}, cte="base64")
    made.add_attachment(
        calendar, maintype="application", subtype="ics", filename="termin.ics", params={"method": method}
    )
    # Put in front as it is: the folding of long headers would encode the address.
    return f"List-Unsubscribe: <{to.unsubscribe}>\r\n".encode() + (
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" + made.as_bytes()
    )


def message_id(key: str, sender: MailSender) -> str:
    """Return what identifies a mail in the world."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{_domain(sender.address)}>"


def bounce_address(number: int, sender: MailSender, secret: str) -> str:
    """Return the sender on the envelope, by which a returned mail names its invitation (VERP)."""
    local, _, domain = sender.box.rpartition("@")
    return f"{local}+{number}.{_signature(number, secret)}@{domain}"


def bounced_invitation(address: str, secret: str) -> int | None:
    """Return which invitation an address of `bounce_address` names; None for one that is forged or other."""
    match = re.fullmatch(r"[^@]*\+([0-9]{1,9})\.([0-9a-f]{20})@[^@]+", address.strip().lower())
    if match is None or not hmac.compare_digest(match[2], _signature(int(match[1]), secret)):
        return None
    return int(match[1])


def _signature(number: int, secret: str) -> str:
    return hmac.new(secret.encode(), f"bounce:{number}".encode(), hashlib.sha256).hexdigest()[:20]


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def one_line(text: str) -> str:
    """Return a text without line breaks, as a header may have it."""
    return " ".join(xml_text(text).split())


def _values(of: Appointment, to: Recipient, sender: MailSender) -> dict[str, str]:
    return {
        "Anrede": f"Guten Tag {to.name}," if to.name else "Guten Tag,",
        "Titel": of.title,
        "Termin": appointment_words(of),
        "Datum": f"{of.starts_at.astimezone(PARK_ZONE):%d.%m.%Y}",
        "Ort": of.place,
        "Programm": "\n".join(of.program),
        "Firma": to.company,
        "Link": to.link,
        "Absender": sender.name,
    }


def appointment_words(of: Appointment) -> str:
    """Return day and time of a meeting, ``Donnerstag, 22. April 2027, 14:00 bis 16:00 Uhr``."""
    starts, ends = (at.astimezone(PARK_ZONE) for at in (of.starts_at, of.ends_at))
    day = format_date(starts, "EEEE, d. MMMM y", "de")
    until = f"{ends:%H:%M}"
    if ends.date() != starts.date():
        until = f"{format_date(ends, 'EEEE, d. MMMM y', 'de')}, {until}"
    return f"{day}, {starts:%H:%M} bis {until} Uhr"


def _why(to: Recipient, sender: MailSender) -> str:
    return (
        f"Diese Nachricht erhält {to.company} von {sender.name}. {to.reason}\n"
        f"Keine weiteren Einladungen: {to.unsubscribe}"
    )


def _html(subject: str, body: str, why: str) -> str:
    blocks = "".join(f"<p>{_linked(block)}</p>" for block in body.split("\n\n"))
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
        f'<body style="{_PAGE}">{blocks}<hr style="border:0;border-top:1px solid #c9ced6">'
        f'<p style="font-size:13px;color:#57606a">{_linked(why, is_button=False)}</p></body></html>\n'
    )


def _linked(block: str, *, is_button: bool = True) -> str:
    """Return text as HTML; an address that stands alone becomes a button."""
    if is_button and _LINK.fullmatch(block):
        return f'<a href="{escape(block)}" style="{_BUTTON}">Antworten</a>'
    parts, end = [], 0
    for link in _LINK.finditer(block):
        parts += [escape(block[end : link.start()]), f'<a href="{escape(link[0])}">{escape(link[0])}</a>']
        end = link.end()
    return "".join([*parts, escape(block[end:])]).replace("\n", "<br>\n")


def invitation_calendar(
    kind: MailKind, of: Appointment, to: Recipient, sender: MailSender, at: datetime
) -> tuple[str, bytes]:
    """Return the method and the calendar that asks one attendee and nobody else, or calls it off."""
    is_off = kind is MailKind.CANCELLATION
    method = "CANCEL" if is_off else "REQUEST"
    made, event = appointment_calendar(method, of, at)
    event.add("organizer", _person(sender.box, sender.name))
    event.add("attendee", _attendee(to, is_off=is_off), encode=False)
    if not is_off:
        event.add("description", xml_text("\n".join([*of.program, "", f"Antworten: {to.link}"]).strip()))
    return method, bytes(made.to_ical())


def appointment_calendar(method: str, of: Appointment, at: datetime) -> tuple[Calendar, Event]:
    """Return a calendar with an appointment, and that one, to which organizer and attendees are to be added.

    Parameters
    ----------
    method : str
        PUBLISH, REQUEST or CANCEL.
    of : Appointment
    at : datetime
        When it is made.
    """
    made, event = Calendar(), Event()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    event.add("uid", of.uid)
    event.add("sequence", of.sequence)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", of.starts_at.astimezone(UTC))
    event.add("dtend", of.ends_at.astimezone(UTC))
    event.add("summary", one_line(of.title))
    event.add("location", one_line(of.place))
    made.add_component(event)
    return made, event


def _person(address: str, name: str) -> vCalAddress:
    made = vCalAddress(f"mailto:{address}")
    made.params["cn"] = vText(one_line(name))
    return made


def _attendee(to: Recipient, *, is_off: bool) -> vCalAddress:
    made = _person(to.address, to.name or to.company)
    made.params.update(cutype=vText("INDIVIDUAL"), role=vText("REQ-PARTICIPANT"))
    if not is_off:
        made.params.update(partstat=vText("NEEDS-ACTION"), rsvp=vText("TRUE"))
    return made

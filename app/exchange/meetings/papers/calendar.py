"""A meeting as a published calendar file (RFC 5546): for everybody, so it names no attendee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from icalendar import vCalAddress, vText

from app.exchange.meetings.mail import Appointment, appointment_calendar, one_line
from app.exchange.xml_text import xml_text

MEDIA_TYPE = "text/calendar"
# RFC 5546 asks for an organizer; this is how calendars write one without an address.
_NO_ADDRESS = "invalid:nomail"


def meeting_calendar(
    of: Appointment, organizers: Sequence[str], address: str | None, at: datetime, *, is_off: bool
) -> bytes:
    """Return a calendar of one event, with the uid and sequence of the invitations; or one that calls it off.

    Parameters
    ----------
    of : Appointment
    organizers : sequence of str
        Names of agencies.
    address : str or None
        Of the meeting's public page.
    at : datetime
        When it is made.
    is_off : bool
        Whether the meeting is cancelled.
    """
    made, event = appointment_calendar("CANCEL" if is_off else "PUBLISH", of, at)
    event.add("organizer", _organizer(organizers))
    if of.program:
        event.add("description", xml_text("\n".join(of.program)))
    if address:
        event.add("url", address)
    return bytes(made.to_ical())


def _organizer(names: Sequence[str]) -> vCalAddress:
    organizer = vCalAddress(_NO_ADDRESS)
    organizer.params["CN"] = vText(one_line(", ".join(names) or "Anliegertreffen"))
    return organizer

"""A tour as an iCalendar file (RFC 5545) that is published, replaced and called off (RFC 5546).

The uid of a tour never changes and its sequence rises with every change, so that a calendar which
holds an older state takes the newer one in its place. Times are in UTC; nobody is invited.
"""

from __future__ import annotations

from datetime import UTC

from icalendar import Calendar, Event, vCalAddress, vGeo

from app.domain.kinds import TimeBasis, TourStatus
from app.domain.localizer import Localizer, localizer_for
from app.domain.tours import TourPlan
from app.errors import N_
from app.exchange.tours.descriptions import leg_text, lon_lat, numbered, stop_text, utc
from app.exchange.xml_text import xml_text

MEDIA_TYPE = "text/calendar"
PRODUCT = "-//Nachbarschaft Heinenkamp//Rundgang//DE"
# A name of ours that is no host's, so that a tour is the same one wherever it is served from.
DOMAIN = "rundgang.nachbarschaft-heinenkamp"

# RFC 5546 asks for an organizer; this is how calendars write one without an address.
_ORGANIZER, _NO_ADDRESS = "Nachbarschaft Heinenkamp", "invalid:nomail"

_STATUS = {
    TourStatus.DRAFT: "TENTATIVE",
    TourStatus.PUBLISHED: "CONFIRMED",
    TourStatus.WITHDRAWN: "CANCELLED",
}


def calendar(papers: TourPlan) -> bytes:
    """Return a tour as a calendar of one event, in UTF-8 with lines as RFC 5545 folds them.

    A tour that is withdrawn gives the cancellation of its event. The same papers give the same bytes.
    """
    is_off = papers.status == TourStatus.WITHDRAWN
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "CANCEL" if is_off else "PUBLISH")
    made.add_component(_event(papers, localizer_for(papers.language)))
    return bytes(made.to_ical())


def uid(key: str) -> str:
    """Return the identity of the tour of this key in every calendar."""
    return f"{key}@{DOMAIN}"


def _event(papers: TourPlan, localizer: Localizer) -> Event:
    event = Event()
    event.add("uid", uid(papers.key))
    event.add("sequence", papers.sequence)
    event.add("status", _STATUS[papers.status])
    event.add("dtstamp", papers.changed_at.astimezone(UTC))
    event.add("last-modified", papers.changed_at.astimezone(UTC))
    event.add("dtstart", utc(papers.starts_at))
    if utc(papers.ends_at) > utc(papers.starts_at):
        # An end must be later than the start; without one the event is just that moment.
        event.add("dtend", utc(papers.ends_at))
    event.add("summary", _plain(papers.title))
    event.add("organizer", _organizer())
    event.add("class", "PUBLIC")
    if papers.status != TourStatus.WITHDRAWN:
        _add_tour(event, papers, localizer)
    return event


def _organizer() -> vCalAddress:
    organizer = vCalAddress(_NO_ADDRESS)
    organizer.params["CN"] = _ORGANIZER
    return organizer


def _add_tour(event: Event, papers: TourPlan, localizer: Localizer) -> None:
    first = papers.places[0]
    event.add("location", _plain(f"{first.name}, {papers.park_name}"))
    ((lon, lat),) = lon_lat([first.point.coords[0]])
    event.add("geo", vGeo((float(lat), float(lon))))
    event.add("description", _plain("\n".join(_lines(papers, localizer))))
    if papers.address:
        event.add("url", papers.address)


def _lines(papers: TourPlan, localizer: Localizer) -> list[str]:
    """Return the timetable line by line."""
    lines = []
    for stop in papers.places:
        parts = (numbered(stop, localizer), stop_text(stop, localizer, papers.toured_on))
        lines.append(": ".join(text for text in parts if text))
        leg = papers.leg_from(stop.position)
        if leg is not None:
            lines.append(f"   {leg_text(leg, localizer)}")
    if papers.time_basis == TimeBasis.ASSUMED:
        lines.append(localizer.translate(N_("Times are assumed.")))
    return [*lines, *(text for text in (papers.note, papers.attribution) if text)]


def _plain(text: str) -> str:
    """Return `text` without control characters, which neither XML nor a calendar may hold."""
    return (
        xml_text(text).replace("\r\n", "\n").replace("\r", "\n").replace("\x7f", "\N{REPLACEMENT CHARACTER}")
    )

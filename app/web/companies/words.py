"""What happens to companies, in words: cases, fields, periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from app.domain.kinds import BusinessCase, Intent, Precision, SuccessionKind, WalkwayAccess
from app.domain.meetings import Answer, MeetingState, Part, Presence
from app.errors import N_
from app.request import today
from app.web.formats import day_words
from app.web.language import language

CASE_NAMES = {
    BusinessCase.ARRIVAL: N_("Arrival"),
    BusinessCase.EXPANSION: N_("Expansion"),
    BusinessCase.MOVE: N_("Move within the park"),
    BusinessCase.SUCCESSION: N_("Succession"),
    BusinessCase.DEPARTURE: N_("Departure from the parks"),
    BusinessCase.PLACEMENT: N_("Placed on a plot"),
    BusinessCase.ATTRIBUTES: N_("Details"),
    BusinessCase.USE_CHANGE: N_("Change of use"),
    BusinessCase.MARKETING: N_("Marketing status"),
    BusinessCase.WALKWAY: N_("Way"),
    BusinessCase.PERMISSION: N_("Permission"),
    BusinessCase.DECISION: N_("Decision on neighbors"),
    BusinessCase.DAY: N_("Day put right"),
    BusinessCase.UNDO: N_("Undone"),
    BusinessCase.RESTORE: N_("Restored"),
    BusinessCase.IMPORT: N_("Import"),
    BusinessCase.LIST: N_("List"),
    BusinessCase.MEETING: N_("Meeting"),
    BusinessCase.OTHER: N_("Other change"),
}
INTENT_NAMES = {Intent.CORRECT: N_("corrected"), Intent.CHANGE: N_("changed")}
SUCCESSION_NAMES = {
    SuccessionKind.HANDOVER: N_("Handover: the business goes on under other owners"),
    SuccessionKind.TAKEOVER: N_("Takeover: another company takes over the place and its business"),
    SuccessionKind.RENAME: N_("Renaming: the same business as another company"),
    SuccessionKind.REPLACEMENT: N_("Replacement: something else comes here"),
}
ACCESS_NAMES = {
    WalkwayAccess.PERMISSION: N_("only with permission"),
    WalkwayAccess.PUBLIC: N_("everybody"),
}
TABLE_NAMES = {
    "company": N_("Company"),
    "company_version": N_("Company"),
    "occupancy": N_("Place of the company"),
    "plot_version": N_("Plot"),
    "facility": N_("Facility"),
    "plot_marketing": N_("Marketing status of the plot"),
    "park_version": N_("Business park"),
    "succession": N_("Succession"),
    "tour_stop": N_("Stop of a tour"),
    "walkway": N_("Way"),
    "walkway_permission": N_("Permission"),
    "adjacency_override": N_("Decision on neighbors"),
    "meeting": N_("Meeting"),
    "meeting_park": N_("Business park of the meeting"),
    "meeting_organization": N_("Agency of the meeting"),
    "meeting_item": N_("Item of the program"),
    "participation": N_("Part in a meeting"),
    "invitation_list": N_("List of invitations as it was sent"),
}
FIELD_NAMES = {
    "name": N_("Name"),
    "group_name": N_("Group"),
    "sector": N_("Sector"),
    "wz_code": N_("WZ code"),
    "wz_edition": N_("Edition of the WZ code"),
    "wz_basis": N_("Basis of the WZ code"),
    "website": N_("Website"),
    "internal_note": N_("Internal note"),
    "contact": N_("Whom to ask for"),
    "plot_id": N_("Plot"),
    "location_quality": N_("How sure the place is"),
    "street": N_("Street"),
    "house_number": N_("House number"),
    "note": N_("Note for everybody"),
    "source_id": N_("Source"),
    "as_of": N_("State of the source"),
    "use_status": N_("Use"),
    "status": N_("Marketing status"),
    "is_public": N_("Everybody sees it"),
    "label": N_("Name"),
    "capacity": N_("Capacity"),
    "capacity_reserve": N_("Capacity in reserve"),
    "amenities": N_("Amenities"),
    "fee": N_("Fee"),
    "security_level": N_("Security"),
    "url": N_("Website"),
    "kind": N_("Kind"),
    "geometry": N_("On the map"),
    "access": N_("Who may walk it"),
    "opening_hours": N_("Open to everybody"),
    "surface": N_("Surface"),
    "kerb": N_("Curb"),
    "granted_by": N_("Granted by"),
    "granted_on": N_("Granted on"),
    "opens_at": N_("Open from"),
    "closes_at": N_("Open until"),
    "relation": N_("Relation"),
    "reason": N_("Reason"),
    "decided_by": N_("Decided by"),
    "valid": N_("Period"),
    "title": N_("Title"),
    "held_on": N_("Day"),
    "starts_at": N_("Begins at"),
    "ends_at": N_("Ends at"),
    "state": N_("State"),
    "place": N_("Place"),
    "note_internal": N_("Internal note"),
    "part": N_("Part in the meeting"),
    "answer": N_("Answer"),
    "presence": N_("Presence"),
}
STATE_NAMES = {
    MeetingState.DRAFT: N_("Draft"),
    MeetingState.ANNOUNCED: N_("Announced"),
    MeetingState.HELD: N_("Held"),
    MeetingState.REPORTED: N_("Reported"),
    MeetingState.CANCELLED: N_("Cancelled"),
}
# What codes of meetings mean, by their columns.
MEETING_CODES: Mapping[str, Mapping[Any, str]] = {
    "state": STATE_NAMES,
    "part": {
        Part.GUEST: N_("guest"),
        Part.HOST: N_("host"),
        Part.COHOST: N_("second host"),
        Part.ORGANIZER: N_("organizer"),
    },
    "answer": {
        Answer.NONE: N_("no answer"),
        Answer.ACCEPTED: N_("accepted"),
        Answer.DECLINED: N_("declined"),
        Answer.MAYBE: N_("not sure yet"),
    },
    "presence": {
        Presence.UNKNOWN: N_("not known"),
        Presence.PRESENT: N_("there"),
        Presence.ABSENT: N_("absent"),
    },
}


def typed_day(day: date) -> str:
    """Return a day as a form takes it."""
    return f"{day:%d.%m.%Y}" if language() == "de" else day.isoformat()


def period_words(starts: date | None, ends: date | None, precision: Precision = Precision.DAY) -> str:
    """Return a period as people say it, with its last day; `ends` is the day after."""
    last = "" if ends is None else day_words(ends - timedelta(days=1))
    first = "" if starts is None else day_words(starts, precision)
    if starts is None:
        template = N_("up to and including %(last)s") if last else N_("as far back as is known")
    elif starts > today():
        template = (
            N_("planned from %(first)s up to and including %(last)s")
            if last
            else N_("planned from %(first)s")
        )
    else:
        template = N_("%(first)s up to and including %(last)s") if last else N_("since %(first)s")
    return str(gettext(template, first=first, last=last))

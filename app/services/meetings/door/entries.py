"""What phones note at the door: taken into the meeting's log once each, in whatever order it arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.meetings.door import door_companies
from app.db.meetings.participation import events_of
from app.domain.meetings import EventActor
from app.domain.meetings.door import DoorCompany, DoorEntry, event_of, shown_events
from app.domain.meetings.participation import Event
from app.errors import N_, ConflictError, InputError
from app.services.meetings.participation import record

# A phone counts on from what it has seen; one that is so far ahead has not counted.
_FARTHEST = 10_000


@dataclass(frozen=True)
class DoorLog:
    """What a phone gets.

    Attributes
    ----------
    companies : sequence of DoorCompany
    events : list of dict
        See `app.domain.meetings.door.shown_events`.
    state : str
        Another one as soon as the log is.
    """

    companies: Sequence[DoorCompany]
    events: list[dict[str, Any]]
    state: str


def door_log(connection: Connection, door: RowMapping) -> DoorLog:
    """Return a meeting's companies and what was said of them."""
    companies = door_companies(connection, door["meeting_id"], door["held_on"])
    events = events_of(connection, door["meeting_id"])
    seen = repr([str(event.event_id) for event in events]).encode()
    shown = shown_events(events, {one.company_id: one.key for one in companies})
    return DoorLog(companies, shown, hashlib.sha256(seen).hexdigest()[:32])


def take_in(connection: Connection, door: RowMapping, entries: Sequence[DoorEntry]) -> int:
    """Add what a phone noted to a meeting's log, all or nothing; return how many were new.

    Raises
    ------
    InputError
        For a company that is not one of this meeting's.
    ConflictError
        For what counts too far ahead, takes back what was not noted at the door, or is of another meeting.
    """
    companies = door_companies(connection, door["meeting_id"], door["held_on"])
    ids = {one.key: one.company_id for one in companies}
    for entry in entries:
        if entry.company is not None and entry.company not in ids:
            raise InputError(N_("“%(key)s” is no company of this meeting."), key=entry.company[:60])
    events = [event_of(entry, ids.get(entry.company or "")) for entry in entries]
    known = {event.event_id: event for event in events_of(connection, door["meeting_id"])}
    highest = max((event.counter for event in known.values()), default=0)
    for event in events:
        _check(event, known, highest)
    n_new = record(connection, door["meeting_id"], events)
    stored = {event.event_id for event in events_of(connection, door["meeting_id"])}
    if not stored.issuperset(event.event_id for event in events):
        raise ConflictError(N_("This entry belongs to another meeting."))
    return n_new


def _check(event: Event, known: Mapping[Any, Event], highest: int) -> None:
    if event.event_id not in known and event.counter > highest + _FARTHEST:
        raise ConflictError(N_("This phone counts too far ahead; please open the page once more."))
    # What it takes back may still be on the way from another phone.
    taken = None if event.of is None else known.get(event.of)
    if taken is None:
        return
    if taken.actor != EventActor.DOOR or (taken.kind, taken.company_id) != (event.kind, event.company_id):
        raise ConflictError(N_("Only what was noted at the door can be taken back there."))

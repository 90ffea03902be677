"""Firms that came and that nobody knew at the door: staff find out whose they are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import Change, begin_change_set
from app.db.companies.companies import company_ids
from app.db.meetings.participation import events_of
from app.domain.meetings import EventActor, EventKind, Presence, PresenceBasis
from app.domain.meetings.participation import Event, in_force
from app.errors import N_, ConflictError, InputError
from app.services.meetings.participation import record_by_staff, take_back


def open_walk_ins(connection: Connection, meeting_id: int) -> Sequence[Event]:
    """Return what was typed at the door and waits for staff, in its order."""
    return [
        event
        for event in in_force(events_of(connection, meeting_id))
        if event.kind == EventKind.NOTE and event.actor == EventActor.DOOR
    ]


def settle_walk_in(
    connection: Connection, meeting: RowMapping, event_id: str, company: str | None, by: tuple[Change, int]
) -> None:
    """Let a firm that was typed at the door be a company that was there, or be done with.

    Parameters
    ----------
    connection : Connection
    meeting : RowMapping
    event_id : str
        Of the note.
    company : str or None
        Key of a company; None when the note is done with.
    by : tuple of Change and int
        The change set, and who of the staff it is.

    Raises
    ------
    ConflictError
        When the note waits no longer.
    InputError
        For a company that does not exist.
    """
    change, staff_id = by
    meeting_id = meeting["meeting_id"]
    waiting = {str(event.event_id) for event in open_walk_ins(connection, meeting_id)}
    if event_id not in waiting:
        raise ConflictError(N_("Somebody else has decided on this meanwhile."))
    begin_change_set(connection, change)
    if company is not None:
        number = company_ids(connection).get(company)
        if number is None:
            raise InputError(N_("There is no company “%(key)s”."), key=company[:60])
        value = {"presence": Presence.PRESENT, "basis": PresenceBasis.DOOR}
        record_by_staff(connection, meeting_id, EventKind.PRESENCE, {number: value}, staff_id)
    take_back(connection, meeting_id, [uuid.UUID(event_id)], staff_id=staff_id)

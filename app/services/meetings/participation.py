"""The one way by which something is said of companies' parts in a meeting."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from app.db.meetings.participation import append, events_of, last_counter
from app.domain.meetings import EventActor, EventKind
from app.domain.participation import Event

# Who counts where the server itself makes the events.
SERVER = "server"


def record(connection: Connection, meeting_id: int, events: Iterable[Event]) -> int:
    """Add events to a meeting's log and fold it, in the transaction of `connection`.

    Returns
    -------
    int
        How many were new; saying the same event again is saying nothing.
    """
    return append(connection, meeting_id, events)


def say(
    connection: Connection,
    meeting_id: int,
    kind: EventKind,
    values: Mapping[int | None, Mapping[str, Any]],
    staff_id: int | None = None,
) -> list[Event]:
    """Record what staff say, the last in the meeting's order.

    Parameters
    ----------
    connection : Connection
    meeting_id : int
    kind : EventKind
    values : mapping
        By the companies' ids, see `Event.value`; None stands for the whole meeting.
    staff_id : int, optional
    """
    counter = last_counter(connection, meeting_id) + 1
    actor, now = EventActor.STAFF, datetime.now(UTC)
    events = [
        Event(uuid.uuid4(), company_id, kind, counter, SERVER, actor, value, None, now, staff_id)
        for company_id, value in values.items()
    ]
    record(connection, meeting_id, events)
    return events


def take_back(
    connection: Connection, meeting_id: int, ids: Iterable[uuid.UUID], *, staff_id: int | None = None
) -> None:
    """Take named events of a meeting's log back."""
    known = {event.event_id: event for event in events_of(connection, meeting_id)}
    counter = last_counter(connection, meeting_id) + 1
    back = [
        replace(
            known[one], event_id=uuid.uuid4(), of=one, value={}, counter=counter, device=SERVER,
            actor=EventActor.STAFF, client_time=None, staff_id=staff_id,
        )
        for one in ids
    ]  # fmt: skip
    record(connection, meeting_id, back)

"""The one way by which something is said of companies' parts in a meeting."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from app.db.meetings.participation import SERVER, append, last_counter, taking_back
from app.domain.meetings import EventActor, EventKind
from app.domain.meetings.participation import Event


def record(connection: Connection, meeting_id: int, events: Iterable[Event]) -> int:
    """Add events to a meeting's log and fold it, in the transaction of `connection`.

    Returns
    -------
    int
        How many were new; saying the same event again is saying nothing.
    """
    return append(connection, meeting_id, events)


def record_by_staff(
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
    append(connection, meeting_id, taking_back(connection, meeting_id, ids, staff_id))

"""The one way by which something is said of companies' parts in a meeting."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import Change, begin_change_set
from app.db.meetings.participation import SERVER, append, axes_of, events_of, last_counter, taking_back
from app.domain.meetings import AttendanceKnown, EventActor, EventKind, MeetingState, Presence, PresenceBasis
from app.domain.meetings.participation import Axes, Event, in_force
from app.domain.period import PARK_ZONE
from app.errors import N_, ConflictError


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


def note_presence(
    connection: Connection,
    meeting: RowMapping,
    presences: Mapping[int, Presence],
    change: Change,
    staff_id: int,
) -> int:
    """Record which companies came, as the paper list or somebody says.

    Parameters
    ----------
    connection : Connection
    meeting : RowMapping
        See `app.services.meetings.planning.meeting_of`.
    presences : mapping
        By the companies' ids. What is unknown takes back whatever was recorded of the company's presence.
    change : Change
    staff_id : int

    Returns
    -------
    int
        Of how many companies something else is known now.

    Raises
    ------
    ConflictError
        The meeting's day has not come, it was cancelled, or an invited company of a closed list would become
        unknown.
    """
    _check_day(meeting)
    stored = axes_of(connection, meeting["meeting_id"])
    changed = {
        company: presence
        for company, presence in presences.items()
        if presence != stored.get(company, Axes()).presence
    }
    is_closed = meeting["attendance_known"] == AttendanceKnown.COMPLETE
    unknown = [company for company, presence in changed.items() if presence == Presence.UNKNOWN]
    if is_closed and any(stored[company].invited_at for company in unknown):
        raise ConflictError(N_("The list is closed: open it before a company becomes unknown again."))
    begin_change_set(connection, change)
    known: dict[int | None, dict[str, str]] = {
        company: {"presence": presence, "basis": PresenceBasis.LIST}
        for company, presence in changed.items()
        if presence != Presence.UNKNOWN
    }
    record_by_staff(connection, meeting["meeting_id"], EventKind.PRESENCE, known, staff_id)
    _take_back_all(connection, meeting["meeting_id"], EventKind.PRESENCE, unknown, staff_id)
    return len(changed)


def close_list(connection: Connection, meeting: RowMapping, change: Change, staff_id: int) -> None:
    """Let all invited companies of which it is not known whether they came be absent; can be taken back."""
    _check_day(meeting)
    if meeting["attendance_known"] == AttendanceKnown.COMPLETE:
        raise ConflictError(N_("The list is closed already."))
    begin_change_set(connection, change)
    record_by_staff(connection, meeting["meeting_id"], EventKind.CLOSE, {None: {}}, staff_id)


def open_list(connection: Connection, meeting: RowMapping, change: Change, staff_id: int) -> None:
    """Take back that the list was closed: who was absent by that alone is unknown again."""
    if meeting["attendance_known"] != AttendanceKnown.COMPLETE:
        raise ConflictError(N_("The list is not closed."))
    begin_change_set(connection, change)
    _take_back_all(connection, meeting["meeting_id"], EventKind.CLOSE, [None], staff_id)


def _take_back_all(
    connection: Connection,
    meeting_id: int,
    kind: EventKind,
    companies: Iterable[int | None],
    staff_id: int,
) -> None:
    wanted = set(companies)
    standing = in_force(events_of(connection, meeting_id)) if wanted else []
    named = [event.event_id for event in standing if event.kind == kind and event.company_id in wanted]
    take_back(connection, meeting_id, named, staff_id=staff_id)


def _check_day(meeting: RowMapping) -> None:
    if meeting["held_on"] > datetime.now(PARK_ZONE).date():
        raise ConflictError(N_("The day of this meeting has not come yet."))
    if meeting["state"] == MeetingState.CANCELLED:
        raise ConflictError(N_("This meeting was cancelled."))

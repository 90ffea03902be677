"""The log of what was said of companies' parts in meetings, and its fold."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from app.db.models import Meeting, Participation, ParticipationEvent
from app.domain.meetings import EventActor, EventKind
from app.domain.meetings.participation import Axes, Event, attendance_known, fold

# Who counts where the server itself makes the events.
SERVER = "server"
_PARTICIPANTS = """
SELECT * FROM (SELECT c.key, a.*, a.invited_at IS NOT NULL AS is_invited, coalesce(
    (SELECT v.name FROM company_version v WHERE v.company_id = a.company_id
     ORDER BY v.valid @> m.held_on DESC, v.valid DESC LIMIT 1), c.key) AS name
FROM participation a JOIN company c USING (company_id) JOIN meeting m USING (meeting_id)
WHERE a.meeting_id = :meeting) known ORDER BY name COLLATE "de-x-icu", key
"""
_COLUMNS = tuple(one.name for one in fields(Event))


def events_of(connection: Connection, meeting_id: int) -> list[Event]:
    """Return a meeting's log in its order."""
    columns = [getattr(ParticipationEvent, name) for name in _COLUMNS]
    found = connection.execute(select(*columns).where(ParticipationEvent.meeting_id == meeting_id)).mappings()
    events = [
        Event(**{**row, "kind": EventKind(row["kind"]), "actor": EventActor(row["actor"])}) for row in found
    ]
    return sorted(events, key=lambda event: event.order)


def last_counter(connection: Connection, meeting_id: int) -> int:
    """Return the highest counter of a meeting's log; what is said next counts higher. 0 for an empty one."""
    statement = select(func.coalesce(func.max(ParticipationEvent.counter), 0))
    return connection.execute(statement.where(ParticipationEvent.meeting_id == meeting_id)).scalar_one()


def taking_back(
    connection: Connection, meeting_id: int, ids: Iterable[uuid.UUID], staff_id: int | None = None
) -> list[Event]:
    """Return the events, not stored yet, that take named ones of a meeting's log back."""
    known = {event.event_id: event for event in events_of(connection, meeting_id)}
    counter = last_counter(connection, meeting_id) + 1
    return [
        Event(
            uuid.uuid4(), known[one].company_id, known[one].kind, counter, SERVER, EventActor.STAFF,
            of=one, staff_id=staff_id,
        )
        for one in ids
    ]  # fmt: skip


def append(connection: Connection, meeting_id: int, events: Iterable[Event]) -> int:
    """Add events to a meeting's log and write its fold; what is there already is not written again.

    Returns
    -------
    int
        How many were new.
    """
    # One after another: each folds all that was written before.
    connection.execute(select(Meeting.meeting_id).where(Meeting.meeting_id == meeting_id).with_for_update())
    rows = [{**asdict(event), "meeting_id": meeting_id} for event in events]
    n_new = 0
    for row in rows:
        statement = insert(ParticipationEvent).values(row).on_conflict_do_nothing()
        n_new += connection.execute(statement).rowcount
    if n_new:
        refold(connection, meeting_id)
    return n_new


def refold(connection: Connection, meeting_id: int) -> None:
    """Write what a meeting's log amounts to; rows that stay as they are are not touched."""
    events = events_of(connection, meeting_id)
    before, now = axes_of(connection, meeting_id), fold(events)
    for company_id, axes in now.items():
        if before.get(company_id) != axes:
            _write(connection, meeting_id, company_id, axes)
    _drop(connection, meeting_id, before.keys() - now.keys())
    known = attendance_known(events)
    own = (Meeting.meeting_id == meeting_id, Meeting.attendance_known != known)
    connection.execute(update(Meeting).where(*own).values(attendance_known=known))


def axes_of(connection: Connection, meeting_id: int) -> dict[int, Axes]:
    """Return what is known of each company's part in a meeting."""
    names = [one.name for one in fields(Axes)]
    columns = [getattr(Participation, name) for name in names]
    statement = select(Participation.company_id, *columns).where(Participation.meeting_id == meeting_id)
    return {row.company_id: Axes(*row[1:]) for row in connection.execute(statement)}


def participants(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return the companies of which something is known at a meeting, by name, with what is known."""
    return connection.execute(text(_PARTICIPANTS), {"meeting": meeting_id}).mappings().all()


def _write(connection: Connection, meeting_id: int, company_id: int, axes: Axes) -> None:
    values: dict[str, Any] = asdict(axes)
    row = {"meeting_id": meeting_id, "company_id": company_id, **values}
    statement = insert(Participation).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["meeting_id", "company_id"], set_=values)
    )


def _drop(connection: Connection, meeting_id: int, companies: Collection[int]) -> None:
    if companies:
        query = "DELETE FROM participation WHERE meeting_id = :meeting AND company_id = ANY(:companies)"
        connection.execute(text(query), {"meeting": meeting_id, "companies": list(companies)})

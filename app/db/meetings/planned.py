"""Meetings as their staff plan them: all that is stored of one, and writing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.engine import RowMapping

from app.db.models import Meeting, MeetingItem, MeetingOrganization, MeetingPark
from app.db.versions import refusals_in_words

_NAME = """
    (SELECT name FROM company_version v WHERE v.company_id = m.host_company_id
     ORDER BY v.valid @> m.held_on DESC, v.valid DESC LIMIT 1)
"""
_MEETINGS = f"""
SELECT m.*, coalesce({_NAME}, f.name) AS host_name, c.key AS host_company, f.key AS host_facility,
    t.key AS tour, t.title AS tour_title,
    ARRAY(SELECT p.key FROM meeting_park mp JOIN park p USING (park_id) WHERE mp.meeting_id = m.meeting_id
          ORDER BY p.park_id <> m.park_id, p.key) AS parks,
    ARRAY(SELECT organization_id FROM meeting_organization mo WHERE mo.meeting_id = m.meeting_id
          ORDER BY organization_id) AS organizations,
    (SELECT count(*) FROM participation a WHERE a.meeting_id = m.meeting_id AND invited_at IS NOT NULL)
        AS n_invited,
    (SELECT count(*) FROM participation a WHERE a.meeting_id = m.meeting_id AND answer = 'accepted')
        AS n_accepted,
    (SELECT count(*) FROM participation a WHERE a.meeting_id = m.meeting_id AND presence = 'present')
        AS n_present
FROM meeting m
LEFT JOIN company c ON c.company_id = m.host_company_id
LEFT JOIN facility f ON f.facility_id = m.host_facility_id
LEFT JOIN tour t ON t.tour_id = m.tour_id
"""  # noqa: S608  no value is in it


def planned_meetings(connection: Connection) -> Sequence[RowMapping]:
    """Return all meetings, the latest first, with names and counts."""
    return connection.execute(text(f"{_MEETINGS} ORDER BY m.held_on DESC, m.key")).mappings().all()


def planned_meeting(connection: Connection, key: str) -> RowMapping | None:
    """Return a meeting with names and counts."""
    return connection.execute(text(f"{_MEETINGS} WHERE m.key = :key"), {"key": key}).mappings().first()


def write_meeting(
    connection: Connection,
    meeting_id: int | None,
    values: Mapping[str, Any],
    lists: Mapping[type, Collection[Mapping[str, Any]]],
) -> int:
    """Write a meeting's row and, as they are named, its parks, organizations and items; return its id."""
    with refusals_in_words("meeting"):
        if meeting_id is None:
            made = insert(Meeting).values(values).returning(Meeting.meeting_id)
            meeting_id = int(connection.execute(made).scalar_one())
        elif values:
            own = update(Meeting).where(Meeting.meeting_id == meeting_id)
            connection.execute(own.values(values))
        for table, rows in lists.items():
            _replace(connection, table, meeting_id, rows)
    return meeting_id


_LISTS: dict[type, tuple[str, ...]] = {
    MeetingPark: ("park_id",),
    MeetingOrganization: ("organization_id",),
    MeetingItem: ("position", "starts_at", "title", "note"),
}


def _replace(
    connection: Connection, table: Any, meeting_id: int, rows: Collection[Mapping[str, Any]]
) -> None:
    names = _LISTS[table]
    columns = [getattr(table, name) for name in names]
    stored = connection.execute(select(*columns).where(table.meeting_id == meeting_id)).all()
    if sorted(map(repr, stored)) == sorted(repr(tuple(row[name] for name in names)) for row in rows):
        return
    connection.execute(delete(table).where(table.meeting_id == meeting_id))
    if rows:
        connection.execute(insert(table), [{"meeting_id": meeting_id, **row} for row in rows])


def organization_of(connection: Connection, staff_id: int) -> int | None:
    """Return for whom a person works."""
    query = "SELECT organization_id FROM staff WHERE staff_id = :staff_id"
    found: int | None = connection.execute(text(query), {"staff_id": staff_id}).scalar()
    return found


def tours_of(connection: Connection) -> Sequence[RowMapping]:
    """Return the walks a meeting can have, the latest first."""
    query = (
        "SELECT key, title, tour_id, starts_at FROM tour WHERE status <> 'withdrawn' ORDER BY starts_at DESC"
    )
    return connection.execute(text(query)).mappings().all()


def facility_ids(connection: Connection) -> Mapping[str, tuple[int, str]]:
    """Return id and name of each facility of today, by key."""
    query = "SELECT key, facility_id, name FROM facility WHERE upper_inf(valid) ORDER BY name"
    return {row.key: (row.facility_id, row.name) for row in connection.execute(text(query))}

"""Links of the door of a meeting, and which companies may be searched there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.engine import RowMapping

from app.db.models import DoorLink, Meeting
from app.domain.meetings.door import DoorCompany

_MEETING = ("key", "title", "held_on", "starts_at", "ends_at", "place", "state")
_COMPANIES = """
WITH named AS (
    SELECT company_id FROM meeting_park JOIN occupancy o USING (park_id)
    WHERE meeting_id = :meeting AND o.valid @> CAST(:on AS date)
    UNION SELECT company_id FROM participation WHERE meeting_id = :meeting
    UNION SELECT company_id FROM participation_event WHERE meeting_id = :meeting AND company_id IS NOT NULL
    UNION SELECT company_id FROM invitation WHERE meeting_id = :meeting AND revoked_at IS NULL
)
SELECT company_id, key, (
    SELECT name FROM company_version v WHERE v.company_id = c.company_id
    ORDER BY v.valid @> CAST(:on AS date) DESC, v.valid DESC LIMIT 1
) AS name
FROM named JOIN company c USING (company_id)
ORDER BY name, key
"""


def put_link(connection: Connection, meeting_id: int, valid_on: date, made_by: int | None) -> int:
    """Store a link that nobody has yet, and return its number."""
    values = {"meeting_id": meeting_id, "valid_on": valid_on, "made_by": made_by}
    made = insert(DoorLink).values(**values, token_sha256=secrets.token_bytes(32))
    return int(connection.execute(made.returning(DoorLink.door_link_id)).scalar_one())


def set_link_token(connection: Connection, number: int, token_sha256: bytes) -> None:
    """Let a link have a token."""
    own = update(DoorLink).where(DoorLink.door_link_id == number)
    connection.execute(own.values(token_sha256=token_sha256))


def link_of_token(connection: Connection, token_sha256: bytes) -> RowMapping | None:
    """Return the link of a token that was not revoked, with its meeting."""
    meeting = [getattr(Meeting, name) for name in _MEETING]
    statement = (
        select(DoorLink.meeting_id, DoorLink.valid_on, *meeting)
        .join(Meeting, Meeting.meeting_id == DoorLink.meeting_id)
        .where(DoorLink.token_sha256 == token_sha256, DoorLink.revoked_at.is_(None))
    )
    return connection.execute(statement).mappings().first()


def last_link(connection: Connection, meeting_id: int) -> RowMapping | None:
    """Return the link of a meeting that was made last and not revoked."""
    mine = DoorLink.meeting_id == meeting_id, DoorLink.revoked_at.is_(None)
    statement = select(DoorLink.__table__).where(*mine).order_by(DoorLink.door_link_id.desc()).limit(1)
    return connection.execute(statement).mappings().first()


def revoke_links(connection: Connection, meeting_id: int, at: datetime) -> None:
    """Let no link of a meeting open anything any more."""
    mine = DoorLink.meeting_id == meeting_id, DoorLink.revoked_at.is_(None)
    connection.execute(update(DoorLink).where(*mine).values(revoked_at=at))


def door_companies(connection: Connection, meeting_id: int, on: date) -> Sequence[DoorCompany]:
    """Return who is invited, or is in a park of the meeting on a day: the companies, no persons."""
    rows = connection.execute(text(_COMPANIES), {"meeting": meeting_id, "on": on})
    return [DoorCompany(*row) for row in rows]

"""Sessions of those who signed in: a row each, for as long as it may be used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, text, update
from sqlalchemy.engine import RowMapping

from app.db.models import Organization, Staff, StaffSession
from app.db.people.staff import PERSON


def store_session(connection: Connection, token_hash: str, staff_id: int, device: str, at: datetime) -> None:
    """Store a session that begins."""
    values = {"token_hash": token_hash, "staff_id": staff_id, "device": device}
    connection.execute(insert(StaffSession).values(**values, created_at=at, last_seen_at=at))


def session_of(
    connection: Connection, token_hash: str, seen_after: datetime, begun_after: datetime
) -> RowMapping | None:
    """Return the person of a session, and when it was seen last; None when it ended."""
    statement = (
        select(*PERSON, StaffSession.last_seen_at)
        .outerjoin(Organization)
        .join(StaffSession, StaffSession.staff_id == Staff.staff_id)
        .where(StaffSession.token_hash == token_hash, Staff.is_active, _is_open(seen_after, begun_after))
    )
    return connection.execute(statement).mappings().first()


def sessions_of(
    connection: Connection, staff_id: int, seen_after: datetime, begun_after: datetime
) -> Sequence[RowMapping]:
    """Return the rows of the open sessions of a person, the last used first."""
    statement = (
        select(StaffSession.__table__)
        .where(StaffSession.staff_id == staff_id, _is_open(seen_after, begun_after))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.token_hash)
    )
    return connection.execute(statement).mappings().all()


def note_seen(connection: Connection, token_hash: str, at: datetime) -> None:
    """Write down that a session is used; where another request does the same, leave it to that one."""
    # Nobody reads on only when this is on disk, and nothing is lost with it.
    connection.execute(text("SET LOCAL synchronous_commit = off"))
    mine = select(StaffSession.token_hash).where(
        StaffSession.token_hash == token_hash, StaffSession.last_seen_at < at
    )
    free = mine.with_for_update(skip_locked=True).scalar_subquery()
    connection.execute(update(StaffSession).where(StaffSession.token_hash == free).values(last_seen_at=at))


def end_session(connection: Connection, staff_id: int, token_hash: str) -> bool:
    """Remove a session of a person; return False where the person has no such one."""
    mine = and_(StaffSession.staff_id == staff_id, StaffSession.token_hash == token_hash)
    return connection.execute(delete(StaffSession).where(mine)).rowcount > 0


def end_sessions(connection: Connection, staff_id: int, *, but: str = "") -> None:
    """Remove all sessions of a person but the one of a hash."""
    others = and_(StaffSession.staff_id == staff_id, StaffSession.token_hash != but)
    connection.execute(delete(StaffSession).where(others))


def clear_sessions(connection: Connection, seen_after: datetime, begun_after: datetime) -> None:
    """Remove everybody's sessions that ended by themselves."""
    ended = or_(StaffSession.last_seen_at <= seen_after, StaffSession.created_at <= begun_after)
    connection.execute(delete(StaffSession).where(ended))


def _is_open(seen_after: datetime, begun_after: datetime) -> ColumnElement[bool]:
    return and_(StaffSession.last_seen_at > seen_after, StaffSession.created_at > begun_after)

"""Who may change data, and failed attempts to sign in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import SignInFailure, Staff


def all_staff(connection: Connection) -> Sequence[RowMapping]:
    """Return the rows of everybody, by name."""
    return connection.execute(select(Staff.__table__).order_by(Staff.name)).mappings().all()


def store_staff(connection: Connection, name: str, password_hash: str) -> bool:
    """Store a person; return False when the name is taken."""
    statement = upsert(Staff).values(name=name, password_hash=password_hash).on_conflict_do_nothing()
    return connection.execute(statement.returning(Staff.staff_id)).first() is not None


def change_staff(connection: Connection, staff_id: int, **values: object) -> None:
    """Change columns of a person."""
    connection.execute(update(Staff).where(Staff.staff_id == staff_id).values(values))


def wait_for_attempts(connection: Connection) -> None:
    """Wait until nobody else counts attempts to sign in; the turn ends with the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('nachbarschaft: sign in'))"))


def note_failure(connection: Connection, name: str, origin: str, at: datetime) -> None:
    """Write down an attempt to sign in that has not succeeded yet."""
    connection.execute(insert(SignInFailure).values(name=name, origin=origin, happened_at=at))


def clear_failures(connection: Connection, before: datetime) -> None:
    """Forget the attempts before an instant."""
    connection.execute(delete(SignInFailure).where(SignInFailure.happened_at < before))


def count_failures(connection: Connection, name: str, origin: str, since: datetime) -> tuple[int, int, int]:
    """Return how many attempts failed after an instant: at the name from the origin, from it, at the name."""
    is_name, is_origin = SignInFailure.name == name, SignInFailure.origin == origin
    counts = (func.count().filter(each) for each in (and_(is_name, is_origin), is_origin, is_name))
    recent = SignInFailure.happened_at > since
    row = connection.execute(select(*counts).where(recent, or_(is_name, is_origin))).one()
    return int(row[0]), int(row[1]), int(row[2])


def forget_failures(connection: Connection, name: str, origin: str) -> None:
    """Forget the failed attempts at a name from an origin."""
    connection.execute(
        delete(SignInFailure).where(SignInFailure.name == name, SignInFailure.origin == origin)
    )

"""Who may change data, and failed attempts to sign in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import SignInFailure, Staff

# After so long a failed attempt no longer counts; after a day it is forgotten.
_COUNTS = text("interval '15 minutes'")
_KEPT = text("interval '1 day'")


def staff_by_name(connection: Connection, name: str) -> RowMapping | None:
    """Return the row of a name, case aside; None when there is none."""
    statement = select(Staff.__table__).where(func.lower(Staff.name) == name.lower())
    return connection.execute(statement).mappings().first()


def staff_by_session(connection: Connection, staff_id: int, session: str) -> RowMapping | None:
    """Return the row of an active person whose session is still this one; None otherwise."""
    statement = select(Staff.__table__).where(
        Staff.staff_id == staff_id, Staff.session == session, Staff.is_active
    )
    return connection.execute(statement).mappings().first()


def all_staff(connection: Connection) -> Sequence[RowMapping]:
    """Return the name and whether it is active of everybody, by name."""
    return connection.execute(select(Staff.name, Staff.is_active).order_by(Staff.name)).mappings().all()


def store_staff(connection: Connection, name: str, password_hash: str, session: str) -> bool:
    """Store a person; return False when the name, case aside, is taken."""
    if staff_by_name(connection, name) is not None:
        return False
    values = {"name": name, "password_hash": password_hash, "session": session}
    statement = upsert(Staff).values(values).on_conflict_do_nothing().returning(Staff.staff_id)
    return connection.execute(statement).first() is not None


def change_staff(connection: Connection, staff_id: int, **values: object) -> None:
    """Change columns of a person."""
    connection.execute(update(Staff).where(Staff.staff_id == staff_id).values(values))


def note_failure(connection: Connection, name: str, origin: str) -> None:
    """Write down an attempt to sign in that has not succeeded yet, and forget those of yesterday."""
    connection.execute(delete(SignInFailure).where(SignInFailure.happened_at < func.now() - _KEPT))
    connection.execute(insert(SignInFailure).values(name=name.lower(), origin=origin))


def count_failures(connection: Connection, name: str, origin: str) -> tuple[int, int, int]:
    """Return how many attempts failed lately: at this name from this origin, from it, at the name."""
    is_name, is_origin = SignInFailure.name == name.lower(), SignInFailure.origin == origin
    counts = (func.count().filter(each) for each in (and_(is_name, is_origin), is_origin, is_name))
    recent = SignInFailure.happened_at > func.clock_timestamp() - _COUNTS
    row = connection.execute(select(*counts).where(recent, or_(is_name, is_origin))).one()
    return int(row[0]), int(row[1]), int(row[2])


def forget_failures(connection: Connection, name: str, origin: str) -> None:
    """Forget the failed attempts at a name from an origin: it was its owner."""
    connection.execute(
        delete(SignInFailure).where(SignInFailure.name == name.lower(), SignInFailure.origin == origin)
    )

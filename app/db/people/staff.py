"""Who may sign in, and failed attempts to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import ApiToken, Organization, SecondFactor, SignInFailure, Staff, StaffSession
from app.domain.kinds import AccessRole

# What is known of a person besides secrets.
PERSON = (
    Staff.staff_id,
    Staff.name,
    Staff.role,
    Staff.is_active,
    Staff.openid_issuer,
    Staff.openid_subject,
    Staff.openid_email,
    Organization.key.label("organization_key"),
    Organization.short_name.label("organization"),
)


def all_staff(connection: Connection) -> Sequence[RowMapping]:
    """Return the rows of everybody, by name."""
    statement = select(*PERSON, Staff.password_hash).outerjoin(Organization).order_by(Staff.name)
    return connection.execute(statement).mappings().all()


def staff_in_use(
    connection: Connection, at: datetime, seen_after: datetime, begun_after: datetime
) -> Sequence[RowMapping]:
    """Return everybody, by name, with how many sessions and tokens are open, and if a second factor is."""
    sessions = (
        select(func.count())
        .where(StaffSession.staff_id == Staff.staff_id)
        .where(StaffSession.last_seen_at > seen_after, StaffSession.created_at > begun_after)
    )
    tokens = select(func.count()).where(ApiToken.staff_id == Staff.staff_id, ApiToken.expires_at > at)
    statement = (
        select(
            *PERSON,
            sessions.scalar_subquery().label("n_sessions"),
            tokens.scalar_subquery().label("n_tokens"),
            SecondFactor.confirmed_at.is_not(None).label("has_factor"),
        )
        .outerjoin(Organization)
        .outerjoin(SecondFactor, SecondFactor.staff_id == Staff.staff_id)
        .order_by(Staff.name)
    )
    return connection.execute(statement).mappings().all()


def organizations(connection: Connection) -> Sequence[RowMapping]:
    """Return the rows of all organizations, by key."""
    return connection.execute(select(Organization.__table__).order_by(Organization.key)).mappings().all()


def store_organization(connection: Connection, key: str, name: str, short_name: str) -> bool:
    """Store an organization; return False when the key is taken."""
    values = {"key": key, "name": name, "short_name": short_name}
    statement = upsert(Organization).values(values).on_conflict_do_nothing()
    return connection.execute(statement.returning(Organization.organization_id)).scalar() is not None


def change_organization(connection: Connection, organization_id: int, **values: str) -> bool:
    """Change columns of an organization; return False where there is none."""
    mine = Organization.organization_id == organization_id
    return connection.execute(update(Organization).where(mine).values(values)).rowcount > 0


def lock_admins(connection: Connection) -> Sequence[int]:
    """Return the ids of all active admins; nobody else changes them until the transaction ends."""
    statement = (
        select(Staff.staff_id)
        .where(Staff.role == AccessRole.ADMIN, Staff.is_active)
        .order_by(Staff.staff_id)
        .with_for_update()
    )
    return connection.execute(statement).scalars().all()


def store_staff(
    connection: Connection, name: str, password_hash: str, role: str, organization_id: int | None
) -> int | None:
    """Store a person and return the id; None when the name is taken."""
    values = {"name": name, "password_hash": password_hash, "role": role, "organization_id": organization_id}
    statement = upsert(Staff).values(values).on_conflict_do_nothing()
    return connection.execute(statement.returning(Staff.staff_id)).scalar()


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

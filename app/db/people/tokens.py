"""Tokens by which programs ask the API, and links by which a password is set: of both only hashes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import ApiToken, Organization, PasswordLink, Staff
from app.db.people.staff import PERSON


def store_token(connection: Connection, **values: object) -> None:
    """Store a token."""
    connection.execute(insert(ApiToken).values(values))


def token_of(connection: Connection, token_hash: str, at: datetime) -> RowMapping | None:
    """Return the person of a token, its id, scope and last use; None for one that ended."""
    statement = (
        select(*PERSON, ApiToken.api_token_id, ApiToken.scope, ApiToken.last_used_at)
        .outerjoin(Organization)
        .join(ApiToken, ApiToken.staff_id == Staff.staff_id)
        .where(ApiToken.token_hash == token_hash, ApiToken.expires_at > at, Staff.is_active)
    )
    return connection.execute(statement).mappings().first()


def tokens_of(connection: Connection, staff_id: int) -> Sequence[RowMapping]:
    """Return the rows of a person's tokens, the newest first."""
    statement = select(ApiToken.__table__).where(ApiToken.staff_id == staff_id)
    return connection.execute(statement.order_by(ApiToken.api_token_id.desc())).mappings().all()


def note_token(connection: Connection, api_token_id: int, at: datetime) -> None:
    """Write down that a token is used; where another request does the same, leave it to that one."""
    # As with sessions: nothing is lost with it.
    connection.execute(text("SET LOCAL synchronous_commit = off"))
    mine = select(ApiToken.api_token_id).where(ApiToken.api_token_id == api_token_id)
    free = mine.with_for_update(skip_locked=True).scalar_subquery()
    connection.execute(update(ApiToken).where(ApiToken.api_token_id == free).values(last_used_at=at))


def remove_tokens(connection: Connection, staff_id: int, api_token_id: int | None = None) -> bool:
    """Remove all tokens of a person, or one; return False where there was none."""
    statement = delete(ApiToken).where(ApiToken.staff_id == staff_id)
    if api_token_id is not None:
        statement = statement.where(ApiToken.api_token_id == api_token_id)
    return connection.execute(statement).rowcount > 0


def store_link(connection: Connection, staff_id: int, token_hash: str, expires_at: datetime) -> None:
    """Store a person's link, in place of one there was."""
    values = {"token_hash": token_hash, "expires_at": expires_at}
    statement = upsert(PasswordLink).values(staff_id=staff_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["staff_id"], set_=values))


def link_of(connection: Connection, token_hash: str, at: datetime) -> RowMapping | None:
    """Return the person of a link; None for one that was used, replaced or is over."""
    statement = (
        select(*PERSON)
        .outerjoin(Organization)
        .join(PasswordLink, PasswordLink.staff_id == Staff.staff_id)
        .where(PasswordLink.token_hash == token_hash, PasswordLink.expires_at > at, Staff.is_active)
    )
    return connection.execute(statement).mappings().first()


def remove_link(connection: Connection, staff_id: int, token_hash: str | None = None) -> bool:
    """Remove a person's link, or only the one of a hash; return False where there was none."""
    statement = delete(PasswordLink).where(PasswordLink.staff_id == staff_id)
    if token_hash is not None:
        statement = statement.where(PasswordLink.token_hash == token_hash)
    return connection.execute(statement).rowcount > 0

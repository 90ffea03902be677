"""Tokens by which a program asks the API in a person's name; of each only a hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.people import tokens as rows
from app.domain.kinds import TokenScope
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.people.passwords import token_hash
from app.services.people.staff import Person, person_of, tidy_name

LONGEST_NAME = 60
MOST_TOKENS = 20
# For how long one may hold, the usual first.
LIFETIMES_DAYS = (90, 30, 365)
# By it a token that was published by mistake is recognized, and by its end it is told from other texts.
_PREFIX = "nbh_"
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class UsedToken:
    """A token as a request brings it.

    Attributes
    ----------
    api_token_id : int
    person : Person
        In whose name it asks.
    scope : TokenScope
        What it allows at most.
    last_used_at : datetime or None
        When its use was noted last.
    """

    api_token_id: int
    person: Person
    scope: TokenScope
    last_used_at: datetime | None

    def is_to_note(self, at: datetime) -> bool:
        """Return whether its use at an instant is to be written down."""
        return self.last_used_at is None or at - self.last_used_at >= _NOTED_EVERY


def make_token(connection: Connection, person: Person, name: str, n_days: int, at: datetime) -> str:
    """Make a token that reads, and return it; nobody can read it again.

    Raises
    ------
    InputError
        For a name that is too short or too long, or a lifetime that is not offered.
    ConflictError
        For more tokens than anybody needs.
    """
    name = tidy_name(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(N_("A name has 1 to %(most)s characters."), most=LONGEST_NAME)
    if n_days not in LIFETIMES_DAYS:
        offered = ", ".join(map(str, sorted(LIFETIMES_DAYS)))
        raise InputError(N_("A token is valid for %(days)s days."), days=offered)
    if len(rows.tokens_of(connection, person.staff_id)) >= MOST_TOKENS:
        raise ConflictError(N_("Nobody has more than %(most)s tokens: revoke one first."), most=MOST_TOKENS)
    token = _PREFIX + secrets.token_urlsafe(32)
    rows.store_token(
        connection,
        staff_id=person.staff_id,
        name=name,
        scope=TokenScope.READ,
        token_hash=token_hash(token),
        created_at=at,
        expires_at=at + timedelta(days=n_days),
    )
    return token


def find_token(connection: Connection, token: str, at: datetime) -> UsedToken | None:
    """Return what a token stands for; None when it ended, or its owner may not sign in any more."""
    row = rows.token_of(connection, token_hash(token), at)
    if row is None:
        return None
    return UsedToken(row["api_token_id"], person_of(row), TokenScope(row["scope"]), row["last_used_at"])


def note_token(connection: Connection, token: UsedToken, at: datetime) -> None:
    """Write down that a token is used."""
    rows.note_token(connection, token.api_token_id, at)


def tokens_of(connection: Connection, person: Person) -> Sequence[RowMapping]:
    """Return the rows of a person's tokens, those that are over included, the newest first."""
    return rows.tokens_of(connection, person.staff_id)


def revoke_token(connection: Connection, person: Person, api_token_id: int) -> None:
    """End a token of the person.

    Raises
    ------
    NotFoundError
        When there is no such one, or it is somebody else's.
    """
    if not rows.remove_tokens(connection, person.staff_id, api_token_id):
        raise NotFoundError(N_("This token has been revoked already."))


def revoke_all(connection: Connection, person: Person) -> None:
    """End all tokens of the person."""
    rows.remove_tokens(connection, person.staff_id)

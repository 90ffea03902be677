"""Sessions: begun by signing in, ended by signing out, by a new password, by idleness and by age."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.people import sessions as rows
from app.db.people.staff import staff_in_use
from app.errors import N_, NotFoundError
from app.services.people.passwords import token_hash
from app.services.people.staff import Person, person_of

# A working day: whoever goes on working is not thrown out, and a device left behind overnight is.
IDLE = timedelta(hours=12)
# A working week: then even a stolen session that somebody keeps busy ends.
LONGEST = timedelta(days=7)
# Reading writes no more often than this.
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class UsedSession:
    """An open session, as it is found by its token.

    Attributes
    ----------
    person : Person
    seen_at : datetime
        When it was last noted as used.
    """

    person: Person
    seen_at: datetime

    def is_to_note(self, at: datetime) -> bool:
        """Say whether its use at an instant is to be written down."""
        return at - self.seen_at >= _NOTED_EVERY


@dataclass(frozen=True)
class ListedSession:
    """An open session as its owner sees it in a list.

    Attributes
    ----------
    key : str
        By which it is ended; nobody can use the session by it.
    device : str
        Browser and system, such as ``Firefox, Windows``; empty where they are not known.
    begun_at, seen_at : datetime
    is_this : bool
        Whether it is the one in which the list is looked at.
    """

    key: str
    device: str
    begun_at: datetime
    seen_at: datetime
    is_this: bool


def begin_session(connection: Connection, person: Person, device: str, at: datetime) -> str:
    """Begin a session; return its token, of which only a hash is kept. Ended ones are removed."""
    rows.clear_sessions(connection, *open_since(at))
    token = secrets.token_urlsafe(32)
    rows.store_session(connection, token_hash(token), person.staff_id, device, at)
    return token


def find_session(connection: Connection, token: str, at: datetime) -> UsedSession | None:
    """Return the session of a token; None when it ended, or its person may not sign in any more."""
    row = rows.session_of(connection, token_hash(token), *open_since(at))
    return None if row is None else UsedSession(person_of(row), row["last_seen_at"])


def note_use(connection: Connection, token: str, at: datetime) -> None:
    """Write down that a session is used."""
    rows.note_seen(connection, token_hash(token), at)


def sessions_of(connection: Connection, person: Person, token: str, at: datetime) -> Sequence[ListedSession]:
    """Return the open sessions of a person, the last used first; `token` is that of the one at hand."""
    this = token_hash(token)
    return [
        ListedSession(
            key=row["token_hash"],
            device=row["device"],
            begun_at=row["created_at"],
            seen_at=row["last_seen_at"],
            is_this=row["token_hash"] == this,
        )
        for row in rows.sessions_of(connection, person.staff_id, *open_since(at))
    ]


def end_token(connection: Connection, person: Person, token: str) -> None:
    """End the session of a token."""
    rows.end_session(connection, person.staff_id, token_hash(token))


def end_listed(connection: Connection, person: Person, key: str) -> None:
    """End a session of the person's list.

    Raises
    ------
    NotFoundError
        When there is no such session, or it is somebody else's.
    """
    if not rows.end_session(connection, person.staff_id, key):
        raise NotFoundError(N_("This session has already ended."))


def end_others(connection: Connection, person: Person, token: str) -> None:
    """End all sessions of a person but that of a token."""
    rows.end_sessions(connection, person.staff_id, but=token_hash(token))


def accounts(connection: Connection, at: datetime) -> Sequence[RowMapping]:
    """Return everybody's row, by name, with how many sessions and tokens are open."""
    return staff_in_use(connection, at, *open_since(at))


def end_all(connection: Connection, person: Person) -> None:
    """End all sessions of a person."""
    rows.end_sessions(connection, person.staff_id)


def open_since(at: datetime) -> tuple[datetime, datetime]:
    """Return after when an open session was used, and begun."""
    return at - IDLE, at - LONGEST

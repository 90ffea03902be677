"""Staff: who may sign in, by names that are told apart as people do and passwords that nobody can read."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.staff import all_staff, change_staff, store_staff
from app.db.staff_sessions import end_sessions
from app.errors import N_, ConflictError, InputError, NotFoundError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LONGEST_NAME = 80


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in."""

    staff_id: int
    name: str


def tidy_name(name: str) -> str:
    """Return a name as it is kept: one space between words, letters in one piece (NFC)."""
    return " ".join(normalize("NFC", name).split())


def name_key(name: str) -> str:
    """Return what is equal of two names that are one: case, spaces and the making of letters aside."""
    return normalize("NFC", tidy_name(name).casefold())


def add_staff(connection: Connection, name: str, password: str) -> None:
    """Let somebody sign in.

    Raises
    ------
    InputError
        For a name or password that is too short or too long.
    ConflictError
        When the name is taken.
    """
    name = tidy_name(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(N_("A name has 1 to %(most)s characters."), most=LONGEST_NAME)
    is_taken = _row_of(connection, name) is not None
    if is_taken or not store_staff(connection, name, _hashed(password)):
        raise ConflictError(N_("“%(name)s” can sign in already."), name=name)


def set_password(connection: Connection, name: str, password: str) -> None:
    """Give somebody a new password, and let the person sign in again; open sessions end.

    Raises
    ------
    NotFoundError
        For an unknown name.
    InputError
        For a password that is too short or too long.
    """
    person = person_named(connection, name)
    change_staff(connection, person.staff_id, password_hash=_hashed(password), is_active=True)
    end_sessions(connection, person.staff_id)


def remove_staff(connection: Connection, name: str) -> None:
    """Let somebody sign in no more; open sessions end, the name stays in the record of changes."""
    person = person_named(connection, name)
    change_staff(connection, person.staff_id, is_active=False)
    end_sessions(connection, person.staff_id)


def generated_password() -> str:
    """Return a password that nobody guesses."""
    return secrets.token_urlsafe(15)


def person_by_password(connection: Connection, name: str, password: str) -> Person | None:
    """Return whose name and password these are; None for a wrong name or password.

    `app.services.attempts.note_attempt` comes first.
    """
    row = _row_of(connection, name)
    # An unknown name takes as long as a wrong password, so that names cannot be found out.
    kept = _nobodys_hash() if row is None else row["password_hash"]
    is_right = _is_password(kept, password[: LONGEST_PASSWORD + 1])
    if row is None or not is_right or not row["is_active"]:
        return None
    return Person(row["staff_id"], row["name"])


def person_named(connection: Connection, name: str) -> Person:
    """Return who has a name.

    Raises
    ------
    NotFoundError
        For an unknown name.
    """
    row = _row_of(connection, name)
    if row is None:
        raise NotFoundError(N_("Nobody of the name “%(name)s” can sign in."), name=name[:LONGEST_NAME])
    return Person(row["staff_id"], row["name"])


def known_name(connection: Connection, name: str) -> str | None:
    """Return a name as it is kept; None for one that nobody has."""
    row = _row_of(connection, name)
    return None if row is None else str(row["name"])


def _row_of(connection: Connection, name: str) -> RowMapping | None:
    # They are few, and a database's own idea of case depends on how it was set up.
    key = name_key(name)
    return next((row for row in all_staff(connection) if name_key(row["name"]) == key), None)


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(
            N_("A password has %(least)s to %(most)s characters."),
            least=SHORTEST_PASSWORD,
            most=LONGEST_PASSWORD,
        )
    return PasswordHasher().hash(password)


def _is_password(kept: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return PasswordHasher().hash(secrets.token_urlsafe())

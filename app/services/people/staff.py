"""Staff: who may sign in, by names that are told apart as people do."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.people.sessions import end_sessions
from app.db.people.staff import all_staff, change_staff, store_staff
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.people.passwords import hashed, is_password

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
        For a name that is too short or too long, or a password that `app.services.people.passwords` refuses.
    ConflictError
        When the name is taken.
    """
    name = tidy_name(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(N_("A name has 1 to %(most)s characters."), most=LONGEST_NAME)
    is_taken = _row_of(connection, name) is not None
    if is_taken or not store_staff(connection, name, hashed(password, name)):
        raise ConflictError(N_("“%(name)s” can already sign in."), name=name)


def set_password(connection: Connection, name: str, password: str) -> None:
    """Give somebody a new password, and let the person sign in again; open sessions end.

    Raises
    ------
    NotFoundError
        For an unknown name.
    InputError
        For a password that `app.services.people.passwords` refuses.
    """
    person = person_named(connection, name)
    change_staff(connection, person.staff_id, password_hash=hashed(password, person.name), is_active=True)
    end_sessions(connection, person.staff_id)


def remove_staff(connection: Connection, name: str) -> None:
    """Let somebody sign in no more; open sessions end, the name stays in the record of changes."""
    person = person_named(connection, name)
    change_staff(connection, person.staff_id, is_active=False)
    end_sessions(connection, person.staff_id)


def person_by_password(connection: Connection, name: str, password: str) -> Person | None:
    """Return whose name and password these are; None for a wrong name or password.

    `app.services.people.attempts.note_attempt` comes first.
    """
    row = _row_of(connection, name)
    # An unknown name takes as long as a wrong password, so that names cannot be found out.
    is_right = is_password(None if row is None else row["password_hash"], password)
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
        raise NotFoundError(N_("Nobody named “%(name)s” can sign in."), name=name[:LONGEST_NAME])
    return Person(row["staff_id"], row["name"])


def person_of_id(connection: Connection, staff_id: int) -> Person | None:
    """Return the person of an id; None for nobody, and who may not sign in."""
    found = (row for row in all_staff(connection) if row["staff_id"] == staff_id and row["is_active"])
    return next((Person(row["staff_id"], row["name"]) for row in found), None)


def known_name(connection: Connection, name: str) -> str | None:
    """Return a name as it is kept; None for one that nobody has."""
    row = _row_of(connection, name)
    return None if row is None else str(row["name"])


def _row_of(connection: Connection, name: str) -> RowMapping | None:
    # They are few, and a database's own idea of case depends on how it was set up.
    key = name_key(name)
    return next((row for row in all_staff(connection) if name_key(row["name"]) == key), None)

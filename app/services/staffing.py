"""Staff: passwords kept as Argon2id hashes, signing in with a limit on attempts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from app.db.staff import (
    change_staff,
    count_failures,
    forget_failures,
    note_failure,
    staff_by_name,
    staff_by_session,
    store_staff,
)
from app.errors import N_, ConflictError, InputError, NotFoundError, TooManyError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LONGEST_NAME = 80

# Failed attempts within 15 minutes: at a name from one origin, from one origin, at a name from anywhere.
MOST_FAILURES = (5, 20, 50)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in; `session` changes with the password."""

    staff_id: int
    name: str
    session: str

    @property
    def token(self) -> str:
        """What a session keeps of the person."""
        return f"{self.staff_id}:{self.session}"


def add_staff(connection: Connection, name: str, password: str) -> None:
    """Let somebody sign in.

    Raises
    ------
    InputError
        For a name or password that is too short or too long.
    ConflictError
        When the name is taken.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(N_("A name has 1 to %(most)s characters."), most=LONGEST_NAME)
    if not store_staff(connection, name, _hashed(password), _fresh_session()):
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
    values = {"password_hash": _hashed(password), "session": _fresh_session(), "is_active": True}
    change_staff(connection, _staff_id(connection, name), **values)


def remove_staff(connection: Connection, name: str) -> None:
    """Let somebody sign in no more; open sessions end, the name stays in the record of changes."""
    change_staff(connection, _staff_id(connection, name), is_active=False, session=_fresh_session())


def generated_password() -> str:
    """Return a password that nobody guesses."""
    return secrets.token_urlsafe(15)


def note_attempt(connection: Connection, name: str, origin: str) -> None:
    """Count an attempt to sign in before it is tried; commit it, so that others see it meanwhile.

    Parameters
    ----------
    connection : Connection
    name : str
        As typed.
    origin : str
        What stands for the address the attempt comes from.
    """
    note_failure(connection, name[:LONGEST_NAME], origin)


def sign_in(connection: Connection, name: str, password: str, origin: str) -> Person | None:
    """Return who signs in; None for a wrong name or password. `note_attempt` comes first.

    Raises
    ------
    TooManyError
        After too many failed attempts within a quarter of an hour; nothing is compared then.
    """
    name = " ".join(name[:LONGEST_NAME].split())
    counts = count_failures(connection, name, origin)
    if any(n > most for n, most in zip(counts, MOST_FAILURES, strict=True)):
        raise TooManyError(N_("Too many failed attempts; please try again in a quarter of an hour."))
    row = staff_by_name(connection, name)
    # An unknown name takes as long as a wrong password, so that names cannot be found out.
    kept = _nobodys_hash() if row is None else row["password_hash"]
    is_right = _is_password(kept, password[: LONGEST_PASSWORD + 1])
    if row is None or not is_right or not row["is_active"]:
        return None
    forget_failures(connection, name, origin)
    return Person(row["staff_id"], row["name"], row["session"])


def person_of(connection: Connection, token: str) -> Person | None:
    """Return whose session a `Person.token` is; None when it ended."""
    number, _, session = token.partition(":")
    if not number.isdecimal() or len(number) > 9:
        return None
    row = staff_by_session(connection, int(number), session)
    return None if row is None else Person(row["staff_id"], row["name"], row["session"])


def _staff_id(connection: Connection, name: str) -> int:
    row = staff_by_name(connection, " ".join(name.split()))
    if row is None:
        raise NotFoundError(N_("Nobody of the name “%(name)s” can sign in."), name=name[:LONGEST_NAME])
    return int(row["staff_id"])


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


def _fresh_session() -> str:
    return secrets.token_urlsafe(18)

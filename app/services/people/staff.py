"""Accounts: who may sign in and as what, by names that are told apart as people do."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.people.sessions import end_sessions
from app.db.people.staff import all_staff, change_staff, lock_admins, organizations, store_staff
from app.db.people.tokens import remove_link, remove_tokens
from app.domain.kinds import ACCOUNT_ROLES, AccessRole
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.people.passwords import hashed, is_password

LONGEST_NAME = 80


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in.

    Attributes
    ----------
    staff_id : int
    name : str
    role : AccessRole
        What the person may do.
    organization : str or None
        For whom the person works, as it is shown beside the name.
    """

    staff_id: int
    name: str
    role: AccessRole = AccessRole.STAFF
    organization: str | None = None


def person_of(row: RowMapping) -> Person:
    """Return the person of a row with the columns of `app.db.people.staff.PERSON`."""
    return Person(row["staff_id"], row["name"], AccessRole(row["role"]), row["organization"])


def tidy_name(name: str) -> str:
    """Return a name as it is kept: one space between words, letters in one piece (NFC)."""
    return " ".join(normalize("NFC", name).split())


def name_key(name: str) -> str:
    """Return what is equal of two names that are one: case, spaces and the making of letters aside."""
    return normalize("NFC", tidy_name(name).casefold())


def add_staff(
    connection: Connection,
    name: str,
    password: str,
    role: AccessRole = AccessRole.STAFF,
    organization: str | None = None,
) -> Person:
    """Let somebody sign in; `organization` is a key, None for nobody's.

    Raises
    ------
    InputError
        For a name that is too short or too long, a password that `app.services.people.passwords` refuses, or
        a role that no account has.
    NotFoundError
        For an unknown organization.
    ConflictError
        When the name is taken.
    """
    name = tidy_name(name)
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(N_("A name has 1 to %(most)s characters."), most=LONGEST_NAME)
    organization_id = _organization_id(connection, organization)
    is_taken = _row_of(connection, name) is not None
    if is_taken or not store_staff(connection, name, hashed(password, name), role, organization_id):
        raise ConflictError(N_("“%(name)s” can already sign in."), name=name)
    return person_named(connection, name)


def account_role(text: str) -> AccessRole:
    """Return the role of a name.

    Raises
    ------
    InputError
        For one that no account has.
    """
    if text not in ACCOUNT_ROLES:
        raise InputError(
            N_("“%(role)s” is no role; there are %(roles)s."), role=text, roles=", ".join(ACCOUNT_ROLES)
        )
    return AccessRole(text)


def change_account(
    connection: Connection, person: Person, role: AccessRole, organization: str | None
) -> None:
    """Give somebody a role and an organization, of which a key is given; open sessions end.

    Raises
    ------
    NotFoundError
        For an unknown organization.
    ConflictError
        When the last admin would be none any more.
    """
    if role != AccessRole.ADMIN:
        _check_admin_stays(connection, person)
    organization_id = _organization_id(connection, organization)
    change_staff(connection, person.staff_id, role=role, organization_id=organization_id)
    end_sessions(connection, person.staff_id)


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
    change_staff(connection, person.staff_id, is_active=True)
    store_password(connection, person, password)


def store_password(connection: Connection, person: Person, password: str) -> None:
    """Give a person a new password; open sessions end, and a link to set one is used up.

    Raises
    ------
    InputError
        For a password that `app.services.people.passwords` refuses.
    """
    change_staff(connection, person.staff_id, password_hash=hashed(password, person.name))
    end_sessions(connection, person.staff_id)
    remove_link(connection, person.staff_id)


def deactivate(connection: Connection, person: Person) -> None:
    """Let somebody sign in no more; sessions, tokens and links end, the name stays in the record of changes.

    Raises
    ------
    ConflictError
        For the last admin.
    """
    _check_admin_stays(connection, person)
    _end_access(connection, person)


def activate(connection: Connection, person: Person) -> None:
    """Let somebody sign in again, with the password there was."""
    change_staff(connection, person.staff_id, is_active=True)


def remove_staff(connection: Connection, name: str) -> None:
    """Do as `deactivate`, the last of all who may sign in included: nobody is left whom an admin would serve.

    Raises
    ------
    ConflictError
        For the last admin, while others may sign in.
    """
    person = person_named(connection, name)
    if any(row["is_active"] and row["staff_id"] != person.staff_id for row in all_staff(connection)):
        _check_admin_stays(connection, person)
    _end_access(connection, person)


def _end_access(connection: Connection, person: Person) -> None:
    change_staff(connection, person.staff_id, is_active=False)
    end_sessions(connection, person.staff_id)
    remove_tokens(connection, person.staff_id)
    remove_link(connection, person.staff_id)


def _check_admin_stays(connection: Connection, person: Person) -> None:
    if list(lock_admins(connection)) == [person.staff_id]:
        raise ConflictError(
            N_("“%(name)s” is the last admin; make somebody else one first."), name=person.name
        )


def _organization_id(connection: Connection, key: str | None) -> int | None:
    if not key:
        return None
    known = {row["key"]: row["organization_id"] for row in organizations(connection)}
    if key not in known:
        raise NotFoundError(
            N_("There is no organization “%(key)s”; there are %(keys)s."), key=key, keys=", ".join(known)
        )
    return int(known[key])


def person_by_password(connection: Connection, name: str, password: str) -> Person | None:
    """Return whose name and password these are; None for a wrong name or password.

    `app.services.people.attempts.note_attempt` comes first.
    """
    row = _row_of(connection, name)
    # An unknown name takes as long as a wrong password, so that names cannot be found out.
    is_right = is_password(None if row is None else row["password_hash"], password)
    if row is None or not is_right or not row["is_active"]:
        return None
    return person_of(row)


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
    return person_of(row)


def person_of_id(connection: Connection, staff_id: int) -> Person | None:
    """Return the person of an id; None for nobody, and who may not sign in."""
    found = (row for row in all_staff(connection) if row["staff_id"] == staff_id and row["is_active"])
    return next(map(person_of, found), None)


def person_with_id(connection: Connection, staff_id: int) -> Person:
    """Return the person of an id, who may sign in or not.

    Raises
    ------
    NotFoundError
        For an id that nobody has.
    """
    row = next((row for row in all_staff(connection) if row["staff_id"] == staff_id), None)
    if row is None:
        raise NotFoundError(N_("There is no such account."))
    return person_of(row)


def known_name(connection: Connection, name: str) -> str | None:
    """Return a name as it is kept; None for one that nobody has."""
    row = _row_of(connection, name)
    return None if row is None else str(row["name"])


def _row_of(connection: Connection, name: str) -> RowMapping | None:
    # They are few, and a database's own idea of case depends on how it was set up.
    key = name_key(name)
    return next((row for row in all_staff(connection) if name_key(row["name"]) == key), None)

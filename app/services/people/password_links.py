"""Links by which a person sets a password: good once, for a few days, and given on by an admin."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db.people import tokens as rows
from app.errors import N_, NotFoundError
from app.services.people.passwords import token_hash
from app.services.people.staff import Person, person_of, store_password

HOLDS = timedelta(days=3)


def make_link(connection: Connection, person: Person, at: datetime) -> str:
    """Return the token of a new link; an older one of the person ends."""
    token = secrets.token_urlsafe(32)
    rows.store_link(connection, person.staff_id, token_hash(token), at + HOLDS)
    return token


def person_of_link(connection: Connection, token: str, at: datetime) -> Person:
    """Return whose link a token is.

    Raises
    ------
    NotFoundError
        For one that was used, replaced, is over, or never was; which of them, nobody is told.
    """
    row = rows.link_of(connection, token_hash(token), at)
    if row is None:
        raise NotFoundError(N_("This link is not valid any more; ask an admin for a new one."))
    return person_of(row)


def use_link(connection: Connection, token: str, password: str, at: datetime) -> Person:
    """Give the person of a link a new password; the link is used up, open sessions end.

    Raises
    ------
    NotFoundError
        As `person_of_link`.
    InputError
        For a password that `app.services.people.passwords` refuses; the link stays good.
    """
    person = person_of_link(connection, token, at)
    if not rows.remove_link(connection, person.staff_id, token_hash(token)):
        raise NotFoundError(N_("This link is not valid any more; ask an admin for a new one."))
    store_password(connection, person, password)
    return person

"""Whose account an OpenID Connect provider names: whoever an admin connected with it, and nobody else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection

from app.db.people.sessions import end_sessions
from app.db.people.staff import all_staff, change_staff
from app.errors import N_, ConflictError, InputError
from app.services.people.staff import Person, person_of

# The most that a mail address has, and a ``sub``.
LONGEST_EMAIL, LONGEST_SUBJECT = 254, 255


@dataclass(frozen=True)
class Identity:
    """Who somebody is at a provider.

    Attributes
    ----------
    issuer : str
        The provider.
    subject : str or None
        Its own name of the person (``sub``), which never changes, and means another person elsewhere.
    email : str or None
        In small letters. As the provider gives it: only if it has verified that the person reads it.
    """

    issuer: str
    subject: str | None
    email: str | None


def typed_identity(issuer: str, subject: str, email: str) -> Identity:
    """Return an identity as it is typed; what is empty is none.

    Raises
    ------
    InputError
        For what is no mail address, or no ``sub``.
    """
    subject, email = subject.strip(), email.strip().lower()
    if email and not (len(email) <= LONGEST_EMAIL and re.fullmatch(r"[^@\s]+@[^@\s]+", email)):
        raise InputError(N_("“%(email)s” is no e-mail address."), email=email[:LONGEST_EMAIL])
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise InputError(N_("An identifier has %(most)s printable characters at most."), most=LONGEST_SUBJECT)
    return Identity(issuer, subject or None, email or None)


def connect(connection: Connection, person: Person, identity: Identity) -> None:
    """Let a person sign in as whom the provider knows by subject or email, by no other; open sessions end.

    Raises
    ------
    ConflictError
        When the provider's account belongs to somebody else here.
    """
    given = {
        "openid_issuer": identity.issuer if identity.subject else None,
        "openid_subject": identity.subject,
        "openid_email": identity.email,
    }
    others = [row for row in all_staff(connection) if row["staff_id"] != person.staff_id]
    for columns in (("openid_subject", "openid_issuer"), ("openid_email",)):
        mine = [given[column] for column in columns]
        owners = [row["name"] for row in others if mine[0] and [row[one] for one in columns] == mine]
        if owners:
            raise ConflictError(
                N_("“%(given)s” already belongs to the account “%(name)s”."), given=mine[0], name=owners[0]
            )
    change_staff(connection, person.staff_id, **given)
    end_sessions(connection, person.staff_id)


def person_by_identity(connection: Connection, identity: Identity) -> Person | None:
    """Return whose account the provider names; None for nobody's, and for who may not sign in.

    An address that is passed on to somebody else opens no account that is known by its subject.
    """
    rows = [row for row in all_staff(connection) if row["is_active"]]
    named = (identity.issuer, identity.subject)
    by_subject = (row for row in rows if (row["openid_issuer"], row["openid_subject"]) == named)
    by_email = (
        row
        for row in rows
        if row["openid_subject"] is None and identity.email and row["openid_email"] == identity.email
    )
    return next(map(person_of, chain(by_subject, by_email)), None)

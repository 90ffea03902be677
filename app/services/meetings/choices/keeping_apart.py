"""Companies that staff do not invite together."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from app.db.changes import Change, begin_change_set
from app.db.companies.companies import company_ids
from app.db.meetings.choosing import put_apart, remove_apart
from app.errors import N_, InputError, NotFoundError


def keep_apart(
    connection: Connection, companies: tuple[str, str], since: date, change: Change, staff_id: int
) -> None:
    """Store that two companies are never chosen for one meeting or one group.

    Raises
    ------
    InputError
        When it is one company only, or one is not known.
    """
    ids = _two(connection, companies)
    begin_change_set(connection, change)
    put_apart(connection, ids, since=since, note=change.reason or None, staff_id=staff_id)


def end_keeping_apart(connection: Connection, companies: tuple[str, str], change: Change) -> None:
    """Let two companies be chosen together again.

    Raises
    ------
    InputError
        When it is one company only, or one is not known.
    NotFoundError
        When they are not kept apart.
    """
    ids = _two(connection, companies)
    begin_change_set(connection, change)
    if not remove_apart(connection, ids):
        raise NotFoundError(N_("These two companies are not kept apart."))


def _two(connection: Connection, companies: tuple[str, str]) -> tuple[int, int]:
    ids = company_ids(connection, companies)
    for key in companies:
        if key not in ids:
            raise InputError(N_("There is no company “%(key)s”."), key=key[:60])
    if companies[0] == companies[1]:
        raise InputError(N_("Two different companies are needed."))
    return ids[companies[0]], ids[companies[1]]

"""A limit on attempts to sign in: counted before they are tried, at names and at where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db.people.staff import (
    clear_failures,
    count_failures,
    forget_failures,
    note_failure,
    wait_for_attempts,
)
from app.errors import N_, TooManyError

# So long a failed attempt counts, and so long it is remembered at most.
COUNTS = timedelta(minutes=15)
_KEPT = timedelta(days=1)

# Failed attempts in that time: at a name from one origin, from one origin, at a name from anywhere.
MOST_FAILURES = (5, 20, 50)


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in.

    Attributes
    ----------
    name, origin : str
        What stands for the name that was typed and for where it comes from: equal for equal ones, and nothing
        to read from it. People type passwords into fields of names.
    at : datetime
        When; aware.
    """

    name: str
    origin: str
    at: datetime


def note_attempt(
    connection: Connection, attempt: Attempt, most: tuple[int, int, int] = MOST_FAILURES
) -> None:
    """Count an attempt before it is tried; commit it, so that others see it meanwhile.

    One that is refused does not count: who goes on trying does not shut out the owner of the name for longer.

    Raises
    ------
    TooManyError
        After too many failed attempts within a quarter of an hour; then nothing is to be compared.
    """
    # Of several at once, each sees those before it.
    wait_for_attempts(connection)
    clear_failures(connection, attempt.at - _KEPT)
    counts = count_failures(connection, attempt.name, attempt.origin, attempt.at - COUNTS)
    if any(n >= most for n, most in zip(counts, most, strict=True)):
        raise TooManyError(N_("Too many failed attempts; please try again in a quarter of an hour."))
    note_failure(connection, attempt.name, attempt.origin, attempt.at)


def forget_attempts(connection: Connection, attempt: Attempt) -> None:
    """Forget the failed attempts at the name from there, this one included: it was its owner."""
    forget_failures(connection, attempt.name, attempt.origin)

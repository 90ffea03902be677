"""What was before a meeting: who was invited when, who has met its host, who is new, who follows whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from app.db.companies.companies import companies_on
from app.db.companies.successions import successions
from app.db.meetings.invitation_history import last_invited, last_meeting_day, met_before


@dataclass(frozen=True)
class GuestHistory:
    """What was before a day.

    Attributes
    ----------
    invited : mapping of int to date
        When each company was invited last.
    met : set of int
        The companies that have met a host.
    before : set of str or None
        The companies that were there at the last meeting; None before the first one.
    followed : mapping of str to str
        Whom each company has followed since the last meeting, by name.
    """

    invited: Mapping[int, date]
    met: set[int]
    before: set[str] | None
    followed: Mapping[str, str]


def read_history(
    connection: Connection, hosts: Sequence[int], parks: Sequence[str], on: date
) -> GuestHistory:
    """Return what was before a day in some parks, for those who receive the guests on it."""
    invited, met = last_invited(connection, on), met_before(connection, hosts, on)
    last = last_meeting_day(connection, parks, on)
    if last is None:
        return GuestHistory(invited, met, None, {})
    there = companies_on(connection, last)
    names = dict(zip(there["company"], there["name"], strict=True))
    followed = {
        row["successor"]: names.get(row["predecessor"], row["predecessor"])
        for row in successions(connection)
        if last < row["happened_on"] <= on
    }
    return GuestHistory(invited, met, set(there.loc[there["park"].isin(parks), "company"]), followed)

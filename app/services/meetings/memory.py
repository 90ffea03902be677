"""What is remembered of companies at meetings: who was invited, who came, and of whom it is not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.analysis.meetings.acquaintance import Floats, come_rates
from app.db.companies.companies import companies_on
from app.db.companies.successions import successions
from app.db.meetings.attendance import attendance, held_meetings
from app.domain.meetings import Answer, Part, Presence

YEAR = timedelta(days=365)
HOSTS = (Part.HOST, Part.COHOST)


class Remembered(StrEnum):
    """A list of companies that staff look at before they invite."""

    NEVER_CAME = "never_came"
    UNKNOWN = "unknown"
    NOT_INVITED = "not_invited"
    NEW = "new"
    SUCCESSOR = "successor"


@dataclass(frozen=True)
class CompanyMemory:
    """What is remembered of a company up to a day.

    Attributes
    ----------
    n_invited, n_answered, n_attended, n_hosted : int
        Meetings; who receives guests is not invited.
    n_known : int
        Invitations to meetings of which it is known whether the company came.
    last_invited, last_attended : date or None
    lists : frozenset of Remembered
    follows : str or None
        Whom a successor follows that has been at no meeting since.
    """

    key: str
    name: str
    park: str
    n_invited: int = 0
    n_answered: int = 0
    n_attended: int = 0
    n_hosted: int = 0
    n_known: int = 0
    last_invited: date | None = None
    last_attended: date | None = None
    lists: frozenset[Remembered] = frozenset()
    follows: str | None = None


def companies_remembered(connection: Connection, on: date, park: str | None = None) -> list[CompanyMemory]:
    """Return what is remembered of the companies that are there on a day, in order of names.

    Who never came was invited, and it is known of each invitation that it did not come; of whom that is not
    known is in the list of the unknown instead.
    """
    there = companies_on(connection, on, park)
    rows: dict[str, list[RowMapping]] = defaultdict(list)
    for row in attendance(connection, on):
        rows[row["company"]].append(row)
    before = _there_at_the_last(connection, on, park)
    followed = _followed(connection, on)
    firms = there.sort_values("name").drop_duplicates("company")
    return [
        _memory(row, rows[row.company], on, is_new=before is not None and row.company not in before,
                follows=followed.get(row.company))
        for row in firms.itertuples(index=False)
    ]  # fmt: skip


def _there_at_the_last(connection: Connection, on: date, park: str | None) -> set[str] | None:
    """Return the companies that were there at the last meeting before a day; None without one."""
    held = [one for one in held_meetings(connection, on) if park is None or park in one["parks"]]
    return set(companies_on(connection, held[-1]["held_on"])["company"]) if held else None


def _followed(connection: Connection, on: date) -> dict[str, tuple[str, date]]:
    """Return whom each company follows, by name, and since when."""
    names = (
        companies_on(connection, None).drop_duplicates("company", keep="last").set_index("company")["name"]
    )
    return {
        row["successor"]: (str(names.get(row["predecessor"], row["predecessor"])), row["happened_on"])
        for row in successions(connection)
        if row["happened_on"] <= on
    }


def _memory(
    firm: Any, rows: Sequence[RowMapping], on: date, *, is_new: bool, follows: tuple[str, date] | None
) -> CompanyMemory:
    invited = [row for row in rows if row["is_invited"]]
    came = [row for row in rows if row["presence"] == Presence.PRESENT or row["part"] in HOSTS]
    known = [row for row in invited if row["presence"] != Presence.UNKNOWN]
    last_invited = max((row["invited_on"] for row in invited), default=None)
    is_introduced = follows is None or any(row["held_on"] >= follows[1] for row in came)
    past = [row for row in invited if row["held_on"] < on]
    holds = {
        Remembered.NEVER_CAME: bool(past) and not came and all(row in known for row in past),
        Remembered.UNKNOWN: any(row not in known for row in past),
        Remembered.NOT_INVITED: not _is_asked_since(rows, on - YEAR),
        Remembered.NEW: is_new,
        Remembered.SUCCESSOR: not is_introduced,
    }
    return CompanyMemory(
        firm.company, firm.name, firm.park,
        n_invited=len(invited),
        n_answered=sum(row["answer"] != Answer.NONE for row in invited),
        n_attended=len(came),
        n_hosted=sum(row["part"] in HOSTS for row in rows),
        n_known=len(known),
        last_invited=last_invited,
        last_attended=max((row["held_on"] for row in came), default=None),
        lists=frozenset(name for name, is_so in holds.items() if is_so),
        follows=None if follows is None or is_introduced else follows[0],
    )  # fmt: skip


def _is_asked_since(rows: Iterable[RowMapping], day: date) -> bool:
    """Return whether a company was invited, or received guests, after a day."""
    return any(
        (row["invited_on"] or row["held_on"]) > day
        for row in rows
        if row["is_invited"] or row["part"] in HOSTS
    )


def rates_of(memories: Sequence[CompanyMemory]) -> Floats:
    """Return how likely each company comes when it is invited; what is unknown is in no rate."""
    came = [min(one.n_attended, one.n_known) for one in memories]
    return come_rates(came, [one.n_known for one in memories])

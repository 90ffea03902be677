"""What others say about a company's stored data: a queue of proposals; staff accept one as a change set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from app.db.changes import Change
from app.db.companies.attributes import company_versions
from app.db.companies.companies import companies_on, company_ids
from app.db.meetings.corrections import correction, decide, put_correction
from app.domain.kinds import BusinessCase, Intent
from app.domain.period import today
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.companies.acts import change_from, correct
from app.services.companies.things import company

# What can be taken over as it is proposed; of the place and all else a person makes something.
ATTRIBUTES = ("name", "sector", "website")
FIELDS = (*ATTRIBUTES, "place", "other")
# What stands for a whole entry that is right.
CONFIRMED = "confirmed"
LONGEST = 300


@dataclass(frozen=True)
class CompanyFacts:
    """What is stored of a company today and shown to it; `place` is one line for all of its places."""

    key: str
    name: str
    sector: str
    website: str
    place: str

    def value(self, field: str) -> str:
        """Return what is stored of a field; nothing of what has no field."""
        return "" if field == "other" else str(getattr(self, field))


def company_facts(connection: Connection, key: str, on: date | None = None) -> CompanyFacts:
    """Return what is stored of a company on a day (today without one).

    Raises
    ------
    NotFoundError
        When there is no such company on that day.
    """
    day = on or today()
    versions = company_versions(connection, [key]).get(key, [])
    held = next((each.values for each in versions if day in each.valid), None)
    if held is None:
        raise NotFoundError(N_("There is no company “%(key)s”."), key=key[:60])
    there = companies_on(connection, day)
    places = there.loc[there.company == key, ["street", "house_number", "plot"]]
    rows = places.astype(object).where(places.notna(), "").to_dict("records")
    lines = (f"{row['street']} {row['house_number']}".strip() or str(row["plot"]) for row in rows)
    told = {name: held[name] or "" for name in ATTRIBUTES}
    return CompanyFacts(key=key, place="; ".join(dict.fromkeys(line for line in lines if line)), **told)


def propose(
    connection: Connection,
    key: str,
    given: Mapping[str, str],
    at: datetime,
    invitation_id: int | None = None,
) -> int:
    """Put into the queue what should be otherwise than it is stored; return how many fields.

    Raises
    ------
    InputError
        When nothing is otherwise, or something is too long.
    """
    facts = company_facts(connection, key)
    proposed = dict(_differing(facts, given))
    if not proposed:
        raise InputError(N_("Nothing differs from what is stored; write what should be otherwise."))
    for field, value in proposed.items():
        put_correction(connection, _id(connection, key), field, value, at, invitation_id)
    return len(proposed)


def _differing(facts: CompanyFacts, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        value = " ".join(given.get(field, facts.value(field)).split())
        if len(value) > LONGEST:
            raise InputError(N_("Please use at most %(n)s characters a field."), n=LONGEST)
        if value != facts.value(field):
            yield field, value


def confirm_facts(connection: Connection, key: str, at: datetime, invitation_id: int) -> None:
    """Write down that a company has looked at what is stored of it and found it right."""
    put_correction(connection, _id(connection, key), CONFIRMED, "", at, invitation_id, is_done=True)


def accept(connection: Connection, number: int, intent: Intent, change: Change, staff_id: int) -> int | None:
    """Take over what was proposed, as a change set, and return it.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    number : int
        Of the proposal.
    intent : Intent
        Whether the stored value was never right, or is not any more since the day of `change`.
    change : Change
        Without a day: the one on which it was proposed.
    staff_id : int

    Returns
    -------
    int or None
        None for what a person has to make something of: it is done then.

    Raises
    ------
    ConflictError
        When somebody else has decided.
    """
    row = correction(connection, number)
    made = None
    if row["field"] in ATTRIBUTES:
        thing = company(connection, row["company"])
        values = {row["field"]: row["proposed"] or None}
        day = change.day or row["received_at"].date()
        as_of = Change(
            change.person,
            BusinessCase.ATTRIBUTES,
            intent,
            day,
            change.reason,
            change.organization,
        )
        made = (
            correct(connection, thing, values, as_of)
            if intent is Intent.CORRECT
            else change_from(connection, {thing: values}, as_of)
        )
    _decide(connection, number, "accepted", staff_id, made)
    return made


def refuse(connection: Connection, number: int, staff_id: int) -> None:
    """Leave what is stored as it is.

    Raises
    ------
    ConflictError
        When somebody else has decided.
    """
    _decide(connection, number, "refused", staff_id, None)


def _decide(connection: Connection, number: int, state: str, staff_id: int, made: int | None) -> None:
    if not decide(connection, number, state, staff_id, made):
        raise ConflictError(N_("Somebody else has decided on this meanwhile."))


def _id(connection: Connection, key: str) -> int:
    return company_ids(connection)[key]

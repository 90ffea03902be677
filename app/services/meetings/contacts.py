"""Contacts of companies: written with their basis, shown to the person, erased, forgotten in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.companies.companies import company_ids
from app.db.meetings.contacts import (
    contact_rows,
    contacts_of,
    erase_person,
    forget_names,
    log_privacy,
    rows_of_person,
    suppressed,
    write_contact,
)
from app.domain.meetings import Basis, Channel, PrivacyAct
from app.domain.meetings.contacts import normalized
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.meetings.invitation_links import suppression_hash

UNWANTED = N_("This address wants no more invitations; it cannot be stored again.")


@dataclass(frozen=True)
class ChannelDraft:
    """How a contact is reached, and by which right."""

    kind: Channel
    value: str
    basis: Basis
    source: str
    obtained_on: date
    review_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class ContactDraft:
    """A person or function of a company, with the ways to reach it."""

    name: str | None
    function: str | None
    note: str | None
    is_shared: bool
    channels: tuple[ChannelDraft, ...]


@dataclass(frozen=True)
class Keeper:
    """Who works with contacts: the person, the agency whose they are, the secret of hashes."""

    staff_id: int
    organization_id: int | None
    secret: str


def save_contact(
    connection: Connection, company: str, contact_id: int | None, draft: ContactDraft, keeper: Keeper
) -> int:
    """Write a contact of a company; return its id.

    Raises
    ------
    NotFoundError
        When there is no such company or contact of the own agency.
    InputError
        When it has no name, function or way to reach it, or an address is none.
    ConflictError
        When an address wants no more invitations.
    """
    ids = company_ids(connection)
    if company not in ids:
        raise NotFoundError(N_("There is no company “%(key)s”."), key=company[:60])
    if contact_id is not None:
        own_contact(connection, contact_id, keeper)
    if not draft.name and not draft.function:
        raise InputError(N_("A contact needs a name or a function."))
    if not draft.channels:
        raise InputError(N_("Write at least one way to reach the contact."))
    rows = [_channel(connection, channel, keeper) for channel in draft.channels]
    values = {
        "company_id": ids[company],
        "name": draft.name,
        "function": draft.function,
        "note": draft.note,
        "shared": draft.is_shared,
    }
    if contact_id is None:
        values["organization_id"] = keeper.organization_id
    return write_contact(connection, contact_id, values, rows)


def _channel(connection: Connection, channel: ChannelDraft, keeper: Keeper) -> Mapping[str, Any]:
    address = normalized(channel.kind, channel.value)
    if suppressed(connection, [suppression_hash(address, keeper.secret)]):
        raise ConflictError(UNWANTED)
    if not channel.source.strip():
        raise InputError(N_("Say where the address comes from."))
    for day in (channel.review_on, channel.expires_on):
        if day is not None and day < channel.obtained_on:
            raise InputError(N_("Review and expiry cannot be before the day on which it was obtained."))
    return {
        "kind": channel.kind,
        "value": channel.value.strip(),
        "normalized": address,
        "basis": channel.basis,
        "source": channel.source.strip(),
        "obtained_on": channel.obtained_on,
        "review_on": channel.review_on,
        "expires_on": channel.expires_on,
    }


def own_contact(connection: Connection, contact_id: int, keeper: Keeper) -> Sequence[RowMapping]:
    """Return a contact that the agency may read, a row a channel.

    Raises
    ------
    NotFoundError
    """
    rows = contact_rows(connection, keeper.organization_id, contact_id)
    if not rows:
        raise NotFoundError(N_("There is no such contact."))
    return rows


def company_contacts(
    connection: Connection, company: str, organization_id: int | None
) -> dict[int, list[RowMapping]]:
    """Return the contacts of a company by number, a row a channel."""
    ids = company_ids(connection)
    if company not in ids:
        raise NotFoundError(N_("There is no company “%(key)s”."), key=company[:60])
    found: dict[int, list[RowMapping]] = {}
    for row in contacts_of(connection, organization_id, [ids[company]]):
        found.setdefault(row["contact_id"], []).append(row)
    return found


def export_contact(connection: Connection, contact_id: int, keeper: Keeper) -> dict[str, Any]:
    """Return all that is stored of a person (GDPR, Art. 15), and note that it was given out."""
    rows = own_contact(connection, contact_id, keeper)
    others = rows_of_person(connection, _person(rows))
    first = dict(rows[0])
    channels = [
        {name: row[name] for name in ("kind", "value", "basis", "source", "obtained_on", "review_on",
                                      "expires_on", "suppressed_at", "bounced_at")}
        for row in rows if row["kind"]
    ]  # fmt: skip
    counts = {"channels": len(channels), **{table: len(found) for table, found in others.items()}}
    log_privacy(connection, PrivacyAct.EXPORT, counts, keeper.staff_id)
    person = {name: first[name] for name in ("company", "name", "function", "note", "shared")}
    return {"exported_at": datetime.now(UTC), "contact": person, "channels": channels, **others}


def erase_contact(connection: Connection, contact_id: int, keeper: Keeper) -> dict[str, int]:
    """Erase all that names a person (GDPR, Art. 17); return how much of what, which is all that is noted."""
    rows = own_contact(connection, contact_id, keeper)
    counts = erase_person(connection, _person(rows))
    log_privacy(connection, PrivacyAct.ERASE, counts, keeper.staff_id)
    return counts


def _person(rows: Sequence[RowMapping]) -> dict[str, Any]:
    first = rows[0]
    written = {row[name] for row in rows for name in ("value", "normalized") if row[name]}
    return {
        "contact": first["contact_id"],
        "name": first["name"],
        "company": first["company_id"],
        "addresses": sorted({*written, *(text.casefold() for text in written)}),
    }


def run_retention(connection: Connection, on: date, n_days: int) -> dict[str, int]:
    """Forget names and addresses of meetings that were more than some days ago, and what has expired.

    What companies did and how many came stays.
    """
    counts = forget_names(connection, on - timedelta(days=n_days), on)
    log_privacy(connection, PrivacyAct.RETENTION, counts)
    return counts

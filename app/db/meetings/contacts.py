"""Contacts of companies: an agency reads its own, by `organization_id`, and those that are shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.meetings.outbox import forget_mails
from app.db.models import Company, Contact, ContactChannel, PrivacyLog, Suppression
from app.db.versions import refusals_in_words
from app.domain.meetings import PrivacyAct


def contacts_of(
    connection: Connection, organization_id: int | None, companies: Collection[int] | None = None
) -> Sequence[RowMapping]:
    """Return the contacts that an agency may read, of some companies or all, a row a channel."""
    statement = _readable(organization_id)
    if companies is not None:
        statement = statement.where(Contact.company_id.in_(companies))
    order = (Contact.company_id, Contact.contact_id, ContactChannel.kind, ContactChannel.channel_id)
    return connection.execute(statement.order_by(*order)).mappings().all()


def _readable(organization_id: int | None) -> Select[Any]:
    own = (
        Contact.organization_id.is_(None)
        if organization_id is None
        else Contact.organization_id == organization_id
    )
    columns = [column for column in ContactChannel.__table__.columns if column.name != "contact_id"]
    return (
        select(Contact.__table__, Company.key.label("company"), *columns)
        .join(Company, Company.company_id == Contact.company_id)
        .outerjoin(ContactChannel, ContactChannel.contact_id == Contact.contact_id)
        .where(or_(Contact.shared, own))
    )


def contact_rows(
    connection: Connection, organization_id: int | None, contact_id: int
) -> Sequence[RowMapping]:
    """Return a contact that an agency may read, a row a channel; none where it may not or there is none."""
    statement = _readable(organization_id).where(Contact.contact_id == contact_id)
    return connection.execute(statement.order_by(ContactChannel.channel_id)).mappings().all()


def to_review(connection: Connection, organization_id: int | None, until: date) -> Sequence[RowMapping]:
    """Return the channels whose review is due or that expire until a day, the first due first."""
    due = or_(ContactChannel.review_on <= until, ContactChannel.expires_on <= until)
    statement = _readable(organization_id).where(due)
    first = (ContactChannel.review_on.nulls_last(), ContactChannel.expires_on, ContactChannel.channel_id)
    return connection.execute(statement.order_by(*first)).mappings().all()


def write_contact(
    connection: Connection,
    contact_id: int | None,
    values: Mapping[str, Any],
    channels: Sequence[Mapping[str, Any]],
) -> int:
    """Write a contact and its channels, which take the place of those there were; return its id.

    A channel that stays keeps what became of it: that it was suppressed, or returned a mail.
    """
    with refusals_in_words("contact"):
        if contact_id is None:
            made = insert(Contact).values(values).returning(Contact.contact_id)
            contact_id = int(connection.execute(made).scalar_one())
        else:
            connection.execute(update(Contact).where(Contact.contact_id == contact_id).values(values))
        stay = [channel["normalized"] for channel in channels]
        gone = "DELETE FROM contact_channel WHERE contact_id = :number AND NOT normalized = ANY(:stay)"
        connection.execute(text(gone), {"number": contact_id, "stay": stay})
        for channel in channels:
            row = {**channel, "contact_id": contact_id}
            connection.execute(
                upsert(ContactChannel)
                .values(row)
                .on_conflict_do_update(index_elements=["contact_id", "kind", "normalized"], set_=row)
            )
    return contact_id


def suppressed(connection: Connection, hashes: Collection[str]) -> set[str]:
    """Return those of some hashes whose addresses want no more invitations."""
    statement = select(Suppression.hash).where(Suppression.hash.in_(hashes))
    return set(connection.execute(statement).scalars())


def log_privacy(
    connection: Connection, act: PrivacyAct, counts: Mapping[str, int], staff_id: int | None = None
) -> None:
    """Note what was done with personal data, in numbers."""
    connection.execute(insert(PrivacyLog).values(act=act, counts=dict(counts), staff_id=staff_id))


# What holds something of a person, found by the contact or by one of its addresses.
_OF_PERSON = {
    "guest": "contact_id = :contact OR (name IS NOT NULL AND name = :name AND company_id = :company)",
    "invitation": "contact_id = :contact OR address_normalized = ANY(:addresses)",
    "outbox": "lower(recipient) = ANY(:addresses)",
    "inbound": "lower(participant) = ANY(:addresses)",
}
_SHOWN = {
    "guest": ("meeting_id",),
    "invitation": ("meeting_id", "channel", "created_at", "revoked_at"),
    "outbox": ("meeting_id", "kind", "state", "sent_at"),
    "inbound": ("meeting_id", "kind", "received_at"),
}


def rows_of_person(connection: Connection, person: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what else is stored of a person, by table; `person` has contact, name, company, addresses."""
    return {
        table: [
            dict(row)
            for row in connection.execute(
                text(f"SELECT {', '.join(_SHOWN[table])} FROM {table} WHERE {where}"),  # noqa: S608
                person,
            ).mappings()
        ]
        for table, where in _OF_PERSON.items()
    }


# Invitations and answers stay as the company's; what names the person goes.
_ERASE = {
    "guest": "DELETE FROM guest WHERE {where}",
    "invitation": (
        "UPDATE invitation SET contact_id = NULL, address_normalized = NULL, revoked_at ="
        " coalesce(revoked_at, now()) WHERE {where}"
    ),
    "inbound": "DELETE FROM inbound WHERE {where}",
    "contact": "DELETE FROM contact WHERE contact_id = :contact",
}


def erase_person(connection: Connection, person: Mapping[str, Any]) -> dict[str, int]:
    """Erase all that names a person; return how many rows of which table."""
    n_mails = sum(forget_mails(connection, address=address) for address in person["addresses"])
    rows = {
        table: connection.execute(
            text(statement.format(where=_OF_PERSON.get(table, ""))), dict(person)
        ).rowcount
        for table, statement in _ERASE.items()
    }
    return {"outbox": n_mails, **rows}


# What names persons at meetings that are long over; what companies did stays.
_RETAIN = {
    "guest": "DELETE FROM guest g USING meeting m WHERE m.meeting_id = g.meeting_id AND m.held_on < :before",
    "invitation": (
        "UPDATE invitation i SET contact_id = NULL, address_normalized = NULL, revoked_at ="
        " coalesce(revoked_at, now()) FROM meeting m WHERE m.meeting_id = i.meeting_id"
        " AND m.held_on < :before AND (i.contact_id IS NOT NULL OR i.address_normalized IS NOT NULL)"
    ),
    "inbound": (
        "DELETE FROM inbound o WHERE :before > coalesce((SELECT held_on FROM meeting m"
        " WHERE m.meeting_id = o.meeting_id), (received_at AT TIME ZONE 'Europe/Berlin')::date)"
    ),
    "contact_channel": "DELETE FROM contact_channel WHERE expires_on < :on",
    "contact": (
        "DELETE FROM contact c WHERE NOT EXISTS"
        " (SELECT FROM contact_channel ch WHERE ch.contact_id = c.contact_id)"
    ),
}


def forget_names(connection: Connection, before: date, on: date) -> dict[str, int]:
    """Remove names and addresses of meetings before a day, and channels that have expired on another."""
    over = "SELECT meeting_id FROM meeting WHERE held_on < :before ORDER BY meeting_id"
    meetings = connection.execute(text(over), {"before": before}).scalars().all()
    n_mails = sum(forget_mails(connection, meeting_id=number) for number in meetings)
    days = {"before": before, "on": on}
    rows = {table: connection.execute(text(statement), days).rowcount for table, statement in _RETAIN.items()}
    return {"outbox": n_mails, **rows}

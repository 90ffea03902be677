"""A meeting in 2027 with invited companies that do not exist, stored; and its mails."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import RowMapping

from app.db.meetings.invited import invitations_of, meeting_of_key
from app.db.models import (
    Company,
    Contact,
    ContactChannel,
    Invitation,
    Meeting,
    MeetingItem,
    Outbox,
)
from app.domain.meetings import MailKind
from app.exchange.meetings.mail import MailSender
from app.exchange.meetings.mail_texts import mail_template
from app.services.meetings.invitation_links import invitation_token, token_hash
from app.services.meetings.mailing import MailRound, queue_round
from tests.db.good_rows import first

AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
STARTS_AT = datetime(2027, 4, 22, 12, tzinfo=UTC)
SECRET = "a secret of this test"
SENDER = MailSender("Agentur", "anlieger@agentur.example", "antwort@agentur.example")
KEY, UID = "treffen-2027", "treffen-2027@anliegertreffen.example"


def store_meeting(connection: Connection, names: Sequence[str], key: str = KEY, uid: str = UID) -> int:
    """Store an announced meeting with an invitation by mail for each name, to ``NAME@nachbar.example``."""
    ends_at = STARTS_AT.replace(hour=14)
    first(connection, "park_version")
    values = {
        "key": key,
        "park_id": first(connection, "park"),
        "title": "Treffen bei Müller",
        "held_on": STARTS_AT.date(),
        "starts_at": STARTS_AT,
        "ends_at": ends_at,
        "place": "Halle 3",
        "state": "announced",
        "uid": uid,
        "organizers": ["Agentur"],
    }
    meeting_id = connection.execute(insert(Meeting).values(values).returning(Meeting.meeting_id)).scalar_one()
    connection.execute(
        insert(MeetingItem).values(meeting_id=meeting_id, position=1, starts_at=STARTS_AT, title="Begrüßung")
    )
    for name in names:
        invite(connection, meeting_id, name)
    return meeting_id


def invite(connection: Connection, meeting_id: int, name: str, **others: Any) -> int:
    """Store a company with a contact, and its invitation; return the invitation's number."""
    company_id = _company(connection, name)
    values = {"company_id": company_id, "function": "Empfang"}
    contact_id = connection.execute(insert(Contact).values(values).returning(Contact.contact_id)).scalar_one()
    address = f"{name}@nachbar.example"
    channel = {
        "contact_id": contact_id,
        "kind": "mail",
        "value": address,
        "normalized": address,
        "basis": "consent",
        "source": "Karte",
        "obtained_on": "2027-01-01",
    }
    connection.execute(insert(ContactChannel).values({**channel, **others}))
    row = {
        "meeting_id": meeting_id,
        "company_id": company_id,
        "contact_id": contact_id,
        "channel": others.get("kind", "mail"),
        "address_normalized": address,
        "token_sha256": hashlib.sha256(f"{meeting_id}/{name}".encode()).digest(),
        "reason": {"text": "Ihr Grundstück grenzt an das des Gastgebers"},
    }
    number: int = connection.execute(
        insert(Invitation).values(row).returning(Invitation.invitation_id)
    ).scalar_one()
    connection.execute(
        text("UPDATE invitation SET token_sha256 = :hash WHERE invitation_id = :number"),
        {"hash": token_hash(invitation_token(number, SECRET)), "number": number},
    )
    return number


def _company(connection: Connection, name: str) -> int:
    known = connection.execute(select(Company.company_id).where(Company.key == name)).scalar()
    if known is not None:
        return known
    company_id: int = connection.execute(
        insert(Company).values(key=name).returning(Company.company_id)
    ).scalar_one()
    whole = {"company_id": company_id, "name": f"{name} GmbH", "starts_precision": "unknown"}
    connection.execute(
        text(
            "INSERT INTO company_version (company_id, name, starts_precision, valid)"
            " VALUES (:company_id, :name, :starts_precision, '(,)')"
        ),
        whole,
    )
    return company_id


def the_meeting(connection: Connection, key: str = KEY) -> RowMapping:
    found = meeting_of_key(connection, key)
    assert found is not None
    return found


def plan(kind: MailKind = MailKind.INVITATION, template: str | None = None) -> MailRound:
    """Return a round of mails with the text that ships."""

    def links(row: RowMapping) -> tuple[str, str]:
        link = f"https://park.example/answer/{invitation_token(row['invitation_id'], SECRET)}"
        return link, f"{link}/unsubscribe"

    return MailRound(kind, template or mail_template(kind), SENDER, None, SECRET, links)


def queue(
    connection: Connection,
    kind: MailKind = MailKind.INVITATION,
    at: datetime = AT,
    day: str = "",
    key: str = KEY,
) -> int:
    """Put the mails to all who are invited into the outbox; return how many."""
    meeting = the_meeting(connection, key)
    numbers = {row["invitation_id"] for row in invitations_of(connection, meeting["meeting_id"])}
    return queue_round(connection, meeting, plan(kind), numbers, at, day=day)


def states(connection: Connection) -> dict[str, str]:
    """Return the state of each mail by its recipient's name."""
    rows = connection.execute(select(Outbox.recipient, Outbox.state).order_by(Outbox.mail_id))
    return {str(row.recipient).partition("@")[0]: row.state for row in rows}

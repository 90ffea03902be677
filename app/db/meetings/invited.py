"""Invitations with what they are about: by the token of their link, by number, by meeting, by address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import (
    Company,
    CompanyVersion,
    Contact,
    ContactChannel,
    Invitation,
    Meeting,
    MeetingItem,
    MeetingOrganization,
    Organization,
    Participation,
    ParticipationEvent,
    PrivacyLog,
    Suppression,
)
from app.db.row_frames import holds
from app.domain.meetings import Channel, EventActor, EventKind, PrivacyAct
from app.domain.period import today

_OF_MEETING = ("key", "title", "held_on", "starts_at", "ends_at", "place", "state", "sequence", "uid")
_OF_PARTICIPATION = ("answer", "heads", "answer_via", "answer_note", "answered_sequence")


def invitation_of_token(connection: Connection, token_sha256: bytes) -> RowMapping | None:
    """Return the invitation of a link; None for one that is none, or was revoked."""
    mine = _invitations().where(Invitation.token_sha256 == token_sha256, Invitation.revoked_at.is_(None))
    return connection.execute(mine).mappings().first()


def invitation_of_number(connection: Connection, number: int) -> RowMapping | None:
    """Return an invitation by its id."""
    return connection.execute(_invitations().where(Invitation.invitation_id == number)).mappings().first()


def invitations_of(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return the invitations of a meeting that hold, in the order of the companies' names."""
    mine = Invitation.meeting_id == meeting_id, Invitation.revoked_at.is_(None)
    statement = _invitations().where(*mine).order_by("company", Invitation.invitation_id)
    return connection.execute(statement).mappings().all()


def invitation_of_address(connection: Connection, uid: str, address: str) -> RowMapping | None:
    """Return the invitation of an address, in lower case, to the meeting of a calendar's uid."""
    mine = Meeting.uid == uid, Invitation.address_normalized == address, Invitation.revoked_at.is_(None)
    return connection.execute(_invitations().where(*mine)).mappings().first()


def _invitations() -> Select[Any]:
    """Return invitations with company, meeting, contact and the company's answer."""
    return (
        select(
            Invitation.__table__,
            Company.key.label("company_key"),
            CompanyVersion.name.label("company"),
            *(getattr(Meeting, name).label(f"meeting_{name}") for name in ("key", "note")),
            *(getattr(Meeting, name) for name in _OF_MEETING[1:]),
            Contact.name.label("contact"),
            Contact.organization_id.label("contact_organization_id"),
            Contact.shared,
            ContactChannel.value.label("address"),
            ContactChannel.kind,
            ContactChannel.basis,
            ContactChannel.expires_on,
            ContactChannel.suppressed_at,
            ContactChannel.bounced_at,
            ContactChannel.bounce_note,
            *(getattr(Participation, name) for name in _OF_PARTICIPATION),
        )
        .join(Meeting, Meeting.meeting_id == Invitation.meeting_id)
        .join(Company, Company.company_id == Invitation.company_id)
        .outerjoin(
            CompanyVersion,
            and_(CompanyVersion.company_id == Company.company_id, *holds(CompanyVersion.valid, today())),
        )
        .outerjoin(Contact, Contact.contact_id == Invitation.contact_id)
        .outerjoin(
            ContactChannel,
            and_(
                ContactChannel.contact_id == Invitation.contact_id,
                ContactChannel.kind == Invitation.channel,
                or_(
                    ContactChannel.normalized == Invitation.address_normalized,
                    Invitation.address_normalized.is_(None),
                ),
            ),
        )
        .outerjoin(
            Participation,
            and_(
                Participation.meeting_id == Invitation.meeting_id,
                Participation.company_id == Invitation.company_id,
            ),
        )
    )


def meeting_of_uid(connection: Connection, uid: str) -> RowMapping | None:
    """Return the meeting of a calendar's uid."""
    return connection.execute(select(Meeting.__table__).where(Meeting.uid == uid)).mappings().first()


def meeting_of_key(connection: Connection, key: str) -> RowMapping | None:
    """Return the meeting of a key."""
    return connection.execute(select(Meeting.__table__).where(Meeting.key == key)).mappings().first()


def set_token(connection: Connection, invitation_id: int, token_sha256: bytes) -> None:
    """Let a link hold from now on, in the place of one there was."""
    mine = Invitation.invitation_id == invitation_id
    connection.execute(update(Invitation).where(mine).values(token_sha256=token_sha256))


def program_of(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return the items of a meeting's program, in order."""
    statement = select(MeetingItem.__table__).where(MeetingItem.meeting_id == meeting_id)
    return connection.execute(statement.order_by(MeetingItem.position)).mappings().all()


def organizers_of(connection: Connection, meeting_id: int) -> list[str]:
    """Return the names of the agencies that organize a meeting."""
    statement = (
        select(Organization.name)
        .join(MeetingOrganization, MeetingOrganization.organization_id == Organization.organization_id)
        .where(MeetingOrganization.meeting_id == meeting_id)
        .order_by(Organization.name)
    )
    return list(connection.execute(statement).scalars())


def last_stamp(connection: Connection, meeting_id: int, company_id: int) -> str | None:
    """Return the latest time at which a calendar of a company says that it answered, as ISO text."""
    event = ParticipationEvent
    statement = (
        select(event.value["stamped_at"].astext)
        .where(
            event.meeting_id == meeting_id,
            event.company_id == company_id,
            event.kind == EventKind.ANSWER,
            event.actor == EventActor.CALENDAR,
        )
        .order_by(event.value["stamped_at"].astext.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar()


def answer_log(connection: Connection, meeting_id: int) -> Mapping[int, list[RowMapping]]:
    """Return the answers to a meeting with when and how they came, by company, the latest last."""
    event = ParticipationEvent
    statement = (
        select(event.company_id, event.value, event.actor, event.server_time)
        .where(event.meeting_id == meeting_id, event.kind == EventKind.ANSWER)
        .order_by(event.counter, event.device, event.event_id)
    )
    found: dict[int, list[RowMapping]] = {}
    for row in connection.execute(statement).mappings():
        found.setdefault(row["company_id"], []).append(row)
    return found


def suppress_address(connection: Connection, address: str, hashed: str, at: datetime) -> None:
    """Let all contacts with a mail address get no more mails, and remember the hash of it."""
    mine = ContactChannel.kind == Channel.MAIL, ContactChannel.normalized == address
    statement = update(ContactChannel).where(*mine, ContactChannel.suppressed_at.is_(None))
    n = connection.execute(statement.values(suppressed_at=at)).rowcount
    fresh = upsert(Suppression).values(hash=hashed, since=at).on_conflict_do_nothing()
    if connection.execute(fresh.returning(Suppression.hash)).scalar() is not None:
        counts = {"channels": n}
        connection.execute(insert(PrivacyLog).values(at=at, act=PrivacyAct.SUPPRESS, counts=counts))


def mark_bounced(connection: Connection, invitation_id: int, at: datetime, note: str) -> None:
    """Mark the address of an invitation, wherever it is a contact's, as one that takes no mail."""
    address = select(Invitation.address_normalized).where(Invitation.invitation_id == invitation_id)
    connection.execute(
        update(ContactChannel)
        .where(
            ContactChannel.kind == Channel.MAIL,
            ContactChannel.normalized == address.scalar_subquery(),
        )
        .values(bounced_at=at, bounce_note=note[:300])
    )

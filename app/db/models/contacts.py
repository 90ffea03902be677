"""Contacts of companies: personal data. None of these tables is in the record of changes or in any export."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, geometry_column, is_kind, is_not_blank
from app.domain.meetings import Basis, Channel, CorrectionState, FollowUpState, PrivacyAct


class Contact(Base):
    """A person or function of a company; for the agency it belongs to, or for all when `shared`."""

    __tablename__ = "contact"
    __table_args__ = (CheckConstraint("num_nonnulls(name, function) > 0", name="is_named"),)

    contact_id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.organization_id"))
    shared: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    name: Mapped[str | None]
    function: Mapped[str | None]
    note: Mapped[str | None]


class ContactChannel(Base):
    """How a contact is reached, and on which basis; `normalized` is what two equal ones share."""

    __tablename__ = "contact_channel"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "normalized"),
        Index("ix_contact_channel_normalized", "kind", "normalized"),
        is_kind("kind", Channel),
        is_kind("basis", Basis),
        is_not_blank("value"),
        is_not_blank("normalized"),
        is_not_blank("source"),
        CheckConstraint("review_on >= obtained_on AND expires_on >= obtained_on", name="days_in_order"),
    )

    channel_id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.contact_id", ondelete="CASCADE"))
    kind: Mapped[str]
    value: Mapped[str]
    normalized: Mapped[str]
    basis: Mapped[str]
    source: Mapped[str]
    obtained_on: Mapped[date] = mapped_column(Date)
    review_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    suppressed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    bounced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    bounce_note: Mapped[str | None]


class Suppression(Base):
    """An address that wants no more invitations, as a keyed hash: an import does not bring it back."""

    __tablename__ = "suppression"
    __table_args__ = (CheckConstraint("hash ~ '^[0-9a-f]{64}$'", name="is_hashed"),)

    hash: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))


class PrivacyLog(Base):
    """What was done with personal data, in numbers: it holds no name and no address."""

    __tablename__ = "privacy_log"
    __table_args__ = (is_kind("act", PrivacyAct),)

    log_id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))
    act: Mapped[str]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)


class Guest(Base):
    """A person at a meeting, by name; removed some weeks after it."""

    __tablename__ = "guest"

    guest_id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"), index=True)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.company_id"))
    name: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.contact_id", ondelete="SET NULL"))


class Invitation(Base):
    """An invitation to one address of a company; of the token of its link only SHA-256."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        Index(
            "uq_invitation_address",
            "meeting_id",
            "address_normalized",
            unique=True,
            postgresql_where=text("address_normalized IS NOT NULL"),
        ),
        is_kind("channel", Channel),
        CheckConstraint("octet_length(token_sha256) = 32", name="token_is_hashed"),
    )

    invitation_id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.contact_id", ondelete="SET NULL"))
    channel: Mapped[str]
    address_normalized: Mapped[str | None]
    token_sha256: Mapped[bytes]
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    sent_with_version: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))


class FollowUp(Base):
    """What is to be done after a meeting, by whom, until when, and where."""

    __tablename__ = "follow_up"
    __table_args__ = (is_not_blank("title"), is_kind("state", FollowUpState))

    follow_up_id: Mapped[Id]
    meeting_id: Mapped[int | None] = mapped_column(
        ForeignKey("meeting.meeting_id", ondelete="CASCADE"), index=True
    )
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.company_id"))
    title: Mapped[str]
    note_internal: Mapped[str | None]
    owner_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))
    due: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(server_default=FollowUpState.OPEN)
    geom: Mapped[Any | None] = geometry_column("POINT", nullable=True)


class Correction(Base):
    """What a company or visitor says that a field of a company should be, until staff decide on it.

    What is accepted without a change set was done by hand, or says that all is right as it is.
    """

    __tablename__ = "correction"
    __table_args__ = (
        is_kind("state", CorrectionState),
        is_not_blank("field"),
        CheckConstraint("state = 'accepted' OR change_set_id IS NULL", name="accepted_as_change"),
    )

    correction_id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    field: Mapped[str]
    proposed: Mapped[str | None]
    said_by: Mapped[int | None] = mapped_column(ForeignKey("invitation.invitation_id", ondelete="SET NULL"))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    state: Mapped[str] = mapped_column(server_default=CorrectionState.OPEN)
    change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_set.change_set_id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))

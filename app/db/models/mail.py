"""Mails of meetings: those that go out, as finished bytes, and those that came in; not in the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, is_kind
from app.domain.meetings import InboundKind, InboundState, MailKind, MailState


class Outbox(Base):
    """A mail that goes out: stored in the transaction that decides on it, sent by a worker.

    `dedupe_key` is what a second mail of the same purpose to the same recipient would have, too. A worker
    has it until `lease_until`; whose lease is over may have handed it to a server, or not.
    `recipient`, `envelope_from` and `message` go when names of the meeting go.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        is_kind("kind", MailKind),
        is_kind("state", MailState),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="lease_while_sending"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_when_sent"),
        CheckConstraint(
            "message IS NOT NULL AND recipient IS NOT NULL OR state IN ('sent', 'failed', 'uncertain')",
            name="message_until_sent",
        ),
        Index("ix_outbox_next_at", "next_at", postgresql_where=text("state IN ('queued', 'retry')")),
        Index("ix_outbox_meeting_id", "meeting_id"),
        Index("ix_outbox_invitation_id", "invitation_id"),
    )

    mail_id: Mapped[Id]
    dedupe_key: Mapped[str]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"))
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.invitation_id", ondelete="CASCADE")
    )
    recipient: Mapped[str | None]
    envelope_from: Mapped[str | None]
    message: Mapped[bytes | None] = mapped_column(LargeBinary)
    kind: Mapped[str]
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=MailState.QUEUED)
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_reply: Mapped[str | None]


class Inbound(Base):
    """A mail that came in and waits for a person, or is done; `message_key` lets none be read in twice."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("message_key"),
        is_kind("kind", InboundKind),
        is_kind("state", InboundState),
        Index("ix_inbound_meeting_id", "meeting_id"),
        Index("ix_inbound_matched_invitation_id", "matched_invitation_id"),
    )

    inbound_id: Mapped[Id]
    message_key: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kind: Mapped[str]
    message: Mapped[bytes | None] = mapped_column(LargeBinary)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"))
    participant: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=InboundState.OPEN)
    matched_invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.invitation_id", ondelete="CASCADE")
    )
    note: Mapped[str | None]

"""Who may change data through the pages, their sessions, and who failed to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, is_not_blank


class Staff(Base):
    """A person who may plan and publish tours."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("name"),
        is_not_blank("name"),
        CheckConstraint("password_hash ~ '^\\$argon2id\\$'", name="password_is_hashed"),
    )

    staff_id: Mapped[Id]
    name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class StaffSession(Base):
    """A session of somebody who signed in, for as long as it is open; `token_hash` is SHA-256 in hex.

    Of the device only browser and system are kept, of its address nothing.
    """

    __tablename__ = "staff_session"
    __table_args__ = (
        Index("ix_staff_session_staff_id", "staff_id"),
        CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="token_is_hashed"),
        CheckConstraint("length(device) <= 60", name="device_is_short"),
        CheckConstraint("last_seen_at >= created_at", name="seen_after_created"),
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id", ondelete="CASCADE"))
    device: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SecondFactor(Base):
    """A person's second factor (TOTP): asked for once it is confirmed. Not in the record of changes.

    `secret` is encrypted, see `app.services.people.second_factor.secret_cipher`; `last_step` is the step of
    time of the last code that was taken; `recovery_hashes` are SHA-256 in hex.
    """

    __tablename__ = "second_factor"
    __table_args__ = (CheckConstraint("secret ~ '^gAAAA[A-Za-z0-9_-]{64,}=*$'", name="secret_is_encrypted"),)

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.staff_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    secret: Mapped[str]
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    recovery_hashes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class SignInFailure(Base):
    """A failed sign-in; `name` and `origin` are keyed hashes of what was typed and where. Kept for a day."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_happened_at", "happened_at"),)

    sign_in_failure_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str]
    origin: Mapped[str]
    happened_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("clock_timestamp()")
    )

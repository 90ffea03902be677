"""Who may sign in: organizations, accounts, their sessions and tokens; and who failed to."""

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

from app.db.models.base import Base, Id, is_key, is_kind, is_not_blank
from app.domain.kinds import ACCOUNT_ROLES, AccessRole, TokenScope


class Organization(Base):
    """Whom a person works for; `short_name` is shown beside the person's name."""

    __tablename__ = "organization"
    __table_args__ = (
        UniqueConstraint("key"),
        is_key(),
        is_not_blank("name"),
        is_not_blank("short_name"),
    )

    organization_id: Mapped[Id]
    key: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str]


class Staff(Base):
    """A person who may sign in, and as what.

    An OpenID Connect provider names the person by `openid_subject` (``sub``) or, without one, by an address.
    """

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("name"),
        UniqueConstraint("openid_issuer", "openid_subject"),
        UniqueConstraint("openid_email"),
        is_not_blank("name"),
        CheckConstraint(
            "(openid_issuer IS NULL) = (openid_subject IS NULL)", name="openid_subject_of_issuer"
        ),
        is_not_blank("openid_subject"),
        is_not_blank("openid_email"),
        CheckConstraint("password_hash ~ '^\\$argon2id\\$'", name="password_is_hashed"),
        is_kind("role", ACCOUNT_ROLES),
    )

    staff_id: Mapped[Id]
    name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    role: Mapped[str] = mapped_column(server_default=AccessRole.STAFF)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.organization_id"))
    openid_issuer: Mapped[str | None]
    openid_subject: Mapped[str | None]
    openid_email: Mapped[str | None]


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


class ApiToken(Base):
    """A token by which a program asks the API in a person's name; `token_hash` is SHA-256 in hex."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index("ix_api_token_staff_id", "staff_id"),
        UniqueConstraint("token_hash"),
        is_not_blank("name"),
        is_kind("scope", TokenScope),
        CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="token_is_hashed"),
        CheckConstraint("expires_at > created_at", name="expires_after_created"),
    )

    api_token_id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id", ondelete="CASCADE"))
    name: Mapped[str]
    scope: Mapped[str]
    token_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PasswordLink(Base):
    """A link by which a person sets a password once; `token_hash` is SHA-256 in hex."""

    __tablename__ = "password_link"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="token_is_hashed"),
    )

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.staff_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    token_hash: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


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

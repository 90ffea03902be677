"""Who may change data through the pages, and who failed to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, is_not_blank


class Staff(Base):
    """A person who may plan and publish tours. `session` changes with the password: older sessions end."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("name"),
        is_not_blank("name"),
        CheckConstraint("password_hash ~ '^\\$argon2id\\$'", name="password_is_hashed"),
    )

    staff_id: Mapped[Id]
    name: Mapped[str]
    password_hash: Mapped[str]
    session: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))


class SignInFailure(Base):
    """A failed sign-in; `origin` is a keyed hash of the address it came from. Kept for a day."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_happened_at", "happened_at"),)

    sign_in_failure_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str]
    origin: Mapped[str]
    happened_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("clock_timestamp()")
    )

"""What the database writes about itself: the data's version, and who changed what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, Identity, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.db.models.base import Base


class XID8(UserDefinedType[Any]):
    """A transaction's number, as PostgreSQL keeps it."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        """Return the type's name."""
        return "xid8"


class DataVersion(Base):
    """One row that every change of data raises (by trigger); caches and ETags compare it."""

    __tablename__ = "data_version"
    __table_args__ = (CheckConstraint("is_only_row", name="one_row"),)

    is_only_row: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DataChange(Base):
    """A transaction that has changed data and not ended, and how often: by that the version will rise."""

    __tablename__ = "data_change"

    transaction_id: Mapped[Any] = mapped_column(XID8, primary_key=True)
    n_changes: Mapped[int]


class AuditEntry(Base):
    """A person's change: who, when, which row, what before, what after (written by trigger)."""

    __tablename__ = "audit_entry"

    audit_entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    actor: Mapped[str]
    table_name: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

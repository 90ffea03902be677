"""What the database writes about itself: the data's version, and who changed what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.db.models.base import Base, Id, is_kind, is_not_blank
from app.domain.kinds import BusinessCase, Intent


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


class ChangeSet(Base):
    """What one save, import or command changed: who, when, what for, with which intent, from which day on.

    `recorded_at` is the instant at which its transaction ended. One that undoes another names it.
    """

    __tablename__ = "change_set"
    __table_args__ = (
        is_not_blank("person"),
        is_kind("business_case", BusinessCase),
        is_kind("intent", Intent),
        CheckConstraint("(undoes IS NOT NULL) = (business_case = 'undo')", name="undoes"),
        Index("ix_change_set_recorded_at", "recorded_at"),
        Index("ix_change_set_undoes", "undoes"),
    )

    change_set_id: Mapped[Id]
    person: Mapped[str]
    organization: Mapped[str | None]
    business_case: Mapped[str] = mapped_column(server_default=BusinessCase.OTHER)
    intent: Mapped[str | None]
    day: Mapped[date | None]
    reason: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=text("clock_timestamp()")
    )
    undoes: Mapped[int | None] = mapped_column(ForeignKey("change_set.change_set_id"))


# The row whose entry it is, where a table's key is one number.
_ROW = "(coalesce(before, after) ->> (table_name || '_id'))"
# The key of the thing, in the order of bytes, in which beginnings are found, too; and whose row it is.
_KEY = "(coalesce(before, after) ->> 'key') COLLATE \"C\""
_COMPANY = "((coalesce(after, before) ->> 'company_id')::integer)"


class AuditEntry(Base):
    """A person's change: who, when, which row, what before, what after (written by trigger)."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_change_set_id", "change_set_id"),
        Index("ix_audit_entry_row", "table_name", text(_ROW)),
        Index("ix_audit_entry_key", "table_name", text(_KEY)),
        Index("ix_audit_entry_company", text(_COMPANY), "change_set_id"),
    )

    audit_entry_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    actor: Mapped[str]
    table_name: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    change_set_id: Mapped[int] = mapped_column(
        ForeignKey("change_set.change_set_id"), server_default=FetchedValue()
    )

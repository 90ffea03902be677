"""Lists of companies that were uploaded and not decided yet, and what their columns were said to mean."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, is_not_blank


class CompanyList(Base):
    """An uploaded list until it is decided on, at the latest until it expires. Not in the record of changes.

    `content` are its cells (see `app.services.companies.uploads`), `answers` what was said of the list,
    `choices` what of its rows.
    """

    __tablename__ = "company_list"
    __table_args__ = (
        Index("ix_company_list_staff_id", "staff_id"),
        is_not_blank("name"),
        CheckConstraint("expires_at > created_at", name="expires_after_created"),
    )

    company_list_id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id", ondelete="CASCADE"))
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    choices: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ListColumns(Base):
    """What an organization said that columns of lists mean, by their names. Not in the record of changes."""

    __tablename__ = "list_columns"
    __table_args__ = (UniqueConstraint("organization_id", postgresql_nulls_not_distinct=True),)

    list_columns_id: Mapped[Id]
    organization_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization.organization_id", ondelete="CASCADE")
    )
    fields: Mapped[dict[str, str]] = mapped_column(JSONB)

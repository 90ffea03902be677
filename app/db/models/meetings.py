"""Neighbor meetings (Anliegertreffen) and each company's part in them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, is_key, is_kind, is_not_blank
from app.domain.kinds import Role


class Meeting(Base):
    """An Anliegertreffen; one that is a walk names its tour."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("key"), is_key(), is_not_blank("title"))

    meeting_id: Mapped[Id]
    key: Mapped[str]
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), index=True)
    title: Mapped[str]
    held_on: Mapped[date] = mapped_column(Date)
    organizers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    program: Mapped[list[str]] = mapped_column(ARRAY(Text))
    tour_id: Mapped[int | None] = mapped_column(ForeignKey("tour.tour_id"))
    note: Mapped[str | None]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class Participation(Base):
    """What is known of a company's part in a meeting; no row means nothing is known."""

    __tablename__ = "participation"
    __table_args__ = (is_kind("role", Role),)

    meeting_id: Mapped[int] = mapped_column(
        ForeignKey("meeting.meeting_id", ondelete="CASCADE"), primary_key=True
    )
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), primary_key=True, index=True)
    role: Mapped[str]

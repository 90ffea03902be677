"""Neighbor meetings (Anliegertreffen): what is planned, and each company's part, folded from a log."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, Id, is_key, is_kind, is_not_blank
from app.domain.meetings import (
    Answer,
    AnswerVia,
    AttendanceKnown,
    EventActor,
    EventKind,
    InvitedVia,
    MeetingState,
    Part,
    Presence,
    PresenceBasis,
)


class Meeting(Base):
    """An Anliegertreffen; one that is a walk names its tour.

    Without `starts_at` only its day is known. `uid` never changes (a trigger refuses); `sequence` rises when
    day, time or place change materially.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("uid"),
        is_key(),
        is_not_blank("title"),
        is_kind("state", MeetingState),
        is_kind("attendance_known", AttendanceKnown),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint(
            "held_on = (starts_at AT TIME ZONE 'Europe/Berlin')::date", name="held_on_day_of_start"
        ),
        CheckConstraint("ends_at IS NULL OR starts_at IS NOT NULL", name="end_needs_start"),
        CheckConstraint("num_nonnulls(host_company_id, host_facility_id) <= 1", name="one_host"),
    )

    meeting_id: Mapped[Id]
    key: Mapped[str]
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), index=True)
    title: Mapped[str]
    held_on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(server_default=MeetingState.DRAFT)
    capacity: Mapped[int | None]
    place: Mapped[str | None]
    host_company_id: Mapped[int | None] = mapped_column(ForeignKey("company.company_id"), index=True)
    host_facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.facility_id"))
    uid: Mapped[str] = mapped_column(server_default=text("gen_random_uuid()::text"))
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    series_key: Mapped[str | None]
    attendance_known: Mapped[str] = mapped_column(server_default=AttendanceKnown.NONE)
    organizers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    tour_id: Mapped[int | None] = mapped_column(ForeignKey("tour.tour_id"))
    note: Mapped[str | None]
    note_internal: Mapped[str | None]
    published: Mapped[bool] = mapped_column(server_default=text("false"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


def _of_meeting(*, is_key: bool = True) -> Any:
    return mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"), primary_key=is_key)


class MeetingPark(Base):
    """A park whose companies a meeting is for; the first one is `Meeting.park_id`."""

    __tablename__ = "meeting_park"

    meeting_id: Mapped[int] = _of_meeting()
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), primary_key=True)


class MeetingOrganization(Base):
    """An agency that organizes a meeting: its staff may change it."""

    __tablename__ = "meeting_organization"

    meeting_id: Mapped[int] = _of_meeting()
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.organization_id"), primary_key=True)


class MeetingItem(Base):
    """An item of a meeting's program."""

    __tablename__ = "meeting_item"
    __table_args__ = (is_not_blank("title"), CheckConstraint("position >= 1", name="position"))

    meeting_id: Mapped[int] = _of_meeting()
    position: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    title: Mapped[str]
    note: Mapped[str | None]


class Participation(Base):
    """What is known of a company's part in a meeting on four axes; no row means nothing is known.

    It is the fold of the company's `ParticipationEvent`s, written with them and by nothing else.
    """

    __tablename__ = "participation"
    __table_args__ = (
        is_kind("invited_via", InvitedVia),
        is_kind("answer", Answer),
        is_kind("answer_via", AnswerVia),
        is_kind("presence", Presence),
        is_kind("presence_basis", PresenceBasis),
        is_kind("part", Part),
        CheckConstraint("heads > 0", name="heads"),
        CheckConstraint("answer <> 'none' OR num_nonnulls(heads, answer_via) = 0", name="answer_is_whole"),
        CheckConstraint("presence <> 'unknown' OR presence_basis IS NULL", name="presence_is_whole"),
    )

    meeting_id: Mapped[int] = _of_meeting()
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), primary_key=True, index=True)
    invited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    invited_via: Mapped[str | None]
    answer: Mapped[str] = mapped_column(server_default=Answer.NONE)
    heads: Mapped[int | None]
    answer_via: Mapped[str | None]
    answer_note: Mapped[str | None]
    answered_sequence: Mapped[int | None]
    presence: Mapped[str] = mapped_column(server_default=Presence.UNKNOWN)
    presence_basis: Mapped[str | None]
    part: Mapped[str] = mapped_column(server_default=Part.GUEST)


class ParticipationEvent(Base):
    """What somebody said of a company's part: appended, never changed (a trigger refuses).

    Whoever says it makes the id, so that saying it twice is saying it once. Order is that of `counter`,
    `device`, id; no clock decides. One that takes another back names it in `of`. `value` names no person.
    """

    __tablename__ = "participation_event"
    __table_args__ = (
        Index("ix_participation_event_meeting_id_company_id", "meeting_id", "company_id"),
        is_kind("kind", EventKind),
        is_kind("actor", EventActor),
        CheckConstraint("counter >= 0", name="counter"),
    )

    event_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    meeting_id: Mapped[int] = _of_meeting(is_key=False)
    # Of the whole meeting, where none is named.
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.company_id"))
    kind: Mapped[str]
    value: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    of: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    counter: Mapped[int] = mapped_column(BigInteger)
    device: Mapped[str]
    client_time: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    server_time: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    actor: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))


class InvitationList(Base):
    """A list of invitations as it was sent; `rows` never change."""

    __tablename__ = "invitation_list"

    meeting_id: Mapped[int] = _of_meeting()
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    data_version: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date] = mapped_column(Date)
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class DoorLink(Base):
    """A link by which phones at the door note who is there, valid on one day; of its token only SHA-256."""

    __tablename__ = "door_link"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        CheckConstraint("octet_length(token_sha256) = 32", name="token_is_hashed"),
    )

    door_link_id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[bytes]
    valid_on: Mapped[date] = mapped_column(Date)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))


def _two_companies() -> CheckConstraint:
    return CheckConstraint("company_a < company_b", name="pair_is_ordered")


class Acquaintance(Base):
    """A statement by a person that two companies know each other."""

    __tablename__ = "acquaintance"
    __table_args__ = (_two_companies(), is_not_blank("source"))

    acquaintance_id: Mapped[Id]
    company_a: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    company_b: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    stated_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))
    note: Mapped[str | None]


class KeepApart(Base):
    """Two companies that shall not be put into one group; for staff alone, in no export."""

    __tablename__ = "keep_apart"
    __table_args__ = (_two_companies(),)

    company_a: Mapped[int] = mapped_column(ForeignKey("company.company_id"), primary_key=True)
    company_b: Mapped[int] = mapped_column(ForeignKey("company.company_id"), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id", ondelete="SET NULL"))
    since: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None]


class MeetingGrouping(Base):
    """How the guests of a meeting were divided, with the value, and the bound that proves how good it is."""

    __tablename__ = "grouping"

    grouping_id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.meeting_id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    method: Mapped[str]
    value: Mapped[float]
    bound: Mapped[float]
    proven: Mapped[bool] = mapped_column(Boolean)
    rounds: Mapped[list[Any] | None] = mapped_column(JSONB)


class GroupMember(Base):
    """A company in a group of a round."""

    __tablename__ = "group_member"
    __table_args__ = (CheckConstraint("round >= 1 AND group_no >= 1", name="numbers"),)

    grouping_id: Mapped[int] = mapped_column(
        ForeignKey("grouping.grouping_id", ondelete="CASCADE"), primary_key=True
    )
    round: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), primary_key=True)
    group_no: Mapped[int]

"""The walk network, leave to use parts of it, and the tours along it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, Computed, DateTime, Float, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, NUMMULTIRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import (
    Base,
    Id,
    geometry_column,
    has_days,
    is_key,
    is_kind,
    is_not_blank,
    no_overlap,
    sound_geometry,
    spatial_index,
)
from app.domain.kinds import Kerb, LocationQuality, TimeBasis, TourStatus, WalkwayAccess, WalkwayKind

# Where no way leads, the line is a picture.
_LEG_LENGTH = """CASE WHEN detours @> '[{"kind": "unreachable"}]' THEN 0 ELSE ST_Length(geometry) END"""


class Walkway(Base):
    """An edge of the walk network; edges meet where their ends coincide.

    `opening_hours`: when everybody may walk an edge that otherwise needs permission.
    """

    __tablename__ = "walkway"
    __table_args__ = (
        no_overlap("ex_walkway_key_valid", "key"),
        is_key(),
        has_days(),
        is_kind("kind", WalkwayKind),
        is_kind("access", WalkwayAccess),
        is_kind("kerb", Kerb),
        is_not_blank("opening_hours"),
        CheckConstraint("opening_hours IS NULL OR access = 'permission'", name="hours_need_permission"),
        *sound_geometry("LINESTRING"),
        CheckConstraint("ST_Length(geometry) > 0", name="geometry_has_length"),
        spatial_index("walkway"),
    )

    walkway_id: Mapped[Id]
    key: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str | None]
    surface: Mapped[str | None]
    kerb: Mapped[str | None]
    access: Mapped[str]
    opening_hours: Mapped[str | None]
    geometry: Mapped[Any] = geometry_column("LINESTRING")
    length_m: Mapped[float] = mapped_column(Float, Computed("ST_Length(geometry)", persisted=True))
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class WalkwayPermission(Base):
    """Leave to use a walkway: who gave it, when, for which days and hours.

    Hours that close before they open last over midnight of the days they begin on.
    """

    __tablename__ = "walkway_permission"
    __table_args__ = (
        has_days(),
        is_not_blank("granted_by"),
        CheckConstraint("opens_at <> closes_at", name="opens_when_it_does_not_close"),
    )

    walkway_permission_id: Mapped[Id]
    walkway_id: Mapped[int] = mapped_column(ForeignKey("walkway.walkway_id", ondelete="CASCADE"), index=True)
    tour_id: Mapped[int | None] = mapped_column(ForeignKey("tour.tour_id", ondelete="CASCADE"))
    granted_by: Mapped[str]
    granted_on: Mapped[date]
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    valid: Mapped[Range[date]]
    note: Mapped[str | None]


class Tour(Base):
    """A walk of several stops. `time_basis`: on what its clock times rest.

    `version` rises with every change, so that nobody overwrites what he has not seen; `sequence`
    does so for calendars. `wish` is what the planner was asked: the tour's request; `called_off`
    what calendars knew of a withdrawn one: title, start and end.
    """

    __tablename__ = "tour"
    __table_args__ = (
        UniqueConstraint("key"),
        is_key(),
        is_not_blank("title"),
        is_kind("time_basis", TimeBasis),
        CheckConstraint("pace_m_s > 0 AND pace_m_s < 5", name="pace_m_s"),
        is_kind("status", TourStatus),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint("group_size BETWEEN 1 AND 500", name="group_size"),
        CheckConstraint("jsonb_typeof(wish) = 'object'", name="wish_is_object"),
        CheckConstraint("jsonb_typeof(called_off) = 'object'", name="called_off_is_object"),
    )

    tour_id: Mapped[Id]
    key: Mapped[str]
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), index=True)
    title: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    time_basis: Mapped[str]
    pace_m_s: Mapped[float] = mapped_column(Float)
    is_round: Mapped[bool]
    status: Mapped[str] = mapped_column(server_default=text("'draft'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    group_size: Mapped[int] = mapped_column(server_default=text("1"))
    wish: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    called_off: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    note: Mapped[str | None]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class TourStop(Base):
    """A place of a tour, in walking order from 1; a company's place, a facility, or any named point.

    Number 0 is where its people meet, which is no visit. `request_stop` is the index of the stop in the
    tour's request, from 0; NULL where people meet, and where an older state of the data did not hold it.

    The visit of `dwell_min` lasts from `begins_at` to `ends_at`; a rest of `pause_min` begins at `pauses_at`;
    what else there is between `arrives_at` and `departs_at` is waiting. A tour without a plan has no times.
    """

    __tablename__ = "tour_stop"
    __table_args__ = (
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("dwell_min >= 0", name="dwell_min"),
        CheckConstraint("pause_min >= 0", name="pause_min"),
        CheckConstraint("request_stop >= 0", name="request_stop"),
        CheckConstraint(
            "num_nulls(arrives_at, begins_at, ends_at, departs_at) IN (0, 4)", name="times_are_whole"
        ),
        CheckConstraint(
            "arrives_at <= begins_at AND begins_at <= ends_at AND ends_at <= departs_at",
            name="times_in_order",
        ),
        CheckConstraint("pauses_at BETWEEN arrives_at AND departs_at", name="pauses_at"),
        CheckConstraint("arrives_at IS NULL OR (pauses_at IS NULL) = (pause_min = 0)", name="pause_is_whole"),
        UniqueConstraint("tour_id", "request_stop"),
        CheckConstraint("num_nonnulls(occupancy_id, facility_id) <= 1", name="one_place"),
        is_not_blank("name"),
        is_kind("location_quality", LocationQuality),
        *sound_geometry("POINT"),
    )

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.tour_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    occupancy_id: Mapped[int | None] = mapped_column(ForeignKey("occupancy.occupancy_id"))
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.facility_id"))
    geometry: Mapped[Any] = geometry_column("POINT")
    location_quality: Mapped[str]
    dwell_min: Mapped[float] = mapped_column(Float)
    pause_min: Mapped[float] = mapped_column(Float, server_default=text("0"))
    note: Mapped[str | None]
    request_stop: Mapped[int | None]
    arrives_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    begins_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    departs_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    pauses_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class TourLeg(Base):
    """The walk from a stop to the next; derived, rebuilt by one command.

    `geometry` is the whole walk. It is on the network between the measures of each range of `network_m`;
    before, between and after them it runs straight, and so does all of a leg without any. A leg to where no
    way leads has the detour `unreachable`; its line is a picture, without meters and minutes.
    `turns` and `detours` describe the way in numbers and names, in no language.
    """

    __tablename__ = "tour_leg"
    __table_args__ = (
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("walk_s >= 0", name="walk_s"),
        CheckConstraint("lower(network_m) >= 0", name="network_begins"),
        CheckConstraint("upper(network_m) <= length_m + 0.001", name="network_ends"),
    )

    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.tour_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    geometry: Mapped[Any] = geometry_column("LINESTRING")
    length_m: Mapped[float] = mapped_column(Float, Computed(_LEG_LENGTH, persisted=True))
    network_m: Mapped[Any] = mapped_column(NUMMULTIRANGE, server_default=text("'{}'"))
    walk_s: Mapped[float] = mapped_column(Float)
    turns: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    detours: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    engine: Mapped[str]


class TourShare(Base):
    """A link by which anybody who has it reads a tour, until it is revoked."""

    __tablename__ = "tour_share"
    __table_args__ = (
        CheckConstraint("token ~ '^[A-Za-z0-9_-]{32,}$'", name="token"),
        CheckConstraint("revoked_at >= created_at", name="revoked_after_made"),
        Index(
            "uq_tour_share_tour_id_open", "tour_id", unique=True, postgresql_where=text("revoked_at IS NULL")
        ),
    )

    token: Mapped[str] = mapped_column(primary_key=True)
    tour_id: Mapped[int] = mapped_column(ForeignKey("tour.tour_id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

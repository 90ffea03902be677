"""Land and what stands on it: parks, plots over time, facilities, footprints; and the sources."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    FetchedValue,
    Float,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.models.base import (
    AREAL,
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
from app.domain.kinds import (
    BoundaryQuality,
    FacilityKind,
    FootprintKind,
    LineageKind,
    LocationQuality,
    MarketingStatus,
    Precision,
    UseStatus,
)


class Source(Base):
    """Where facts come from: a published page, a map, a register; with licence and attribution."""

    __tablename__ = "source"
    __table_args__ = (is_not_blank("title"), UniqueConstraint("title"))

    source_id: Mapped[Id]
    title: Mapped[str]
    url: Mapped[str | None]
    licence: Mapped[str | None]
    attribution: Mapped[str | None]


class Park(Base):
    """The identity of a business park; name and outline are its versions'."""

    __tablename__ = "park"
    __table_args__ = (UniqueConstraint("key"), is_key())

    park_id: Mapped[Id]
    key: Mapped[str]


class ParkVersion(Base):
    """A park's name and outline during a period.

    The versions of a park hold one after the other from its first day to its last (a trigger refuses gaps
    when a transaction ends).
    """

    __tablename__ = "park_version"
    __table_args__ = (
        no_overlap("ex_park_version_park_id_valid", "park_id", deferrable=True),
        is_not_blank("name"),
        has_days(),
        *sound_geometry(*AREAL),
        spatial_index("park_version"),
    )

    park_version_id: Mapped[Id]
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    geometry: Mapped[Any] = geometry_column()
    area_m2: Mapped[float] = mapped_column(Float, Computed("ST_Area(geometry)", persisted=True))
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class Plot(Base):
    """The identity of one piece of land; boundary and state are its versions'."""

    __tablename__ = "plot"
    __table_args__ = (UniqueConstraint("key"), UniqueConstraint("plot_id", "park_id"), is_key())

    plot_id: Mapped[Id]
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), index=True)
    key: Mapped[str]


class PlotVersion(Base):
    """A plot's boundary and state during a period.

    `plot_key` and `park_key` are carried here from the plot and its park, so that pages of plots are found,
    put in order and shown from one table; triggers keep them true.
    """

    __tablename__ = "plot_version"
    __table_args__ = (
        # By an expression: else joins would go through this index, which costs four times the next one.
        no_overlap("ex_plot_version_plot_id_valid", literal_column("(plot_id + 0)"), deferrable=True),
        Index("ix_plot_version_plot_id", "plot_id"),
        Index("ix_plot_version_plot_key", "plot_key"),
        Index("ix_plot_version_area_m2", "area_m2", postgresql_include=["valid"]),
        has_days(),
        is_kind("use_status", UseStatus),
        is_kind("quality", BoundaryQuality),
        is_kind("starts_precision", Precision),
        CheckConstraint("(starts_precision = 'unknown') = lower_inf(valid)", name="unknown_start_is_open"),
        CheckConstraint("official_area_m2 > 0", name="official_area_m2"),
        *sound_geometry(*AREAL),
        spatial_index("plot_version"),
        Index("ix_plot_version_valid", "valid", postgresql_using="gist"),
    )

    plot_version_id: Mapped[Id]
    plot_id: Mapped[int] = mapped_column(ForeignKey("plot.plot_id", ondelete="CASCADE"))
    plot_key: Mapped[str] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    park_key: Mapped[str] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    geometry: Mapped[Any] = geometry_column()
    label: Mapped[str | None]
    street: Mapped[str | None]
    use_status: Mapped[str]
    parcel_number: Mapped[str | None]
    official_area_m2: Mapped[float | None] = mapped_column(Float)
    area_m2: Mapped[float] = mapped_column(Float, Computed("ST_Area(geometry)", persisted=True))
    quality: Mapped[str]
    # A trigger says `day` (or `unknown` of an open beginning) where nothing is said.
    starts_precision: Mapped[str] = mapped_column(server_default=FetchedValue())
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class PlotMarketing(Base):
    """A plot's marketing status during a period, and who may see it; a plot need not have one.

    `note` is as public as the entry, `internal_note` never is.
    """

    __tablename__ = "plot_marketing"
    __table_args__ = (
        no_overlap("ex_plot_marketing_plot_key_valid", "plot_key", deferrable=True),
        has_days(),
        is_kind("status", MarketingStatus),
        is_kind("starts_precision", Precision),
        CheckConstraint("(starts_precision = 'unknown') = lower_inf(valid)", name="unknown_start_is_open"),
    )

    plot_marketing_id: Mapped[Id]
    plot_key: Mapped[str] = mapped_column(
        ForeignKey("plot.key", onupdate="CASCADE", ondelete="CASCADE"), index=True
    )
    status: Mapped[str]
    is_public: Mapped[bool]
    note: Mapped[str | None]
    internal_note: Mapped[str | None]
    as_of: Mapped[str | None]
    starts_precision: Mapped[str]
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class Lineage(Base):
    """A plot version that came from another one by split, merge or redraw."""

    __tablename__ = "lineage"
    __table_args__ = (
        CheckConstraint("parent_version_id <> child_version_id", name="not_itself"),
        is_kind("kind", LineageKind),
    )

    parent_version_id: Mapped[int] = mapped_column(
        ForeignKey("plot_version.plot_version_id", ondelete="CASCADE"), primary_key=True
    )
    child_version_id: Mapped[int] = mapped_column(
        ForeignKey("plot_version.plot_version_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str]


class Facility(Base):
    """Truck parking, bus stop, fuel station: its place, capacity and state during a period."""

    __tablename__ = "facility"
    __table_args__ = (
        no_overlap("ex_facility_key_valid", "key", deferrable=True),
        is_key(),
        has_days(),
        is_not_blank("name"),
        is_kind("kind", FacilityKind),
        is_kind("location_quality", LocationQuality),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("capacity_reserve >= 0", name="capacity_reserve"),
        *sound_geometry("POINT", *AREAL),
        spatial_index("facility"),
    )

    facility_id: Mapped[Id]
    key: Mapped[str]
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), index=True)
    plot_id: Mapped[int | None] = mapped_column(ForeignKey("plot.plot_id"))
    kind: Mapped[str]
    name: Mapped[str]
    capacity: Mapped[int | None]
    capacity_reserve: Mapped[int | None]
    amenities: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    fee: Mapped[str | None]
    security_level: Mapped[str | None]
    url: Mapped[str | None]
    location_quality: Mapped[str]
    geometry: Mapped[Any] = geometry_column()
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class Footprint(Base):
    """A building or car park, for the base drawing only."""

    __tablename__ = "footprint"
    __table_args__ = (
        no_overlap("ex_footprint_key_valid", "key"),
        is_key(),
        has_days(),
        is_kind("kind", FootprintKind),
        *sound_geometry(*AREAL),
        spatial_index("footprint"),
    )

    footprint_id: Mapped[Id]
    key: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str | None]
    geometry: Mapped[Any] = geometry_column()
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))

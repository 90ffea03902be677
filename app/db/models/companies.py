"""Companies, the places they occupy, and who followed whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy.dialects.postgresql import Range
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
from app.domain.kinds import LocationQuality, Precision, SuccessionKind, WzBasis, WzEdition


class Company(Base):
    """The identity of a firm; its name and whatever else can change are its versions'."""

    __tablename__ = "company"
    __table_args__ = (UniqueConstraint("key"), is_key())

    company_id: Mapped[Id]
    key: Mapped[str]


class CompanyVersion(Base):
    """A firm's attributes during a period. `group_name` ties the firms of one group.

    `internal_note` and `contact` (whom to ask for) are for staff: no collection has them.

    The versions of a firm hold one after the other on all days (a trigger refuses gaps when a transaction
    ends), so that a firm has a name on whatever day is asked for.
    """

    __tablename__ = "company_version"
    __table_args__ = (
        # By an expression, as for versions of plots.
        no_overlap(
            "ex_company_version_company_id_valid", literal_column("(company_id + 0)"), deferrable=True
        ),
        has_days(),
        is_not_blank("name"),
        is_kind("wz_edition", WzEdition),
        is_kind("wz_basis", WzBasis),
        CheckConstraint("num_nonnulls(wz_code, wz_edition, wz_basis) IN (0, 3)", name="wz_is_whole"),
        CheckConstraint(r"wz_code ~ '^\d{2}(\.\d{1,2}(\.\d)?)?$'", name="wz_code"),
        is_kind("starts_precision", Precision),
        CheckConstraint("(starts_precision = 'unknown') = lower_inf(valid)", name="unknown_start_is_open"),
        Index("ix_company_version_group_name", "group_name"),
    )

    company_version_id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    group_name: Mapped[str | None]
    sector: Mapped[str | None]
    wz_code: Mapped[str | None]
    wz_edition: Mapped[str | None]
    wz_basis: Mapped[str | None]
    website: Mapped[str | None]
    internal_note: Mapped[str | None]
    contact: Mapped[str | None]
    starts_precision: Mapped[str]
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class Occupancy(Base):
    """A firm using a plot, or a place in the park where only the street is known, during a period.

    `starts_precision` says how exactly the first day is known; `as_of` is the state of the
    source in its own words (``2024-04``).
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        no_overlap("ex_occupancy_key_valid", "key", deferrable=True),
        # By expressions: else joins would go through this index, which begins with the company.
        no_overlap(
            "ex_occupancy_company_plot_valid",
            literal_column("(company_id + 0)"),
            literal_column("(plot_id + 0)"),
            where="plot_id IS NOT NULL",
            deferrable=True,
        ),
        ForeignKeyConstraint(["plot_id", "park_id"], ["plot.plot_id", "plot.park_id"]),
        is_key(),
        has_days(),
        is_kind("location_quality", LocationQuality),
        is_kind("starts_precision", Precision),
        CheckConstraint("(starts_precision = 'unknown') = lower_inf(valid)", name="unknown_start_is_open"),
        CheckConstraint(
            "plot_id IS NOT NULL OR location_quality IN ('street', 'address')", name="place_without_plot"
        ),
        *sound_geometry("POINT"),
        spatial_index("occupancy"),
        Index("ix_occupancy_valid", "valid", postgresql_using="gist"),
        Index("ix_occupancy_key", "key"),
    )

    occupancy_id: Mapped[Id]
    key: Mapped[str]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    park_id: Mapped[int] = mapped_column(ForeignKey("park.park_id"), index=True)
    plot_id: Mapped[int | None] = mapped_column(index=True)
    street: Mapped[str | None]
    house_number: Mapped[str | None]
    geometry: Mapped[Any] = geometry_column("POINT")
    location_quality: Mapped[str]
    starts_precision: Mapped[str]
    as_of: Mapped[str | None]
    note: Mapped[str | None]
    valid: Mapped[Range[date]]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))


class Succession(Base):
    """Company B follows company A at a place: handover, takeover, rename, or one replacing the other."""

    __tablename__ = "succession"
    __table_args__ = (
        UniqueConstraint("predecessor_id", "successor_id", "plot_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("predecessor_id <> successor_id", name="not_itself"),
        is_kind("kind", SuccessionKind),
        is_kind("precision", Precision),
    )

    succession_id: Mapped[Id]
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("company.company_id"), index=True)
    plot_id: Mapped[int | None] = mapped_column(ForeignKey("plot.plot_id"))
    kind: Mapped[str]
    happened_on: Mapped[date]
    precision: Mapped[str]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.source_id"))

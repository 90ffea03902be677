"""Typed neighbor pairs of plot versions (derived), and the decisions of persons about pairs of plots."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, literal_column
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import (
    Base,
    Id,
    geometry_column,
    has_days,
    is_kind,
    is_not_blank,
    no_overlap,
    spatial_index,
)
from app.domain.kinds import OverrideRelation, Relation


def _pair(focal: str, neighbor: str) -> tuple[Any, Any]:
    """Return the two ends of a pair in a fixed order, so that a pair counts once whichever end is focal."""
    return literal_column(f"least({focal}, {neighbor})"), literal_column(f"greatest({focal}, {neighbor})")


class Adjacency(Base):
    """A typed neighbor pair of two plot versions during a period.

    The period lies within both versions' and ends earlier where a third plot comes or goes
    between them. Focal is the plot with the smaller key. Measures that a relation does not
    have are null; `geometry` is the evidence.
    """

    __tablename__ = "adjacency"
    __table_args__ = (
        no_overlap("ex_adjacency_pair_valid", *_pair("focal_version_id", "neighbor_version_id")),
        CheckConstraint("focal_version_id <> neighbor_version_id", name="not_itself"),
        has_days(),
        is_kind("relation", Relation),
        CheckConstraint("least(shared_m, gap_m, facing_m, overlap_m2) >= 0", name="measures"),
        CheckConstraint("(overlap_m2 IS NOT NULL) = (relation = 'overlap')", name="overlap_m2"),
        CheckConstraint("(facing_m IS NOT NULL) = (relation = 'across')", name="facing_m"),
        Index("ix_adjacency_focal_version_id", "focal_version_id"),
        Index("ix_adjacency_neighbor_version_id", "neighbor_version_id"),
        spatial_index("adjacency"),
    )

    adjacency_id: Mapped[Id]
    focal_version_id: Mapped[int] = mapped_column(
        ForeignKey("plot_version.plot_version_id", ondelete="CASCADE")
    )
    neighbor_version_id: Mapped[int] = mapped_column(
        ForeignKey("plot_version.plot_version_id", ondelete="CASCADE")
    )
    relation: Mapped[str]
    shared_m: Mapped[float | None] = mapped_column(Float)
    gap_m: Mapped[float | None] = mapped_column(Float)
    facing_m: Mapped[float | None] = mapped_column(Float)
    overlap_m2: Mapped[float | None] = mapped_column(Float)
    geometry: Mapped[Any] = geometry_column()
    valid: Mapped[Range[date]]
    engine: Mapped[str]


class AdjacencyOverride(Base):
    """What a person decided about two plots; wins over the computed row and survives every rebuild."""

    __tablename__ = "adjacency_override"
    __table_args__ = (
        no_overlap("ex_adjacency_override_pair_valid", *_pair("focal_plot_id", "neighbor_plot_id")),
        CheckConstraint("focal_plot_id <> neighbor_plot_id", name="not_itself"),
        has_days(),
        is_kind("relation", OverrideRelation),
        is_not_blank("reason"),
        is_not_blank("decided_by"),
    )

    adjacency_override_id: Mapped[Id]
    focal_plot_id: Mapped[int] = mapped_column(ForeignKey("plot.plot_id"), index=True)
    neighbor_plot_id: Mapped[int] = mapped_column(ForeignKey("plot.plot_id"), index=True)
    relation: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[str]
    decided_on: Mapped[date]
    valid: Mapped[Range[date]]

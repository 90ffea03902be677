"""What collections, their columns and their values are called, in English; readers get them translated."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.domain import kinds
from app.domain.frames import CONTRACTS

# (collection, column) -> the closed list of its values.
VALUES: Mapping[tuple[str, str], type[StrEnum]] = {
    ("plots", "use_status"): kinds.UseStatus,
    ("plots", "quality"): kinds.BoundaryQuality,
    ("companies", "sector_group"): kinds.SectorGroup,
    ("companies", "wz_edition"): kinds.WzEdition,
    ("companies", "wz_basis"): kinds.WzBasis,
    ("companies", "location_quality"): kinds.LocationQuality,
    ("companies", "starts_precision"): kinds.Precision,
    ("facilities", "kind"): kinds.FacilityKind,
    ("facilities", "location_quality"): kinds.LocationQuality,
    ("walkways", "kind"): kinds.WalkwayKind,
    ("walkways", "kerb"): kinds.Kerb,
    ("walkways", "access"): kinds.WalkwayAccess,
    ("footprints", "kind"): kinds.FootprintKind,
    ("adjacency", "relation"): kinds.Relation,
    ("tours", "time_basis"): kinds.TimeBasis,
    ("tour-stops", "location_quality"): kinds.LocationQuality,
}

VERSIONED = frozenset(name for name, contract in CONTRACTS.items() if "valid_from" in contract.columns)


def values_of(collection: str, column: str) -> tuple[str, ...] | None:
    """Return the only values a column may hold, None where any text is possible."""
    known = VALUES.get((collection, column))
    return None if known is None else tuple(each.value for each in known)

"""What collections, their columns and their values are called, in English; readers get them translated."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.domain import kinds
from app.domain.frames import CONTRACTS
from app.errors import N_

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
    ("company-neighbors", "relation"): kinds.CompanyRelation,
    ("tours", "time_basis"): kinds.TimeBasis,
    ("tour-stops", "location_quality"): kinds.LocationQuality,
}

VERSIONED = frozenset(name for name, contract in CONTRACTS.items() if "valid_from" in contract.columns)


def values_of(collection: str, column: str) -> tuple[str, ...] | None:
    """Return the only values a column may hold, None where any text is possible."""
    known = VALUES.get((collection, column))
    return None if known is None else tuple(each.value for each in known)


# Column -> its name, wherever it stands.
COLUMNS: Mapping[str, str] = {
    "access": N_("Access"),
    "amenities": N_("Amenities"),
    "area_m2": N_("Area in m²"),
    "arrives_min": N_("Arrival, minutes after the start"),
    "as_of": N_("Known as of"),
    "capacity": N_("Capacity"),
    "capacity_reserve": N_("Capacity in reserve"),
    "company": N_("Company"),
    "departs_min": N_("Departure, minutes after the start"),
    "direction": N_("Direction"),
    "dwell_min": N_("Stay in minutes"),
    "engine": N_("Computed by"),
    "facility": N_("Facility"),
    "facing_m": N_("Facing length in m"),
    "fee": N_("Fee"),
    "focal": N_("Plot"),
    "focal_group": N_("Group"),
    "focal_name": N_("Name"),
    "focal_park": N_("Business park"),
    "focal_plots": N_("Plots"),
    "gap_m": N_("Gap in m"),
    "group_name": N_("Group"),
    "house_number": N_("House number"),
    "is_on_network": N_("On the walk network"),
    "is_override": N_("Decided by a person"),
    "kerb": N_("Kerb"),
    "key": N_("Key"),
    "kind": N_("Kind"),
    "label": N_("Label"),
    "length_m": N_("Length in m"),
    "location_quality": N_("Quality of the location"),
    "n_stops": N_("Number of stops"),
    "name": N_("Name"),
    "neighbor": N_("Neighboring plot"),
    "neighbor_group": N_("Group of the neighbor"),
    "neighbor_name": N_("Name of the neighbor"),
    "neighbor_park": N_("Business park of the neighboring plot"),
    "neighbor_plots": N_("Plots of the neighbor"),
    "note": N_("Note"),
    "off_network_m": N_("Length off the walk network in m"),
    "official_area_m2": N_("Official area in m²"),
    "overlap_m2": N_("Overlap in m²"),
    "parcel_number": N_("Parcel number"),
    "park": N_("Business park"),
    "part": N_("Part"),
    "pause_min": N_("Break in minutes"),
    "plot": N_("Plot"),
    "position": N_("Position"),
    "quality": N_("Quality of the boundary"),
    "reason": N_("Reason"),
    "relation": N_("Relation"),
    "sector": N_("Sector"),
    "sector_group": N_("Sector group"),
    "security_level": N_("Security"),
    "shared_m": N_("Common border in m"),
    "source": N_("Source"),
    "starts_at": N_("Start"),
    "starts_precision": N_("Precision of the begin"),
    "street": N_("Street"),
    "surface": N_("Surface"),
    "time_basis": N_("Basis of the times"),
    "title": N_("Title"),
    "total_min": N_("Minutes in all"),
    "tour": N_("Tour"),
    "toured_on": N_("Day of the tour"),
    "url": N_("Address on the web"),
    "use_status": N_("Use"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid until before"),
    "wait_min": N_("Waiting in minutes"),
    "walk_min": N_("Walk in minutes"),
    "website": N_("Website"),
    "wz_basis": N_("Basis of the WZ code"),
    "wz_code": N_("WZ code"),
    "wz_edition": N_("Edition of the WZ code"),
}
GEOMETRY = N_("Geometry")

"""What the columns of all collections are called and mean, and their codes; in English, to be translated.

What the collections are called and hold, in English; readers get it translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.domain import kinds
from app.errors import N_

# Collection -> its name, and what one of its features is; the usual ones first.
COLLECTIONS: Mapping[str, tuple[str, str]] = {
    "plots": (N_("Plots"), N_("Boundary, use and area of every plot. The boundaries are schematic.")),
    "companies": (
        N_("Companies"),
        N_("Every company at every place it uses, with its sector and how reliable the location is."),
    ),
    "facilities": (
        N_("Facilities"),
        N_("Truck parking with capacity and amenities, bus stops, fuel stations."),
    ),
    "walkways": (N_("Walk network"), N_("Streets, footways, paths and steps with their lengths.")),
    "adjacency": (
        N_("Neighbor pairs"),
        N_(
            "Which plots are neighbors, of what kind, with lengths and the common border. Common border:"
            " within 0.1 m over at least 0.5 m; across the street: at most 30 m apart, facing over at least"
            " 10 m."
        ),
    ),
    "company-neighbors": (
        N_("Neighboring companies"),
        N_("Which companies are neighbors, of what kind, through which plots, with lengths."),
    ),
    "tours": (N_("Tours"), N_("The walk of every tour with stops, meters and minutes in total.")),
    "tour-stops": (N_("Tour stops"), N_("The places of the tours with arrival and departure.")),
    "tour-legs": (N_("Tour legs"), N_("The walks between the stops, on and off the walk network.")),
    "parks": (N_("Business parks"), N_("Outline and area of the business parks.")),
    "footprints": (N_("Buildings and car parks"), N_("Simplified outlines for drawing; not complete.")),
}

# (collection, column) -> the closed list of its values.
VALUES: Mapping[tuple[str, str], type[StrEnum]] = {
    ("plots", "use_status"): kinds.UseStatus,
    ("plots", "quality"): kinds.BoundaryQuality,
    ("plots", "marketing_status"): kinds.MarketingStatus,
    ("plots", "marketing_precision"): kinds.Precision,
    ("plots", "starts_precision"): kinds.Precision,
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

# Column -> its name, wherever it stands.
COLUMNS: Mapping[str, str] = {
    "access": N_("Access"),
    "amenities": N_("Amenities"),
    "area_m2": N_("Area in m²"),
    "arrives_at": N_("Arrival, hours from midnight of the tour's day"),
    "arrives_min": N_("Arrival, minutes after the start"),
    "as_of": N_("Known as of"),
    "capacity": N_("Capacity"),
    "capacity_reserve": N_("Capacity in reserve"),
    "company": N_("Company"),
    "departs_at": N_("Departure, hours from midnight of the tour's day"),
    "departs_min": N_("Departure, minutes after the start"),
    "direction": N_("Direction"),
    "dwell_min": N_("Stay in minutes"),
    "ends_at": N_("End, hours from midnight of the tour's day"),
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
    "kerb": N_("Curb"),
    "key": N_("Key"),
    "kind": N_("Kind"),
    "label": N_("Label"),
    "length_m": N_("Length in m"),
    "location_quality": N_("Quality of the location"),
    "marketing_from": N_("Marketing status since"),
    "marketing_note": N_("Note on the marketing status"),
    "marketing_precision": N_("Precision of the start of the marketing status"),
    "marketing_status": N_("Marketing status"),
    "n_stops": N_("Number of stops"),
    "name": N_("Name"),
    "neighbor": N_("Neighboring plot"),
    "neighbor_group": N_("Group of the neighbor"),
    "neighbor_name": N_("Name of the neighbor"),
    "neighbor_park": N_("Business park of the neighboring plot"),
    "neighbor_plots": N_("Plots of the neighbor"),
    "note": N_("Note"),
    "occupants": N_("Companies on the plot"),
    "off_network_m": N_("Length off the walk network in m"),
    "official_area_m2": N_("Official area in m²"),
    "opening_hours": N_("Open to everybody"),
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
    "starts_precision": N_("Precision of the start"),
    "street": N_("Street"),
    "surface": N_("Surface"),
    "time_basis": N_("Basis of the times"),
    "title": N_("Title"),
    "total_min": N_("Minutes in total"),
    "tour": N_("Tour"),
    "toured_on": N_("Day of the tour"),
    "url": N_("Address on the web"),
    "use_status": N_("Use"),
    "valid_from": N_("Valid from"),
    "valid_to": N_("Valid until (exclusive)"),
    "wait_min": N_("Waiting in minutes"),
    "walk_min": N_("Walk in minutes"),
    "website": N_("Website"),
    "wz_basis": N_("Basis of the WZ code"),
    "wz_code": N_("WZ code"),
    "wz_edition": N_("Edition of the WZ code"),
}

# (collection, column) -> its name where the same column is called otherwise elsewhere.
OWN_COLUMNS: Mapping[tuple[str, str], str] = {
    ("company-neighbors", "focal"): N_("Company"),
    ("company-neighbors", "neighbor"): N_("Neighboring company"),
    ("company-neighbors", "neighbor_park"): N_("Business park of the neighbor"),
}
# Column -> its description, in whatever collection.
MEANINGS: Mapping[str, str] = {
    "access": N_("Who may walk here."),
    "amenities": N_("What is available there, separated by semicolons."),
    "area_m2": N_("Area of the outline in square meters, computed in EPSG:25832."),
    "arrives_at": N_(
        "Time of arrival; hours count on after midnight, so 24:30 is half past twelve at night."
    ),
    "arrives_min": N_("Minutes from the start of the tour to the arrival."),
    "as_of": N_(
        "The day or month that the source refers to, in its own words. Where the start is not known, it is "
        "not known either whether the row was valid already before it."
    ),
    "capacity": N_("Number of vehicles there is room for."),
    "capacity_reserve": N_("Number of further vehicles for which space is held in reserve."),
    "company": N_("Key of the company."),
    "departs_at": N_("Time of departure; hours count on after midnight."),
    "departs_min": N_("Minutes from the start of the tour to the departure."),
    "direction": N_(
        "Where the neighbor lies, seen from the company in focal: N, NE, E, SE, S, SW, W or NW "
        "(grid north), along the longest stretch."
    ),
    "dwell_min": N_("Minutes of stay."),
    "engine": N_("The program and version that computed the row."),
    "facility": N_("Key of the facility."),
    "facing_m": N_("Across a street: the length over which the two face each other, in meters."),
    "fee": N_("What it costs, in the words of the source."),
    "focal": N_("Key of the first plot of the pair; each pair is listed once."),
    "focal_group": N_("Group to which the company belongs."),
    "focal_name": N_("Name of the company."),
    "focal_park": N_("Key of the business park of the first."),
    "focal_plots": N_(
        "Keys of the company's plots through which the two are neighbors, separated by semicolons."
    ),
    "gap_m": N_(
        "Distance in meters; where several stretches count, the smallest for companies and the "
        "largest along a border."
    ),
    "group_name": N_("Group of companies to which it belongs."),
    "house_number": N_("House number, as the source writes it."),
    "is_on_network": N_("Whether this part is on the walk network; otherwise in a straight line off it."),
    "is_override": N_("Whether a person decided this instead of the computation."),
    "kerb": N_("How high the curb at a crossing is."),
    "key": N_("Stays the same forever; part of the feature's id."),
    "kind": N_("What it is."),
    "label": N_("Name or number by which the plot is known."),
    "length_m": N_("Length in meters."),
    "location_quality": N_("How reliable the location is."),
    "marketing_from": N_("First day of that marketing status; empty where it is not known."),
    "marketing_note": N_("What else there is to know of the marketing status."),
    "marketing_precision": N_("How precisely the first day of the marketing status is known."),
    "marketing_status": N_(
        "Whether the plot can be had on the day asked for; for a period, the last status in it while this "
        "version was valid. Empty where none is published."
    ),
    "n_stops": N_("Number of stops of the tour."),
    "name": N_("Name, as it is known."),
    "neighbor": N_("Key of the second plot of the pair."),
    "neighbor_group": N_("Group to which the neighbor belongs."),
    "neighbor_name": N_("Name of the neighboring company."),
    "neighbor_park": N_("Key of the business park of the second."),
    "neighbor_plots": N_(
        "Keys of the neighbor's plots through which the two are neighbors, separated by semicolons."
    ),
    "note": N_("What else there is to know."),
    "occupants": N_(
        "Names of the companies that use the plot on the day asked for, separated by semicolons; "
        "for a period, of all that used it during the part of it in which this version was valid."
    ),
    "off_network_m": N_("Meters of the walk that are off the walk network."),
    "official_area_m2": N_("Area according to the cadastre, where it is known."),
    "opening_hours": N_(
        "When everybody may walk here without access permission, as OpenStreetMap writes it."
    ),
    "overlap_m2": N_("Area over which two outlines overlap, in square meters."),
    "parcel_number": N_("Number in the cadastre, where it is known."),
    "park": N_("Key of the business park."),
    "part": N_("Number of the part within the leg, from 1."),
    "pause_min": N_("Minutes of break."),
    "plot": N_("Key of the plot."),
    "position": N_("Number within the tour, from 1."),
    "quality": N_("How reliable the outline is."),
    "reason": N_("Why a person decided so; otherwise empty."),
    "relation": N_("How the two are neighbors; the strongest relation that holds."),
    "sector": N_("What the company does, in words."),
    "sector_group": N_("Sector as colored on the map; derived from the WZ code."),
    "security_level": N_("How it is guarded, in the words of the source."),
    "shared_m": N_("Length over which the borders run together, in meters."),
    "source": N_("Where this comes from."),
    "ends_at": N_("Time at which the tour ends; hours count on after midnight."),
    "starts_at": N_("Time of day at which the tour starts, in the parks' time."),
    "starts_precision": N_("How precisely the first day is known."),
    "street": N_("Street."),
    "surface": N_("What the way is made of."),
    "time_basis": N_("What the times are based on."),
    "title": N_("Title."),
    "total_min": N_("Minutes from start to end."),
    "tour": N_("Key of the tour."),
    "toured_on": N_("Day of the tour."),
    "url": N_("Where more is said about it."),
    "use_status": N_("What the plot is used for."),
    "valid_from": N_("First day on which the row is valid; empty where the start is not known."),
    "valid_to": N_("First day on which the row is no longer valid; empty where it still is."),
    "wait_min": N_("Minutes of waiting before a stop opens."),
    "walk_min": N_("Minutes of walking."),
    "website": N_("The company's own page."),
    "wz_basis": N_("Why the company has this code."),
    "wz_code": N_("Code of the German classification of economic activities."),
    "wz_edition": N_("Year of that classification."),
}
# (collection, column) -> its description where that differs from the other collections'.
OWN_MEANINGS: Mapping[tuple[str, str], str] = {
    ("companies", "key"): N_("Identifies the company's use of one place; a company with two places has two."),
    ("tour-stops", "company"): N_("Key of the company's place that is visited."),
    ("company-neighbors", "focal"): N_("Key of the first company of the pair; each pair is listed once."),
    ("company-neighbors", "neighbor"): N_("Key of the second company of the pair."),
}
# Kind of code -> code -> its definition; the lengths are those that neighbors are computed with.
DEFINITIONS: Mapping[type[StrEnum], Mapping[str, str]] = {
    kinds.Relation: {
        kinds.Relation.OVERLAP: N_(
            "Their interiors overlap by more than a sliver: by more than %(snap_m)s in width."
        ),
        kinds.Relation.EDGE: N_(
            "Their borders run within %(snap_m)s of each other over at least %(edge_m)s."
        ),
        kinds.Relation.CORNER: N_(
            "Their borders come within %(snap_m)s of each other, but run together over less than %(edge_m)s."
        ),
        kinds.Relation.ACROSS: N_(
            "At most %(across_m)s apart, facing each other over at least %(facing_m)s, with no third plot in"
            " between."
        ),
    },
    kinds.CompanyRelation: {
        kinds.CompanyRelation.SAME_PLOT: N_("Both companies use the same plot."),
    },
}


def title_of(collection: str, column: str) -> str:
    """Return what a column of a collection is called."""
    return OWN_COLUMNS.get((collection, column)) or COLUMNS[column]


def meaning_of(collection: str, column: str) -> str:
    """Return the description of a column of a collection."""
    return OWN_MEANINGS.get((collection, column)) or MEANINGS[column]

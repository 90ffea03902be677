"""The closed lists of values. The database's check constraints are made from these."""

from __future__ import annotations

from enum import StrEnum


class Relation(StrEnum):
    """How two plots are neighbors, strongest first (the order is the precedence)."""

    OVERLAP = "overlap"
    EDGE = "edge"
    CORNER = "corner"
    ACROSS = "across"


class AccessRole(StrEnum):
    """What a person may do, and all that those before may; a visitor has not signed in."""

    VISITOR = "visitor"
    ANALYST = "analyst"
    STAFF = "staff"
    ADMIN = "admin"

    def includes(self, needed: AccessRole) -> bool:
        """Return whether this role may do what `needed` may."""
        ranks = list(AccessRole)
        return ranks.index(self) >= ranks.index(needed)


# Those that an account may have.
ACCOUNT_ROLES = (AccessRole.ANALYST, AccessRole.STAFF, AccessRole.ADMIN)


class TokenScope(StrEnum):
    """What a token for the API allows at most; never more than its owner's role."""

    READ = "read"


class CompanyRelation(StrEnum):
    """How two companies are neighbors: through one plot, or through the relation of their plots."""

    SAME_PLOT = "same_plot"
    OVERLAP = "overlap"
    EDGE = "edge"
    CORNER = "corner"
    ACROSS = "across"


class Objective(StrEnum):
    """What makes a tour the best; ties are decided by what follows, in that order.

    What may be left out is visited whenever that is possible: most value of the optional stops visited comes
    first, whatever the objective. It names what a tour is measured by, and what decides among those of equal
    value.

    WALKING: most value, then least meters walked, then shortest, then earliest.
    DURATION: most value, then shortest from start to end, then least meters, then earliest.
    VALUE: the same tours as DURATION; bound and measure are the value.
    """

    WALKING = "walking"
    DURATION = "duration"
    VALUE = "value"


# The eighths of the compass, from the north clockwise.
COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


class OverrideRelation(StrEnum):
    """What a person may decide about a pair of plots; ``none``: they are no neighbors."""

    OVERLAP = "overlap"
    EDGE = "edge"
    CORNER = "corner"
    ACROSS = "across"
    NONE = "none"


class UseStatus(StrEnum):
    """What a plot is used for during a period."""

    OCCUPIED = "occupied"
    FACILITY = "facility"
    CONSTRUCTION = "construction"
    VACANT = "vacant"
    GREEN = "green"
    UNKNOWN = "unknown"


class MarketingStatus(StrEnum):
    """Whether a plot can be had, as its agency offers it during a period."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    ALLOCATED = "allocated"
    UNAVAILABLE = "unavailable"


class BoundaryQuality(StrEnum):
    """How far a plot's boundary can be trusted."""

    CADASTRE = "cadastre"
    SURVEYED = "surveyed"
    SCHEMATIC = "schematic"


class LocationQuality(StrEnum):
    """How far a location can be trusted; ``street`` is a placeholder in the street or park."""

    SURVEYED = "surveyed"
    MAPPED = "mapped"
    ADDRESS = "address"
    STREET = "street"
    SCHEMATIC = "schematic"

    @property
    def is_approximate(self) -> bool:
        """Whether a place is only about there."""
        return self in {LocationQuality.STREET, LocationQuality.SCHEMATIC}


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


class FacilityKind(StrEnum):
    """Places of the park that belong to no company's plot."""

    TRUCK_PARKING = "truck_parking"
    BUS_STOP = "bus_stop"
    FUEL = "fuel"


class WalkwayKind(StrEnum):
    """What a walk network edge is."""

    STREET = "street"
    FOOTWAY = "footway"
    PATH = "path"
    STEPS = "steps"
    CROSSING = "crossing"
    GATE = "gate"
    YARD = "yard"


class WalkwayAccess(StrEnum):
    """Who may walk an edge; ``permission`` needs recorded leave."""

    PUBLIC = "public"
    PERMISSION = "permission"


class Kerb(StrEnum):
    """How high the kerb at a crossing is; a raised one stops wheels."""

    FLUSH = "flush"
    LOWERED = "lowered"
    RAISED = "raised"


class FootprintKind(StrEnum):
    """What the base drawing shows beside streets."""

    BUILDING = "building"
    PARKING = "parking"


class LineageKind(StrEnum):
    """How one plot version came from another."""

    SPLIT = "split"
    MERGE = "merge"
    REDRAW = "redraw"


class SuccessionKind(StrEnum):
    """How one company follows another."""

    HANDOVER = "handover"
    TAKEOVER = "takeover"
    RENAME = "rename"
    REPLACEMENT = "replacement"


class BusinessCase(StrEnum):
    """What happened in the park, or to what is known of it, that one save tells."""

    ARRIVAL = "arrival"
    EXPANSION = "expansion"
    MOVE = "move"
    SUCCESSION = "succession"
    DEPARTURE = "departure"
    PLACEMENT = "placement"
    ATTRIBUTES = "attributes"
    USE_CHANGE = "use_change"
    MARKETING = "marketing"
    DAY = "day"
    UNDO = "undo"
    RESTORE = "restore"
    IMPORT = "import"
    OTHER = "other"
    LIST = "list"
    WALKWAY = "walkway"
    PERMISSION = "permission"
    DECISION = "decision"
    MEETING = "meeting"


class Intent(StrEnum):
    """Whether a save says what was never so (correct), or what is so from a day on (change)."""

    CORRECT = "correct"
    CHANGE = "change"


class WzEdition(StrEnum):
    """Edition of the German classification of economic activities."""

    WZ2008 = "2008"
    WZ2025 = "2025"


class WzBasis(StrEnum):
    """Why a company carries its WZ code."""

    REGISTER = "register"
    STATED = "stated"
    INFERRED = "inferred"


class TimeBasis(StrEnum):
    """What a tour's clock times rest on: an announcement, the planner's work, or a mere assumption."""

    PUBLISHED = "published"
    PLANNED = "planned"
    ASSUMED = "assumed"


class TourStatus(StrEnum):
    """Who sees a tour: its makers, everybody, or its makers again (calendars learn it is off)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class SectorGroup(StrEnum):
    """Sectors as the map groups them."""

    RETAIL = "retail"
    AUTOMOTIVE = "automotive"
    ENGINEERING = "engineering"
    LOGISTICS = "logistics"
    CRAFTS = "crafts"
    SERVICES = "services"
    HOSPITALITY = "hospitality"
    FUEL = "fuel"
    UNKNOWN = "unknown"


# First digits of the WZ 2008 code; division 45 is gone in WZ 2025, whose codes then meet 46 and 47,
# longest prefix deciding.
SECTOR_PREFIXES: dict[str, SectorGroup] = {
    "47.3": SectorGroup.FUEL,
    "45": SectorGroup.AUTOMOTIVE,
    "46": SectorGroup.RETAIL,
    "47": SectorGroup.RETAIL,
    "29": SectorGroup.AUTOMOTIVE,
    "62": SectorGroup.ENGINEERING,
    "71": SectorGroup.ENGINEERING,
    "41": SectorGroup.CRAFTS,
    "42": SectorGroup.CRAFTS,
    "43": SectorGroup.CRAFTS,
    "49": SectorGroup.LOGISTICS,
    "52": SectorGroup.LOGISTICS,
    "53": SectorGroup.LOGISTICS,
    "55": SectorGroup.HOSPITALITY,
    "56": SectorGroup.HOSPITALITY,
}


def sector_group(wz_code: str | None) -> SectorGroup:
    """Return the map's group of a WZ code; no code is ``unknown``, any other a service."""
    if not wz_code:
        return SectorGroup.UNKNOWN
    for length in range(len(wz_code), 1, -1):
        if found := SECTOR_PREFIXES.get(wz_code[:length]):
            return found
    return SectorGroup.SERVICES

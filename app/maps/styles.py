"""Colors and signs of the map, in one place; a color never speaks alone.

The colors are Okabe and Ito's, which stay apart under the common kinds of color blindness
(Okabe, Ito: Color Universal Design, 2008).
"""

from __future__ import annotations

from app.domain.kinds import CompanyRelation, FacilityKind, MarketingStatus, SectorGroup, UseStatus
from app.errors import N_

ORANGE, SKY, GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, VERMILION, PURPLE, BLACK = "#0072b2", "#d55e00", "#cc79a7", "#1f2328"
GRAY = "#767d86"
WHITE_INK, DARK_INK = "#ffffff", "#14181d"

Style = dict[str, str | int | float | None]

# A status is told by tint and by pattern: a hatch or dots where two tints could be mistaken.
PLOT_STYLES: dict[UseStatus, Style] = {
    UseStatus.OCCUPIED: {"label": N_("occupied"), "color": BLUE, "fill": 0.22, "pattern": None},
    UseStatus.FACILITY: {"label": N_("facility"), "color": PURPLE, "fill": 0.30, "pattern": None},
    UseStatus.CONSTRUCTION: {
        "label": N_("under construction"),
        "color": ORANGE,
        "fill": 0.30,
        "pattern": "hatch",
    },
    UseStatus.VACANT: {"label": N_("vacant"), "color": YELLOW, "fill": 0.45, "pattern": None},
    UseStatus.GREEN: {"label": N_("green space"), "color": GREEN, "fill": 0.28, "pattern": None},
    UseStatus.UNKNOWN: {"label": N_("use unknown"), "color": GRAY, "fill": 0.10, "pattern": "dots"},
}

# What is offered stands out; what cannot be had steps back. No status is told by color alone, either.
MARKETING_STYLES: dict[MarketingStatus, Style] = {
    MarketingStatus.AVAILABLE: {"label": N_("available"), "color": GREEN, "fill": 0.45, "pattern": None},
    MarketingStatus.RESERVED: {"label": N_("reserved"), "color": ORANGE, "fill": 0.35, "pattern": "hatch"},
    MarketingStatus.ALLOCATED: {"label": N_("allocated"), "color": BLUE, "fill": 0.30, "pattern": None},
    MarketingStatus.UNAVAILABLE: {
        "label": N_("not available"),
        "color": GRAY,
        "fill": 0.25,
        "pattern": "dots",
    },
}

# The first letter of a label stands on the sign, so labels differ in their first letter in each language.
SECTOR_STYLES: dict[SectorGroup, Style] = {
    SectorGroup.RETAIL: {"label": N_("Retail"), "color": BLUE, "ink": WHITE_INK, "icon": "retail"},
    SectorGroup.AUTOMOTIVE: {
        "label": N_("Automotive"),
        "color": VERMILION,
        "ink": WHITE_INK,
        "icon": "automotive",
    },
    SectorGroup.ENGINEERING: {
        "label": N_("Development and engineering"),
        "color": PURPLE,
        "ink": DARK_INK,
        "icon": "engineering",
    },
    SectorGroup.LOGISTICS: {"label": N_("Logistics"), "color": GREEN, "ink": WHITE_INK, "icon": "logistics"},
    SectorGroup.CRAFTS: {
        "label": N_("Construction and crafts"),
        "color": ORANGE,
        "ink": DARK_INK,
        "icon": "crafts",
    },
    SectorGroup.SERVICES: {"label": N_("Services"), "color": SKY, "ink": DARK_INK, "icon": "services"},
    SectorGroup.HOSPITALITY: {
        "label": N_("Hospitality"),
        "color": YELLOW,
        "ink": DARK_INK,
        "icon": "hospitality",
    },
    SectorGroup.FUEL: {"label": N_("Fuel station"), "color": BLACK, "ink": WHITE_INK, "icon": "fuel"},
    SectorGroup.UNKNOWN: {"label": N_("Not stated"), "color": GRAY, "ink": WHITE_INK, "icon": "unknown"},
}

FACILITY_STYLES: dict[FacilityKind, Style] = {
    FacilityKind.TRUCK_PARKING: {
        "label": N_("Truck parking"),
        "color": BLUE,
        "ink": WHITE_INK,
        "icon": "truck_parking",
        "letter": "P",
    },
    FacilityKind.BUS_STOP: {"label": N_("Bus stop"), "color": GREEN, "ink": WHITE_INK, "icon": "bus_stop"},
    FacilityKind.FUEL: {"label": N_("Fuel station"), "color": BLACK, "ink": WHITE_INK, "icon": "fuel"},
}

# Line style says the relation as much as color does: solid, dotted, dashed, double.
RELATION_STYLES: dict[CompanyRelation, Style] = {
    CompanyRelation.SAME_PLOT: {"label": N_("on the same plot"), "color": BLACK, "line": "none"},
    CompanyRelation.OVERLAP: {"label": N_("boundaries overlap"), "color": "#c1121f", "line": "double"},
    CompanyRelation.EDGE: {"label": N_("common boundary"), "color": BLUE, "line": "solid"},
    CompanyRelation.CORNER: {"label": N_("meeting at a corner"), "color": "#a3497a", "line": "dotted"},
    CompanyRelation.ACROSS: {"label": N_("opposite"), "color": VERMILION, "line": "dashed"},
}


def style_table() -> dict[str, dict[str, Style]]:
    """Return all styles as the browser modules read them, keyed by kind and value, in legend order."""
    return {
        "plots": {str(status): style for status, style in PLOT_STYLES.items()},
        "marketing": {str(status): style for status, style in MARKETING_STYLES.items()},
        "sectors": {str(group): style for group, style in SECTOR_STYLES.items()},
        "facilities": {str(kind): style for kind, style in FACILITY_STYLES.items()},
        "relations": {str(relation): style for relation, style in RELATION_STYLES.items()},
    }

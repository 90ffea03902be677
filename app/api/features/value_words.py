"""What the codes of closed lists are called on pages; in the data they stay codes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import gettext

from app.api.features.words import VALUES
from app.domain import kinds
from app.errors import N_
from app.maps.styles import FACILITY_STYLES, PLOT_STYLES, RELATION_STYLES, SECTOR_STYLES, Style


def _labels(styles: Mapping[Any, Style]) -> dict[str, str]:
    return {str(kind): str(style["label"]) for kind, style in styles.items()}


# Kind of code -> code -> its name in English. Where a code says enough (an edition of a year), it has none.
NAMES: Mapping[type[StrEnum], Mapping[str, str]] = {
    kinds.UseStatus: _labels(PLOT_STYLES),
    kinds.SectorGroup: _labels(SECTOR_STYLES),
    kinds.FacilityKind: _labels(FACILITY_STYLES),
    kinds.Relation: _labels(RELATION_STYLES),
    kinds.BoundaryQuality: {
        kinds.BoundaryQuality.CADASTRE: N_("from the cadastre"),
        kinds.BoundaryQuality.SURVEYED: N_("surveyed"),
        kinds.BoundaryQuality.SCHEMATIC: N_("schematic"),
    },
    kinds.LocationQuality: {
        kinds.LocationQuality.SURVEYED: N_("surveyed"),
        kinds.LocationQuality.MAPPED: N_("taken from a map"),
        kinds.LocationQuality.ADDRESS: N_("by its address"),
        kinds.LocationQuality.STREET: N_("only street or park is known"),
        kinds.LocationQuality.SCHEMATIC: N_("schematic"),
    },
    kinds.WzBasis: {
        kinds.WzBasis.REGISTER: N_("from a register"),
        kinds.WzBasis.STATED: N_("as stated by the company"),
        kinds.WzBasis.INFERRED: N_("inferred"),
    },
    kinds.Precision: {
        kinds.Precision.DAY: N_("to the day"),
        kinds.Precision.MONTH: N_("to the month"),
        kinds.Precision.YEAR: N_("to the year"),
        kinds.Precision.UNKNOWN: N_("not known"),
    },
    kinds.WalkwayKind: {
        kinds.WalkwayKind.STREET: N_("Road"),
        kinds.WalkwayKind.FOOTWAY: N_("Footway"),
        kinds.WalkwayKind.PATH: N_("Path"),
        kinds.WalkwayKind.STEPS: N_("Steps"),
        kinds.WalkwayKind.CROSSING: N_("Crossing"),
        kinds.WalkwayKind.GATE: N_("Gate"),
        kinds.WalkwayKind.YARD: N_("Yard"),
    },
    kinds.Kerb: {
        kinds.Kerb.FLUSH: N_("flush"),
        kinds.Kerb.LOWERED: N_("lowered"),
        kinds.Kerb.RAISED: N_("raised"),
    },
    kinds.WalkwayAccess: {
        kinds.WalkwayAccess.PUBLIC: N_("open to all"),
        kinds.WalkwayAccess.PERMISSION: N_("only with leave"),
    },
    kinds.FootprintKind: {
        kinds.FootprintKind.BUILDING: N_("Building"),
        kinds.FootprintKind.PARKING: N_("Car park"),
    },
    kinds.TimeBasis: {
        kinds.TimeBasis.PUBLISHED: N_("published"),
        kinds.TimeBasis.PLANNED: N_("planned"),
        kinds.TimeBasis.ASSUMED: N_("assumed"),
    },
}


def value_name(collection: str, column: str, value: str) -> str:
    """Return what a column's code is called in the reader's language; any other text as it is."""
    kind = VALUES.get((collection, column))
    name = None if kind is None else NAMES.get(kind, {}).get(value)
    return value if name is None else gettext(name)

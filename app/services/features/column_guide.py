"""What the columns of a collection are called, what they say, and what their codes mean, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.analysis.adjacency import Tolerances
from app.domain import kinds
from app.domain.column_words import DEFINITIONS, VALUES, meaning_of, title_of
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT, find_contract
from app.domain.localizer import Localizer
from app.errors import N_
from app.maps.styles import (
    FACILITY_STYLES,
    MARKETING_STYLES,
    PLOT_STYLES,
    RELATION_STYLES,
    SECTOR_STYLES,
    Style,
)

KINDS: Mapping[str, str] = {
    TEXT: N_("Text"),
    DAY: N_("Day"),
    INTEGER: N_("Whole number"),
    NUMBER: N_("Number"),
    FLAG: N_("Yes or no"),
}


@dataclass(frozen=True)
class ColumnGuide:
    """A column as people are told of it.

    Attributes
    ----------
    name : str
        As it stands in files.
    title, kind, meaning : str
    codes : mapping
        Code -> what it means; empty where any value can stand.
    """

    name: str
    title: str
    kind: str
    meaning: str
    codes: Mapping[str, str]


def column_guide(collection: str, localizer: Localizer) -> list[ColumnGuide]:
    """Return the columns of a collection in order.

    Raises
    ------
    NotFoundError
        When there is no such collection.
    """
    return [
        ColumnGuide(
            name,
            localizer.translate(title_of(collection, name)),
            localizer.translate(KINDS[kind]),
            localizer.translate(meaning_of(collection, name)),
            dict(_codes(collection, name, localizer)),
        )
        for name, kind in find_contract(collection).columns.items()
    ]


def _codes(collection: str, column: str, localizer: Localizer) -> Iterator[tuple[str, str]]:
    kind = VALUES.get((collection, column))
    if kind is None:
        return
    for code in kind:
        name = localizer.translate(NAMES[kind][code]) if code in NAMES.get(kind, {}) else ""
        definition = _definition(kind, code, localizer)
        yield str(code), ": ".join(filter(None, (name, definition))) or str(code)


def _definition(kind: type[StrEnum], code: str, localizer: Localizer) -> str:
    # Companies are what their plots are to each other.
    of_plots = DEFINITIONS[kinds.Relation] if kind is kinds.CompanyRelation else {}
    known = {**of_plots, **DEFINITIONS.get(kind, {})}
    return localizer.translate(known[code], **thresholds(localizer)) if code in known else ""


def thresholds(localizer: Localizer) -> dict[str, str]:
    """Return the lengths by which neighbors are told, as they are written."""
    lengths = Tolerances()
    names = ("snap_m", "edge_m", "across_m", "facing_m")
    return {name: localizer.translate("%(length)s m", length=float(getattr(lengths, name))) for name in names}


def _labels(styles: Mapping[Any, Style]) -> dict[str, str]:
    return {str(kind): str(style["label"]) for kind, style in styles.items()}


# Kind of code -> code -> its name in English. Where a code says enough (an edition of a year), it has none.
NAMES: Mapping[type[StrEnum], Mapping[str, str]] = {
    kinds.UseStatus: _labels(PLOT_STYLES),
    kinds.MarketingStatus: _labels(MARKETING_STYLES),
    kinds.SectorGroup: _labels(SECTOR_STYLES),
    kinds.FacilityKind: _labels(FACILITY_STYLES),
    kinds.Relation: _labels(RELATION_STYLES),
    kinds.CompanyRelation: {
        **_labels(RELATION_STYLES),
        kinds.CompanyRelation.SAME_PLOT: N_("On the same plot"),
    },
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
        kinds.WalkwayAccess.PERMISSION: N_("only with permission"),
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

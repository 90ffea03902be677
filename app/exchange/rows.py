"""What a file must hold before any of it is believed: the checks every reader of our own files shares.

Readers hand over plain values and geometries as the file has them; `checked_frame` gives back a
frame that keeps the contract, or refuses with one sentence naming file, row and field.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from app.domain.crs import STORAGE_CRS
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT, Contract
from app.domain.kinds import (
    BoundaryQuality,
    FacilityKind,
    FootprintKind,
    Kerb,
    LocationQuality,
    Precision,
    UseStatus,
    WalkwayAccess,
    WalkwayKind,
    WzBasis,
    WzEdition,
)
from app.domain.period import parse_day
from app.errors import N_, DataError, InputError

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")
KEY_COLUMNS = frozenset({"key", "company", "park", "plot"})

# The database computes these; an import reads past them.
COMPUTED = frozenset({"area_m2", "length_m", "occupants", "sector_group"})

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "parks": ("key", "name"),
    "plots": ("key", "park", "use_status", "quality"),
    "companies": ("key", "company", "name", "park", "location_quality", "starts_precision"),
    "facilities": ("key", "park", "kind", "name", "location_quality"),
    "walkways": ("key", "kind", "access"),
    "footprints": ("key", "kind"),
}

CHOICES: Mapping[tuple[str, str], type[StrEnum]] = {
    ("plots", "use_status"): UseStatus,
    ("plots", "quality"): BoundaryQuality,
    ("companies", "location_quality"): LocationQuality,
    ("companies", "starts_precision"): Precision,
    ("companies", "wz_edition"): WzEdition,
    ("companies", "wz_basis"): WzBasis,
    ("facilities", "kind"): FacilityKind,
    ("facilities", "location_quality"): LocationQuality,
    ("walkways", "kind"): WalkwayKind,
    ("walkways", "access"): WalkwayAccess,
    ("walkways", "kerb"): Kerb,
    ("footprints", "kind"): FootprintKind,
}


def checked_frame(
    file: str, rows: Sequence[Mapping[str, Any]], geometries: Sequence[Any], contract: Contract
) -> gpd.GeoDataFrame:
    """Return rows of a file as the frame of `contract`, every value proved.

    Parameters
    ----------
    file : str
        Name shown in sentences.
    rows : sequence of mappings
        Columns as the file has them; texts or the JSON types, ``None`` or ``""`` for unknown.
    geometries : sequence of shapely geometries
        One a row, in EPSG:25832.
    contract : Contract
        One with an entry in `REQUIRED`. Computed columns are left empty.

    Raises
    ------
    DataError
        For no rows, missing or unknown columns, values of the wrong kind or outside their list,
        periods without a day, and geometries that are missing, of another type or invalid.
    """
    if not rows:
        raise DataError(N_("%(file)s holds no rows."), file=file)
    _check_columns(file, list(dict.fromkeys(name for row in rows for name in row)), contract)
    values = []
    for n, (row, geometry) in enumerate(zip(rows, geometries, strict=True), 1):
        spot = Spot(file, n, row.get("key"))
        values.append({column: _value(spot, row, column, contract) for column in contract.columns})
        _check_period(spot, values[-1])
        _check_geometry(spot, geometry, contract)
    columns = {name: pd.Series([row[name] for row in values], dtype=object) for name in contract.columns}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(geometries), crs=STORAGE_CRS))


def _check_columns(file: str, columns: Sequence[str], contract: Contract) -> None:
    missing = [name for name in REQUIRED[contract.name] if name not in columns]
    if missing:
        raise DataError(
            N_("%(file)s has no column “%(column)s”; %(collection)s need %(required)s."),
            file=file,
            column=missing[0],
            collection=contract.name,
            required=", ".join(REQUIRED[contract.name]),
        )
    unknown = [name for name in columns if name not in contract.columns]
    if unknown:
        raise DataError(
            N_("%(file)s has a column “%(column)s” that %(collection)s do not know; they know %(known)s."),
            file=file,
            column=str(unknown[0])[:60],
            collection=contract.name,
            known=", ".join(contract.columns),
        )


@dataclass(frozen=True)
class Spot:
    """Where a value stands: the file, the row (from 1) and the row's key as far as it has one."""

    file: str
    n: int
    key: object

    def refuse(self, template: str, **params: object) -> DataError:
        """Return the refusal of what stands here; long values are cut."""
        told = {name: str(value)[:80] for name, value in params.items()}
        return DataError(template, file=self.file, row=self.n, key=str(self.key)[:80], **told)


def _value(spot: Spot, row: Mapping[str, Any], column: str, contract: Contract) -> Any:
    given = row.get(column)
    if column in COMPUTED:
        return None
    if given is None or given == "":
        if column in REQUIRED[contract.name]:
            raise spot.refuse(N_("%(file)s, row %(row)s (%(key)s): %(field)s is missing."), field=column)
        return None
    kind = contract.columns[column]
    value = PARSERS[kind](given)
    if value is None:
        raise spot.refuse(NOT_OF_KIND[kind], field=column, value=given)
    if column in KEY_COLUMNS and not KEY.fullmatch(value):
        raise spot.refuse(NO_KEY, field=column, value=given)
    choices = CHOICES.get((contract.name, column))
    if choices and value not in list(choices):
        raise spot.refuse(NO_CHOICE, field=column, value=given, choices=", ".join(choices))
    return value


def _text(given: Any) -> str | None:
    """Return text composed (NFC) and stripped, so that equal names are equal.

    None for other types, for white space, and for what no database can hold.
    """
    if not isinstance(given, str) or not given.strip() or "\x00" in given:
        return None
    try:
        given.encode()
    except UnicodeEncodeError:
        return None
    return unicodedata.normalize("NFC", given.strip())


def _day(given: Any) -> date | None:
    if isinstance(given, datetime):
        return given.date() if given.time() == datetime.min.time() else None
    if isinstance(given, date):
        return given
    try:
        return parse_day(given) if isinstance(given, str) else None
    except InputError:
        return None


def _number(given: Any) -> float | None:
    try:
        number = None if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        return None
    return number if number is not None and math.isfinite(number) else None


def _integer(given: Any) -> int | None:
    number = _number(given)
    return int(number) if number is not None and number.is_integer() and abs(number) < 2**31 else None


def _flag(given: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(given).lower())


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    TEXT: _text,
    DAY: _day,
    NUMBER: _number,
    INTEGER: _integer,
    FLAG: _flag,
}
NOT_OF_KIND = {
    TEXT: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not text."),
    DAY: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a day (YYYY-MM-DD)."),
    NUMBER: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a number."),
    INTEGER: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a whole number."),
    FLAG: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is neither true nor false."),
}
NO_KEY = N_(
    "%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is no key; "
    "keys have letters, digits and - _ . ~ only."
)
NO_CHOICE = N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not one of %(choices)s.")


def _check_period(spot: Spot, row: Mapping[str, Any]) -> None:
    starts, ends = row.get("valid_from"), row.get("valid_to")
    if starts and ends and starts >= ends:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): the period from %(starts)s to %(ends)s holds no day."),
            starts=starts,
            ends=ends,
        )


def _check_geometry(spot: Spot, geometry: Any, contract: Contract) -> None:
    if geometry is None or geometry.is_empty:
        raise spot.refuse(N_("%(file)s, row %(row)s (%(key)s) has no geometry."))
    if geometry.geom_type not in contract.geometry_types:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): the geometry is a %(found)s, not a %(expected)s."),
            found=geometry.geom_type,
            expected=" / ".join(contract.geometry_types),
        )
    if not geometry.is_valid:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): the geometry is invalid (%(reason)s)."),
            reason=shapely.is_valid_reason(geometry),
        )

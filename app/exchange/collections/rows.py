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
from app.domain.failure_reasons import invalid_reason
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
from app.domain.opening_hours import check_hours
from app.domain.period import parse_day
from app.errors import N_, DataError, InputError

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")
KEY_COLUMNS = frozenset({"key", "company", "park", "plot"})
# Where a plot is named: parcels are, by numbers such as 12/3.
PLOT_KEYS = frozenset({("plots", "key"), ("companies", "plot"), ("facilities", "plot")})

# The database computes these; an import reads past them.
COMPUTED = frozenset(
    {
        "area_m2",
        "length_m",
        "marketing_from",
        "marketing_note",
        "marketing_precision",
        "marketing_status",
        "occupants",
        "sector_group",
    }
)

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
    ("plots", "starts_precision"): Precision,
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


@dataclass(frozen=True)
class RowPlace:
    """Where a row lies, in EPSG:25832, as far as a file states it.

    Attributes
    ----------
    geometry : shapely geometry or None
        None where the file's form has no outlines.
    point : Point or None
        A point on the geometry that the file does not hold.
    is_in_degrees : bool
        Whether it went through degrees with seven decimals.
    """

    geometry: Any
    point: Any = None
    is_in_degrees: bool = False


@dataclass(frozen=True)
class FileTable:
    """Rows of a file, as it has them.

    Attributes
    ----------
    rows : list of dict
        Texts or typed values by column.
    places : list of RowPlace
        One a row.
    decimal : str or None
        The decimal sign of numbers in text, where the form fixes it.
    is_in_degrees : bool
        Whether places went through degrees with seven decimals.
    cut_texts : frozenset
        Position of the row and column of each text that the form may have cut.
    cut : callable
        Returns what the form holds of a text.
    """

    rows: list[dict[str, Any]]
    places: list[RowPlace]
    decimal: str | None = None
    is_in_degrees: bool = False
    cut_texts: frozenset[tuple[int, str]] = frozenset()
    cut: Callable[[str], str] = str


def find_cut_texts(
    rows: Sequence[Mapping[str, Any]], contract: Contract, may_be_cut: Callable[[str], bool]
) -> frozenset[tuple[int, str]]:
    """Return the position of the row and column of each text that a form may have cut."""
    texts = [name for name, kind in contract.columns.items() if kind == TEXT]
    cells = ((n, name, row.get(name)) for n, row in enumerate(rows) for name in texts)
    return frozenset((n, name) for n, name, text in cells if isinstance(text, str) and may_be_cut(text))


_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def checked_frame(
    file: str,
    rows: Sequence[Mapping[str, Any]],
    geometries: Sequence[Any],
    contract: Contract,
    decimal: str | None = None,
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
    decimal : str, optional
        The decimal sign of numbers in text where the file's form fixes it; see `number_in`.

    Raises
    ------
    DataError
        For no rows, missing or unknown columns, values of the wrong kind or outside their list,
        periods without a day, and geometries that are missing, of another type or invalid.
    """
    if not rows:
        raise DataError(N_("%(file)s contains no rows."), file=file)
    _check_columns(file, list(dict.fromkeys(name for row in rows for name in row)), contract)
    values = []
    for n, (row, geometry) in enumerate(zip(rows, geometries, strict=True), 1):
        spot = Spot(file, n, row.get("key"))
        values.append({column: _value(spot, row, column, contract, decimal) for column in contract.columns})
        if contract.name == "plots" and values[-1]["parcel_number"] is None and "/" in str(row["key"]):
            values[-1]["parcel_number"] = _text(row["key"])
        _check_period(spot, values[-1])
        _check_hours(spot, values[-1])
        _check_geometry(spot, geometry, contract)
    geometries = [_without_empty_parts(geometry) for geometry in geometries]
    columns = {name: pd.Series([row[name] for row in values], dtype=object) for name in contract.columns}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(list(geometries), crs=STORAGE_CRS))


def _without_empty_parts(geometry: Any) -> Any:
    if geometry.geom_type != "MultiPolygon" or not any(part.is_empty for part in geometry.geoms):
        return geometry
    return shapely.MultiPolygon([part for part in geometry.geoms if not part.is_empty])


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
            N_("%(file)s has an unknown column “%(column)s”; the columns of %(collection)s are %(known)s."),
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
        values = {name: str(value)[:80] for name, value in params.items()}
        return DataError(template, file=self.file, row=self.n, key=str(self.key)[:80], **values)


def plot_key(text: str) -> str:
    """Return the key under which a plot is stored: keys stand in addresses, where a “/” parts names."""
    return text.replace("/", "-")


def _value(spot: Spot, row: Mapping[str, Any], column: str, contract: Contract, decimal: str | None) -> Any:
    given = row.get(column)
    if column in COMPUTED:
        return None
    if given is None or given == "":
        if column in REQUIRED[contract.name]:
            raise spot.refuse(N_("%(file)s, row %(row)s (%(key)s): %(field)s is missing."), field=column)
        return None
    kind = contract.columns[column]
    if kind in {NUMBER, INTEGER} and isinstance(given, str):
        given = number_in(spot, column, given, decimal)
    value = PARSERS[kind](given)
    if value is None:
        raise spot.refuse(NOT_OF_KIND[kind], field=column, value=given)
    if (contract.name, column) in PLOT_KEYS:
        value = plot_key(value)
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


def day_in(given: Any) -> date | None:
    """Return a day from a file: a date, an instant at midnight, 2024-04-01, or 1.4.2024; None for others."""
    if isinstance(given, datetime):
        return given.date() if given.time() == datetime.min.time() else None
    if isinstance(given, date):
        return given
    if not isinstance(given, str):
        return None
    german = _GERMAN_DAY.fullmatch(given.strip())
    try:
        return parse_day("{2}-{1:0>2}-{0:0>2}".format(*german.groups()) if german else given)
    except InputError:
        return None


def number_in(spot: Spot, field: str, text: str, decimal: str | None) -> str:
    """Return a number as Python reads it, from text with a decimal point or comma.

    Parameters
    ----------
    spot : Spot
    field : str
        Named in the refusal.
    text : str
        ``1234.5``, ``1234,5``, ``1.234,5``, ``1,234.5``; whatever else is returned as it is.
    decimal : str or None
        The decimal sign of the file, if its form fixes one.

    Raises
    ------
    DataError
        When one sign before three digits may be that of decimals or of thousands: ``1.234``.
    """
    given = text.strip()
    if _UNCLEAR.fullmatch(given) and (decimal is None or decimal not in given):
        raise spot.refuse(
            N_(
                "%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is ambiguous, thousands "
                "or decimals; write %(one)s or %(other)s."
            ),
            field=field,
            value=given,
            one=re.sub("[.,]", "", given),
            other=re.sub("[.,]", decimal or ",", given) + "0",
        )
    for thousands, point in ((".", ","), (",", ".")):
        if re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+\{point}\d+", given):
            return given.replace(thousands, "").replace(point, ".")
    return given.replace(",", ".") if re.fullmatch(r"[+-]?\d*,\d+", given) else given


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
    DAY: day_in,
    NUMBER: _number,
    INTEGER: _integer,
    FLAG: _flag,
}
NOT_OF_KIND = {
    TEXT: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not text."),
    DAY: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a valid date (YYYY-MM-DD)."),
    NUMBER: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a number."),
    INTEGER: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a whole number."),
    FLAG: N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is neither true nor false."),
}
NO_KEY = N_(
    "%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not a valid key; keys consist of "
    "letters, digits and - _ . ~ only."
)
NO_CHOICE = N_("%(file)s, row %(row)s (%(key)s), %(field)s: “%(value)s” is not one of %(choices)s.")


def _check_period(spot: Spot, row: Mapping[str, Any]) -> None:
    starts, ends = row.get("valid_from"), row.get("valid_to")
    if starts and ends and starts >= ends:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s): the period from %(starts)s to %(ends)s contains no days."),
            starts=starts,
            ends=ends,
        )


def _check_hours(spot: Spot, row: dict[str, Any]) -> None:
    """Refuse hours that are not understood, and those of what is public anyway."""
    given = row.get("opening_hours")
    if given is None:
        return
    try:
        row["opening_hours"] = check_hours(given)
    except InputError as error:
        raise spot.refuse(
            N_("%(file)s, row %(row)s (%(key)s), %(field)s: %(reason)s"),
            field="opening_hours",
            reason=error,
        ) from None
    if row["access"] != WalkwayAccess.PERMISSION:
        raise spot.refuse(
            N_(
                "%(file)s, row %(row)s (%(key)s): only what needs permission (access “permission”) "
                "has opening hours."
            )
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
            reason=invalid_reason(geometry),
        )

"""What is otherwise, in words: rows of the public collection, and rows that a change set touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from shapely import LineString, Point
from sqlalchemy import Connection

from app.db.change_sets import RowChange
from app.db.companies.attributes import company_names
from app.db.companies.companies import company_keys
from app.db.land.plots import plot_keys
from app.db.row_images import Image
from app.db.sources import source_titles
from app.domain.column_words import title_of
from app.domain.crs import to_wgs84
from app.domain.kinds import (
    FacilityKind,
    Kerb,
    LocationQuality,
    MarketingStatus,
    Precision,
    Relation,
    SectorGroup,
    UseStatus,
    WalkwayKind,
    WzBasis,
)
from app.domain.localizer import localizer_for
from app.domain.period import PARK_ZONE
from app.errors import N_
from app.services.companies.conflicts import SEPARATOR
from app.services.companies.preview import Consequences
from app.services.companies.things import period_of
from app.services.features.column_guide import NAMES
from app.web.companies.words import (
    ACCESS_NAMES,
    FIELD_NAMES,
    MEETING_CODES,
    SUCCESSION_NAMES,
    TABLE_NAMES,
    period_words,
)
from app.web.formats import clock, day_words, park_name
from app.web.language import language

_LEFT_OUT = {"geometry", "valid_from", "valid_to", "starts_precision", "key", "company"}
_OF_A_WHOLE_ROW = (
    *("kind", "park", "plot", "street", "house_number", "sector", "website", "note"),
    *("capacity", "capacity_reserve", "amenities", "fee", "security_level", "url"),
)
_FIRMS = ("company_id", "successor_id")
_INSTANTS = {"starts_at", "ends_at"}
_PAIR = ("focal_plot_id", "neighbor_plot_id")
_CODES: Mapping[str, type[StrEnum]] = {
    "kerb": Kerb,
    "location_quality": LocationQuality,
    "sector_group": SectorGroup,
    "wz_basis": WzBasis,
    "use_status": UseStatus,
    "status": MarketingStatus,
    "marketing_status": MarketingStatus,
    "marketing_precision": Precision,
}
_KIND_NAMES = {
    str(kind): words
    for names in (SUCCESSION_NAMES, NAMES[FacilityKind], NAMES[WalkwayKind])
    for kind, words in names.items()
}


@dataclass(frozen=True)
class Difference:
    """Something new, gone or otherwise: its name and period; name, before and after of columns."""

    name: str
    period: str
    what: str
    columns: list[tuple[str, str, str]]


def public_differences(found: Consequences) -> list[Difference]:
    """Return, row by row, what the public would see otherwise.

    A row is known by its place and first day; plots have only that of the day of the save.
    """
    before, after = (
        {(_collection(row), row["key"], None if _is_plot(row) else row["valid_from"]): row for row in rows}
        for rows in (found.public_before, found.public_after)
    )
    keys = sorted({*before, *after}, key=lambda key: (*key[:2], str(key[2] or "")))
    return [_of_public(before.get(key), after.get(key)) for key in keys]


def _collection(row: Mapping[str, Any]) -> str:
    if _is_plot(row):
        return "plots"
    own = {"capacity": "facilities", "area_m2": "parks"}
    return next((collection for column, collection in own.items() if column in row), "companies")


def _is_plot(row: Mapping[str, Any]) -> bool:
    return "use_status" in row


def _of_public(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Difference:
    if old is None or new is None:
        row = new or old or {}
        what = gettext("new") if old is None else gettext("not there any more")
        own, collection = [name for name in _OF_A_WHOLE_ROW if name in row], _collection(row)
        columns = [_column(name, None, row[name], collection) for name in own if row[name] is not None]
        return Difference(row["name"], _public_period(row), what, columns)
    collection = _collection(new)
    names = [name for name in new if name not in _LEFT_OUT and new[name] != old[name]]
    columns = [_column(name, old[name], new[name], collection) for name in names]
    if _public_period(old) != _public_period(new):
        columns.append((gettext("Period"), _public_period(old), _public_period(new)))
    if old["geometry"] != new["geometry"]:
        columns.append((gettext("Point on the map"), "", gettext("moved")))
    name = f"{gettext(TABLE_NAMES['plot_version'])} {new['key']}" if _is_plot(new) else new["name"]
    return Difference(name, _public_period(new), gettext("changed"), columns)


def _column(name: str, old: Any, new: Any, collection: str = "companies") -> tuple[str, str, str]:
    return gettext(title_of(collection, name)), _value(name, old), _value(name, new)


def _value(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, date):
        return day_words(value)
    if isinstance(value, list):
        return SEPARATOR.join(value)
    words = _code_words(name, value)
    if words is not None:
        return str(gettext(words))
    return park_name(value) if name == "park" else str(value)


def _code_words(name: str, value: Any) -> str | None:
    if name in MEETING_CODES:
        return MEETING_CODES[name].get(value)
    if name == "access":
        return ACCESS_NAMES[value]
    if name == "kind":
        return _KIND_NAMES[value]
    if name == "relation":
        return NAMES[Relation].get(value, N_("no neighbors"))
    return NAMES[_CODES[name]][_CODES[name](value)] if name in _CODES else None


def _public_period(row: Mapping[str, Any]) -> str:
    precision = Precision(row.get("starts_precision", Precision.DAY))
    return period_words(row["valid_from"], row["valid_to"], precision)


def row_differences(connection: Connection, changes: Iterable[RowChange]) -> list[Difference]:
    """Return in words what a change set did to the rows of companies, places and plots."""
    told = [change for change in changes if change.table in TABLE_NAMES and change.table != "company"]
    rows = [row for change in told for row in (change.before, change.after) if row is not None]
    firms = company_keys(connection, _numbers(rows, _FIRMS))
    called = company_names(connection, firms.values())
    firms = {number: called.get(key, key) for number, key in firms.items()}
    keys = plot_keys(connection, _numbers(rows, ("plot_id", *_PAIR)))
    names = {"plot_id": keys, "source_id": source_titles(connection)}
    return [_of_row(change, names, firms) for change in told]


def _numbers(rows: Iterable[Image], columns: Iterable[str]) -> set[int]:
    """Return the ids in some columns of rows."""
    return {row[name] for row in rows for name in columns if row.get(name) is not None}


def _of_row(
    change: RowChange, names_of: Mapping[str, Mapping[int, str]], firms: Mapping[int, str]
) -> Difference:
    image = change.image
    what = (
        gettext("new")
        if change.before is None
        else gettext("not there any more")
        if change.after is None
        else gettext("changed")
    )
    old, new = ({} if row is None else _words_of(row, names_of) for row in (change.before, change.after))
    names = [name for name in (new or old) if old.get(name, "") != new.get(name, "")]
    columns = [(gettext(FIELD_NAMES[name]), old.get(name, ""), new.get(name, "")) for name in names]
    firm = firms.get(next((image[name] for name in _FIRMS if image.get(name)), 0))
    plots = names_of["plot_id"]
    pair = " / ".join(plots[image[name]] for name in _PAIR if image.get(name) in plots)
    way = image["key"] if change.table == "walkway" else None
    whose = firm or image.get("plot_key") or pair or way or image.get("name") or image.get("title") or ""
    name = f"{gettext(TABLE_NAMES[change.table])} {whose}".strip()
    return Difference(name, "", what, columns)


def _place_words(geometry: Image) -> dict[str, str]:
    """Return where a point is, or how long a line is; what has an area says it elsewhere."""
    if geometry["type"] == "Point":
        at = to_wgs84(Point(geometry["coordinates"]))
        return {"geometry": f"{at.y:.6f}, {at.x:.6f}"}
    if geometry["type"] != "LineString":
        return {}
    line = LineString(geometry["coordinates"])
    length = localizer_for(language()).metres(line.length)
    start = to_wgs84(Point(line.coords[0]))
    words = gettext(
        "%(n)s corners, %(length)s, from %(start)s",
        n=len(line.coords),
        length=length,
        start=f"{start.y:.6f}, {start.x:.6f}",
    )
    return {"geometry": words}


def _words_of(image: Image, names_of: Mapping[str, Mapping[int, str]]) -> dict[str, str]:
    found = {}
    for name in FIELD_NAMES:
        value = image.get(name)
        if value is None:
            continue
        if name == "valid":
            precision = Precision(image.get("starts_precision", Precision.DAY))
            found[name] = period_words(*period_of(image), precision)
        elif name in names_of:
            found[name] = names_of[name].get(value, "")
        elif name == "geometry":
            found |= _place_words(value)
        elif name in _INSTANTS:
            at = datetime.fromisoformat(value).astimezone(PARK_ZONE)
            found[name] = f"{day_words(at.date())}, {clock(at)}"
        elif name == "held_on":
            found[name] = day_words(date.fromisoformat(value))
        else:
            found[name] = _value(name, value)
    return found

"""Walkways, gates and yards that staff add, and the permission to use them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

import shapely
from shapely import LineString, Point
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.tours.saved import saved_row
from app.db.versions import date_range
from app.db.walking.permissions import delete_permission, store_permission, walkway_rows
from app.db.walking.walkways import insert_walkway
from app.domain.clocks import over_midnight
from app.domain.crs import to_wgs84
from app.domain.kinds import Kerb, WalkwayAccess, WalkwayKind
from app.domain.opening_hours import check_hours
from app.domain.period import Period, parse_day, parse_known_day, today
from app.errors import N_, DataError, InputError, NotFoundError
from app.services.land.near_parks import check_near_parks, parse_point
from app.services.walking.snapping import SnappedLine, snapped_line

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,59}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LONGEST_TEXT = 200
LONGEST_WALKWAY_M = 5000.0


@dataclass(frozen=True)
class WalkwayDraft:
    """A walkway to be added; `line` in EPSG:25832."""

    key: str
    kind: WalkwayKind
    access: WalkwayAccess
    name: str | None
    surface: str | None
    kerb: Kerb | None
    opening_hours: str | None
    line: LineString
    period: Period


@dataclass(frozen=True)
class PermissionDraft:
    """An access permission to be recorded: who granted it and when, for which days and hours, and tour."""

    walkway: str
    granted_by: str
    granted_on: date
    opens_at: time | None
    closes_at: time | None
    period: Period
    tour: str | None
    note: str | None


def read_walkway(given: Mapping[str, str], known: Mapping[str, Point] | None = None) -> WalkwayDraft:
    """Read a walkway from what was typed.

    Parameters
    ----------
    given : mapping
        `key`, `kind`, `access`, `name`, `surface`, `kerb`, `opening_hours`, `line`
        (``lon, lat; lon, lat; ...``), `valid_from`, `valid_to` (the day after) or `last_day`; an empty text
        is none.
    known : mapping, optional
        Corners that were shown, as their text (see `line_text`), and where exactly they are: what nobody
        moved stays to the last bit.

    Raises
    ------
    InputError
        In one sentence, for the first that is wrong.
    """
    key = _text(given, "key") or ""
    if not _KEY.fullmatch(key):
        raise InputError(N_("A key has up to 60 letters, digits, “-”, “_”, “.” and “~”."))
    return WalkwayDraft(
        key=key,
        kind=_one_of(given, "kind", WalkwayKind),
        access=_one_of(given, "access", WalkwayAccess),
        name=_text(given, "name"),
        surface=_text(given, "surface"),
        kerb=_one_of(given, "kerb", Kerb) if _text(given, "kerb") else None,
        opening_hours=_hours(given),
        line=_line(given.get("line", ""), known or {}),
        period=_period(given),
    )


def line_text(line: LineString) -> str:
    """Return a line in EPSG:25832 as it is typed: ``lon, lat; lon, lat; ...``."""
    return "; ".join(known_corners(line))


def known_corners(line: LineString) -> dict[str, Point]:
    """Return the corners of a line by their text."""
    points = [Point(xy) for xy in shapely.get_coordinates(line)]
    return {f"{lon:.7f}, {lat:.7f}": at for at, (lon, lat) in zip(points, _degrees(line), strict=True)}


def _degrees(line: LineString) -> Any:
    return shapely.get_coordinates(to_wgs84(line))


def swapped_text(connection: Connection, text: str) -> str | None:
    """Return a typed line with longitude and latitude swapped, where it lies near a park only so."""
    pairs = [each.split(",") for each in text.split(";") if each.strip()]
    if not all(len(pair) == 2 for pair in pairs):
        return None
    turned = "; ".join(f"{lat.strip()}, {lon.strip()}" for lon, lat in pairs)
    try:
        check_near_parks(connection, [_line(turned)], [""], InputError)
    except InputError:
        return None
    return turned


def walkway_values(draft: WalkwayDraft) -> dict[str, Any]:
    """Return the columns of a walkway but for its key, line and period."""
    return {
        "kind": draft.kind.value,
        "access": draft.access.value,
        "name": draft.name,
        "surface": draft.surface,
        "kerb": None if draft.kerb is None else draft.kerb.value,
        "opening_hours": draft.opening_hours,
    }


def add_walkway(connection: Connection, draft: WalkwayDraft) -> SnappedLine:
    """Store a walkway, its ends joined to the network; return its line and what it is joined to.

    An end within `snapping.SNAP_M` of a walkway of that day is moved onto it, and the walkway is
    divided there where it has no end itself.

    Raises
    ------
    ConflictError
        When a walkway of that key is there in that time.
    InputError
        When it lies far from every park.
    """
    check_near_parks(connection, [draft.line], [draft.key], InputError)
    snapped = snapped_line(connection, draft.line, draft.period)
    values = {**walkway_values(draft), "key": draft.key, "geometry": snapped.line}
    insert_walkway(connection, values, date_range(draft.period))
    return snapped


def read_permission(given: Mapping[str, str]) -> PermissionDraft:
    """Read an access permission from what was typed.

    Parameters
    ----------
    given : mapping
        `walkway` and `tour` (keys), `by`, `granted_on`, `from`, `until` (``14:00``), `valid_from`,
        `valid_to` (the day after) or `last_day`, `note`; an empty text is none.

    Raises
    ------
    InputError
        In one sentence, for the first that is wrong.
    """
    by = _text(given, "by")
    if by is None:
        raise InputError(N_("Please name who granted the permission."))
    opens_at, closes_at = _clock(given, "from"), _clock(given, "until")
    if opens_at is not None and closes_at is not None and _lasts_s(opens_at, closes_at) <= 0:
        raise InputError(N_("The hours of the permission end before they begin."))
    granted_on = parse_day(_text(given, "granted_on") or "")
    if granted_on > today():
        raise InputError(N_("Permission cannot have been granted in the future."))
    walkway = _text(given, "walkway") or ""
    period, tour, note = _period(given), _text(given, "tour"), _text(given, "note")
    return PermissionDraft(walkway, by, granted_on, opens_at, closes_at, period, tour, note)


def add_permission(connection: Connection, draft: PermissionDraft) -> int:
    """Record an access permission; return a number by which all of it is withdrawn.

    Raises
    ------
    NotFoundError
        When there is no such gate or yard in that time, or no such tour.
    DataError
        When the walkway is public, so that nobody needs permission.
    """
    rows = walkway_rows(connection, draft.walkway)
    if not rows:
        raise NotFoundError(N_("There is no walkway “%(key)s”."), key=draft.walkway[:60])
    within = [row for row in rows if _period_of(row).overlaps(draft.period)]
    if not within:
        raise NotFoundError(
            N_("The walkway “%(key)s” does not exist in that period."), key=draft.walkway[:60]
        )
    needing = [row for row in within if row["access"] == WalkwayAccess.PERMISSION]
    if not needing:
        raise DataError(N_("The walkway “%(key)s” is public; it needs no permission."), key=draft.walkway)
    tour_id = None if draft.tour is None else saved_row(connection, draft.tour, is_to_change=True)["tour_id"]
    values = {
        "tour_id": tour_id,
        "granted_by": draft.granted_by,
        "granted_on": draft.granted_on,
        "opens_at": draft.opens_at,
        "closes_at": draft.closes_at,
        "valid": date_range(draft.period),
        "note": draft.note,
    }
    # A walkway that changes in that time has a row each before and after.
    numbers = [store_permission(connection, {**values, "walkway_id": row["walkway_id"]}) for row in needing]
    return numbers[-1]


def withdraw_permission(connection: Connection, number: int) -> None:
    """Delete an access permission; the record of changes keeps what it was.

    Raises
    ------
    NotFoundError
        When there is none of that number.
    """
    if not 0 < number < 2**31 or not delete_permission(connection, number):
        raise NotFoundError(N_("There is no permission with the number %(number)s."), number=number)


def change_permission(connection: Connection, number: int, draft: PermissionDraft) -> int:
    """Put another access permission in the place of one; return its number.

    Raises
    ------
    NotFoundError, DataError
        As `withdraw_permission` and `add_permission`.
    """
    withdraw_permission(connection, number)
    return add_permission(connection, draft)


def _period_of(row: RowMapping) -> Period:
    return Period(row["valid"].lower, row["valid"].upper)


def _text(given: Mapping[str, str], name: str) -> str | None:
    text = " ".join(given.get(name, "").split())
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise InputError(
            N_("“%(text)s…” is too long; at most %(most)s characters are possible."),
            text=text[:30],
            most=LONGEST_TEXT,
        )
    return text or None


def _one_of(given: Mapping[str, str], name: str, kinds: type[StrEnum]) -> Any:
    text = _text(given, name)
    if text not in list(kinds):
        raise InputError(
            N_("“%(text)s” is not one of %(known)s."), text=(text or "")[:40], known=", ".join(kinds)
        )
    return kinds(text)


def _hours(given: Mapping[str, str]) -> str | None:
    text = _text(given, "opening_hours")
    if text is None:
        return None
    if _text(given, "access") != WalkwayAccess.PERMISSION:
        raise InputError(N_("Only what needs permission has hours in which it is open to everybody."))
    return check_hours(text)


def _clock(given: Mapping[str, str], name: str) -> time | None:
    text = _text(given, name)
    if text is None:
        return None
    if not _CLOCK.fullmatch(text):
        raise InputError(N_("“%(text)s” is not a valid time; expected, for example, 14:00."), text=text[:40])
    return time.fromisoformat(text)


def _lasts_s(opens_at: time, closes_at: time) -> int:
    """Return how long hours last, over midnight where they close before they open."""
    opens_s, closes_s = (3600 * at.hour + 60 * at.minute for at in (opens_at, closes_at))
    return over_midnight(opens_s, closes_s) - opens_s


def _period(given: Mapping[str, str]) -> Period:
    starts, ends, last = (_text(given, name) for name in ("valid_from", "valid_to", "last_day"))
    after = parse_known_day(last).after if last else parse_day(ends) if ends else None
    return Period(parse_day(starts) if starts else None, after)


def _line(text: str, known: Mapping[str, Point] | None = None) -> LineString:
    typed = [each.strip() for each in text.split(";") if each.strip()]
    points = [(known or {}).get(each) or parse_point(each) for each in typed]
    if not 2 <= len(points) <= 500:
        raise InputError(N_("A way needs at least two points, as in “10.7276, 52.3731; 10.7280, 52.3733”."))
    line = LineString(points)
    if not 0.1 <= line.length <= LONGEST_WALKWAY_M or not line.is_simple:
        raise InputError(N_("A way must be 0.1 m to 5 km long and must not cross itself."))
    return line

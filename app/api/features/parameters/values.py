"""The values of parameters, read from their texts; what cannot be read is refused in one sentence."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from app.domain.crs import WGS84_SRID
from app.domain.feature_query import (
    ALL_TIME,
    ANSWER_CRS,
    LARGEST_COORDINATE,
    AnswerCrs,
    Box,
    SortKey,
    Span,
)
from app.domain.period import ISO_DAY, day_of, parse_day
from app.errors import N_, InputError

DEFAULT_LIMIT = 100
MOST_FEATURES = 10_000
OPEN = ("", "..")
INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.\d+)?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_NUMBER = re.compile(r"[-+.0-9eE]+")
WHOLE = re.compile(r"\+?\d+", re.ASCII)
_DIGITS = 9
_SHOWN = 60
# Beyond these meridians nothing can be stored in EPSG:25832.
WESTMOST_DATA_DEG, EASTMOST_DATA_DEG = -15.0, 35.0


def shown(text: str) -> str:
    """Return the beginning of a text, for a sentence that quotes it."""
    return text[:_SHOWN]


def parse_limit(text: str) -> int:
    """Return the most features of a page; what is above `MOST_FEATURES` is lowered to it, as OGC asks."""
    if not WHOLE.fullmatch(text) or not text.strip("+0"):
        raise InputError(
            N_("“%(text)s” is not a valid limit; expected a whole number from 1 to %(most)s."),
            text=shown(text),
            most=MOST_FEATURES,
        )
    return min(int(text), MOST_FEATURES) if len(text) <= _DIGITS else MOST_FEATURES


def parse_span(text: str) -> Span:
    """Return the days of an OGC ``datetime``: a day or instant, or two with ``/`` between, ``..`` if open.

    An instant counts as the day on which it falls in the parks, as ``TIMESTAMP`` in a filter does.
    """
    first, slash, last = text.partition("/")
    if not slash:
        return Span.on(_day(first))
    span = Span(*(None if side in OPEN else _day(side) for side in (first, last)))
    if span.first and span.last and span.first > span.last:
        raise InputError(N_("The period “%(text)s” ends before it begins."), text=shown(text))
    return span if span.first or span.last else ALL_TIME


def write_span(span: Span) -> str:
    """Return days as `parse_span` reads them."""
    if span.is_instant:
        return f"{span.first}"
    return f"{span.first or '..'}/{span.last or '..'}"


def _day(text: str) -> date:
    if ISO_DAY.fullmatch(text):
        return parse_day(text)
    try:
        if found := INSTANT.fullmatch(text):
            return day_of(datetime.fromisoformat("{}T{}{}".format(*found.groups()).upper()))
    except (ValueError, OverflowError):
        pass
    raise InputError(
        N_(
            "“%(text)s” is not a valid time; expected 2024-04-24, 2024-04-24T12:00:00Z, or two of "
            "them separated by “/”."
        ),
        text=shown(text),
    )


def parse_crs(text: str) -> AnswerCrs:
    """Return the reference system of a URI."""
    try:
        return ANSWER_CRS[text]
    except KeyError:
        raise InputError(
            N_("The reference system “%(text)s” is not supported; available: %(known)s."),
            text=shown(text),
            known=", ".join(ANSWER_CRS),
        ) from None


def parse_box(text: str, crs: AnswerCrs) -> Box:
    """Return the box of four numbers in the authority's order of axes, or of six with heights between.

    Raises
    ------
    InputError
        When it is none, or is not within its reference system: OGC has that refused, rather than said
        that nothing is there.
    """
    minx, miny, maxx, maxy = _corners(text, crs)
    _check_extent(text, crs, (minx, maxx), (miny, maxy))
    if crs.srid == WGS84_SRID:
        minx, maxx = _this_side_of_the_date_line(minx, maxx)
    if minx > maxx or miny > maxy:
        raise InputError(N_("The corners of the bbox “%(text)s” are in the wrong order."), text=shown(text))
    return Box(minx, miny, maxx, maxy, crs.srid)


def _corners(text: str, crs: AnswerCrs) -> list[float]:
    """Return west, south, east and north of a box."""
    numbers = [number(part) for part in text.split(",")]
    heights = [numbers.pop(5), numbers.pop(2)] if len(numbers) == 6 else []
    is_high = any(abs(height) > LARGEST_COORDINATE for height in heights)
    if len(numbers) != 4 or is_high or any(map(math.isnan, [*numbers, *heights])):
        raise InputError(
            N_("“%(text)s” is not a valid bbox; expected four or six numbers separated by commas."),
            text=shown(text),
        )
    return [numbers[i] for i in (1, 0, 3, 2)] if crs.is_lat_lon else numbers


def _check_extent(text: str, crs: AnswerCrs, xs: tuple[float, float], ys: tuple[float, float]) -> None:
    low_x, low_y, high_x, high_y = crs.extent
    if low_x <= min(xs) and max(xs) <= high_x and low_y <= min(ys) and max(ys) <= high_y:
        return
    raise InputError(
        N_(
            "The bbox “%(text)s” is not within %(crs)s: x ranges from %(west)s to %(east)s, y from "
            "%(south)s to %(north)s."
        ),
        text=shown(text),
        crs=crs.uri,
        **dict(zip(("west", "south", "east", "north"), (f"{each:.15g}" for each in crs.extent), strict=True)),
    )


def _this_side_of_the_date_line(west: float, east: float) -> tuple[float, float]:
    """Return the part of a box across the date line in which data can lie."""
    if west <= east:
        return west, east
    if west <= EASTMOST_DATA_DEG and east >= WESTMOST_DATA_DEG:
        raise InputError(N_("This bbox goes around the whole earth; expected west before east."))
    return (west, 180.0) if west <= EASTMOST_DATA_DEG else (-180.0, east)


def number(text: str) -> float:
    """Return the number a text says, such as -1.5 or 1e3; NaN where it says none."""
    try:
        return float(text) if _NUMBER.fullmatch(text) else math.nan
    except ValueError:
        return math.nan


def parse_sort(text: str, columns: Iterable[str]) -> tuple[SortKey, ...]:
    """Return the columns of ``-area_m2,key``; a column named twice orders by its first mention."""
    keys: dict[str, SortKey] = {}
    for part in text.split(","):
        # A plus sign that was not escaped arrives as a space.
        name = part[1:] if part[:1] in ("+", "-", " ") else part
        check_column(name, columns)
        keys.setdefault(name, SortKey(name, part.startswith("-")))
    return tuple(keys.values())


def parse_columns(text: str, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns of ``key,use_status`` in the collection's own order."""
    wanted = text.split(",")
    for name in wanted:
        check_column(name, columns)
    return tuple(name for name in columns if name in wanted)


def check_column(name: str, columns: Iterable[str]) -> None:
    """Refuse the name of a column that is not there."""
    known = list(columns)
    if name not in known:
        raise InputError(
            N_("There is no property “%(name)s”; available: %(known)s."),
            name=shown(name),
            known=", ".join(known),
        )


def write_cursor(after: tuple[Any, ...]) -> str:
    """Return a place in an order as text for an address."""
    decoded = json.dumps(after, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(decoded.encode()).decode().rstrip("=")


def parse_cursor(text: str) -> tuple[Any, ...]:
    """Return the place in an order that `write_cursor` wrote."""
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        decoded = None
    if not isinstance(decoded, list):
        raise InputError(N_("The cursor is not valid; follow the link to the first page."))
    return tuple(decoded)

"""What a person asks of a tour: read from JSON, each value proved, one sentence on what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely import Point

from app.analysis.tours import MOST_PROVED, Objective, Window
from app.domain.crs import to_storage
from app.domain.period import parse_day
from app.errors import N_, DataError, InputError, TooLargeError
from app.exchange.tours import LONGEST_DWELL_MIN, YEARS
from app.services.wish_fields import StopIndex, WishFields, clock_seconds, is_clock

# Of more stops no order could be proved to be the best within the second that a page waits, nor ever.
MOST_STOPS = MOST_PROVED
MOST_WINDOWS = 6
LARGEST_GROUP = 500

WISH_FIELDS = (
    "park", "on", "earliest", "latest", "objective", "stops", "first", "last", "is_round", "orders",
    "group_size", "is_step_free", "max_walk_m", "pause",
)  # fmt: skip
STOP_FIELDS = (
    "company", "facility", "name", "lon", "lat", "dwell_min", "windows", "is_optional", "value",
    "position", "note",
)  # fmt: skip
PAUSE_FIELDS = ("minutes", "earliest", "latest")


@dataclass(frozen=True)
class WishStop:
    """A stop as asked for: the key of a company's place or facility, or a name and a point (EPSG:25832).

    `value` is None where the stop must be visited; `position` counts from 0.
    """

    company: str | None
    facility: str | None
    name: str | None
    point: Point | None
    dwell_s: int
    windows: tuple[Window, ...]
    value: float | None
    position: int | None
    note: str | None


@dataclass(frozen=True)
class WishPause:
    """A rest of `dwell_s` that begins within `begins`."""

    dwell_s: int
    begins: Window


@dataclass(frozen=True)
class Wish:
    """What is asked of a tour; times in seconds since midnight of its day, stops by index from 0.

    `given` is the wish as it was read, to be stored and shown again.
    """

    park: str
    on: date
    starts_s: int
    ends_s: int | None
    objective: Objective
    stops: tuple[WishStop, ...]
    first: int | None
    last: int | None
    is_round: bool
    orders: tuple[tuple[int, int], ...]
    group_size: int
    is_step_free: bool
    max_walk_m: float | None
    pause: WishPause | None
    given: Mapping[str, Any]


def parse_wish(given: Any) -> Wish:
    """Read a wish from JSON values.

    Raises
    ------
    WishError
        Naming the field, what was expected there and what was found.
    TooLargeError
        For more than `MOST_STOPS` stops.
    DataError
        For hours that end before they begin.
    """
    fields = WishFields(given, WISH_FIELDS)
    stops = fields.take("stops", list, N_("a list of stops"), bool)
    if len(stops) > MOST_STOPS:
        raise TooLargeError(
            N_(
                "A tour has up to %(most)s stops here, for of more no order can be proved to be the best; "
                "these are %(n)s."
            ),
            most=MOST_STOPS,
            n=len(stops),
        )
    stop = StopIndex(fields, len(stops))
    starts_s = fields.clock("earliest")
    ends_s = None if fields.is_missing("latest") else fields.clock("latest")
    if ends_s is not None and ends_s < starts_s:
        raise DataError(N_("The latest end of the tour is before its earliest start."))
    return Wish(
        park=fields.text("park"),
        on=_day(fields),
        starts_s=starts_s,
        ends_s=ends_s,
        objective=fields.kind("objective", Objective, Objective.WALKING),
        stops=tuple(_parse_stop(each, n, len(stops)) for n, each in enumerate(stops, 1)),
        first=stop.named("first"),
        last=stop.named("last"),
        is_round=fields.flag("is_round"),
        orders=stop.pairs("orders"),
        group_size=int(
            fields.whole("group_size", N_("a number of persons from 1 to 500"), 1, LARGEST_GROUP, 1)
        ),
        is_step_free=fields.flag("is_step_free"),
        max_walk_m=fields.number_or_none("max_walk_m", N_("a number of metres from 0"), 0, 1e6),
        pause=None if fields.is_missing("pause") else _parse_pause(fields.given["pause"]),
        given={name: fields.given[name] for name in WISH_FIELDS if name in fields.given},
    )


def _parse_stop(given: Any, n: int, n_stops: int) -> WishStop:
    fields = WishFields(given, STOP_FIELDS, f"stops[{n}]")
    told = [name for name in ("company", "facility", "name", "lon", "lat") if fields.is_told(name)]
    # What is not read must not be kept: nobody has proved it.
    is_point = not {"company", "facility"} & set(told) and "lon" in told
    if not is_point and told not in (["company"], ["facility"]):
        raise fields.wrong("", N_("a company, a facility, or a name with lon and lat"))
    dwell_s = round(60 * fields.number("dwell_min", N_("minutes from 0 to 1440"), 0, LONGEST_DWELL_MIN, 0))
    value = fields.number("value", N_("a number from 0"), 0, 1e6, 1)
    position = fields.whole("position", N_("a place in the order, counted from 1"), 1, n_stops, None)
    return WishStop(
        company=fields.text_or_none("company"),
        facility=fields.text_or_none("facility"),
        name=fields.text("name") if is_point else None,
        point=_point(fields) if is_point else None,
        dwell_s=dwell_s,
        windows=_windows(fields, n),
        value=value if fields.flag("is_optional") else None,
        position=None if position is None else position - 1,
        note=fields.text_or_none("note"),
    )


def _windows(fields: WishFields, n: int) -> tuple[Window, ...]:
    expected = N_("up to six pairs of times such as [“14:00”, “14:30”]")
    given = fields.take("windows", list, expected, lambda pairs: len(pairs) <= MOST_WINDOWS, [])
    windows = []
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not all(map(is_clock, pair)):
            raise fields.wrong("windows", expected)
        window = Window(*map(clock_seconds, pair))
        if window.closes_s < window.opens_s:
            raise DataError(
                N_("Stop %(n)s: the window from %(opens)s to %(closes)s ends before it begins."),
                n=n,
                opens=pair[0],
                closes=pair[1],
            )
        windows.append(window)
    return tuple(windows)


def _parse_pause(given: Any) -> WishPause:
    fields = WishFields(given, PAUSE_FIELDS, "pause")
    minutes = fields.number("minutes", N_("minutes from 1 to 480"), 1, 480)
    begins = Window(fields.clock("earliest"), fields.clock("latest"))
    if begins.closes_s < begins.opens_s:
        raise DataError(N_("The time within which the pause may begin ends before it begins."))
    return WishPause(round(60 * minutes), begins)


def _point(fields: WishFields) -> Point:
    lon = fields.number("lon", N_("a longitude in degrees"), -180, 180)
    lat = fields.number("lat", N_("a latitude in degrees"), -90, 90)
    point = to_storage(Point(lon, lat))
    if not math.isfinite(point.x + point.y):
        raise fields.wrong("lon", N_("a longitude in degrees"))
    return point


def _day(fields: WishFields) -> date:
    expected = N_("a day such as 2024-04-24")
    try:
        day = parse_day(fields.take("on", str, expected))
    except InputError as error:
        raise fields.wrong("on", expected) from error
    if day.year not in YEARS:
        raise fields.wrong("on", expected)
    return day

"""What a person asks of a tour: read from JSON, each value proved, one sentence on what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely import Point

from app.analysis.tours import MOST_PROVED, Objective, Window
from app.domain.clocks import DAY_S, TourClock, TourHours, over_midnight
from app.domain.crs import to_storage
from app.domain.period import parse_day
from app.errors import N_, DataError, InputError, TooLargeError
from app.exchange.tours import LONGEST_DWELL_MIN, YEARS
from app.services.wish_fields import StopIndex, WishFields, clock_seconds, is_clock

# Of more stops no order could be proved to be the best within the second that a page waits, nor ever.
MOST_STOPS = MOST_PROVED
MOST_WINDOWS = 6
LARGEST_GROUP = 500
# So long a tour without a latest end may be on its way.
_OPEN_END_S = 8 * 3600

_ReadWindow = Callable[[int, int], Window]

WISH_FIELDS = (
    "park", "on", "earliest", "latest", "objective", "stops", "first", "last", "is_round", "orders",
    "group_size", "is_step_free", "max_walk_m", "pause", "meeting",
)  # fmt: skip
STOP_FIELDS = (
    "company", "facility", "name", "lon", "lat", "dwell_min", "windows", "is_optional", "value",
    "position", "note",
)  # fmt: skip
MEETING_FIELDS = ("company", "facility", "name", "lon", "lat")
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

    `given` is the wish as it was read, to be stored and shown again. `meeting` is where people meet at
    `starts_s` sharp, and no visit.
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
    meeting: WishStop | None
    given: Mapping[str, Any]

    @property
    def clock(self) -> TourClock:
        """What its seconds mean."""
        return TourClock(self.on, self.starts_s)

    @property
    def places(self) -> tuple[WishStop, ...]:
        """The stops, and behind them where people meet, if they do."""
        return self.stops if self.meeting is None else (*self.stops, self.meeting)

    @property
    def may_last_over_midnight(self) -> bool:
        """Whether the night after its day has to be looked at."""
        if self.ends_s is not None:
            return self.ends_s > DAY_S
        closes_s = [window.closes_s for stop in self.stops for window in stop.windows]
        return max([self.starts_s + _OPEN_END_S, *closes_s]) > DAY_S


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
    # Where people meet is a stop to the planner, too.
    most = MOST_STOPS - (not fields.is_missing("meeting"))
    if len(stops) > most:
        raise TooLargeError(
            N_(
                "A tour has up to %(most)s stops here, for of more no order can be proved to be the best; "
                "these are %(n)s."
            ),
            most=most,
            n=len(stops),
        )
    stop = StopIndex(fields, len(stops))
    on, starts_s = _day(fields), _start(fields)
    shown_s = None if fields.is_missing("latest") else over_midnight(starts_s, fields.clock("latest"))
    clock, hours = TourClock(on, starts_s), TourHours(starts_s, shown_s)
    ends_s = None if shown_s is None else clock.seconds(shown_s)

    def window(opens_s: int, closes_s: int) -> Window:
        return Window(*map(clock.seconds, hours.shown(opens_s, closes_s)))

    if ends_s is not None and ends_s < starts_s:
        raise DataError(N_("The latest end of the tour is before its earliest start."))
    return Wish(
        park=fields.text("park"),
        on=on,
        starts_s=starts_s,
        ends_s=ends_s,
        objective=fields.kind("objective", Objective, Objective.WALKING),
        stops=tuple(_parse_stop(each, n, len(stops), window) for n, each in enumerate(stops, 1)),
        first=stop.named("first"),
        last=stop.named("last"),
        is_round=fields.flag("is_round"),
        orders=stop.pairs("orders"),
        group_size=int(
            fields.whole("group_size", N_("a number of persons from 1 to 500"), 1, LARGEST_GROUP, 1)
        ),
        is_step_free=fields.flag("is_step_free"),
        max_walk_m=fields.number_or_none("max_walk_m", N_("a number of metres from 0"), 0, 1e6),
        pause=None if fields.is_missing("pause") else _parse_pause(fields.given["pause"], window),
        meeting=None if fields.is_missing("meeting") else _parse_meeting(fields.given["meeting"]),
        given={name: fields.given[name] for name in WISH_FIELDS if name in fields.given},
    )


def _parse_stop(given: Any, n: int, n_stops: int, window: _ReadWindow) -> WishStop:
    fields = WishFields(given, STOP_FIELDS, f"stops[{n}]")
    dwell_s = round(60 * fields.number("dwell_min", N_("minutes from 0 to 1440"), 0, LONGEST_DWELL_MIN, 0))
    value = fields.number("value", N_("a number from 0"), 0, 1e6, 1)
    position = fields.whole("position", N_("a place in the order, counted from 1"), 1, n_stops, None)
    return WishStop(
        **_place(fields),
        dwell_s=dwell_s,
        windows=_windows(fields, n, window),
        value=value if fields.flag("is_optional") else None,
        position=None if position is None else position - 1,
        note=fields.text_or_none("note"),
    )


def _parse_meeting(given: Any) -> WishStop:
    place = _place(WishFields(given, MEETING_FIELDS, "meeting"))
    return WishStop(**place, dwell_s=0, windows=(), value=None, position=None, note=None)


def _place(fields: WishFields) -> dict[str, Any]:
    """Return what names a place: a company, a facility, or a name and a point."""
    told = [name for name in ("company", "facility", "name", "lon", "lat") if fields.is_told(name)]
    # What is not read must not be kept: nobody has proved it.
    is_point = not {"company", "facility"} & set(told) and "lon" in told
    if not is_point and told not in (["company"], ["facility"]):
        raise fields.wrong("", N_("a company, a facility, or a name with lon and lat"))
    return {
        "company": fields.text_or_none("company"),
        "facility": fields.text_or_none("facility"),
        "name": fields.text("name") if is_point else None,
        "point": _point(fields) if is_point else None,
    }


def _windows(fields: WishFields, n: int, read: _ReadWindow) -> tuple[Window, ...]:
    expected = N_("up to six pairs of times such as [“14:00”, “14:30”]")
    given = fields.take("windows", list, expected, lambda pairs: len(pairs) <= MOST_WINDOWS, [])
    windows = []
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not all(map(is_clock, pair)):
            raise fields.wrong("windows", expected)
        window = read(*map(clock_seconds, pair))
        if window.closes_s < window.opens_s:
            raise DataError(
                N_("Stop %(n)s: the window from %(opens)s to %(closes)s ends before it begins."),
                n=n,
                opens=pair[0],
                closes=pair[1],
            )
        windows.append(window)
    return tuple(windows)


def _parse_pause(given: Any, window: _ReadWindow) -> WishPause:
    fields = WishFields(given, PAUSE_FIELDS, "pause")
    minutes = fields.number("minutes", N_("minutes from 1 to 480"), 1, 480)
    begins = window(fields.clock("earliest"), fields.clock("latest"))
    if begins.closes_s < begins.opens_s:
        raise DataError(N_("The time within which the pause may begin ends before it begins."))
    return WishPause(round(60 * minutes), begins)


def _start(fields: WishFields) -> int:
    """Return the earliest start, which is on the tour's own day."""
    starts_s = fields.clock("earliest")
    if starts_s > DAY_S:
        raise fields.wrong("earliest", N_("a time such as 14:00"))
    return starts_s


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

"""Clock times of the parks and the instants they mean, through summer and winter time.

Arithmetic with instants happens in UTC: Python adds to, and subtracts, two times of one zone as their
clocks show them, which is an hour wrong where the clocks were changed in between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.domain.period import PARK_ZONE

DAY_S = 24 * 3600
LONGEST_NIGHT_S = 16 * 3600
# Beyond 24:00 it is the night after the day that is meant.
_CLOCK = re.compile(r"([0-3]\d|4[0-7]):([0-5]\d)|48:00")


def later(at: datetime, *, minutes: float = 0, seconds: float = 0) -> datetime:
    """Return the instant so much later, in the same zone; a clock change on the way is no time."""
    moved = at.astimezone(UTC) + timedelta(minutes=minutes, seconds=seconds)
    return moved.astimezone(at.tzinfo)


def minutes_between(starts_at: datetime, ends_at: datetime) -> float:
    """Return the minutes that pass from one instant to another."""
    return _seconds_between(starts_at, ends_at) / 60


def _seconds_between(starts_at: datetime, ends_at: datetime) -> float:
    return (ends_at.astimezone(UTC) - starts_at.astimezone(UTC)).total_seconds()


def nearest_minute(instant: datetime) -> datetime:
    """Return the full minute nearest to an instant, half a minute counting up: what a timetable shows."""
    moved = instant.astimezone(UTC) + timedelta(seconds=30)
    return moved.replace(second=0, microsecond=0).astimezone(instant.tzinfo)


def timetable_day(instant: datetime) -> date:
    """Return the day in the parks of the minute that a timetable shows."""
    return nearest_minute(instant).astimezone(PARK_ZONE).date()


def days_after(on: date, instant: datetime) -> int:
    """Return how many midnights after day `on` a timetable shows an instant."""
    return (timetable_day(instant) - on).days


@dataclass(frozen=True)
class TourClock:
    """The seconds in which a tour of day `on` is planned, and the instants they mean.

    Seconds count as they pass, and agree with clocks from midnight on at `starts_s`: where the clocks
    are changed before or after, time windows of hosts are counted in other seconds than their clocks show.

    Attributes
    ----------
    on : date
    starts_s : int
        Earliest start of the tour, seconds after midnight as clocks show it.
    """

    on: date
    starts_s: int = 12 * 3600

    def instant(self, seconds: float) -> datetime:
        """Return the instant of seconds that a tour is planned in, in the zone of the parks."""
        return later(_shown(self.on, self.starts_s), seconds=seconds - self.starts_s)

    def seconds(self, shown_s: int) -> int:
        """Return the seconds that a tour is planned in when clocks show `shown_s` after midnight.

        Where clocks show it twice, the first time is meant; where they never do, the time they would have.
        """
        passed_s = _seconds_between(_shown(self.on, self.starts_s), _shown(self.on, shown_s))
        return self.starts_s + round(passed_s)

    def shown(self, seconds: float) -> str:
        """Return the nearest minute as clocks show it, ``14:05``; ``24:30`` is in the night after."""
        at = nearest_minute(self.instant(seconds))
        return f"{at.hour + 24 * (at.date() - self.on).days:02d}:{at.minute:02d}"

    def time_of_day(self, seconds: float) -> str:
        """Return the nearest minute as ``00:30``, whatever day it is."""
        return f"{nearest_minute(self.instant(seconds)):%H:%M}"


@dataclass(frozen=True)
class PlanningHorizon:
    """From when to when a tour may last; time windows that end before they begin last over midnight.

    Attributes
    ----------
    starts_s : int
        Earliest start as clocks show it.
    ends_s : int or None
        Latest end as clocks show it, counted from midnight of the tour's day: 26 hours are two o'clock
        in the night after it.
    """

    starts_s: int
    ends_s: int | None

    def shown(self, opens_s: int, closes_s: int) -> tuple[int, int]:
        """Return hours as clocks show them, counted on from midnight of the tour's day.

        On a tour that lasts beyond midnight, hours before its start are those of the next day.
        """
        closes_s = over_midnight(opens_s, closes_s)
        is_next_day = closes_s < self.starts_s and opens_s + DAY_S <= (self.ends_s or 0)
        moved_s = DAY_S if is_next_day else 0
        return opens_s + moved_s, closes_s + moved_s


def over_midnight(opens_s: int, closes_s: int) -> int:
    """Return when hours close, on the next day where they begin in the evening and end in the morning.

    Hours of more than `LONGEST_NIGHT_S` are a slip of the keyboard, and are left as they are.
    """
    is_night = closes_s < opens_s <= DAY_S and closes_s + DAY_S - opens_s <= LONGEST_NIGHT_S
    return closes_s + DAY_S if is_night else closes_s


def clock_seconds(clock: object) -> int:
    """Return the seconds from midnight to a time such as ``14:00``, ``26:00`` being in the night after.

    Raises
    ------
    ValueError
        For anything else.
    """
    if not isinstance(clock, str) or not _CLOCK.fullmatch(clock):
        raise ValueError(clock)
    return 3600 * int(clock[:2]) + 60 * int(clock[3:])


def clock_text(shown_s: int) -> str:
    """Return seconds from midnight as a time such as ``14:00``."""
    return f"{shown_s // 3600:02d}:{shown_s // 60 % 60:02d}"


def _shown(on: date, seconds: int) -> datetime:
    """Return the instant at which clocks in the parks show so many seconds after midnight of a day."""
    return (datetime.combine(on, time()) + timedelta(seconds=seconds)).replace(tzinfo=PARK_ZONE)


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of time, both ends included; ``opens_s <= closes_s``."""

    opens_s: int
    closes_s: int


@dataclass(frozen=True)
class Way:
    """Another walk between two stops, to be begun within a window only (through a gate, over a yard).

    Attributes
    ----------
    start, end : int
        Stops, in walking direction.
    walk_s : int
    length_m : float
    departs : Window
        When one may set out.
    """

    start: int
    end: int
    walk_s: int
    length_m: float
    departs: Window

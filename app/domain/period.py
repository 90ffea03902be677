"""Application time: half-open periods of days, as PostgreSQL's ``daterange`` keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.errors import N_, InputError

# Clocks and days are those of the parks.
PARK_ZONE = ZoneInfo("Europe/Berlin")

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, order=True)
class Period:
    """The days from `starts_on` up to, not including, `ends_on`.

    ``None`` leaves a side open: unknown or for ever, in either case unbounded.

    Raises
    ------
    InputError
        When the period would hold no day.
    """

    starts_on: date | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if self.starts_on and self.ends_on and self.starts_on >= self.ends_on:
            raise InputError(
                N_(
                    "A period from %(starts)s to %(ends)s contains no days: the end must come after "
                    "the start."
                ),
                starts=self.starts_on,
                ends=self.ends_on,
            )

    def __contains__(self, on: date) -> bool:
        return (self.starts_on is None or self.starts_on <= on) and (
            self.ends_on is None or on < self.ends_on
        )

    def overlaps(self, other: Period) -> bool:
        """Return whether the two periods share a day."""
        return not (
            (self.ends_on and other.starts_on and self.ends_on <= other.starts_on)
            or (other.ends_on and self.starts_on and other.ends_on <= self.starts_on)
        )


ALWAYS = Period()


def today() -> date:
    """Return the day it is in the parks."""
    return datetime.now(PARK_ZONE).date()


def parse_day(text: str) -> date:
    """Read a day written as YYYY-MM-DD.

    Raises
    ------
    InputError
        For anything else, an impossible day such as 2024-02-30 included.
    """
    if ISO_DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise InputError(
        N_("“%(text)s” is not a valid date; expected YYYY-MM-DD, for example 2024-04-24."), text=text[:40]
    )


def day_of(instant: datetime) -> date:
    """Return the day on which an instant falls in the parks; raises OverflowError at the ends of time."""
    return instant.astimezone(PARK_ZONE).date()

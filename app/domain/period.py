"""Application time: half-open periods of days, as PostgreSQL's ``daterange`` keeps them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.kinds import Precision
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


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")


def parse_instant(text: str) -> datetime:
    """Read an instant written as YYYY-MM-DDThh:mm, seconds if wanted; without an offset by the parks' clocks.

    Raises
    ------
    InputError
        For anything else, an impossible day or time included.
    """
    # A plus sign that was not escaped arrives as a space.
    written = text.replace(" ", "+")
    if _INSTANT.fullmatch(written):
        try:
            found = datetime.fromisoformat(written)
            return (found if found.tzinfo else found.replace(tzinfo=PARK_ZONE)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise InputError(
        N_("“%(text)s” is no date with time; expected YYYY-MM-DDThh:mm, for example 2024-04-24T14:05."),
        text=text[:40],
    )


def day_of(instant: datetime) -> date:
    """Return the day on which an instant falls in the parks; raises OverflowError at the ends of time."""
    return instant.astimezone(PARK_ZONE).date()


# Years of four digits from 1800 on: what is shorter is a slip of the hand.
_KNOWN_DAYS = tuple(
    re.compile(form)
    for form in (
        r"(?:(?:(?P<day>\d{1,2})\.\s*)?(?P<month>\d{1,2})\.\s*)?(?P<year>(?:1[89]|20|21)\d\d)",
        r"(?P<year>(?:1[89]|20|21)\d\d)(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?",
    )
)


@dataclass(frozen=True)
class KnownDay:
    """The first day of what is known, a day, a month or a year."""

    first: date
    precision: Precision

    @property
    def after(self) -> date:
        """The first day after it."""
        if self.precision is Precision.DAY:
            return self.first + timedelta(days=1)
        n_months = 12 if self.precision is Precision.YEAR else self.first.month
        is_over = self.precision is Precision.YEAR or n_months == 12
        return date(self.first.year + is_over, 1 if is_over else n_months + 1, 1)


def parse_known_day(text: str) -> KnownDay:
    """Read a day (``24.07.2021``), a month (``07.2021``) or a year (``2021``), also as ISO 8601 writes them.

    Raises
    ------
    InputError
        For anything else, an impossible day included.
    """
    match = next((found for form in _KNOWN_DAYS if (found := form.fullmatch(text.strip()))), None)
    if match is not None:
        month, day = match["month"], match["day"]
        precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
        try:
            return KnownDay(date(int(match["year"]), int(month or 1), int(day or 1)), precision)
        except ValueError:
            pass
    raise InputError(
        N_("“%(text)s” is no day; expected 24.07.2021, only the month 07.2021, or only the year 2021."),
        text=text[:40],
    )


_STATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def known_from(valid: Period, as_of: str | None) -> date | None:
    """Return the first day on which something is known to hold; None where no day is known.

    Where its start is not known, that is the first day of the state of its source (`as_of`, ``2026-05``), its
    last day at the latest.
    """
    last_on = valid.ends_on and valid.ends_on - timedelta(days=1)
    days = [day for day in (_first_day_of(as_of), last_on) if day]
    return valid.starts_on or min(days, default=None)


def _first_day_of(state: str | None) -> date | None:
    if found := _STATE.fullmatch(state or ""):
        year, month, day = (int(part or 1) for part in found.groups())
        with suppress(ValueError):
            return date(year, month, day)
    return None


def is_uncertain(valid: Period, as_of: str | None, on: date) -> bool:
    """Return whether it is not known that something holds already on a day, before the first one known."""
    return valid.starts_on is None and on < (known_from(valid, as_of) or today())

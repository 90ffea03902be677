"""Numbers, days, times and parks as people of the page's language write them.

Value and unit stay on one line (no-break space). A value that is None becomes an en dash.
"""

from __future__ import annotations

from datetime import date, datetime, time
from math import isnan

from flask import Flask, g
from flask_babel import format_date, format_decimal, format_time, gettext

from app.db.land.parks import park_names
from app.domain.clocks import days_after, nearest_minute, timetable_day
from app.domain.kinds import Precision
from app.domain.localizer import localizer_for, to_whole
from app.request import autocommit_connection
from app.web.language import language

NBSP = "\N{NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
_CLOCK_WORD = {"de": f"{NBSP}Uhr", "en": ""}


def number(value: float | None, n_decimals: int = 0) -> str:
    """Return ``1.234,5`` (German) or ``1,234.5`` (English)."""
    if value is None or isnan(value):  # frames hold a missing number as NaN
        return NOTHING
    decimals = "." + "0" * n_decimals if n_decimals else ""
    return str(format_decimal(round(value, n_decimals), format=f"#,##0{decimals}"))


def metres(value: float | None) -> str:
    """Return a length, ``1.234 m``."""
    return NOTHING if value is None or isnan(value) else localizer_for(language()).metres(value)


def square_metres(value: float | None) -> str:
    """Return an area, ``1.234 m²``."""
    return NOTHING if value is None or isnan(value) else localizer_for(language()).square_metres(value)


def minutes(value: float | None) -> str:
    """Return a span of whole minutes, ``12 Min.``."""
    return NOTHING if value is None or isnan(value) else f"{number(to_whole(value))}{NBSP}{gettext('min')}"


def day(value: date | None) -> str:
    """Return a day, ``24.04.2024`` or ``24 Apr 2024``; of an instant the park's day of the minute shown."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = timetable_day(value)
    return localizer_for(language()).day(value)


def day_words(day: date, precision: str = Precision.DAY) -> str:
    """Return a day as exactly as it is known."""
    if precision == Precision.YEAR:
        return str(day.year)
    if precision == Precision.MONTH:
        return str(format_date(day, "LLLL y"))
    return localizer_for(language()).day(day)


def clock(value: datetime | time | str | None, on: date | None = None) -> str:
    """Return a time of day in the park to the nearest minute, ``14:05 Uhr``.

    Text must read HH:MM, from midnight of a tour's day on (``24:30``); of an instant `on` is that day.
    """
    if value is None:
        return NOTHING
    n_days = 0 if on is None or not isinstance(value, datetime) else days_after(on, value)
    if isinstance(value, str):
        n_days, hour = divmod(int(value[:2]), 24)
        value = time(hour, int(value[3:5]))
    if isinstance(value, datetime):
        value = nearest_minute(value)
    shown = str(format_time(value, format="HH:mm", rebase=isinstance(value, datetime)))
    return localizer_for(language()).on_day(shown + _CLOCK_WORD[language()], n_days)


def park_name(key: str) -> str:
    """Return what people call a park; its key where no park has it."""
    if "park_names" not in g:
        g.park_names = park_names(autocommit_connection())
    return str(g.park_names.get(key, key))


def init_app(app: Flask) -> None:
    """Give templates the formats as filters of the same names."""
    app.jinja_env.filters.update(
        park_name=park_name,
        number=number,
        metres=metres,
        square_metres=square_metres,
        minutes=minutes,
        day=day,
        clock=clock,
    )

"""One language at a time: translated sentences and numbers as people write them."""

from __future__ import annotations

import gettext
import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from app.config import TRANSLATIONS_DIR
from app.domain.clocks import days_after, nearest_minute
from app.errors import NN_, AppError, worded

NBSP = "\N{NO-BREAK SPACE}"
_DAY = {"de": "dd.MM.yyyy", "en": f"d{NBSP}MMM{NBSP}yyyy"}


def to_whole(value: float) -> int:
    """Return the nearest whole number, a half counting up as on clocks and in the pages' scripts."""
    return math.floor(value + 0.5)


@dataclass(frozen=True)
class Localizer:
    """Texts, numbers and days in one language (``de`` or ``en``)."""

    language: str
    catalog: gettext.NullTranslations

    def translate(self, template: str, /, **values: object) -> str:
        """Return the translation of an English `template` with `values` in its ``%(name)s`` places."""
        return worded(template, values, self.catalog, self.format_value)

    def error_text(self, error: AppError) -> str:
        """Return the sentence of an error, its numbers and days written as the language does."""
        return error.sentence(self.catalog, self.format_value)

    def format_value(self, value: object) -> object:
        """Return a day or a number with decimals as text, anything else as it is."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return self.day(value)
        return self._decimal(value) if isinstance(value, float) else value

    def day(self, value: date) -> str:
        """Return a day, ``24.04.2024`` or ``24 Apr 2024``."""
        return str(format_date(value, _DAY[self.language], self.language))

    def clock(self, at: datetime, on: date) -> str:
        """Return the nearest minute of an instant, ``14:05``, and how many days after `on` it is."""
        shown = f"{nearest_minute(at):%H:%M}"
        return self.on_day(shown, days_after(on, at))

    def on_day(self, shown: str, n_days: int) -> str:
        """Return a clock time with how many days later it is, ``00:30 (+1 day)``."""
        if n_days == 0:
            return shown
        return self.translate(NN_("%(time)s (+%(n)s day)", "%(time)s (+%(n)s days)"), time=shown, n=n_days)

    def _decimal(self, value: float) -> str:
        return str(format_decimal(value, format="#,##0.######", locale=self.language))

    def metres(self, length_m: float) -> str:
        """Return a length in whole meters, under ten with one decimal but for 0 m, with a hard space."""
        return f"{self.number(length_m, 1 if 0.05 <= length_m < 9.95 else 0)}{NBSP}m"

    def square_metres(self, area_m2: float) -> str:
        """Return an area in whole square meters."""
        return f"{self.number(area_m2, 0)}{NBSP}m²"

    def number(self, value: float, n_decimals: int = 0) -> str:
        """Return a number, whole or with one decimal."""
        form = "#,##0" if n_decimals == 0 else "#,##0.0"
        rounded = to_whole(value * 10**n_decimals) / 10**n_decimals
        return format_decimal(rounded, format=form, locale=self.language)


@lru_cache(maxsize=8)
def localizer_for(language: str) -> Localizer:
    """Return the localizer of `language`; without a compiled catalog it writes English."""
    return Localizer(language, gettext.translation("messages", TRANSLATIONS_DIR, [language], fallback=True))

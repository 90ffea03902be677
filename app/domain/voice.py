"""One language at a time: translated sentences and numbers as people write them."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.numbers import format_decimal

TRANSLATIONS = Path(__file__).parents[1] / "web" / "translations"


@dataclass(frozen=True)
class Voice:
    """Says things in one language (``de`` or ``en``)."""

    language: str
    catalog: gettext.NullTranslations

    def say(self, template: str, /, **values: object) -> str:
        """Return the translation of an English `template` with `values` in its ``%(name)s`` places."""
        return self.catalog.gettext(template) % values

    def metres(self, length_m: float) -> str:
        """Return a length in whole metres, under ten with one decimal, with a non-breaking space."""
        return f"{self._number(length_m, 0 if length_m >= 9.95 else 1)}\N{NO-BREAK SPACE}m"

    def square_metres(self, area_m2: float) -> str:
        """Return an area in whole square metres."""
        return f"{self._number(area_m2, 0)}\N{NO-BREAK SPACE}m²"

    def _number(self, value: float, n_decimals: int) -> str:
        form = "#,##0" if n_decimals == 0 else "#,##0.0"
        return format_decimal(value, format=form, locale=self.language)


@lru_cache(maxsize=8)
def voice(language: str) -> Voice:
    """Return the voice of `language`; without a compiled catalog it speaks English."""
    return Voice(language, gettext.translation("messages", TRANSLATIONS, [language], fallback=True))

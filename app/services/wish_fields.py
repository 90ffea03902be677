"""The values of a wish as JSON tells them: taken one by one, each refused in one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from app.analysis.tours import Objective
from app.errors import N_, DataError, InputError, Phrase

LONGEST_TEXT = 500
# Beyond 24:00 it is the night after the tour's day.
_CLOCK = re.compile(r"([0-3]\d|4[0-7]):([0-5]\d)|48:00")
_A_CLOCK = N_("a time such as 14:00")
_A_STOP = N_("the number of a stop, counted from 0")
MOST_ORDERS = 200


class WishError(DataError):
    """A field of a wish is wrong."""


def read_json(body: bytes) -> Any:
    """Return the JSON value of a request's body.

    Raises
    ------
    InputError
        For anything that is no JSON; NaN and infinity are none.
    """
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(N_("The request is not JSON.")) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _is_unicode(text: str) -> bool:
    """Say whether a text is whole: JSON can tell half of a character."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def is_clock(value: object) -> bool:
    """Say whether a value is a time such as ``14:00``, or ``26:00`` for two o'clock in the night after."""
    return isinstance(value, str) and _CLOCK.fullmatch(value) is not None


def clock_seconds(clock: str) -> int:
    """Return the seconds from midnight to a time such as ``14:00``."""
    return 3600 * int(clock[:2]) + 60 * int(clock[3:])


class WishFields:
    """The values of one JSON object, taken one by one with what is expected of each."""

    def __init__(self, given: Any, known: tuple[str, ...], prefix: str = "") -> None:
        self.prefix = prefix
        self.given: dict[str, Any] = given if isinstance(given, dict) else {}
        if not isinstance(given, dict):
            raise self.wrong("", N_("an object with the fields of a wish"), given)
        for name in self.given:
            if name not in known:
                raise self.wrong(name, ", ".join(known))

    def wrong(self, name: str, expected: str, value: Any = None) -> WishError:
        """Return the refusal of one field."""
        shown = self.given.get(name) if value is None else value
        return WishError(
            N_("The wish, %(field)s: expected %(expected)s, not “%(value)s”."),
            field=".".join(filter(None, (self.prefix, name)))[:80] or "–",
            expected=Phrase(expected),
            value="" if shown is None else str(shown)[:60],
        )

    def is_missing(self, name: str) -> bool:
        """Say whether a field is left out or null."""
        return self.given.get(name) is None

    def is_told(self, name: str) -> bool:
        """Say whether a field has a value, and not just an empty text."""
        return self.given.get(name) not in (None, "")

    def take(
        self, name: str, kind: type, expected: str, is_right: Callable[[Any], Any] = lambda _: True,
        default: Any = None,
    ) -> Any:  # fmt: skip
        """Return a value of `kind` that is right, `default` for none, or refuse."""
        value = default if self.is_missing(name) else self.given[name]
        if not isinstance(value, kind) or not is_right(value):
            raise self.wrong(name, expected)
        return value

    def clock(self, name: str) -> int:
        """Return a time in seconds since midnight."""
        return clock_seconds(self.take(name, str, _A_CLOCK, is_clock))

    def flag(self, name: str) -> bool:
        """Return true or false, false for none."""
        return bool(self.take(name, bool, "true / false", default=False))

    def kind(self, name: str, kinds: type[Objective], default: Objective) -> Objective:
        """Return the objective, `default` for none."""
        known = [str(each) for each in kinds]
        return kinds(self.take(name, str, " / ".join(known), known.__contains__, str(default)))

    def text(self, name: str) -> str:
        """Return a text that is not blank."""
        expected = N_("a text of up to 500 characters")
        text: str = self.take(name, str, expected, lambda t: t.strip() and len(t) <= LONGEST_TEXT)
        if "\x00" in text or not _is_unicode(text):
            raise self.wrong(name, expected)
        return text

    def text_or_none(self, name: str) -> str | None:
        """Return a text, None for an empty one."""
        return self.text(name) if self.is_told(name) else None

    def number(
        self, name: str, expected: str, least: float, most: float, default: float | None = None
    ) -> float:
        """Return a number in its range, `default` for none."""
        value = default if self.is_missing(name) else self.given[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.wrong(name, expected)
        return float(value)

    def number_or_none(self, name: str, expected: str, least: float, most: float) -> float | None:
        """Return a number in its range, None for none."""
        return None if self.is_missing(name) else self.number(name, expected, least, most)

    def whole(self, name: str, expected: str, least: int, most: int, default: int | None) -> Any:
        """Return a whole number in its range, `default` for none."""
        if self.is_missing(name):
            return default
        value = self.given[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(name, expected)
        return value


class StopIndex:
    """Fields that name stops by their index from 0."""

    def __init__(self, fields: WishFields, n_stops: int) -> None:
        self.fields = fields
        self.n_stops = n_stops

    def named(self, name: str) -> int | None:
        """Return the index of one stop, None for none."""
        index: int | None = self.fields.whole(name, _A_STOP, 0, self.n_stops - 1, None)
        return index

    def pairs(self, name: str) -> tuple[tuple[int, int], ...]:
        """Return pairs of indexes."""
        expected = N_("pairs of stops, each counted from 0")
        pairs = self.fields.take(name, list, expected, lambda given: len(given) <= MOST_ORDERS, [])
        for pair in pairs:
            is_pair = isinstance(pair, list) and len(pair) == 2
            if not is_pair or any(type(i) is not int or not 0 <= i < self.n_stops for i in pair):
                raise self.fields.wrong(name, expected)
        return tuple((pair[0], pair[1]) for pair in pairs)

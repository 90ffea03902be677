"""When something is open, in the words of OpenStreetMap: ``Mo-Fr 08:00-18:00; Sa 09:00-12:00``.

Read are clock times, days of the week, months and ``off``; rules are divided by ``;``, later ones win over
earlier ones on the days they name. Public holidays are read past. What depends on the sun, on weeks or on
days of a month is not read, and refused rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from app.errors import N_, InputError

_DAY_S = 24 * 60 * 60
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOLIDAYS = ("PH", "SH")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_RULE = re.compile(r"(?P<days>[A-Za-z ,\-–:]*?)\s*(?P<times>24/7|\d[\d:,\s\-–]*)?\s*(?P<off>off|closed)?")

Span = tuple[int, int]


@dataclass(frozen=True)
class _Rule:
    """Spans of time on some days of some months; `is_off` takes them away."""

    months: frozenset[int]
    weekdays: frozenset[int]
    spans: tuple[Span, ...]
    is_off: bool

    def holds(self, day: date) -> bool:
        return day.month - 1 in self.months and day.weekday() in self.weekdays


def hours_on(text: str, day: date) -> tuple[Span, ...]:
    """Return when it is open on a day, what reaches over from the day before included.

    Parameters
    ----------
    text : str
        As `check_hours` takes it.
    day : date

    Returns
    -------
    tuple of (int, int)
        Seconds since midnight, from 0 to 86400, in order, none touching another; empty: closed all day.

    Raises
    ------
    InputError
        When the text is not read.
    """
    open_s: list[tuple[int, Span]] = []
    for rule in _rules(text):
        for back in (-1, 0):
            if not rule.holds(day + timedelta(days=back)):
                continue
            spans = [(a + back * _DAY_S, b + back * _DAY_S) for a, b in rule.spans]
            if not rule.is_off or rule.spans == ((0, _DAY_S),):
                open_s = [each for each in open_s if each[0] != back]
            if rule.is_off:
                open_s = [(of, left) for of, span in open_s for left in _without(span, spans)]
            else:
                open_s += [(back, span) for span in spans]
    return _merged([(max(a, 0), min(b, _DAY_S)) for _, (a, b) in open_s])


def check_hours(text: str) -> str:
    """Return hours as they are given, without needless space.

    Raises
    ------
    InputError
        When they are not read; the sentence shows what is.
    """
    _rules(text)
    return "; ".join(" ".join(rule.split()) for rule in text.split(";") if rule.strip())


def is_always(text: str) -> bool:
    """Return whether hours leave out no moment of any day."""
    return all(rule.spans == ((0, _DAY_S),) and not rule.is_off for rule in _rules(text)) and any(
        len(rule.months) == len(_MONTHS) and len(rule.weekdays) == len(_DAYS) for rule in _rules(text)
    )


@lru_cache(maxsize=512)
def _rules(text: str) -> tuple[_Rule, ...]:
    rules = [_rule(part.strip(), text) for part in text.split(";") if part.strip()]
    found = tuple(rule for rule in rules if rule is not None)
    if not found:
        raise _unread(text)
    return found


def _rule(part: str, text: str) -> _Rule | None:
    """Return one rule; None for public holidays alone."""
    match = _RULE.fullmatch(part)
    if match is None or not (match["days"] or match["times"] or match["off"]):
        raise _unread(text)
    months, weekdays, n_holidays = set[int](), set[int](), 0
    for name in re.split(r"[,\s:]+", re.sub(r"\s*[-–]\s*", "-", match["days"]).strip(" ,:")):
        n_holidays += name in _HOLIDAYS
        if name and name not in _HOLIDAYS:
            names = _MONTHS if name[:3] in _MONTHS else _DAYS
            (months if names is _MONTHS else weekdays).update(_range(name, names, text))
    if n_holidays and not weekdays:
        return None
    return _Rule(
        frozenset(months or range(len(_MONTHS))),
        frozenset(weekdays or range(len(_DAYS))),
        _spans(match["times"], text),
        bool(match["off"]),
    )


def _range(name: str, names: tuple[str, ...], text: str) -> list[int]:
    ends = name.split("-")
    if len(ends) > 2 or not all(end in names for end in ends):
        raise _unread(text)
    first, last = names.index(ends[0]), names.index(ends[-1])
    return [(first + n) % len(names) for n in range((last - first) % len(names) + 1)]


def _spans(times: str | None, text: str) -> tuple[Span, ...]:
    if times is None or times == "24/7":
        return ((0, _DAY_S),)
    spans = []
    for each in filter(None, (each.strip() for each in times.split(","))):
        match = _SPAN.fullmatch(each)
        if match is None:
            raise _unread(text)
        hours, minutes, until_hours, until_minutes = map(int, match.groups())
        opens_s, closes_s = 3600 * hours + 60 * minutes, 3600 * until_hours + 60 * until_minutes
        if max(minutes, until_minutes) > 59 or opens_s >= _DAY_S or closes_s > 2 * _DAY_S:
            raise _unread(text)
        # What ends before it begins ends on the next day.
        spans.append((opens_s, closes_s if closes_s > opens_s else closes_s + _DAY_S))
    return tuple(spans)


def _unread(text: str) -> InputError:
    return InputError(
        N_("“%(text)s” is not a valid form of opening hours; expected, for example, Mo-Fr 08:00-18:00."),
        text=text[:60],
    )


def _without(span: Span, others: list[Span]) -> list[Span]:
    left = [span]
    for begins, ends in others:
        left = [piece for a, b in left for piece in ((a, min(b, begins)), (max(a, ends), b))]
        left = [(a, b) for a, b in left if a < b]
    return left


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for begins, ends in sorted(span for span in spans if span[0] < span[1]):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return tuple(merged)

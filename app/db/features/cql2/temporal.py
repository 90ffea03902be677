"""How days and periods of a filter lie to one another.

A period is its days: ``INTERVAL('2024-01-01', '2024-12-31')`` holds both of them, a day is the period of
itself, and the property ``valid`` holds the days from ``valid_from`` up to, not including, ``valid_to``.
Each is compared by its first day and the day after its last, so that a period *meets* the one that begins
the day after it ends. An open side lies before, or after, every day.

The relations are those of Allen, J. F. (1983), "Maintaining knowledge about temporal intervals",
Communications of the ACM 26(11), named as in CQL2; *before* and *after* also hold where two periods meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, Text, and_, cast, func, literal, not_

from app.db.features.cql2.days import as_day, day, read_instant
from app.db.features.cql2.operands import SPAN, Operand, check_kind, flag, shown
from app.domain.frames import DAY
from app.domain.period import parse_day
from app.errors import N_, InputError

OPEN = ("..", "")


@dataclass(frozen=True)
class Days:
    """A period in SQL: its first day, the day after its last, and itself as a daterange where it is one."""

    start: Any
    end: Any
    as_range: Any = None


def _limit(name: str) -> Any:
    return cast(literal(name, Text()), Date())


def valid_days(valid: Any) -> Operand:
    """Return the property ``valid`` as an operand."""
    start = func.coalesce(func.lower(valid, type_=Date()), _limit("-infinity"))
    end = func.coalesce(func.upper(valid, type_=Date()), _limit("infinity"))
    return Operand(SPAN, "valid", valid, Days(start, end, valid))


def literal_day(node: Mapping[str, Any]) -> Operand:
    """Read ``DATE('...')`` or ``TIMESTAMP('...')``."""
    if "date" in node:
        return day(parse_day(shown(node["date"])))
    return day(read_instant(node["timestamp"]))


def literal_interval(bounds: Any, read: Callable[[Any], Operand]) -> Operand:
    """Read ``INTERVAL(from, to)``, each a day, an instant, a property of days, or ``'..'`` for an open side.

    Raises
    ------
    InputError
        When a side is none of these, or the first day comes after the last.
    """
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise InputError(N_("In the filter, INTERVAL needs a first and a last day."))
    first, last = (_bound(bound, read) for bound in bounds)
    name = f"INTERVAL({', '.join('..' if side is None else side.name for side in (first, last))})"
    starts, ends = (side.given if side else None for side in (first, last))
    if starts and ends and starts > ends:
        raise InputError(N_("In the filter, “%(interval)s” ends before it begins."), interval=name)
    days = Days(_start(first), _end(last))
    if all(side is None or side.given for side in (first, last)):
        days = _literal_days(starts, ends)
    return Operand(SPAN, name, days.as_range, days)


def _bound(bound: Any, read: Callable[[Any], Operand]) -> Operand | None:
    if bound in OPEN:
        return None
    operand = as_day(read(bound))
    if operand.kind != DAY:
        raise InputError(
            N_("In the filter, “%(value)s” is no day and cannot be a side of INTERVAL."), value=operand.name
        )
    return operand


def _start(side: Operand | None) -> Any:
    return _limit("-infinity") if side is None else func.coalesce(side.sql, _limit("-infinity"))


def _end(side: Operand | None) -> Any:
    return _limit("infinity") if side is None else func.coalesce(side.sql + 1, _limit("infinity"))


def _literal_days(first: date | None, last: date | None) -> Days:
    after = None if last is None or last == date.max else last + timedelta(days=1)
    return Days(
        _limit("-infinity") if first is None else literal(first, Date()),
        _limit("infinity") if after is None else literal(after, Date()),
        func.daterange(literal(first, Date()), literal(after, Date())),
    )


def related(op: str, operands: Sequence[Operand]) -> Operand:
    """Return how two periods or days lie to one another; unknown where a day is."""
    first, second = (_days(op, operand) for operand in operands)
    if op in _RANGES and first.as_range is not None and second.as_range is not None:
        return flag(_RANGES[op](first.as_range, second.as_range), op)
    return flag(_RELATIONS[op](first, second), op)


def _days(op: str, operand: Operand) -> Days:
    operand = as_day(operand)
    if operand.kind == DAY:
        if operand.given:
            return _literal_days(operand.given, operand.given)
        return Days(operand.sql, operand.sql + 1)
    check_kind(op, operand, SPAN)
    days: Days = operand.given
    return days


# What an index serves.
_RANGES: dict[str, Callable[[Any, Any], Any]] = {
    "t_after": lambda a, b: a.op(">>", is_comparison=True)(b),
    "t_before": lambda a, b: a.op("<<", is_comparison=True)(b),
    "t_intersects": lambda a, b: a.op("&&", is_comparison=True)(b),
}


def _swapped(relation: Callable[[Days, Days], Any]) -> Callable[[Days, Days], Any]:
    return lambda a, b: relation(b, a)


def _after(a: Days, b: Days) -> Any:
    return a.start >= b.end


def _intersects(a: Days, b: Days) -> Any:
    return and_(a.start < b.end, b.start < a.end)


def _during(a: Days, b: Days) -> Any:
    return and_(a.start > b.start, a.end < b.end)


def _starts(a: Days, b: Days) -> Any:
    return and_(a.start == b.start, a.end < b.end)


def _finishes(a: Days, b: Days) -> Any:
    return and_(a.end == b.end, a.start > b.start)


def _meets(a: Days, b: Days) -> Any:
    return a.end == b.start


def _overlaps(a: Days, b: Days) -> Any:
    return and_(a.start < b.start, b.start < a.end, a.end < b.end)


_RELATIONS: dict[str, Callable[[Days, Days], Any]] = {
    "t_after": _after,
    "t_before": _swapped(_after),
    "t_contains": _swapped(_during),
    "t_disjoint": lambda a, b: not_(_intersects(a, b)),
    "t_during": _during,
    "t_equals": lambda a, b: and_(a.start == b.start, a.end == b.end),
    "t_finishedby": _swapped(_finishes),
    "t_finishes": _finishes,
    "t_intersects": _intersects,
    "t_meets": _meets,
    "t_metby": _swapped(_meets),
    "t_overlappedby": _swapped(_overlaps),
    "t_overlaps": _overlaps,
    "t_startedby": _swapped(_starts),
    "t_starts": _starts,
}
TEMPORAL = frozenset(_RELATIONS)

"""How days and periods of a filter lie to one another.

A period is its days, from the first to the last: ``INTERVAL('2024-01-01', '2024-12-31')`` holds both of
them, a day is the period of itself, and the property ``valid`` holds the days from ``valid_from`` up to, not
including, ``valid_to``. An open side lies before, or after, every day; so does one whose property is null.

The relations are those of Allen, J. F. (1983), "Maintaining knowledge about temporal intervals",
Communications of the ACM 26(11), as CQL2 tells them by the ends of closed periods: two periods meet where one
ends on the day on which the other begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    """A period in SQL: its first day, its last, and itself as a daterange where it is one."""

    first: Any
    last: Any
    as_range: Any = None


def _limit(name: str) -> Any:
    return cast(literal(name, Text()), Date())


def valid_days(valid: Any) -> Operand:
    """Return the property ``valid`` as an operand."""
    first = func.coalesce(func.lower(valid, type_=Date()), _limit("-infinity"))
    last = func.coalesce(func.upper(valid, type_=Date()) - 1, _limit("infinity"))
    return Operand(SPAN, "valid", valid, Days(first, last, valid))


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
    days = Days(_side(first, "-infinity"), _side(last, "infinity"))
    if all(side is None or side.given for side in (first, last)):
        days = _literal_days(starts, ends)
    return Operand(SPAN, name, days.as_range, days)


def _bound(bound: Any, read: Callable[[Any], Operand]) -> Operand | None:
    if bound in OPEN:
        return None
    operand = as_day(read(bound))
    if operand.kind != DAY:
        raise InputError(
            N_("In the filter, “%(value)s” is not a day and cannot be an end of INTERVAL."),
            value=operand.name,
        )
    return operand


def _side(side: Operand | None, opened: str) -> Any:
    return _limit(opened) if side is None else func.coalesce(side.sql, _limit(opened))


def _literal_days(first: date | None, last: date | None) -> Days:
    return Days(
        _limit("-infinity") if first is None else literal(first, Date()),
        _limit("infinity") if last is None else literal(last, Date()),
        func.daterange(literal(first, Date()), literal(last, Date()), "[]"),
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
        return Days(operand.sql, operand.sql)
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
    return a.first > b.last


def _intersects(a: Days, b: Days) -> Any:
    return and_(a.first <= b.last, b.first <= a.last)


def _during(a: Days, b: Days) -> Any:
    return and_(a.first > b.first, a.last < b.last)


def _starts(a: Days, b: Days) -> Any:
    return and_(a.first == b.first, a.last < b.last)


def _finishes(a: Days, b: Days) -> Any:
    return and_(a.last == b.last, a.first > b.first)


def _meets(a: Days, b: Days) -> Any:
    return a.last == b.first


def _overlaps(a: Days, b: Days) -> Any:
    return and_(a.first < b.first, b.first < a.last, a.last < b.last)


_RELATIONS: dict[str, Callable[[Days, Days], Any]] = {
    "t_after": _after,
    "t_before": _swapped(_after),
    "t_contains": _swapped(_during),
    "t_disjoint": lambda a, b: not_(_intersects(a, b)),
    "t_during": _during,
    "t_equals": lambda a, b: and_(a.first == b.first, a.last == b.last),
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

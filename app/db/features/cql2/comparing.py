"""Conditions, comparisons and patterns of a filter.

Stored numbers compared as they are shown, with 3 decimals, and without rounding each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import Text, and_, false, func, literal, not_, or_

from app.db.features.cql2.days import as_day
from app.db.features.cql2.operands import (
    DOUBLE,
    GEOMETRY,
    LIST,
    NOTHING,
    NUMBERS,
    SPAN,
    Operand,
    check_kind,
    exact,
    flag,
    shown,
)
from app.domain.frames import DAY, FLAG, NUMBER, TEXT
from app.errors import N_, InputError

_DIGIT = Decimal("0.001")
_HALF = _DIGIT / 2
# Beyond, a stored number has no third decimal.
_LARGEST = 1e12
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

COMPARED = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
# The marks above letters once these are taken apart (“é” is “e” and a mark).
_MARKS = "[\u0300-\u036f]"


def compared(op: str, operands: Sequence[Operand]) -> Operand:
    """Return a comparison; unknown where a side is, as in SQL."""
    left, right = operands
    as_shown = compared_as_shown(op, left, right)
    return flag(COMPARED[op](*alike(operands)) if as_shown is None else as_shown, op)


def between(op: str, operands: Sequence[Operand]) -> Operand:
    """Return whether the first lies between the two others, both included."""
    value, low, high = operands
    return flag(and_(compared(">=", (value, low)).sql, compared("<=", (value, high)).sql), op)


def among(op: str, operands: Sequence[Operand]) -> Operand:
    """Return whether a value is in a list; in an empty one it never is."""
    value, listed = operands
    check_kind(op, listed, LIST)
    if not listed.given:
        return flag(false(), op)
    first, *others = alike([value, *listed.given])
    return flag(first.in_(others), op)


def alike(operands: Sequence[Operand]) -> list[Any]:
    """Return the SQL of values that can be compared with one another.

    A text is read as a day where a day is compared with it.

    Raises
    ------
    InputError
        When they are of different kinds, or of one that has no order: null, lists, geometries, periods.
    """
    for operand in operands:
        _check_comparable(operand)
    if any(operand.kind == DAY for operand in operands):
        operands = [as_day(operand) for operand in operands]
    first = operands[0]
    for other in operands[1:]:
        if other.kind != first.kind and not {first.kind, other.kind} <= NUMBERS:
            raise InputError(
                N_(
                    "In the filter, “%(left)s” and “%(right)s” are of different types and cannot be compared."
                ),
                left=first.name,
                right=other.name,
            )
    return [(exact if first.kind in NUMBERS else _sql)(operand) for operand in operands]


def _sql(operand: Operand) -> Any:
    return operand.sql


_INCOMPARABLE = {
    NOTHING: N_("In the filter, use IS NULL to ask whether “%(value)s” is unknown."),
    LIST: N_("In the filter, a list such as “%(value)s” can only follow IN."),
    GEOMETRY: N_(
        "In the filter, “%(value)s” is a geometry: compare geometries with S_EQUALS, S_INTERSECTS..."
    ),
    SPAN: N_("In the filter, “%(value)s” is a period: compare periods with T_EQUALS, T_INTERSECTS..."),
}


def _check_comparable(operand: Operand) -> None:
    if operand.kind in _INCOMPARABLE:
        raise InputError(_INCOMPARABLE[operand.kind], value=operand.name)


def combined(op: str, operands: Sequence[Operand]) -> Operand:
    """Return all conditions joined by “and” or “or”."""
    for operand in operands:
        check_kind(op, operand, FLAG)
    join = and_ if op == "and" else or_
    return flag(join(*(operand.sql for operand in operands)), op)


def negated(op: str, operands: Sequence[Operand]) -> Operand:
    """Return the opposite of a condition; unknown stays unknown."""
    (operand,) = operands
    check_kind(op, operand, FLAG)
    return flag(not_(operand.sql), op)


def is_unknown(op: str, operands: Sequence[Operand]) -> Operand:
    """Return whether a value is null."""
    (operand,) = operands
    if operand.sql is None:
        raise InputError(N_("In the filter, IS NULL cannot be applied to “%(value)s”."), value=operand.name)
    return flag(operand.sql.is_(None), op)


def like(op: str, operands: Sequence[Operand]) -> Operand:
    r"""Return whether a text has the form of a pattern.

    In the pattern ``%`` is any text, ``_`` one character, and ``\`` takes its meaning from the next. It is
    written in the filter, or folded by CASEI or ACCENTI from what is written.
    """
    text, pattern = operands
    check_kind(op, text, TEXT)
    if pattern.kind != TEXT or pattern.given is None:
        raise InputError(
            N_("In the filter, LIKE needs a pattern in quotes; “%(value)s” is not one."), value=pattern.name
        )
    if (len(pattern.given) - len(pattern.given.rstrip("\\"))) % 2:
        raise InputError(
            N_("In the filter, the pattern “%(pattern)s” ends with a “\\” that nothing follows."),
            pattern=shown(pattern.given),
        )
    return flag(text.sql.like(pattern.sql), op)


def without_case(op: str, operands: Sequence[Operand]) -> Operand:
    """Return a text in which capitals are small letters and “ß” is “ss”."""
    return _folded(op, operands, lambda text: func.replace(func.lower(text), "ß", "ss"))


def without_accents(op: str, operands: Sequence[Operand]) -> Operand:
    """Return a text without the marks above and below its letters: “ö” is “o”, “é” is “e”."""
    marks = literal(_MARKS, Text())
    return _folded(
        op, operands, lambda text: func.regexp_replace(func.pg_catalog.normalize(text, "NFD"), marks, "", "g")
    )


def _folded(op: str, operands: Sequence[Operand], fold: Any) -> Operand:
    (operand,) = operands
    if operand.kind == LIST:
        raise InputError(
            N_("In the filter, “%(op)s” does not apply to a list: write it around each text."), op=op
        )
    check_kind(op, operand, TEXT)
    return Operand(TEXT, operand.name, fold(operand.sql), operand.given)


def compared_as_shown(op: str, left: Operand, right: Operand) -> Any:
    """Return the comparison of a stored number with a written one; None where this is something else.

    What is shown as 12.345 is at least 12.345, not more, and equal to it, though stored as 12.3451.
    """
    if left.given is not None:
        left, right, op = right, left, _MIRRORED[op]
    is_stored = left.kind == NUMBER and left.given is None and not left.is_computed
    if not is_stored or right.given is None or right.kind != NUMBER or abs(right.given) > _LARGEST:
        return None
    value = Decimal(repr(right.given))
    floor, ceiling = (value.quantize(_DIGIT, rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING))
    if op in {"=", "<>"} and floor != ceiling:
        return None
    return _SHOWN[op](left.sql, _bound(ceiling - _HALF), _bound(floor + _HALF))


def _bound(value: Decimal) -> Any:
    return literal(float(value), DOUBLE)


# The stored number, the least that is shown as the value or more, the least that is shown as more.
_SHOWN: Mapping[str, Callable[[Any, Any, Any], Any]] = {
    "=": lambda stored, least, more: and_(stored >= least, stored < more),
    "<>": lambda stored, least, more: not_(and_(stored >= least, stored < more)),
    "<": lambda stored, least, more: stored < least,
    "<=": lambda stored, least, more: stored < more,
    ">": lambda stored, least, more: stored >= more,
    ">=": lambda stored, least, more: stored >= least,
}

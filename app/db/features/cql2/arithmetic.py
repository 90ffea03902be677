"""Arithmetic of a filter, in the database's exact numbers.

These hold 131,072 digits before the point, so that with few digits to begin with no sum or product can
overflow. Powers are computed as floating-point numbers, as others take too long. What has no value there
(division by zero, the root of a negative number, a power of more than 260 digits) is null.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Double, Numeric, and_, case, cast, func, literal, or_
from sqlalchemy.sql.elements import ColumnElement

from app.db.features.cql2.operands import Operand, check_kind, exact
from app.domain.frames import NUMBER
from app.errors import N_, InputError

# How many digits a stored number has, in front of the point and behind it: more than any here.
_DIGITS_STORED = 20
_DIGITS_WRITTEN = 17
_MOST_DIGITS = 1000
_TINY: ColumnElement[float] = literal(1e-100, Double())
_HUGE = Decimal(10**100)
_DIGITS_OF_A_POWER = 260


def calculated(op: str, operands: Sequence[Operand]) -> Operand:
    """Return the result of an operation on two numbers.

    Raises
    ------
    InputError
        When a side is no number, the result could have more than a thousand digits, or powers are nested.
    """
    for operand in operands:
        check_kind(op, operand, NUMBER)
    left, right = operands
    n_digits = _DIGITS[op](left, right)
    has_power = left.has_power or right.has_power
    if has_power and op == "^":
        raise InputError(N_("The filter contains a power of a power, which is not computed here."))
    if n_digits > _MOST_DIGITS:
        raise InputError(N_("The filter computes numbers that are too large."))
    sql = _SQL[op](exact(left), exact(right))
    return Operand(NUMBER, f"{left.name} {op} {right.name}", sql, None, n_digits, has_power or op == "^")


def _n_digits(operand: Operand) -> int:
    if operand.given is None:
        return operand.n_digits or _DIGITS_STORED
    return _DIGITS_WRITTEN + (int(abs(math.log10(abs(operand.given)))) if operand.given else 0)


def _of_a_sum(left: Operand, right: Operand) -> int:
    return max(_n_digits(left), _n_digits(right)) + 1


def _of_a_product(left: Operand, right: Operand) -> int:
    return _n_digits(left) + _n_digits(right)


def _quotient(left: Any, right: Any) -> Any:
    return left.op("/")(func.nullif(right, Decimal(0)))


def _power(base: Any, exponent: Any) -> Any:
    """Return a power where it has a value of at most 260 digits, null elsewhere."""
    x, y = _floating(base), _floating(exponent)
    n_digits = func.abs(y * func.log(func.greatest(func.abs(x), _TINY)))
    has_value = or_(
        and_(x == 0, y >= 0),
        and_(x != 0, n_digits < _DIGITS_OF_A_POWER, or_(x > 0, y == func.floor(y))),
    )
    return cast(case((has_value, func.power(x, y))), Numeric())


def _floating(value: Any) -> Any:
    """Return an exact number as a floating-point number, null where it is too large for one."""
    return cast(case((func.abs(value) < _HUGE, func.round(value, 100))), Double())


_DIGITS: Mapping[str, Callable[[Operand, Operand], int]] = {
    "+": _of_a_sum,
    "-": _of_a_sum,
    "*": _of_a_product,
    "/": _of_a_product,
    "%": _of_a_product,
    "div": _of_a_product,
    "^": lambda base, exponent: _DIGITS_OF_A_POWER,
}
_SQL: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _quotient,
    "%": lambda left, right: func.mod(left, func.nullif(right, Decimal(0))),
    "div": lambda left, right: func.div(left, func.nullif(right, Decimal(0))),
    "^": _power,
}
ARITHMETIC = frozenset(_SQL)

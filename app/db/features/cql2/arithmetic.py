"""Arithmetic of a filter, in the database's exact numbers.

These hold 131,072 digits before the point, so that with few digits to begin with no sum, product or
power can overflow. What has no value (division by zero, the root of a negative number) is null.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, or_

from app.db.features.cql2.operands import Operand, check_kind, exact
from app.domain.frames import NUMBER
from app.errors import N_, InputError

# How many digits a stored number has, in front of the point and behind it: more than any here.
_DIGITS_STORED = 20
_DIGITS_WRITTEN = 17
_MOST_DIGITS = 1000
_MOST_POWERS = 3
_LARGEST_EXPONENT = 10


def calculated(op: str, operands: Sequence[Operand]) -> Operand:
    """Return the result of an operation on two numbers.

    Raises
    ------
    InputError
        When a side is no number, or the result could have more than a thousand digits.
    """
    for operand in operands:
        check_kind(op, operand, NUMBER)
    left, right = operands
    n_digits = _DIGITS[op](left, right)
    n_powers = max(left.n_powers, right.n_powers) + (op == "^")
    if n_digits > _MOST_DIGITS or n_powers > _MOST_POWERS:
        raise InputError(N_("The filter computes numbers that are too large."))
    second = exact(right)
    if op == "^" and right.given is None:
        second = case((func.abs(second) <= _LARGEST_EXPONENT, second))
    sql = _SQL[op](exact(left), second)
    return Operand(NUMBER, f"{left.name} {op} {right.name}", sql, None, n_digits, n_powers)


def _n_digits(operand: Operand) -> int:
    if operand.given is None:
        return operand.n_digits or _DIGITS_STORED
    return _DIGITS_WRITTEN + (int(abs(math.log10(abs(operand.given)))) if operand.given else 0)


def _of_a_sum(left: Operand, right: Operand) -> int:
    return max(_n_digits(left), _n_digits(right)) + 1


def _of_a_product(left: Operand, right: Operand) -> int:
    return _n_digits(left) + _n_digits(right)


def _of_a_power(base: Operand, exponent: Operand) -> int:
    most = _LARGEST_EXPONENT if exponent.given is None else math.ceil(abs(exponent.given))
    return _n_digits(base) * max(most, 1)


def _quotient(left: Any, right: Any) -> Any:
    return left.op("/")(func.nullif(right, Decimal(0)))


def _power(base: Any, exponent: Any) -> Any:
    """Return a power where it has a value, null elsewhere."""
    has_value = or_(
        base > 0,
        and_(base == 0, exponent >= 0),
        and_(base < 0, exponent == func.floor(exponent)),
    )
    return func.power(case((has_value, base)), exponent)


_DIGITS: Mapping[str, Callable[[Operand, Operand], int]] = {
    "+": _of_a_sum,
    "-": _of_a_sum,
    "*": _of_a_product,
    "/": _of_a_product,
    "%": _of_a_product,
    "div": _of_a_product,
    "^": _of_a_power,
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

"""Stored numbers compared as they are shown, with 3 decimals, and without rounding each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import and_, literal, not_

from app.db.features.cql2.operands import DOUBLE, Operand
from app.domain.frames import NUMBER

_DIGIT = Decimal("0.001")
_HALF = _DIGIT / 2
# Beyond, a stored number has no third decimal.
_LARGEST = 1e12
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


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

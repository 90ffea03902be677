"""An expression of CQL2, read part by part from the inside out."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Text, literal
from sqlalchemy.sql.elements import ColumnElement

from app.db.features.cql2 import comparing, spatial, temporal
from app.db.features.cql2.arithmetic import ARITHMETIC, calculated
from app.db.features.cql2.operands import (
    GEOMETRY,
    GEOMETRY_NAME,
    LIST,
    NOTHING,
    VALID_NAME,
    FilterColumns,
    Operand,
    number,
    shown,
)
from app.domain.frames import FLAG, TEXT
from app.errors import N_, NN_, InputError

_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
CONFORMANCE = tuple(
    f"{_CQL2}{name}"
    for name in (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "property-property",
        "arithmetic",
    )
)

MOST_NODES = 5_000
DEEPEST = 60


@dataclass(frozen=True)
class Operator:
    """What an operator does with its operands, and how many it takes (`most` None: any number)."""

    apply: Callable[[str, Sequence[Operand]], Operand]
    fewest: int = 2
    most: int | None = 2


OPERATORS: Mapping[str, Operator] = {
    "and": Operator(comparing.combined, most=None),
    "or": Operator(comparing.combined, most=None),
    "not": Operator(comparing.negated, 1, 1),
    **{op: Operator(comparing.compared) for op in comparing.COMPARED},
    "isNull": Operator(comparing.is_unknown, 1, 1),
    "like": Operator(comparing.like),
    "between": Operator(comparing.between, 3, 3),
    "in": Operator(comparing.among),
    "casei": Operator(comparing.without_case, 1, 1),
    "accenti": Operator(comparing.without_accents, 1, 1),
    **{op: Operator(calculated) for op in ARITHMETIC},
    **{op: Operator(spatial.related) for op in spatial.SPATIAL},
    **{op: Operator(temporal.related) for op in temporal.TEMPORAL},
}
_BY_LOWER = {op.lower(): op for op in OPERATORS}


def condition(expression: Any, columns: FilterColumns, srid: int) -> ColumnElement[bool]:
    """Return the condition that a CQL2 expression states.

    Parameters
    ----------
    expression : mapping or bool
        CQL2 in its JSON form.
    columns : FilterColumns
        What it may name.
    srid : int
        The reference system of its geometries, whose coordinates are x before y.

    Raises
    ------
    InputError
        With one sentence on the first part that cannot be understood, computed or compared.
    """
    _check_size(expression)
    whole = _Reader(columns, srid).operand(expression)
    if whole.kind != FLAG:
        raise InputError(N_("The filter is not a condition, only the value “%(value)s”."), value=whole.name)
    made: ColumnElement[bool] = whole.sql
    return made


def _check_size(expression: Any) -> None:
    """Refuse what is too deep or too much to be read."""
    level, n_nodes, depth = [expression], 0, 0
    while level:
        n_nodes, depth = n_nodes + len(level), depth + 1
        if n_nodes > MOST_NODES or depth > DEEPEST:
            raise InputError(N_("The filter is too long or too deeply nested."))
        level = [part for node in level for part in _parts(node)]


def _parts(node: Any) -> Sequence[Any]:
    if isinstance(node, Mapping):
        return list(node.values())
    return node if isinstance(node, list) else ()


@dataclass(frozen=True)
class _Reader:
    columns: FilterColumns
    srid: int

    def operand(self, node: Any) -> Operand:
        if isinstance(node, Mapping):
            return self._composed(node)
        if isinstance(node, list):
            return Operand(LIST, f"({len(node)})", given=[self.operand(item) for item in node])
        return _scalar(node)

    def _composed(self, node: Mapping[str, Any]) -> Operand:
        if "op" in node:
            return self._applied(node)
        if "property" in node:
            return self._property(node["property"])
        if "interval" in node:
            return temporal.literal_interval(node["interval"], self.operand)
        if "date" in node or "timestamp" in node:
            return temporal.literal_day(node)
        if "bbox" in node or "type" in node:
            return spatial.literal_geometry(node, self.srid)
        raise InputError(N_("Part of the filter cannot be understood: “%(part)s”."), part=shown(dict(node)))

    def _applied(self, node: Mapping[str, Any]) -> Operand:
        op = _BY_LOWER.get(str(node["op"]).lower())
        if op is None:
            raise InputError(N_("The filter uses “%(op)s”, which is not supported."), op=shown(node["op"]))
        operator, parts = OPERATORS[op], node.get("args")
        if not isinstance(parts, list) or not operator.fewest <= len(parts) <= (operator.most or len(parts)):
            raise InputError(
                NN_(
                    "In the filter, “%(op)s” needs %(n)s value.",
                    "In the filter, “%(op)s” needs %(n)s values.",
                ),
                op=op,
                n=operator.fewest,
            )
        return operator.apply(op, [self.operand(part) for part in parts])

    def _property(self, name: Any) -> Operand:
        columns = self.columns
        if name == GEOMETRY_NAME and columns.geometry is not None:
            return Operand(GEOMETRY, GEOMETRY_NAME, columns.geometry)
        if name == VALID_NAME and columns.valid is not None:
            return temporal.valid_days(columns.valid)
        if not isinstance(name, str) or name not in columns.by_name:
            raise InputError(
                N_("The filter names “%(name)s”, which the collection does not have; it has %(known)s."),
                name=shown(name),
                known=", ".join(columns.names()),
            )
        return Operand(columns.kinds[name], name, columns.by_name[name])


def _scalar(value: Any) -> Operand:
    if isinstance(value, bool):
        return Operand(FLAG, str(value).upper(), literal(value, Boolean()), value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    return Operand(NOTHING, "NULL")


def _number(value: float) -> Operand:
    try:
        if math.isfinite(float(value)):
            return number(float(value))
    except OverflowError:
        pass
    raise InputError(N_("The filter contains a number that is too large."))


def _text(value: str) -> Operand:
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise InputError(N_("The filter contains a character that is not allowed in text."))
    # Texts are kept composed; who types them decomposed means the same.
    composed = unicodedata.normalize("NFC", value)
    return Operand(TEXT, shown(value), literal(composed, Text()), composed)

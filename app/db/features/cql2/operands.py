"""The typed parts of a filter while it becomes a condition, and the refusals they share.

Every part is an `Operand`: what kind of value it is, and the SQL that makes it. Text from outside is only
ever a bound parameter; names of properties choose a column that was given, and never become SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Double, Numeric, cast, func, literal
from sqlalchemy.sql.elements import ColumnElement

from app.domain.frames import FLAG, INTEGER, NUMBER, TEXT
from app.errors import N_, InputError

# One for all numbers: SQLAlchemy works out anew what an instance of a type means to a database.
DOUBLE: Double[float] = Double()

# Beside the kinds of columns: what only an expression can be.
GEOMETRY, SPAN, LIST, NOTHING = "geometry", "span", "list", "nothing"
GEOMETRY_NAME, VALID_NAME = "geometry", "valid"
NUMBERS = frozenset({INTEGER, NUMBER})
_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class FilterColumns:
    """What a filter may name.

    Attributes
    ----------
    by_name : mapping
        Property -> what it is made of, as it is shown to people.
    kinds : mapping
        Property -> its kind, as in the contract of the collection.
    geometry : ColumnElement or None
        The property ``geometry``, in EPSG:25832.
    valid : ColumnElement or None
        The property ``valid``: the days a row holds, a daterange, where rows have a period.
    """

    by_name: Mapping[str, ColumnElement[Any]]
    kinds: Mapping[str, str]
    geometry: ColumnElement[Any] | None = None
    valid: ColumnElement[Any] | None = None

    def names(self) -> list[str]:
        """Return all that can be named, in order."""
        special = {GEOMETRY_NAME: self.geometry, VALID_NAME: self.valid}
        return [*self.by_name, *(name for name, made_of in special.items() if made_of is not None)]


@dataclass(frozen=True)
class Operand:
    """A part of a filter.

    Attributes
    ----------
    kind : str
        A kind of column, or one of `GEOMETRY`, `SPAN`, `LIST`, `NOTHING` (null).
    name : str
        How a refusal calls it.
    sql : ColumnElement or None
        What makes its value; a list, a span and null have none.
    given : Any
        The value itself where it was written in the filter: text, number, day, items of a list.
    n_digits : int
        How many digits a number can have; 0 where it was not computed.
    has_power : bool
        Whether a power is part of it.
    """

    kind: str
    name: str
    sql: Any = None
    given: Any = None
    n_digits: int = 0
    has_power: bool = False

    @property
    def is_computed(self) -> bool:
        """Whether it is the result of arithmetic, hence of the database's exact type."""
        return self.n_digits > 0


def shown(value: object) -> str:
    """Return a value as a refusal quotes it, cut where it is long."""
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def flag(sql: ColumnElement[bool], name: str) -> Operand:
    """Return a condition as an operand."""
    return Operand(FLAG, name, sql)


def number(value: float) -> Operand:
    """Return a number as an operand."""
    return Operand(NUMBER, f"{value:g}", literal(float(value), DOUBLE), float(value))


def exact(operand: Operand) -> Any:
    """Return a number's SQL in the database's exact type; a stored one as it is shown, with 3 decimals."""
    if operand.is_computed:
        return operand.sql
    if operand.given is not None:
        return literal(Decimal(repr(operand.given)), Numeric())
    whole = cast(operand.sql, Numeric())
    return whole if operand.kind == INTEGER else func.round(whole, 3, type_=Numeric())


_NEEDED = {
    TEXT: N_("In the filter, “%(op)s” needs text; “%(value)s” is not text."),
    NUMBER: N_("In the filter, “%(op)s” needs numbers; “%(value)s” is not one."),
    FLAG: N_("In the filter, “%(op)s” needs conditions; “%(value)s” is not one."),
    GEOMETRY: N_("In the filter, “%(op)s” needs geometries; “%(value)s” is not one."),
    SPAN: N_("In the filter, “%(op)s” needs days or periods; “%(value)s” is neither."),
    LIST: N_("In the filter, “%(op)s” needs a list of values; “%(value)s” is not one."),
}


def check_kind(op: str, operand: Operand, kind: str) -> None:
    """Refuse an operand of another kind; whole numbers are numbers."""
    if operand.kind != kind and not (kind == NUMBER and operand.kind == INTEGER):
        raise InputError(_NEEDED[kind], op=shown(op), value=operand.name)

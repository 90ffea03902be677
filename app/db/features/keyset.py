"""Order of features, and the place in it after which a page begins.

A page begins after the values of the last row seen, not after a count of rows: rows that come or go in
between neither hide nor repeat another one.

Texts that a reader sorts by are in German order (DIN 5007-1, as ICU has it): “Ä” beside “A”, small letters
beside capitals, and texts that this order holds for equal by their characters. Ids, which decide last,
are in the order of their characters, in which indexes hold them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, collate, false, or_
from sqlalchemy.sql.elements import ColumnElement

from app.db.features.rows.collections import GERMAN, CollectionRows
from app.db.features.selection import SQL_TYPES, check_names, parse_value
from app.domain.feature_query import FeatureQuery
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT
from app.errors import N_, InputError

_BAD_PLACE = N_("This address of a next page cannot be read; please start again from the first page.")


@dataclass(frozen=True)
class Term:
    """One column of an order: nulls come last, but those of an open beginning first.

    Attributes
    ----------
    column : ColumnElement
    kind : str
        As in the contract.
    is_descending, is_required, nulls_first : bool
        Whether it falls, is never null, and where it is null, comes first.
    is_german : bool
        Whether a text is in German order rather than in that of its characters.
    """

    column: ColumnElement[Any]
    kind: str
    is_descending: bool = False
    is_required: bool = False
    nulls_first: bool = False
    is_german: bool = False

    @property
    def compared(self) -> ColumnElement[Any]:
        """The column as its rows are compared with one another; equal are only equal texts."""
        return collate(self.column, GERMAN) if self.is_german else self.column

    def ordering(self) -> ColumnElement[Any]:
        """Return what stands in ORDER BY."""
        ordered = self.compared.desc() if self.is_descending else self.compared.asc()
        if self.is_required:
            return ordered
        return ordered.nulls_first() if self.nulls_first else ordered.nulls_last()

    def equal(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return the condition to have the same value."""
        return self.column.is_(None) if value is None else self.column == self._bound(value, name)

    def beyond(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return the condition to come later in this column alone."""
        if value is None:
            return self.column.is_not(None) if self.nulls_first else false()
        bound = self._bound(value, name)
        later = self.compared < bound if self.is_descending else self.compared > bound
        is_last = not self.is_required and not self.nulls_first
        return or_(later, self.column.is_(None)) if is_last else later

    def not_before(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return a condition that all later rows meet, in the form an index answers."""
        bound = self._bound(value, name)
        return self.compared <= bound if self.is_descending else self.compared >= bound

    def _bound(self, value: Any, name: str) -> ColumnElement[Any]:
        return bindparam(name, value, SQL_TYPES[self.kind])


def terms(rows: CollectionRows, query: FeatureQuery) -> tuple[Term, ...]:
    """Return the order of a query: its sort keys, then the id, then the first day.

    Raises
    ------
    InputError
        For a sort key that is no column.
    """
    check_names(rows, [key.name for key in query.sort])
    kinds, keys = rows.contract.columns, rows.contract.key
    wanted = {key.name: key.is_descending for key in reversed(query.sort)}
    named = [key.name for key in query.sort if key.name in wanted]
    order = [
        Term(
            rows.columns[name],
            kinds[name],
            wanted[name],
            is_required=name in keys,
            is_german=kinds[name] == TEXT,
        )
        for name in dict.fromkeys(named)
    ]
    order += [Term(rows.columns[key], kinds[key], is_required=True) for key in keys if key not in wanted]
    if rows.valid is not None and not query.span.is_instant and "valid_from" not in wanted:
        order.append(Term(rows.columns["valid_from"], DAY, nulls_first=True))
    return tuple(order)


def ordering(rows: CollectionRows, query: FeatureQuery) -> list[ColumnElement[Any]]:
    """Return what stands in ORDER BY for a query; raises as `terms`."""
    return [term.ordering() for term in terms(rows, query)]


def later(order: Sequence[Term], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one with these `values`, in this order."""
    named = [(term, value, place_name(n)) for n, (term, value) in enumerate(zip(order, values, strict=True))]
    ways = [
        and_(*(term.equal(value, name) for term, value, name in named[:n]), last[0].beyond(*last[1:]))
        for n, last in enumerate(named)
    ]
    first = named[0]
    bound = [first[0].not_before(*first[1:])] if first[0].is_required else []
    return and_(*bound, or_(*ways))


def place_values(order: Sequence[Term], after: Sequence[Any]) -> list[Any]:
    """Return the values of the last row seen, read from JSON.

    Raises
    ------
    InputError
        When they do not fit this order.
    """
    if len(after) != len(order):
        raise InputError(_BAD_PLACE)
    return [_place_value(term, value) for term, value in zip(order, after, strict=True)]


_JSON_TYPES: dict[str, tuple[type, ...]] = {
    TEXT: (str,),
    DAY: (str,),
    INTEGER: (int,),
    NUMBER: (int, float),
    FLAG: (bool,),
}


def _place_value(term: Term, value: Any) -> Any:
    if value is None and not term.is_required:
        return None
    is_flag = isinstance(value, bool)
    if not isinstance(value, _JSON_TYPES[term.kind]) or is_flag != (term.kind == FLAG):
        raise InputError(_BAD_PLACE)
    if is_flag:
        return value
    try:
        return parse_value("after", str(value), term.kind)
    except InputError:
        raise InputError(_BAD_PLACE) from None


def place_name(n: int) -> str:
    """Return the name under which the value of the `n`-th term of an order is bound."""
    return f"after__{n}"


def place(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the values of a row as JSON has them."""
    return tuple(value.isoformat() if isinstance(value, date) else value for value in values)

"""Which rows a query asks for: one set of conditions for pages, counts, downloads and tiles.

Whatever a person gives enters as a bound parameter of a fixed name. So the statement of a query depends on
its *shape* alone (which conditions there are, not their values) and is made once a shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Float,
    LargeBinary,
    Select,
    Text,
    bindparam,
    false,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from app.db.features.cql2 import FilterColumns, condition
from app.db.features.rectangle import rectangle_wkb
from app.db.features.rows.collections import STORED, CollectionRows, plot_rows
from app.db.features.rows.company_pairs import company_pair_rows
from app.db.features.rows.pairs import pair_rows
from app.db.features.rows.tours import SQL as WALKS
from app.db.features.rows.tours import walk_rows
from app.domain.crs import STORAGE_SRID
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span
from app.domain.frames import CONTRACTS, DAY, FLAG, INTEGER, NUMBER, TEXT
from app.domain.period import parse_day
from app.errors import N_, InputError, NotFoundError

SQL_TYPES: Mapping[str, Any] = {
    TEXT: Text(),
    DAY: Date(),
    INTEGER: BigInteger(),
    NUMBER: Float(),
    FLAG: Boolean(),
}
# Half of the last digit that is shown: what is shown as 12.345 is found by 12.345.
_HALF_A_DIGIT = 0.0005
LARGEST_INTEGER = 2**63 - 1


# Statements are kept without the condition of a filter: made for this one, they have that text in its place.
ANY_FILTER: Mapping[str, Any] = MappingProxyType({})
FILTERED: ColumnElement[bool] = literal_column("true /* the filter */", Boolean())


@dataclass(frozen=True)
class Selection:
    """The rows a query asks for, before order and limit.

    Attributes
    ----------
    rows : CollectionRows
        Tables and columns; `rows.contract` is the collection's.
    conditions : tuple of ColumnElement
        All of them hold for a row wanted.
    """

    rows: CollectionRows
    conditions: tuple[ColumnElement[bool], ...]

    def select(self, *columns: Any) -> Select[Any]:
        """Return the statement that reads `columns` of the rows wanted."""
        return select(*columns).select_from(self.rows.table).where(*self.conditions)


def selection(query: FeatureQuery, rows: CollectionRows | None = None) -> Selection:
    """Return what `query` selects of the collection's rows (or of `rows` of it), its values being bound.

    Raises
    ------
    InputError
        For a property that the collection does not have, or a value that it cannot have.
    NotFoundError
        For a collection that does not exist.
    """
    rows = rows or rows_of(query)
    check_names(rows, query.equals)
    return Selection(rows, tuple(_conditions(rows, query)))


def rows_of(query: FeatureQuery) -> CollectionRows:
    """Return the rows of the query's collection."""
    name = query.collection
    if name == "plots":
        return plot_rows(query.span, is_internal=query.is_internal)
    if name in STORED:
        return STORED[name]
    if name in WALKS:
        return walk_rows(CONTRACTS[name])
    if name == "adjacency":
        return pair_rows(query.span, is_page=_is_plain_page(query))
    if name == "company-neighbors":
        return company_pair_rows(is_page=_is_plain_page(query))
    raise NotFoundError(N_("There is no collection “%(name)s”."), name=name[:60])


def _is_plain_page(query: FeatureQuery) -> bool:
    """Return whether a part of all rows of some days is asked for, in the order of their keys."""
    return query.limit is not None and not query.sort and not is_chosen(query)


def is_chosen(query: FeatureQuery) -> bool:
    """Return whether anything but its days chooses among the rows of a collection."""
    return bool(query.equals) or (query.park, query.bbox, query.filter) != (None, None, None)


def check_names(rows: CollectionRows, names: Iterable[str]) -> None:
    """Refuse names that are no columns of the collection.

    Raises
    ------
    InputError
        Naming the first one.
    """
    unknown = next((name for name in names if name not in rows.columns), None)
    if unknown is not None:
        raise InputError(
            N_("The collection “%(collection)s” has no property “%(name)s”."),
            collection=rows.contract.name,
            name=unknown[:60],
        )


def values_of(query: FeatureQuery) -> dict[str, Any]:
    """Return what a person gave by the names under which it is bound.

    Raises
    ------
    InputError
        As `selection`.
    """
    kinds = CONTRACTS[query.collection].columns
    first, last = query.span.first, query.span.last
    values: dict[str, Any] = {"first": first, "last": last, "occupied_first": first, "occupied_last": last}
    if query.park is not None:
        values["park"] = storable("park", query.park)
    if query.bbox is not None:
        values["box"] = rectangle_wkb(query.bbox)
    for name, given in query.equals.items():
        values[f"equal__{name}"] = parse_value(name, given, kinds[name])
    return values


def parse_value(name: str, given: str, kind: str) -> Any:
    """Read the text of a property's value.

    Raises
    ------
    InputError
        When it is none of that kind.
    """
    try:
        return _READ[kind](storable(name, given))
    except (ValueError, KeyError, InputError):
        pass
    raise InputError(_EXPECTED[kind], name=name, text=given[:40])


def storable(name: str, given: str) -> str:
    """Return the text if a database can hold it at all.

    Raises
    ------
    InputError
        For the character 0 and for halves of characters.
    """
    if "\x00" in given or (not given.isascii() and any("\ud800" <= sign <= "\udfff" for sign in given)):
        raise InputError(
            N_("The value of “%(name)s” contains a character that is not allowed in text."), name=name
        )
    return given


def _number(given: str) -> float:
    value = float(given)
    if not math.isfinite(value):
        raise ValueError(given)
    return value


def _integer(given: str) -> int:
    value = int(given)
    if abs(value) > LARGEST_INTEGER:
        raise ValueError(given)
    return value


_READ: Mapping[str, Callable[[str], Any]] = {
    TEXT: str,
    DAY: parse_day,
    INTEGER: _integer,
    NUMBER: _number,
    FLAG: {"true": True, "false": False}.__getitem__,
}
_EXPECTED: Mapping[str, str] = {
    TEXT: N_("The value of “%(name)s” contains a character that is not allowed in text."),
    DAY: N_("“%(name)s” must be a day such as 2024-04-24; “%(text)s” is not."),
    INTEGER: N_("“%(name)s” must be a whole number; “%(text)s” is not."),
    NUMBER: N_("“%(name)s” must be a number; “%(text)s” is not."),
    FLAG: N_("“%(name)s” must be true or false; “%(text)s” is neither."),
}


def _conditions(rows: CollectionRows, query: FeatureQuery) -> Iterator[ColumnElement[bool]]:
    values = values_of(query)
    for period in _periods(rows, query.span):
        yield from _in_span(period, query.span)
    if "park" in values:
        yield rows.in_park(bindparam("park", values["park"], Text()))
    if "box" in values:
        yield _in_box(rows.geometry, values["box"])
    for name in query.equals:
        yield _equals(rows, name, values[f"equal__{name}"])
    if query.filter is not None:
        yield FILTERED if query.filter is ANY_FILTER else filter_condition(query, rows)


def filter_condition(query: FeatureQuery, rows: CollectionRows | None = None) -> ColumnElement[bool]:
    """Return the condition of a query's filter on the collection's rows (or on `rows` of it).

    Raises
    ------
    InputError
        As `app.db.features.cql2.condition`.
    """
    rows = rows or rows_of(query)
    named = FilterColumns(rows.columns, rows.contract.columns, rows.geometry, rows.valid)
    return condition(query.filter, named, query.filter_srid)


def _periods(rows: CollectionRows, span: Span) -> tuple[Any, ...]:
    """Return the periods that meet the days asked for; stored ones have indexes, common days have none."""
    if rows.valid is None:
        return ()
    return rows.periods if rows.periods and span.is_instant else (*rows.periods, rows.valid)


def _in_span(valid: Any, span: Span) -> Iterator[ColumnElement[bool]]:
    first, last = bindparam("first", span.first, Date()), bindparam("last", span.last, Date())
    if span.is_instant:
        yield valid.op("@>")(first)
    elif span != ALL_TIME:
        yield valid.op("&&")(func.daterange(first, last, "[]"))


def _in_box(geometry: Any, box: bytes | None) -> ColumnElement[bool]:
    if box is None:
        return false()
    area = func.ST_GeomFromWKB(bindparam("box", box, LargeBinary()), STORAGE_SRID)
    return func.ST_Intersects(geometry, area)


def _equals(rows: CollectionRows, name: str, value: Any) -> Any:
    column, kind = rows.columns[name], rows.contract.columns[name]
    bound = bindparam(f"equal__{name}", value, SQL_TYPES[kind])
    if kind == NUMBER:
        return column.between(bound - _HALF_A_DIGIT, bound + _HALF_A_DIGIT)
    return column == bound

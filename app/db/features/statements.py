"""Statements made once a shape of query, and run with the values of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.elements import ClauseElement

from app.cache import Cache
from app.db.features.rectangle import rectangle_wkb
from app.db.features.selection import ANY_FILTER, FILTERED, filter_condition, values_of
from app.db.raw_sql import raw_rows
from app.domain.feature_query import ALL_TIME, FeatureQuery

Make = Callable[[FeatureQuery], Select[Any]]

# The names under which a person's values are bound: each run must give its own.
# In a kept statement, this stands where the condition of a filter does; no text of a person gets there.
_PLACE_OF_FILTER = str(FILTERED)
_BOUND = re.compile(r"%\(([^)]*)\)s")
_IS_GIVEN = re.compile(r"((occupied_)?(first|last)|park|box|n_most|n_known|fid)$|(equal|after|fid)__").match
_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Statement:
    """SQL as the driver takes it, and the values in it that belong to its shape."""

    sql: str
    literals: dict[str, Any]


# Any client can ask for shapes of its own.
_made = Cache[tuple[Any, ...], Statement](1000)


def rows_found(
    connection: Connection, query: FeatureQuery, make: Make, *, is_lookup: bool = False, **more: Any
) -> list[tuple[Any, ...]]:
    """Run the statement that `make` gives for a query, made anew only for a shape not yet met.

    Parameters
    ----------
    connection : Connection
    query : FeatureQuery
    make : callable
        Gives the statement of a query; it must depend on the query's shape alone.
    is_lookup : bool
        Whether a few rows are found by their keys: the plan is then kept, too. Of other statements the best
        plan depends on the values, so they are planned each time.
    **more
        Further values bound by name.
    """
    statement = prepared(query, make)
    values = {**statement.literals, **values_of(query), **more}
    return raw_rows(connection, statement.sql, values, is_prepared=is_lookup)


def prepared(query: FeatureQuery, make: Make) -> Statement:
    """Return the statement that `make` gives for a query of this shape.

    Of a filter, only its own condition is made anew, which takes a tenth of the time of all the rest.
    """
    made = _made.get_or_make((make, *_shape(query)), lambda: _compiled(make(_without_filter(query))))
    return made if query.filter is None else _filtered(made, query)


def _without_filter(query: FeatureQuery) -> FeatureQuery:
    return query if query.filter is None else replace(query, filter=ANY_FILTER)


def _filtered(statement: Statement, query: FeatureQuery) -> Statement:
    """Return a statement with the condition of the query's filter in its place, its values bound apart."""
    made = _compiled(filter_condition(query))
    condition = _BOUND.sub(_apart, made.sql)
    values = {f"filter__{name}": value for name, value in made.literals.items()}
    sql = statement.sql.replace(_PLACE_OF_FILTER, f"({condition})")
    return Statement(sql, {**statement.literals, **values})


def _apart(bound: re.Match[str]) -> str:
    # What a column is made of may depend on the days asked for, which the whole statement has.
    return bound[0] if _IS_GIVEN(bound[1]) else f"%(filter__{bound[1]})s"


def _shape(query: FeatureQuery) -> tuple[Any, ...]:
    """Return all of a query on which its statement depends; what is left are values."""
    span, box = query.span, query.bbox
    return (
        query.collection,
        "on" if span.is_instant else span != ALL_TIME,
        query.park is not None,
        box is not None and (rectangle_wkb(box) is not None),
        box is not None,
        tuple(query.equals),
        query.filter is not None,
        query.sort,
        None if query.after is None else tuple(value is None for value in query.after),
        query.limit is None,
        query.crs,
        query.properties,
        query.is_internal,
    )


def _compiled(statement: ClauseElement) -> Statement:
    made: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    literals = made.params
    return Statement(str(made), {name: value for name, value in literals.items() if not _IS_GIVEN(name)})

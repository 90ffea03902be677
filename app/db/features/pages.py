"""Features as finished text: a page, one of them, its versions, all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Text, bindparam, case, func, literal_column, null

from app.cache import Cache
from app.db.changes import STATE, state_of_data
from app.db.features.feature_text import feature_text, identity
from app.db.features.fids import is_named, parse_fid
from app.db.features.keyset import later, ordering, place, place_name, place_values, terms
from app.db.features.rows.collections import CollectionRows, companies_to_count
from app.db.features.rows.company_pairs import n_pairs_on_day
from app.db.features.selection import check_names, is_chosen, rows_of, selection
from app.db.features.statements import rows_found
from app.domain.feature_query import ALL_TIME, CRS84, FeatureQuery
from app.domain.frames import find_contract

# How many features a query matches, and in which state of the data that was so.
_counts = Cache[str, tuple[str, int]](1000)


@dataclass(frozen=True)
class Page:
    """Some features of a query, in order.

    Attributes
    ----------
    features : list of str
        Each a finished GeoJSON Feature.
    after : tuple or None
        `FeatureQuery.after` of the next page, as JSON has it; None on the last page.
    n_matched : int
        How many features the query matches on all its pages.
    state : str
        The state of the data in which they were read; see `app.db.changes.state_of_data`.
    """

    features: list[str]
    after: tuple[Any, ...] | None
    n_matched: int
    state: str


@dataclass(frozen=True)
class VersionRow:
    """One version of a feature.

    Attributes
    ----------
    fid, text : str
        Its id with the first day, and the finished GeoJSON Feature.
    valid_from, valid_to : date or None
        From when to when it holds.
    state : str
        The state of the data in which it was read; see `app.db.changes.state_of_data`.
    """

    fid: str
    text: str
    valid_from: date | None
    valid_to: date | None
    state: str


def page(connection: Connection, query: FeatureQuery) -> Page:
    """Return the features of a query from `query.after` on, at most `query.limit`.

    Raises
    ------
    InputError
        For a property that the collection does not have, a value that it cannot have, or a place
        `after` that does not fit the order.
    NotFoundError
        For a collection that does not exist.
    """
    asked = _counted(query)
    known = _counts.get(repr(asked))
    state, rows = _rows_in_state(connection, query, None if known is None else known[1])
    kept = rows[: query.limit]
    is_last = len(kept) == len(rows)
    if is_last and query.after is None:
        n_matched = len(rows)
    elif is_last or (known is not None and known[0] != state):
        n_matched = count(connection, query, state)
    else:
        n_matched = rows[-1][-1]
        _counts.put(repr(asked), (state, n_matched))
    return Page([row[1] for row in kept], None if is_last else place(kept[-1][2:-1]), n_matched, state)


def _rows_in_state(
    connection: Connection, query: FeatureQuery, n_known: int | None
) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the rows of a page, one more where there are more, and the state in which they were read.

    That last one more ends in how many features there are on all pages: `n_known`, or counted with it.
    """
    more = {"n_most": 0 if query.limit is None else query.limit + 1, "n_known": n_known, **_seen(query)}
    rows = rows_found(connection, query, _page_with_state, **more)
    if rows:
        return rows[0][0], rows
    # Nothing tells the state, and what is told of one must not be older than it: so it comes first.
    state = state_of_data(connection)
    return state, rows_found(connection, query, _page_with_state, **more)


def count(connection: Connection, query: FeatureQuery, state: str | None = None) -> int:
    """Return how many features a query matches, whatever its page.

    The answer is kept in this process until the data change.

    Parameters
    ----------
    connection : Connection
    query : FeatureQuery
    state : str, optional
        Of the data, where it is known already.

    Raises
    ------
    InputError, NotFoundError
        As `page`.
    """
    asked = _counted(query)
    state = state or state_of_data(connection)
    known = _counts.get(repr(asked))
    if known is None or known[0] != state:
        known = state, rows_found(connection, asked, count_statement)[0][0]
        _counts.put(repr(asked), known)
    return known[1]


def _counted(query: FeatureQuery) -> FeatureQuery:
    """Return all of a query on which the number of its features depends."""
    return replace(query, after=None, sort=(), limit=None, properties=None, crs=CRS84)


def feature(connection: Connection, query: FeatureQuery, fid: str) -> VersionRow | None:
    """Return the feature of an id, or None where the query's days have none.

    Without a day in the id the version of the query's days is meant, the last where there are several;
    with one (``key@day``) exactly that version.

    Raises
    ------
    InputError, NotFoundError
        As `page`, for the query.
    """
    contract = find_contract(query.collection)
    named = parse_fid(contract, fid)
    if named is None or (named.has_day and "valid_from" not in contract.columns):
        return None
    if named.has_day:
        query = replace(query, span=ALL_TIME)
    make = _version_statement if named.has_day else _feature_statement
    rows = rows_found(connection, query, make, is_lookup=True, **named.values())
    return None if not rows else VersionRow(*rows[-1])


def versions(connection: Connection, query: FeatureQuery, key: str) -> list[VersionRow]:
    """Return all versions of one feature in order of time; none where the key is not known.

    Who occupies a plot is told of the query's days.

    Raises
    ------
    InputError, NotFoundError
        As `page`, for the query.
    """
    named = parse_fid(find_contract(query.collection), key)
    if named is None or named.has_day:
        return []
    asked = replace(query, span=ALL_TIME)
    days = {"occupied_first": query.span.first, "occupied_last": query.span.last}
    rows = rows_found(connection, asked, _feature_statement, is_lookup=True, **named.values(), **days)
    return [VersionRow(*row) for row in rows]


def _seen(query: FeatureQuery) -> dict[str, Any]:
    """Return the values of the last row seen by the names under which they are bound."""
    if query.after is None:
        return {}
    values = place_values(terms(rows_of(query), query), query.after)
    return {place_name(n): value for n, value in enumerate(values)}


def page_statement(query: FeatureQuery) -> Select[Any]:
    """Return the statement of a page: each row is a text and its values in the order."""
    return _page(query)[1]


def _page(query: FeatureQuery) -> tuple[CollectionRows, Select[Any]]:
    """Return the rows of a page, and the statement that reads them."""
    chosen = selection(query)
    order = terms(chosen.rows, query)
    # Every row has its key; said so, the database may begin with an index of keys.
    has_key = (key.is_not(None) for key in chosen.rows.key)
    found = chosen.select(*chosen.rows.everything).where(*has_key)
    if query.after is not None:
        found = found.where(later(order, place_values(order, query.after)))
    if query.limit is not None:
        found = found.limit(bindparam("n_most", type_=BigInteger()))
    # The texts are made of the rows that are left, not of those that are ordered.
    rows = chosen.rows.chosen(found.order_by(*ordering(chosen.rows, query)))
    values = (term.column for term in terms(rows, query))
    return rows, _texts(rows, query).add_columns(*values).order_by(*ordering(rows, query))


def _page_with_state(query: FeatureQuery) -> Select[Any]:
    """Return the statement of a page whose rows begin with the state of the data, and end in their number.

    The database counts what matches only where a row is found that the page has no room for.
    """
    rows, statement = _page(query)
    nth = func.row_number().over(order_by=ordering(rows, query))
    counted = count_statement(_counted(query)).correlate(None).scalar_subquery()
    n_known = bindparam("n_known", type_=BigInteger())
    n_matched = case((nth == bindparam("n_most", type_=BigInteger()), func.coalesce(n_known, counted)))
    return statement.with_only_columns(_state(), *statement.selected_columns, n_matched)


def _state() -> Any:
    return literal_column(STATE, Text()).label("state")


def _texts(rows: CollectionRows, query: FeatureQuery) -> Select[Any]:
    names = _names(rows, query)
    return feature_text(rows, names, query.crs, has_versions=not query.span.is_instant)


def _names(rows: CollectionRows, query: FeatureQuery) -> list[str]:
    if query.properties is None:
        return list(rows.columns)
    check_names(rows, query.properties)
    return [name for name in rows.columns if name in query.properties]


def count_statement(query: FeatureQuery) -> Select[Any]:
    """Return the statement that counts what a query matches."""
    if query.collection == "company-neighbors" and query.span.is_instant and not is_chosen(query):
        return n_pairs_on_day()
    if (
        query.collection == "companies"
        and query.span.is_instant
        and not query.equals
        and query.filter is None
    ):
        return selection(query, companies_to_count()).select(func.count())
    return selection(query).select(func.count())


def _feature_statement(query: FeatureQuery) -> Select[Any]:
    return _named_statement(query, has_day=False)


def _version_statement(query: FeatureQuery) -> Select[Any]:
    return _named_statement(query, has_day=True)


def _named_statement(query: FeatureQuery, *, has_day: bool) -> Select[Any]:
    chosen = selection(query)
    found = chosen.select(*chosen.rows.everything).where(*is_named(chosen.rows, has_day=has_day))
    rows = chosen.rows.chosen(found)
    starts, ends = (rows.columns.get(name, null()) for name in ("valid_from", "valid_to"))
    fid = identity(rows, has_versions=not query.span.is_instant)
    texts = _texts(rows, query)
    told = texts.with_only_columns(fid, *texts.selected_columns, starts, ends, _state())
    return told.order_by(*ordering(rows, replace(query, sort=())))

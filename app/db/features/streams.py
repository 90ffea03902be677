"""All features of a query, a handful of rows held at a time: the database keeps the place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection, Select, func

from app.db.features.feature_text import identity
from app.db.features.keyset import ordering
from app.db.features.pages import page_statement
from app.db.features.selection import selection
from app.db.row_frames import frame_of
from app.domain.feature_query import FeatureQuery

_TEXTS_AT_ONCE = 500


def texts(connection: Connection, query: FeatureQuery) -> Iterator[str]:
    """Yield all features of a query as text, in order, whatever its page.

    Raises
    ------
    InputError, NotFoundError
        As `app.db.features.page`, with the first feature.
    """
    for rows in _streamed(connection, page_statement(_whole(query)), _TEXTS_AT_ONCE):
        for row in rows:
            yield row[0]


def chunks(
    connection: Connection, query: FeatureQuery, n_rows: int = 10_000
) -> Iterator[tuple[list[str], gpd.GeoDataFrame]]:
    """Yield all rows of a query in order, whatever its page, as frames of at most `n_rows`.

    Yields
    ------
    ids : list of str
        The same as those of the features.
    frame : GeoDataFrame
        The columns of the collection's contract, in EPSG:25832. No rows give no frame.

    Raises
    ------
    InputError, NotFoundError
        As `app.db.features.page`, with the first frame.
    """
    chosen = selection(query)
    for rows in _streamed(connection, _raw_statement(query), n_rows):
        ids = [row[0] for row in rows]
        yield ids, frame_of([row[1:] for row in rows], chosen.rows.contract)


def _whole(query: FeatureQuery) -> FeatureQuery:
    return replace(query, limit=None, after=None)


def _raw_statement(query: FeatureQuery) -> Select[Any]:
    chosen = selection(query)
    rows = chosen.rows
    return chosen.select(
        identity(rows, has_versions=not query.span.is_instant),
        *(column.label(f"c{n}") for n, column in enumerate(rows.columns.values())),
        func.ST_AsBinary(rows.geometry),
    ).order_by(*ordering(rows, query))


def _streamed(connection: Connection, statement: Select[Any], n_rows: int) -> Iterator[list[Any]]:
    # All rows will be read: the plan shall be the best for that, not for the first few.
    connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")
    with connection.execute(statement, execution_options={"yield_per": n_rows}) as found:
        for rows in found.partitions():
            yield list(rows)

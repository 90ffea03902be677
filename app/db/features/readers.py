"""Whole collections of a day as frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import geopandas as gpd
from sqlalchemy import Connection

from app.db.features.keyset import ordering
from app.db.features.rows.collections import CollectionRows
from app.db.features.selection import Selection, selection, storable
from app.db.row_frames import is_one_of, read_frame, wkb
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span


def frame_on(
    connection: Connection,
    collection: str,
    on: date | None,
    park: str | None = None,
    only: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> gpd.GeoDataFrame:
    """Return the rows of a collection on a day (None: of all history) as the frame of its contract.

    Parameters
    ----------
    connection : Connection
    collection : str
        A name of `app.domain.frames.CONTRACTS`.
    on : date or None
    park : str or None
        Only rows of this park, or what touches its outline where rows belong to none.
    only : mapping
        By the name of a text column the only values wanted.

    Returns
    -------
    GeoDataFrame
        In EPSG:25832, in order of the keys, then of time.
    """
    query = FeatureQuery(collection, span=ALL_TIME if on is None else Span.on(on), park=park)
    chosen = selection(query)
    columns = chosen.rows.columns
    wanted = (
        is_one_of(columns[name], [storable(name, value) for value in values]) for name, values in only.items()
    )
    chosen = replace(chosen, conditions=(*chosen.conditions, *wanted))
    return frame_of_selection(connection, chosen, ordering(chosen.rows, query))


def frame_of_selection(connection: Connection, chosen: Selection, order: Sequence[Any]) -> gpd.GeoDataFrame:
    """Return the rows selected as the frame of their contract, in this order."""
    rows: CollectionRows = chosen.rows
    columns = [column.label(name) for name, column in rows.columns.items()]
    statement = chosen.select(*columns, wkb(rows.geometry)).order_by(*order)
    return read_frame(connection, statement, rows.contract)

"""Neighbor pairs: the computed rows, and what holds on a day once overrides are applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import geopandas as gpd
from sqlalchemy import Connection, func, or_, select

from app.db.features.keyset import ordering
from app.db.features.readers import frame_of_selection
from app.db.features.rows.pairs import pair_rows
from app.db.features.selection import selection
from app.db.models import Park, PlotVersion
from app.db.neighbors.pair_rows import stored_engine
from app.domain.feature_query import ALL_TIME, FeatureQuery, Span


def adjacency_on(
    connection: Connection, on: date | None, park: str | None = None, plots: Iterable[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the neighbor pairs of a day, overrides applied.

    Parameters
    ----------
    connection : Connection
    on : date or None
        The day; None for all of history.
    park : str or None
        Only pairs with at least one plot of this park.
    plots : iterable of str or None
        Only pairs with at least one of these plots.

    Returns
    -------
    GeoDataFrame
        Columns of `ADJACENCY`, in EPSG:25832, ordered by focal and neighbor; no rows where
        nothing was computed or no plot has a neighbor.
    """
    query = _query(on, park)
    given = None if plots is None else sorted(plots)
    chosen = selection(query, pair_rows(query.span, given))
    if given is not None:
        pair = chosen.rows.columns
        of_them = or_(pair["focal"].in_(given), pair["neighbor"].in_(given))
        chosen = replace(chosen, conditions=(*chosen.conditions, of_them))
    return frame_of_selection(connection, chosen, ordering(chosen.rows, query))


def n_pairs(connection: Connection, on: date) -> list[tuple[str, str, int]]:
    """Return how many pairs hold on a day as (park, relation, n); a pair between two parks counts in both."""
    chosen = selection(_query(on, None))
    pair = chosen.rows.columns
    groups = (Park.key, pair["relation"])
    statement = chosen.select(*groups, func.count()).join(
        Park, Park.key.in_([pair["focal_park"], pair["neighbor_park"]])
    )
    rows = connection.execute(statement.group_by(*groups).order_by(*groups))
    return [(row[0], row[1], row[2]) for row in rows]


def _query(on: date | None, park: str | None) -> FeatureQuery:
    return FeatureQuery("adjacency", span=ALL_TIME if on is None else Span.on(on), park=park)


def is_computed(connection: Connection, engine: str) -> bool:
    """Return whether `engine` made the stored neighbor pairs, or there are no plots that could have any."""
    has_plots = connection.execute(select(PlotVersion.plot_version_id).limit(1)).first()
    return has_plots is None or stored_engine(connection) == engine

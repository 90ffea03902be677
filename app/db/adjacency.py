"""Neighbor pairs: the computed rows, and what holds on a day once persons' decisions are applied."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import geopandas as gpd
from sqlalchemy import Connection, select, text

from app.db.models import PlotVersion
from app.db.pair_rows import stored_engine
from app.db.reading import read_frame
from app.domain.frames import ADJACENCY

# A decision takes the computed rows of its pair out of its period and stands there itself. It
# borrows their evidence and measures where there are any, else the shortest line is drawn.
EFFECTIVE = """
WITH pair AS (
    SELECT a.*, f.plot_id AS focal_plot_id, n.plot_id AS neighbor_plot_id
    FROM adjacency a
    JOIN plot_version f ON f.plot_version_id = a.focal_version_id
    JOIN plot_version n ON n.plot_version_id = a.neighbor_version_id
), computed AS (
    SELECT focal_plot_id, neighbor_plot_id, relation, shared_m, gap_m, facing_m, overlap_m2, geometry, engine,
           unnest(datemultirange(pair.valid) - coalesce(decided.days, '{}')) AS valid,
           false AS is_override, NULL::text AS reason
    FROM pair
    LEFT JOIN LATERAL (
        SELECT range_agg(o.valid) AS days FROM adjacency_override o
        WHERE least(o.focal_plot_id, o.neighbor_plot_id) = least(pair.focal_plot_id, pair.neighbor_plot_id)
          AND greatest(o.focal_plot_id, o.neighbor_plot_id)
              = greatest(pair.focal_plot_id, pair.neighbor_plot_id)
    ) decided ON true
), overridden AS (
    SELECT o.focal_plot_id, o.neighbor_plot_id, o.relation, known.shared_m,
           coalesce(known.gap_m, ST_Distance(f.geometry, n.geometry)) AS gap_m,
           known.facing_m, known.overlap_m2,
           coalesce(known.geometry, ST_ShortestLine(f.geometry, n.geometry)) AS geometry,
           known.engine, o.valid * f.valid * n.valid AS valid, true AS is_override, o.reason
    FROM adjacency_override o
    JOIN plot_version f ON f.plot_id = o.focal_plot_id AND f.valid && o.valid
    JOIN plot_version n ON n.plot_id = o.neighbor_plot_id AND n.valid && (o.valid * f.valid)
    LEFT JOIN LATERAL (
        SELECT * FROM adjacency a
        WHERE least(a.focal_version_id, a.neighbor_version_id) = least(f.plot_version_id, n.plot_version_id)
          AND greatest(a.focal_version_id, a.neighbor_version_id)
              = greatest(f.plot_version_id, n.plot_version_id)
        ORDER BY a.adjacency_id LIMIT 1
    ) known ON true
    WHERE o.relation <> 'none'
)
SELECT f.key AS focal, n.key AS neighbor, e.relation, e.shared_m, e.gap_m, e.facing_m, e.overlap_m2,
       fp.key AS focal_park, np.key AS neighbor_park, e.is_override, e.reason, e.engine,
       lower(e.valid) AS valid_from, upper(e.valid) AS valid_to, ST_AsBinary(e.geometry) AS geometry
FROM (SELECT * FROM computed UNION ALL SELECT * FROM overridden) e
JOIN plot f ON f.plot_id = e.focal_plot_id JOIN park fp ON fp.park_id = f.park_id
JOIN plot n ON n.plot_id = e.neighbor_plot_id JOIN park np ON np.park_id = n.park_id
WHERE (CAST(:on AS date) IS NULL OR e.valid @> CAST(:on AS date))
  AND (CAST(:park AS text) IS NULL OR :park IN (fp.key, np.key))
  AND (CAST(:plots AS text[]) IS NULL OR f.key = ANY(:plots) OR n.key = ANY(:plots))
ORDER BY f.key, n.key, lower(e.valid) NULLS FIRST
"""


def adjacency_on(
    connection: Connection, on: date | None, park: str | None = None, plots: Iterable[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the neighbor pairs of a day, persons' decisions applied.

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
    given = None if plots is None else sorted(plots)
    statement = text(EFFECTIVE).bindparams(on=on, park=park, plots=given)
    return read_frame(connection, statement, ADJACENCY)


def n_pairs(connection: Connection, on: date) -> list[tuple[str, str, int]]:
    """Return how many pairs hold on a day as (park, relation, n); a pair between two parks counts in both."""
    statement = text(
        f"SELECT park.key, e.relation, count(*) FROM ({EFFECTIVE}) e"  # noqa: S608  a constant
        " JOIN park ON park.key IN (e.focal_park, e.neighbor_park) GROUP BY 1, 2 ORDER BY 1, 2"
    ).bindparams(on=on, park=None, plots=None)
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def is_computed(connection: Connection, engine: str) -> bool:
    """Say whether `engine` made the stored neighbor pairs, or there are no plots that could have any."""
    has_plots = connection.execute(select(PlotVersion.plot_version_id).limit(1)).first()
    return has_plots is None or stored_engine(connection) == engine

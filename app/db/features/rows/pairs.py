"""Neighbor pairs as rows: what was computed, with persons' decisions applied.

A decision takes the computed rows of its pair out of its period and stands there itself. It borrows their
evidence and measures where there are any, else the shortest line is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, Boolean, Column, Date, Float, Text, bindparam, or_, text
from sqlalchemy.dialects.postgresql import DATERANGE

from app.db.features.rows.collections import CollectionRows, days
from app.domain.crs import STORAGE_SRID
from app.domain.feature_query import Span
from app.domain.frames import ADJACENCY, FLAG, NUMBER

_ENDS = """
JOIN plot f ON f.plot_id = {focal} JOIN park fp ON fp.park_id = f.park_id
JOIN plot n ON n.plot_id = {neighbor} JOIN park np ON np.park_id = n.park_id
"""
_OF_COMPUTED = "fv.plot_id", "nv.plot_id"
_OF_DECIDED = "o.focal_plot_id", "o.neighbor_plot_id"
_COMPUTED_ENDS = _ENDS.format(focal=_OF_COMPUTED[0], neighbor=_OF_COMPUTED[1])
_DECIDED_ENDS = _ENDS.format(focal=_OF_DECIDED[0], neighbor=_OF_DECIDED[1])
_IS_DECIDED = """
least(o.focal_plot_id, o.neighbor_plot_id) = least(fv.plot_id, nv.plot_id)
AND greatest(o.focal_plot_id, o.neighbor_plot_id) = greatest(fv.plot_id, nv.plot_id)
"""
_VERSIONS = """
FROM adjacency a
JOIN plot_version fv ON fv.plot_version_id = a.focal_version_id
JOIN plot_version nv ON nv.plot_version_id = a.neighbor_version_id
"""
_ASKED = "daterange(CAST(:first AS date), CAST(:last AS date), '[]')"

# Hardly a pair was decided by a person: those that were not are told apart first, without any arithmetic
# on periods, so that indexes on the plots and on the evidence serve them.
_COMPUTED = f"""
SELECT f.key AS focal, n.key AS neighbor, a.relation, a.shared_m, a.gap_m, a.facing_m, a.overlap_m2,
       fp.key AS focal_park, np.key AS neighbor_park, false AS is_override, NULL::text AS reason, a.engine,
       a.valid, a.geometry
{_VERSIONS} {_COMPUTED_ENDS}
WHERE a.valid && {_ASKED} AND NOT EXISTS (SELECT FROM adjacency_override o WHERE {_IS_DECIDED})
"""  # noqa: S608  the parts are constants
_CUT = f"""
SELECT f.key, n.key, a.relation, a.shared_m, a.gap_m, a.facing_m, a.overlap_m2,
       fp.key, np.key, false, NULL, a.engine, piece.valid, a.geometry
FROM (
    SELECT least(focal_plot_id, neighbor_plot_id) AS one, greatest(focal_plot_id, neighbor_plot_id) AS other,
           range_agg(valid) AS days
    FROM adjacency_override GROUP BY 1, 2
) decided
JOIN plot_version fv ON fv.plot_id IN (decided.one, decided.other)
JOIN plot_version nv ON nv.plot_id = decided.one + decided.other - fv.plot_id
JOIN adjacency a ON a.focal_version_id = fv.plot_version_id AND a.neighbor_version_id = nv.plot_version_id
{_COMPUTED_ENDS}
CROSS JOIN LATERAL unnest(datemultirange(a.valid) - decided.days) AS piece (valid)
WHERE piece.valid && {_ASKED}
"""  # noqa: S608  the parts are constants
_DECIDED = f"""
SELECT f.key, n.key, o.relation, known.shared_m, coalesce(known.gap_m, ST_Distance(fv.geometry, nv.geometry)),
       known.facing_m, known.overlap_m2, fp.key, np.key, true, o.reason, known.engine,
       o.valid * fv.valid * nv.valid,
       coalesce(known.geometry, ST_ShortestLine(fv.geometry, nv.geometry))
FROM adjacency_override o {_DECIDED_ENDS}
JOIN plot_version fv ON fv.plot_id = o.focal_plot_id AND fv.valid && o.valid
JOIN plot_version nv ON nv.plot_id = o.neighbor_plot_id AND nv.valid && (o.valid * fv.valid)
LEFT JOIN LATERAL (
    SELECT * FROM adjacency a
    WHERE least(a.focal_version_id, a.neighbor_version_id) = least(fv.plot_version_id, nv.plot_version_id)
      AND greatest(a.focal_version_id, a.neighbor_version_id)
          = greatest(fv.plot_version_id, nv.plot_version_id)
    ORDER BY a.adjacency_id LIMIT 1
) known ON true
WHERE o.relation <> 'none' AND (o.valid * fv.valid * nv.valid) && {_ASKED}
"""  # noqa: S608  the parts are constants

# The same as the computed ones, focal plot by focal plot along the index of keys. The fence (OFFSET 0) keeps
# the database from joining all pairs there are before it orders them, of which a page needs a hundred.
_OWN = tuple(name for name in ADJACENCY.columns if name not in ("valid_from", "valid_to"))
_OTHERS = ", ".join(f"pair.{name}" for name in (*_OWN[1:], "valid", "geometry"))
_WALKED = f"""
SELECT walked.key AS focal, {_OTHERS}
FROM plot walked CROSS JOIN LATERAL ({_COMPUTED} AND fv.plot_id = walked.plot_id OFFSET 0) pair
"""  # noqa: S608  the parts are constants


def _of_plots(condition: str) -> str:
    """Return the condition that one side of a pair is a version of certain plots.

    Their versions are found before the pairs are, so that indexes serve both ends of a pair.
    """
    versions = f"SELECT plot_version_id FROM plot_version JOIN plot USING (plot_id) WHERE {condition}"  # noqa: S608
    return (
        f" AND (a.focal_version_id = ANY(ARRAY({versions}))"
        f" OR a.neighbor_version_id = ANY(ARRAY({versions})))"
    )


def all_pairs(plots: str | None = None) -> str:
    """Return the statement of the pairs of all days, with the columns of `ADJACENCY` but its two days.

    Parameters
    ----------
    plots : str or None
        A statement that gives the ids of the only plots wanted, on one side of a pair at least; pairs of
        which a person decided may come besides.
    """
    computed = _COMPUTED if plots is None else _COMPUTED + _of_plots(f"plot_id IN ({plots})")
    return " UNION ALL ".join((computed, _CUT, _DECIDED)).replace(_ASKED, "daterange(NULL, NULL)")


# Of one day, no periods are cut: a pair is what a person decided for that day, else what was computed.
_DAY = "CAST(:first AS date)"
PLOTS_ON_DAY = f"""
SELECT fv.plot_id AS focal, nv.plot_id AS neighbor {_VERSIONS}
WHERE a.valid @> {_DAY}
  AND NOT EXISTS (SELECT FROM adjacency_override o WHERE o.valid @> {_DAY} AND {_IS_DECIDED})
UNION ALL
SELECT o.focal_plot_id, o.neighbor_plot_id FROM adjacency_override o
JOIN plot_version fv ON fv.plot_id = o.focal_plot_id AND fv.valid @> {_DAY}
JOIN plot_version nv ON nv.plot_id = o.neighbor_plot_id AND nv.valid @> {_DAY}
WHERE o.relation <> 'none' AND o.valid @> {_DAY}
"""  # noqa: S608  the parts are constants

_TYPES: dict[str, Any] = {NUMBER: Float(), FLAG: Boolean()}


def pair_rows(span: Span, plots: Sequence[str] | None = None, *, is_page: bool = False) -> CollectionRows:
    """Return the neighbor pairs that hold on a day of `span`.

    Each row is one pair during one period; where a decision cuts a computed period, each piece is a row.

    Parameters
    ----------
    span : Span
    plots : sequence of str or None
        Only these plots' pairs; one that a person decided of may come besides.
    is_page : bool
        Whether only the first of them in the order of their keys will be read, and nothing chooses among
        them: they come in this order then, plot by plot, and no more are made than are read.
    """
    own = [Column(name, _TYPES.get(ADJACENCY.columns[name], Text())) for name in _OWN]
    spread = [Column("valid", DATERANGE()), Column("geometry", Geometry(srid=STORAGE_SRID))]
    first: date | None = span.first
    bounds = bindparam("first", first, Date()), bindparam("last", span.last, Date())
    computed = _COMPUTED if plots is None else _COMPUTED + _of_plots("key = ANY(:plots)")
    parts = (_WALKED, _CUT, _DECIDED) if is_page else (computed, _CUT, _DECIDED)
    # Parts that are ordered each are merged, not sorted.
    ordered = (f"({part} ORDER BY 1, 2)" if is_page else part for part in parts)
    statement = text(" UNION ALL ".join(ordered)).bindparams(*bounds)
    if plots is not None:
        statement = statement.bindparams(bindparam("plots", list(plots), ARRAY(Text())))
    pair = statement.columns(*own, *spread).subquery("pair")
    columns = {column.name: pair.c[column.name] for column in own} | days(pair.c.valid)
    return CollectionRows(
        ADJACENCY,
        pair,
        {name: columns[name] for name in ADJACENCY.columns},
        pair.c.geometry,
        lambda park: or_(pair.c.focal_park == park, pair.c.neighbor_park == park),
        pair.c.valid,
    )

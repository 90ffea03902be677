"""Pairs of neighboring companies as rows, of all days.

They say what `app.analysis.neighborhood` says of one company on one day. Two companies are in *contact* on
the days on which they share a plot, or use two plots that are neighbors. What they are to each other changes
only where a contact begins or ends; in between the strongest relation tells what it is, and its contacts are
summed up. So a row is one pair during one such period.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Boolean, Column, Float, Select, Text, or_, select, text
from sqlalchemy.dialects.postgresql import DATERANGE

from app.db.features.rows.collections import SEPARATOR, CollectionRows, days
from app.db.features.rows.pairs import PLOTS_ON_DAY, all_pairs
from app.domain.crs import STORAGE_SRID
from app.domain.frames import COMPANY_NEIGHBORS, FLAG, NUMBER
from app.domain.kinds import COMPASS, CompanyRelation

_STRENGTH = " ".join(f"WHEN '{relation}' THEN {n}" for n, relation in enumerate(CompanyRelation))

# A pair of plots from both sides, for either of two companies may be the one whose key comes first.
_SIDES = """
SELECT f.plot_id AS own, n.plot_id AS met, pair.focal AS own_plot, pair.neighbor AS met_plot,
       focal_park AS own_park, neighbor_park AS met_park, relation, shared_m, gap_m, facing_m, overlap_m2,
       is_override, reason, pair.valid, pair.geometry
FROM pair JOIN plot f ON f.key = pair.focal JOIN plot n ON n.key = pair.neighbor
UNION ALL
SELECT n.plot_id, f.plot_id, pair.neighbor, pair.focal, neighbor_park, focal_park, relation, shared_m, gap_m,
       facing_m, overlap_m2, is_override, reason, pair.valid, pair.geometry
FROM pair JOIN plot f ON f.key = pair.focal JOIN plot n ON n.key = pair.neighbor
"""
# Not by “&&”: an index of periods is slower here than all plots' occupants at once.
_CONTACTS = """
SELECT f.company_id AS one, n.company_id AS other, s.own, s.met, s.own_plot, s.met_plot, s.own_park,
       s.met_park, s.relation, s.shared_m, s.gap_m, s.facing_m, s.overlap_m2, s.is_override, s.reason,
       a.valid * b.valid * s.valid AS valid, s.geometry
FROM side s
JOIN occupancy a ON a.plot_id = s.own JOIN occupancy b ON b.plot_id = s.met
JOIN company f ON f.company_id = a.company_id JOIN company n ON n.company_id = b.company_id
WHERE f.key COLLATE "C" < n.key COLLATE "C" AND NOT isempty(a.valid * b.valid * s.valid) {of_one}
UNION ALL
SELECT f.company_id, n.company_id, p.plot_id, p.plot_id, p.key, p.key, park.key, park.key,
       'same_plot', NULL, NULL, NULL, NULL, false, NULL, a.valid * b.valid, a.geometry
FROM occupancy a
JOIN occupancy b ON b.plot_id = a.plot_id
JOIN company f ON f.company_id = a.company_id JOIN company n ON n.company_id = b.company_id
JOIN plot p ON p.plot_id = a.plot_id JOIN park ON park.park_id = p.park_id
WHERE f.key COLLATE "C" < n.key COLLATE "C" AND NOT isempty(a.valid * b.valid) {of_one}
"""
# The days on which something between two companies begins or ends, and what holds from one to the next.
_HELD = f"""
SELECT contact.*, epoch.first, epoch.last, relation_rank,
       min(relation_rank) OVER (PARTITION BY one, other, epoch.first) AS strongest
FROM (
    SELECT one, other, day AS first, lead(day) OVER (PARTITION BY one, other ORDER BY day) AS last
    FROM (
        SELECT one, other, coalesce(lower(valid), '-infinity') AS day FROM contact
        UNION SELECT one, other, coalesce(upper(valid), 'infinity') FROM contact
    ) bound
) epoch
JOIN contact USING (one, other)
CROSS JOIN LATERAL (SELECT CASE relation {_STRENGTH} END AS relation_rank) ranked
WHERE epoch.last IS NOT NULL AND coalesce(lower(valid), '-infinity') <= epoch.first
  AND epoch.last <= coalesce(upper(valid), 'infinity')
"""  # noqa: S608  the parts are constants
# Of several stretches the longest tells where the neighbor lies.
_LONGEST = 'ORDER BY coalesce(shared_m, facing_m, 0) DESC, met_plot COLLATE "C" DESC, own_plot COLLATE "C"'
_SUMMED = f"""
SELECT one, other, first, last, min(relation) AS relation, sum(shared_m) AS shared_m, min(gap_m) AS gap_m,
       sum(facing_m) AS facing_m, sum(overlap_m2) AS overlap_m2, bool_or(is_override) AS is_override,
       string_agg(DISTINCT own_plot, '{SEPARATOR}' ORDER BY own_plot) AS focal_plots,
       string_agg(DISTINCT met_plot, '{SEPARATOR}' ORDER BY met_plot) AS neighbor_plots,
       (array_agg(reason ORDER BY least(own_plot, met_plot), greatest(own_plot, met_plot))
           FILTER (WHERE is_override))[1] AS reason,
       (array_agg(own {_LONGEST}))[1] AS own, (array_agg(met {_LONGEST}))[1] AS met,
       (array_agg(own_park {_LONGEST}))[1] AS focal_park,
       (array_agg(met_park {_LONGEST}))[1] AS neighbor_park,
       (array_agg(geometry {_LONGEST}))[1] AS geometry
FROM held WHERE relation_rank = strongest GROUP BY one, other, first, last
"""  # noqa: S608  the parts are constants
_VALUES = (
    "one, other, relation, shared_m, gap_m, facing_m, overlap_m2, is_override, focal_plots, neighbor_plots,"
    " reason, own, met, focal_park, neighbor_park, geometry"
)
# Periods in which all of it stays the same, the names of both included, are one.
_NAMES = "focal_name, focal_group, neighbor_name, neighbor_group"
_JOINED = f"""
SELECT {_VALUES}, {_NAMES}, unnest(range_agg(valid)) AS valid
FROM (
    SELECT summed.*, f.name AS focal_name, f.group_name AS focal_group, n.name AS neighbor_name,
           n.group_name AS neighbor_group, period * f.valid * n.valid AS valid
    FROM summed
    CROSS JOIN LATERAL (SELECT daterange(nullif(first, '-infinity'), nullif(last, 'infinity')) AS period) p
    JOIN company_version f ON f.company_id = one AND f.valid && period
    JOIN company_version n ON n.company_id = other AND n.valid && (period * f.valid)
) named GROUP BY {_VALUES}, {_NAMES}
"""  # noqa: S608  the parts are constants
_POINTS = ", ".join(f"'{point}'" for point in COMPASS)
# As `app.analysis.neighborhood.compass_point` has it; parallel fronts have many shortest lines, so that
# across a street the plot itself tells where it lies.
_DIRECTION = f"""
(SELECT (ARRAY[{_POINTS}])[1 + round(degrees(ST_Azimuth(
            ST_Centroid(ov.geometry),
            ST_Centroid(CASE WHEN joined.relation = 'across' THEN mv.geometry ELSE joined.geometry END)
        )) / 45)::int % 8]
 FROM plot_version ov, plot_version mv
 WHERE joined.relation <> 'same_plot' AND ov.plot_id = joined.own AND mv.plot_id = joined.met
   AND ov.valid && joined.valid AND mv.valid && (ov.valid * joined.valid)
 ORDER BY ov.valid, mv.valid LIMIT 1)
"""  # noqa: S608  the parts are constants
_PAIRS = f"""
WITH pair AS ({{pairs}}), side AS ({_SIDES}), contact AS ({_CONTACTS}), held AS ({_HELD}),
     summed AS ({_SUMMED}), joined AS ({_JOINED})
SELECT f.key AS focal, focal_name, focal_group, n.key AS neighbor, neighbor_name, neighbor_group,
       joined.relation, shared_m, gap_m, facing_m, overlap_m2, {_DIRECTION} AS direction, focal_plots,
       neighbor_plots, focal_park, neighbor_park, is_override, reason, joined.valid, joined.geometry
FROM joined JOIN company f ON f.company_id = one JOIN company n ON n.company_id = other
"""  # noqa: S608  the parts are constants
# On one day two companies are one pair, whatever is between them: nothing of it has to be told to count them.
_N_ON_DAY = f"""
SELECT count(*) AS n FROM (
    SELECT least(a.company_id, b.company_id), greatest(a.company_id, b.company_id)
    FROM ({PLOTS_ON_DAY}) pair
    JOIN occupancy a ON a.plot_id = pair.focal AND a.valid @> CAST(:first AS date)
    JOIN occupancy b ON b.plot_id = pair.neighbor AND b.valid @> CAST(:first AS date)
    WHERE a.company_id <> b.company_id
    UNION
    SELECT a.company_id, b.company_id
    FROM occupancy a JOIN occupancy b USING (plot_id)
    WHERE a.company_id < b.company_id AND a.valid @> CAST(:first AS date) AND b.valid @> CAST(:first AS date)
) met
"""  # noqa: S608  the parts are constants
_NOT_TAKEN = ("focal", "valid_from", "valid_to")
_ALL = _PAIRS.format(pairs=all_pairs(), of_one="")
# The same, company by company along the index of keys, of which a page needs a few. The fence (OFFSET 0)
# keeps the database from making all pairs before it orders them.
_OF_ONE = _PAIRS.format(
    pairs=all_pairs("SELECT plot_id FROM occupancy WHERE company_id = walked.company_id"),
    of_one="AND f.company_id = walked.company_id",
)
_OTHERS = ", ".join(
    f"pair.{name}" for name in (*COMPANY_NEIGHBORS.columns, "valid", "geometry") if name not in _NOT_TAKEN
)
_WALKED = f"""
SELECT walked.key AS focal, {_OTHERS}
FROM company walked CROSS JOIN LATERAL ({_OF_ONE} OFFSET 0) pair
"""  # noqa: S608  the parts are constants
_TYPES: dict[str, Any] = {NUMBER: Float(), FLAG: Boolean()}


def n_pairs_on_day() -> Select[Any]:
    """Return the statement that counts the pairs of the day bound as ``first``."""
    counted = text(_N_ON_DAY).columns(Column("n", BigInteger())).subquery("counted")
    return select(counted.c.n)


def company_pair_rows(*, is_page: bool = False) -> CollectionRows:
    """Return the pairs of neighboring companies of all days, each during one period a row.

    Parameters
    ----------
    is_page : bool
        Whether only the first of them in the order of their keys will be read, and nothing chooses among
        them.
    """
    kinds = COMPANY_NEIGHBORS.columns
    own = [Column(name, _TYPES.get(kinds[name], Text())) for name in kinds if not name.startswith("valid_")]
    spread = [Column("valid", DATERANGE()), Column("geometry", Geometry(srid=STORAGE_SRID))]
    found = text(_WALKED if is_page else _ALL).columns(*own, *spread).subquery("company_pair")
    columns = {column.name: found.c[column.name] for column in own} | days(found.c.valid)
    return CollectionRows(
        COMPANY_NEIGHBORS,
        found,
        {name: columns[name] for name in kinds},
        found.c.geometry,
        lambda park: or_(found.c.focal_park == park, found.c.neighbor_park == park),
        found.c.valid,
    )

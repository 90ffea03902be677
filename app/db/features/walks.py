"""Tours, their stops and their legs as rows. Without a name only what everybody may see."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, Column, Date, Float, Integer, Text, text

from app.db.features.rows import Rows
from app.domain.crs import STORAGE_SRID
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TOUR_LEGS, TOUR_STOPS, TOURS, Contract


def _shown(minutes: str) -> str:
    """Return the minute that timetables show so long after the start, as a watch in the parks shows it."""
    at = f"t.starts_at + make_interval(secs => 60 * ({minutes}) + 30)"
    # As `app.domain.clocks.nearest_minute`; microseconds are those of stored instants.
    return f"date_trunc('minute', {at}) AT TIME ZONE 'Europe/Berlin'"


def _clock(minutes: str) -> str:
    """Return that minute as ``14:05``, counted on from midnight of the tour's day: ``24:30`` that night."""
    hours = f"extract(hour FROM {_shown(minutes)})::int + 24 * (({_shown(minutes)})::date - {_TOURED_ON})"
    return f"lpad(({hours})::text, 2, '0') || ':' || to_char({_shown(minutes)}, 'MI')"


_TOURED_ON = f"({_shown('0')})::date"


# Parts of a leg shorter than this are the last bit of a sum, not a walk.
_LEAST_PART_M = 0.001

_WANTED = "(t.key = :tour OR CAST(:tour AS text) IS NULL AND (t.status = 'published' OR NOT :is_public))"

# Of a leg.
_ON_NETWORK = """
    SELECT coalesce(sum(upper(part) - lower(part)), 0)::float AS on_network_m FROM unnest(network_m) AS part
"""

_TOTAL_MIN = "legs.walk_s / 60 + stops.dwell_min + stops.wait_min + stops.pause_min"

_TOURS = f"""
SELECT t.key, p.key AS park, t.title, {_TOURED_ON} AS toured_on,
       {_clock("0")} AS starts_at, {_clock(_TOTAL_MIN)} AS ends_at, t.time_basis, stops.n_stops,
       legs.length_m, legs.off_network_m, legs.walk_s / 60 AS walk_min, stops.dwell_min,
       stops.wait_min, stops.pause_min,
       {_TOTAL_MIN} AS total_min,
       t.note, s.title AS source, legs.geometry, t.starts_at AS instant
FROM tour t
JOIN park p USING (park_id)
LEFT JOIN source s ON s.source_id = t.source_id
JOIN LATERAL (
    SELECT count(*) FILTER (WHERE position > 0)::int AS n_stops,
           sum(dwell_min ORDER BY position) AS dwell_min,
           sum(wait_min ORDER BY position) AS wait_min, sum(pause_min ORDER BY position) AS pause_min
    FROM tour_stop WHERE tour_id = t.tour_id
) stops ON true
JOIN LATERAL (
    SELECT sum(length_m ORDER BY position) AS length_m, sum(walk_s ORDER BY position) AS walk_s,
           sum(greatest(length_m - on_network_m, 0) ORDER BY position) AS off_network_m,
           ST_Multi(ST_Collect(geometry ORDER BY position)) AS geometry
    FROM tour_leg CROSS JOIN LATERAL ({_ON_NETWORK}) parts WHERE tour_id = t.tour_id
) legs ON legs.length_m IS NOT NULL
WHERE {_WANTED}
"""  # noqa: S608  the parts are constants

_STOPS = f"""
SELECT tour, position, name, company, facility, location_quality, dwell_min, wait_min, pause_min,
       arrives_min, departs_min, {_clock("arrives_min")} AS arrives_at, {_clock("departs_min")} AS departs_at,
       note, geometry, park, starts_at AS instant
FROM (
SELECT t.key AS tour, st.position, st.name, o.key AS company, f.key AS facility, st.location_quality,
       st.dwell_min, st.wait_min, st.pause_min,
       coalesce(sum(stay.min + coalesce(l.walk_s, 0) / 60) OVER earlier, 0) AS arrives_min,
       coalesce(sum(stay.min + coalesce(l.walk_s, 0) / 60) OVER earlier, 0) + stay.min AS departs_min,
       st.note, st.geometry, p.key AS park, t.starts_at
FROM tour_stop st
CROSS JOIN LATERAL (SELECT st.dwell_min + st.wait_min + st.pause_min AS min) stay
JOIN tour t USING (tour_id)
JOIN park p USING (park_id)
LEFT JOIN tour_leg l ON l.tour_id = st.tour_id AND l.position = st.position
LEFT JOIN occupancy o ON o.occupancy_id = st.occupancy_id
LEFT JOIN facility f ON f.facility_id = st.facility_id
WHERE {_WANTED}
WINDOW earlier AS (PARTITION BY t.tour_id ORDER BY st.position ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)
) t
"""  # noqa: S608  the parts are constants

# A leg to where no way leads is one part without metres and minutes: a picture.
# The time of a straight part follows from its length; parts on the network share the rest (steps are slow).
_LEGS = f"""
WITH leg AS (
    SELECT t.key AS tour, t.starts_at, p.key AS park, l.position, l.geometry, l.length_m AS told_m,
           ST_Length(l.geometry) AS length_m, l.walk_s,
           l.network_m, t.pace_m_s, on_network_m
    FROM tour_leg l JOIN tour t USING (tour_id) JOIN park p USING (park_id)
    CROSS JOIN LATERAL ({_ON_NETWORK}) parts
    WHERE {_WANTED}
), stretch AS (
    SELECT leg.*, range <@ network_m AS is_on_network,
           lower(range)::float AS begins_m, upper(range)::float AS ends_m
    FROM leg CROSS JOIN LATERAL (SELECT nummultirange(numrange(0, length_m::numeric)) AS whole) walk
    CROSS JOIN LATERAL (
        SELECT unnest(whole * network_m) AS range UNION ALL SELECT unnest(whole - network_m)
    ) parts
), cut AS (
    SELECT stretch.*, row_number() OVER (PARTITION BY tour, position ORDER BY begins_m)::int AS part,
           begins_m / length_m AS begins, least(ends_m / length_m, 1) AS ends, ends_m - begins_m AS part_m
    FROM stretch WHERE ends_m - begins_m > {_LEAST_PART_M}
)
SELECT tour, position, part, is_on_network, least(part_m, told_m) AS length_m,
       CASE WHEN on_network_m = 0 THEN walk_s
            WHEN is_on_network THEN
                (walk_s - greatest(length_m - on_network_m, 0) / pace_m_s) * part_m / on_network_m
            ELSE part_m / pace_m_s END / 60 AS walk_min,
       ST_LineSubstring(geometry, begins, ends) AS geometry, park, starts_at AS instant
FROM cut
"""  # noqa: S608  the parts are constants

_TEXTS = ((TOURS, _TOURS), (TOUR_STOPS, _STOPS), (TOUR_LEGS, _LEGS))
SQL = {contract.name: sql for contract, sql in _TEXTS}
_TYPES: dict[str, Any] = {NUMBER: Float(), FLAG: Boolean(), INTEGER: Integer(), DAY: Date()}


def walk_rows(contract: Contract, tour: str | None = None, *, is_public: bool = True) -> Rows:
    """Return the rows of tours, their stops or their legs.

    Parameters
    ----------
    contract : Contract
        `TOURS`, `TOUR_STOPS` or `TOUR_LEGS`.
    tour : str or None
        The key of the only tour wanted, published or not; None for all.
    is_public : bool
        Without `tour`, only published ones.
    """
    own = [Column(name, _TYPES.get(kind, Text())) for name, kind in contract.columns.items()]
    hidden = [Column("geometry", Geometry(srid=STORAGE_SRID))]
    hidden += [] if "park" in contract.columns else [Column("park", Text())]
    statement = text(SQL[contract.name]).bindparams(tour=tour, is_public=is_public)
    walk = statement.columns(*own, *hidden, Column("instant")).subquery("walk")
    columns = {name: walk.c[name] for name in contract.columns}
    return Rows(contract, walk, columns, walk.c.geometry, lambda park: walk.c.park == park)

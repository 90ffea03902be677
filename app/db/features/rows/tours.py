"""Tours, their stops and their legs as rows. Without a name only what everybody may see."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, Column, Date, Float, Integer, Text, text

from app.db.features.rows.collections import CollectionRows
from app.domain.crs import STORAGE_SRID
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TOUR_LEGS, TOUR_STOPS, TOURS, Contract


def _shown(at: str) -> str:
    """Return the minute that timetables show of an instant, as a watch in the parks shows it."""
    # As `app.domain.clocks.nearest_minute`; microseconds are those of stored instants.
    return f"date_trunc('minute', {at} + interval '30 s') AT TIME ZONE 'Europe/Berlin'"


def _clock(at: str) -> str:
    """Return that minute as ``14:05``, counted on from midnight of the tour's day: ``24:30`` that night."""
    hours = f"extract(hour FROM {_shown(at)})::int + 24 * (({_shown(at)})::date - {_TOURED_ON})"
    return f"lpad(({hours})::text, 2, '0') || ':' || to_char({_shown(at)}, 'MI')"


def _minutes(begins: str, ends: str) -> str:
    """Return the minutes from one instant to another."""
    return f"extract(epoch FROM {ends} - {begins})::float / 60"


_TOURED_ON = f"({_shown('t.starts_at')})::date"


# Parts of a leg shorter than this are the last bit of a sum, not a walk.
_LEAST_PART_M = 0.001

_WANTED = "(t.key = :tour OR CAST(:tour AS text) IS NULL AND (t.status = 'published' OR NOT :is_public))"

# Of a leg.
_ON_NETWORK = """
    SELECT coalesce(sum(upper(part) - lower(part)), 0)::float AS on_network_m FROM unnest(network_m) AS part
"""

# Of a stop: what is neither visit nor pause.
_WAIT_MIN = """
coalesce(extract(epoch FROM (st.departs_at - st.arrives_at) - (st.ends_at - st.begins_at))::float
         - 60 * st.pause_min, 0) / 60"""

_TOURS = f"""
SELECT t.key, p.key AS park, t.title, {_TOURED_ON} AS toured_on,
       {_clock("t.starts_at")} AS starts_at, {_clock("stops.ends_at")} AS ends_at,
       t.time_basis, stops.n_stops,
       legs.length_m, legs.off_network_m, legs.walk_s / 60 AS walk_min, stops.dwell_min,
       stops.wait_min, stops.pause_min,
       {_minutes("t.starts_at", "stops.ends_at")} AS total_min,
       t.note, s.title AS source, legs.geometry, t.starts_at AS instant
FROM tour t
JOIN park p USING (park_id)
LEFT JOIN source s ON s.source_id = t.source_id
JOIN LATERAL (
    SELECT count(*) FILTER (WHERE position > 0)::int AS n_stops,
           sum(dwell_min ORDER BY position) AS dwell_min,
           sum({_WAIT_MIN} ORDER BY position) AS wait_min, sum(pause_min ORDER BY position) AS pause_min,
           max(departs_at + make_interval(secs => coalesce(walk_s, 0))) AS ends_at
    FROM tour_stop st LEFT JOIN tour_leg USING (tour_id, position) WHERE tour_id = t.tour_id
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
SELECT t.key AS tour, st.position, st.name, o.key AS company, f.key AS facility, st.location_quality,
       st.dwell_min, {_WAIT_MIN} AS wait_min, st.pause_min,
       {_minutes("t.starts_at", "st.arrives_at")} AS arrives_min,
       {_minutes("t.starts_at", "st.departs_at")} AS departs_min,
       {_clock("st.arrives_at")} AS arrives_at, {_clock("st.departs_at")} AS departs_at,
       st.note, st.geometry, p.key AS park, t.starts_at AS instant
FROM tour_stop st
JOIN tour t USING (tour_id)
JOIN park p USING (park_id)
LEFT JOIN occupancy o ON o.occupancy_id = st.occupancy_id
LEFT JOIN facility f ON f.facility_id = st.facility_id
WHERE {_WANTED}
"""  # noqa: S608  the parts are constants

# A leg to where no way leads is one part without meters and minutes: a picture.
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


def walk_rows(contract: Contract, tour: str | None = None, *, is_public: bool = True) -> CollectionRows:
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
    return CollectionRows(contract, walk, columns, walk.c.geometry, lambda park: walk.c.park == park)

"""Tours, their stops and legs, as frames for maps and files."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection, text

from app.db.reading import read_frame
from app.domain.frames import TOUR_LEGS, TOUR_STOPS, TOURS

# Clock and day as read on a watch in the parks.
_LOCAL = "starts_at AT TIME ZONE 'Europe/Berlin'"

# Parts of a leg shorter than this are the last bit of a sum, not a walk.
_LEAST_PART_M = 0.001

# Without a name only what everybody may see.
_WANTED = "(t.key = :tour OR CAST(:tour AS text) IS NULL AND t.status = 'published')"

# Of a leg.
_ON_NETWORK = """
    SELECT coalesce(sum(upper(part) - lower(part)), 0)::float AS on_network_m FROM unnest(network_m) AS part
"""

_TOURS = f"""
SELECT t.key, p.key AS park, t.title, (t.{_LOCAL})::date AS toured_on,
       to_char(t.{_LOCAL}, 'HH24:MI') AS starts_at, t.time_basis, stops.n_stops,
       legs.length_m, legs.off_network_m, legs.walk_s / 60 AS walk_min, stops.dwell_min,
       stops.wait_min, stops.pause_min,
       legs.walk_s / 60 + stops.dwell_min + stops.wait_min + stops.pause_min AS total_min,
       t.note, s.title AS source, ST_AsBinary(legs.geometry) AS geometry
FROM tour t
JOIN park p USING (park_id)
LEFT JOIN source s ON s.source_id = t.source_id
JOIN LATERAL (
    SELECT count(*) AS n_stops, sum(dwell_min) AS dwell_min, sum(wait_min) AS wait_min,
           sum(pause_min) AS pause_min
    FROM tour_stop WHERE tour_id = t.tour_id
) stops ON true
JOIN LATERAL (
    SELECT sum(length_m) AS length_m, sum(walk_s) AS walk_s,
           sum(greatest(length_m - on_network_m, 0)) AS off_network_m,
           ST_Multi(ST_Collect(geometry ORDER BY position)) AS geometry
    FROM tour_leg CROSS JOIN LATERAL ({_ON_NETWORK}) parts WHERE tour_id = t.tour_id
) legs ON legs.length_m IS NOT NULL
WHERE (CAST(:park AS text) IS NULL OR p.key = :park) AND (NOT :is_public OR t.status = 'published')
ORDER BY t.starts_at, t.key
"""  # noqa: S608  the parts are constants

_STOPS = f"""
SELECT t.key AS tour, st.position, st.name, o.key AS company, f.key AS facility, st.location_quality,
       st.dwell_min,
       st.wait_min, st.pause_min,
       coalesce(sum(stay.min + coalesce(l.walk_s, 0) / 60) OVER earlier, 0) AS arrives_min,
       coalesce(sum(stay.min + coalesce(l.walk_s, 0) / 60) OVER earlier, 0) + stay.min AS departs_min,
       st.note, ST_AsBinary(st.geometry) AS geometry
FROM tour_stop st
CROSS JOIN LATERAL (SELECT st.dwell_min + st.wait_min + st.pause_min AS min) stay
JOIN tour t USING (tour_id)
JOIN park p USING (park_id)
LEFT JOIN tour_leg l ON l.tour_id = st.tour_id AND l.position = st.position
LEFT JOIN occupancy o ON o.occupancy_id = st.occupancy_id
LEFT JOIN facility f ON f.facility_id = st.facility_id
WHERE (CAST(:park AS text) IS NULL OR p.key = :park) AND {_WANTED}
WINDOW earlier AS (PARTITION BY t.tour_id ORDER BY st.position ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)
ORDER BY t.starts_at, t.key, st.position
"""  # noqa: S608  the parts are constants

# The time of a straight part follows from its length; parts on the network share the rest (steps are slow).
_LEGS = f"""
WITH leg AS (
    SELECT t.key AS tour, t.starts_at, l.position, l.geometry, l.length_m, l.walk_s, l.network_m, t.pace_m_s,
           on_network_m
    FROM tour_leg l JOIN tour t USING (tour_id) JOIN park p USING (park_id)
    CROSS JOIN LATERAL ({_ON_NETWORK}) parts
    WHERE (CAST(:park AS text) IS NULL OR p.key = :park) AND {_WANTED}
), stretch AS (
    SELECT leg.*, range <@ network_m AS is_on_network,
           lower(range)::float AS begins_m, upper(range)::float AS ends_m
    FROM leg CROSS JOIN LATERAL (SELECT nummultirange(numrange(0, length_m::numeric)) AS whole) walk
    CROSS JOIN LATERAL (
        SELECT unnest(whole * network_m) AS range UNION ALL SELECT unnest(whole - network_m)
    ) parts
), cut AS (
    SELECT stretch.*, row_number() OVER (PARTITION BY tour, position ORDER BY begins_m) AS part,
           begins_m / length_m AS begins, least(ends_m / length_m, 1) AS ends, ends_m - begins_m AS part_m
    FROM stretch WHERE ends_m - begins_m > {_LEAST_PART_M}
)
SELECT tour, position, part, is_on_network, part_m AS length_m,
       CASE WHEN on_network_m = 0 THEN walk_s
            WHEN is_on_network THEN
                (walk_s - greatest(length_m - on_network_m, 0) / pace_m_s) * part_m / on_network_m
            ELSE part_m / pace_m_s END / 60 AS walk_min,
       ST_AsBinary(ST_LineSubstring(geometry, begins, ends)) AS geometry
FROM cut
ORDER BY starts_at, tour, position, part
"""  # noqa: S608  the parts are constants


def tours_on(
    connection: Connection, on: date | None = None, park: str | None = None, *, is_public: bool = True
) -> gpd.GeoDataFrame:
    """Return the planned tours, each with its sums and its whole walk.

    Parameters
    ----------
    connection : Connection
    on : date or None
        Taken as in every reader of this room, and not regarded: a tour has a day of its own and
        is shown whatever day the map shows.
    park : str or None
        Only tours of this park.
    is_public : bool
        Only published tours.

    Returns
    -------
    GeoDataFrame
        Columns of `TOURS`, MultiLineStrings (one line a leg) in EPSG:25832, in order of time. A tour
        without planned legs has no walk and no row; see `app.db.tour_records.unplanned`.
    """
    return read_frame(connection, text(_TOURS).bindparams(park=park, is_public=is_public), TOURS)


def tour_stops_on(
    connection: Connection, on: date | None = None, park: str | None = None, tour: str | None = None
) -> gpd.GeoDataFrame:
    """Return the stops of tours in walking order, with minutes from the tour's start.

    `company` is the key of the occupancy, as in the companies frame. `arrives_min` and `departs_min`
    take legs that are not planned as no walk at all. Other parameters as `tours_on`; `tour` is the
    key of the only tour wanted; without it the published ones are.
    """
    return read_frame(connection, text(_STOPS).bindparams(park=park, tour=tour), TOUR_STOPS)


def tour_legs_on(
    connection: Connection, on: date | None = None, park: str | None = None, tour: str | None = None
) -> gpd.GeoDataFrame:
    """Return the legs of tours in parts, in walking order: straight beside the network, or along it.

    `position` is that of the stop a leg leaves. Parts of no length have no row, nor have legs that
    are not planned. Other parameters as `tour_stops_on`.
    """
    return read_frame(connection, text(_LEGS).bindparams(park=park, tour=tour), TOUR_LEGS)

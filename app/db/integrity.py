"""What the constraints cannot hold: rules over several rows, asked one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from app.errors import N_

# How far off is a slip of drawing, not an error.
SLACK_M = 1.0
SNAP_M = 0.10


@dataclass(frozen=True)
class Finding:
    """A broken rule: one sentence as a template, and its values."""

    template: str
    params: Mapping[str, Any]


# Sentence -> the rows it is true of; the columns are its values.
RULES: dict[str, str] = {
    N_("Plot %(plot)s extends %(distance)s m beyond its park %(park)s."): """
        SELECT DISTINCT plot.key AS plot, park.key AS park,
               round(ST_HausdorffDistance(outside.part, own.geometry)::numeric, 1) AS distance
        FROM plot_version version
        JOIN plot USING (plot_id)
        JOIN park USING (park_id)
        JOIN park_version own ON own.park_id = park.park_id AND own.valid && version.valid
        CROSS JOIN LATERAL (SELECT ST_Difference(version.geometry, own.geometry) AS part) outside
        WHERE NOT ST_CoveredBy(version.geometry, ST_Buffer(own.geometry, :slack_m))
        ORDER BY 1""",
    N_("Plots %(plot)s and %(other)s overlap by %(area)s m² on %(day)s."): """
        SELECT one.key AS plot, two.key AS other, round(ST_Area(common.part)::numeric, 1) AS area,
               coalesce(lower(a.valid * b.valid), upper(a.valid * b.valid) - 1, current_date) AS day
        FROM plot_version a
        JOIN plot_version b ON a.plot_id < b.plot_id AND a.valid && b.valid
             AND ST_Intersects(a.geometry, b.geometry)
        JOIN plot one ON one.plot_id = a.plot_id
        JOIN plot two ON two.plot_id = b.plot_id
        CROSS JOIN LATERAL (SELECT ST_Intersection(a.geometry, b.geometry) AS part) common
        WHERE NOT ST_IsEmpty(ST_Buffer(common.part, -:snap_m / 2))
        ORDER BY 1, 2, 4""",
    N_("Company place %(place)s lies %(distance)s m outside its plot %(plot)s."): """
        SELECT DISTINCT o.key AS place, plot.key AS plot,
               round(ST_Distance(o.geometry, version.geometry)::numeric, 1) AS distance
        FROM occupancy o
        JOIN plot USING (plot_id)
        JOIN plot_version version ON version.plot_id = o.plot_id AND version.valid && o.valid
        WHERE o.location_quality <> 'street'
          AND NOT ST_DWithin(o.geometry, version.geometry, :slack_m)
        ORDER BY 1""",
    N_("Company place %(place)s uses plot %(plot)s on days when there is no such plot: %(days)s."): """
        SELECT o.key AS place, plot.key AS plot, gaps.days::text AS days
        FROM occupancy o
        JOIN plot USING (plot_id)
        CROSS JOIN LATERAL (
            SELECT datemultirange(o.valid) - coalesce(range_agg(version.valid), '{}') AS days
            FROM plot_version version WHERE version.plot_id = o.plot_id
        ) gaps
        WHERE NOT isempty(gaps.days)
        ORDER BY 1""",
    N_("Facility %(place)s lies %(distance)s m outside its plot %(plot)s."): """
        SELECT DISTINCT f.key AS place, plot.key AS plot,
               round(ST_Distance(ST_Centroid(f.geometry), version.geometry)::numeric, 1) AS distance
        FROM facility f
        JOIN plot ON plot.plot_id = f.plot_id
        JOIN plot_version version ON version.plot_id = f.plot_id AND version.valid && f.valid
        WHERE NOT ST_DWithin(ST_Centroid(f.geometry), version.geometry, :slack_m)
        ORDER BY 1""",
    N_("%(place)s lies %(distance)s m outside its park %(park)s."): """
        SELECT place.key AS place, park.key AS park,
               round(ST_Distance(place.geometry, own.geometry)::numeric, 1) AS distance
        FROM (
            SELECT key, park_id, geometry, valid FROM occupancy
            UNION SELECT key, park_id, geometry, valid FROM facility
        ) place
        JOIN park USING (park_id)
        JOIN park_version own ON own.park_id = park.park_id AND own.valid && place.valid
        WHERE NOT ST_DWithin(place.geometry, own.geometry, :slack_m)
        ORDER BY 1""",
    N_(
        "%(predecessor)s was followed by %(successor)s on %(day)s, but uses the same plot after that day."
    ): """
        SELECT DISTINCT before.key AS predecessor, after.key AS successor, s.happened_on AS day
        FROM succession s
        JOIN company before ON before.company_id = s.predecessor_id
        JOIN company after ON after.company_id = s.successor_id
        JOIN occupancy o ON o.company_id = s.predecessor_id AND o.plot_id = s.plot_id
             AND o.valid && daterange(s.happened_on + 1, NULL)
        ORDER BY 3, 1""",
    N_("Tour %(tour)s stops at %(place)s on %(day)s, when nobody is there."): """
        SELECT DISTINCT tour.key AS tour, place.key AS place, day
        FROM tour
        CROSS JOIN LATERAL (SELECT (starts_at AT TIME ZONE 'Europe/Berlin')::date AS day) d
        JOIN tour_stop USING (tour_id)
        JOIN occupancy place USING (occupancy_id)
        WHERE tour.status <> 'withdrawn'
          AND NOT EXISTS (SELECT FROM occupancy o WHERE o.key = place.key AND o.valid @> day)
        ORDER BY 3, 1, 2""",
    N_("Tour %(tour)s leads over %(way)s, but there is no longer permission for it on that day."): """
        SELECT DISTINCT tour.key AS tour, way.key AS way
        FROM tour
        CROSS JOIN LATERAL (SELECT (starts_at AT TIME ZONE 'Europe/Berlin')::date AS day) d
        JOIN tour_leg leg USING (tour_id)
        JOIN walkway way ON way.access = 'permission' AND way.opening_hours IS NULL AND way.valid @> day
             AND ST_Intersects(way.geometry, leg.geometry)
        WHERE tour.status = 'published' AND tour.starts_at > now()
          -- Walked along, not just met or crossed.
          AND ST_Length(ST_Intersection(leg.geometry, ST_Buffer(way.geometry, :snap_m))) > :slack_m
          AND NOT EXISTS (
            SELECT FROM walkway_permission given
            WHERE given.walkway_id = way.walkway_id AND given.valid @> day
              AND (given.tour_id IS NULL OR given.tour_id = tour.tour_id)
        )
        ORDER BY 1, 2""",
}


def findings(connection: Connection) -> Iterator[Finding]:
    """Yield what breaks a rule of `RULES`, in their order; nothing where all is well."""
    for template, query in RULES.items():
        values = {name: value for name, value in LIMITS.items() if f":{name}" in query}
        for row in connection.execute(text(query), values).mappings():
            yield Finding(template, dict(row))


LIMITS = {"slack_m": SLACK_M, "snap_m": SNAP_M}

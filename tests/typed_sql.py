"""The definition of neighbors in PostGIS: typed by its own geometry functions, without a line of the engine.

Step by step, each a temporary table: border segments, what runs along them, what stands in front of them,
pairs.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal, NamedTuple

import numpy as np
import shapely
from sqlalchemy import Connection, text

from app.analysis.adjacency import Tolerances

TABLES = ("typed_plot", "typed_segment", "typed_contact", "typed_shared", "typed_view", "typed_facing")


class TypedRow(NamedTuple):
    """A pair of positions with its relation and measures, None where one does not apply."""

    a: int
    b: int
    relation: str
    shared_m: float | None
    gap_m: float | None
    facing_m: float | None
    overlap_m2: float | None


# Interior on the left, so that a border looks out to its right.
SEGMENTS = """
    CREATE TEMPORARY TABLE typed_segment ON COMMIT DROP AS
    SELECT row_number() OVER () AS segment, plot, line, azimuth, ST_Length(line) AS length_m,
        cos(azimuth) AS out_x, -sin(azimuth) AS out_y
    FROM (
        SELECT plot, dumped.geom AS line,
            ST_Azimuth(ST_StartPoint(dumped.geom), ST_EndPoint(dumped.geom)) AS azimuth
        FROM typed_plot, ST_DumpSegments(ST_ForcePolygonCCW(geometry)) AS dumped
    ) AS every_one
    WHERE ST_Length(line) > 1e-6;
    CREATE INDEX ON typed_segment USING gist (line);
    ANALYZE typed_segment
"""

# A buffer with flat ends around the other border, so that a stretch ends where that border does. Stretches
# are kept as places along the segment: a union of ranges counts nothing twice.
CONTACTS = """
    CREATE TEMPORARY TABLE typed_contact ON COMMIT DROP AS
    SELECT segment, a, b, is_opposed, stretch, gap_m
    FROM (
        SELECT a.segment, a.plot AS a, b.plot AS b, cos(a.azimuth - b.azimuth) < 0 AS is_opposed,
            numrange(
                least(from_share, to_share)::numeric, greatest(from_share, to_share)::numeric
            ) * numrange(0, 1) AS share, a.length_m,
            greatest(
                ST_Distance(ST_StartPoint(piece), other.geometry),
                ST_Distance(ST_EndPoint(piece), other.geometry)
            ) AS gap_m
        FROM typed_segment AS a
        JOIN typed_segment AS b
            ON a.plot <> b.plot AND b.line && ST_Expand(a.line, :snap_m)
            AND abs(sin(a.azimuth - b.azimuth)) <= sin(radians(15))
        JOIN typed_plot AS other ON other.plot = b.plot
        CROSS JOIN LATERAL ST_Intersection(
            a.line, ST_Buffer(b.line, :snap_m + 1e-6, 'endcap=flat')
        ) AS piece
        CROSS JOIN LATERAL (
            SELECT ST_LineLocatePoint(a.line, ST_StartPoint(piece)) AS from_share,
                ST_LineLocatePoint(a.line, ST_EndPoint(piece)) AS to_share
        ) AS shares
        WHERE ST_Length(piece) > 1e-9
    ) AS every_one
    CROSS JOIN LATERAL (
        SELECT numrange(lower(share) * length_m::numeric, upper(share) * length_m::numeric) AS stretch
    ) AS stretches
"""

SHARED = """
    CREATE TEMPORARY TABLE typed_shared ON COMMIT DROP AS
    SELECT a, b, sum(length_m) AS any_m,
        coalesce(sum(length_m) FILTER (WHERE is_opposed), 0) AS shared_m,
        max(gap_m) FILTER (WHERE is_opposed) AS gap_m
    FROM (
        SELECT segment, a, b, is_opposed, max(gap_m) AS gap_m,
            (SELECT sum(upper(part) - lower(part)) FROM unnest(range_agg(stretch)) AS part) AS length_m
        FROM typed_contact
        GROUP BY segment, a, b, is_opposed
    ) AS by_segment
    GROUP BY a, b
"""

# What stands in front of the segments that are not covered all along. A border up to snap_m behind counts if
# it faces the segment; anything else, the plot's own border, too, must stand truly in front.
VIEWS = """
    CREATE TEMPORARY TABLE typed_view ON COMMIT DROP AS
    WITH covered AS (
        SELECT segment, range_agg(stretch) AS stretches FROM typed_contact WHERE is_opposed GROUP BY segment
    ), looking AS (
        SELECT s.*, ST_Translate(line, out_x * -:snap_m, out_y * -:snap_m) AS behind,
            ST_Translate(line, out_x * 1e-6, out_y * 1e-6) AS front,
            ST_Translate(line, out_x * :across_m, out_y * :across_m) AS far
        FROM typed_segment AS s LEFT JOIN covered USING (segment)
        WHERE (
            SELECT coalesce(sum(upper(part) - lower(part)), 0)
            FROM unnest(nummultirange(numrange(0, length_m::numeric)) - coalesce(stretches, '{}')) AS part
        ) > 1e-6
    )
    SELECT a.segment, a.plot AS a, c.plot AS b, abs(cos(a.azimuth - c.azimuth)) AS cosine, piece,
        row_number() OVER () AS piece_no,
        ST_Translate(
            ST_ConvexHull(ST_Collect(piece, ST_Translate(piece, out_step.x, out_step.y))),
            a.out_x * 1e-5, a.out_y * 1e-5
        ) AS shadow
    FROM looking AS a
    JOIN typed_segment AS c ON c.line && ST_Envelope(ST_Collect(a.behind, a.far))
    CROSS JOIN LATERAL ST_Intersection(c.line, ST_ConvexHull(ST_Collect(
        CASE WHEN a.plot <> c.plot AND cos(a.azimuth - c.azimuth) < 0 THEN a.behind ELSE a.front END, a.far
    ))) AS piece
    CROSS JOIN LATERAL (SELECT a.out_x * 2 * :across_m AS x, a.out_y * 2 * :across_m AS y) AS out_step
    WHERE ST_Length(piece) > 1e-9;
    CREATE INDEX ON typed_view (segment);
    ANALYZE typed_view
"""

# A piece is seen where no other one's shadow falls on it; seen length is measured on the segment.
FACING = """
    CREATE TEMPORARY TABLE typed_facing ON COMMIT DROP AS
    SELECT a, b, sum(ST_Length(seen) * cosine) AS facing_m
    FROM typed_view AS v
    CROSS JOIN LATERAL (
        SELECT ST_Union(shadow) AS dark FROM typed_view AS o
        WHERE o.segment = v.segment AND o.piece_no <> v.piece_no AND o.shadow && v.piece
    ) AS darkness
    CROSS JOIN LATERAL (
        SELECT CASE WHEN dark IS NULL THEN piece ELSE ST_Difference(piece, dark) END AS seen
    ) AS light
    WHERE a <> b
    GROUP BY a, b
"""

NOTHING_SEEN = "CREATE TEMPORARY TABLE typed_facing (a int, b int, facing_m float) ON COMMIT DROP"

PAIRS = """
    WITH touching AS (
        SELECT a.plot AS a, b.plot AS b, ST_Distance(a.geometry, b.geometry) AS distance_m, common
        FROM typed_plot AS a
        JOIN typed_plot AS b
            ON a.plot < b.plot AND b.geometry && ST_Expand(a.geometry, :snap_m)
            AND ST_DWithin(a.geometry, b.geometry, :snap_m + 1e-6)
        CROSS JOIN LATERAL ST_Intersection(a.geometry, b.geometry) AS common
    ), measured AS (
        SELECT t.a, t.b, distance_m, ST_Area(common) AS common_m2,
            NOT ST_IsEmpty(ST_Buffer(common, -(:snap_m / 2 + 1e-6))) AS is_overlap,
            coalesce(least(there.shared_m, back.shared_m), 0) AS shared_m,
            coalesce(least(there.any_m, back.any_m), 0) AS any_m,
            greatest(there.gap_m, back.gap_m) AS gap_m
        FROM touching AS t
        LEFT JOIN typed_shared AS there ON (there.a, there.b) = (t.a, t.b)
        LEFT JOIN typed_shared AS back ON (back.a, back.b) = (t.b, t.a)
    )
    SELECT a, b,
        CASE WHEN is_overlap THEN 'overlap' WHEN shared_m >= :edge_m THEN 'edge' ELSE 'corner' END,
        CASE WHEN is_overlap THEN any_m WHEN shared_m >= :edge_m THEN shared_m END,
        CASE WHEN is_overlap THEN NULL WHEN shared_m >= :edge_m THEN gap_m ELSE distance_m END,
        NULL::float, CASE WHEN is_overlap THEN common_m2 END
    FROM measured
    UNION ALL
    SELECT a.plot, b.plot, 'across', NULL, ST_Distance(a.geometry, b.geometry),
        least(there.facing_m, back.facing_m), NULL
    FROM typed_facing AS there
    JOIN typed_facing AS back ON (back.a, back.b) = (there.b, there.a) AND there.a < there.b
    JOIN typed_plot AS a ON a.plot = there.a
    JOIN typed_plot AS b ON b.plot = there.b
    WHERE least(there.facing_m, back.facing_m) >= :facing_m
        AND NOT ST_DWithin(a.geometry, b.geometry, :snap_m + 1e-6)
    ORDER BY 1, 2
"""


def typed_rows(
    connection: Connection,
    geometries: np.ndarray,
    tolerances: Tolerances = Tolerances(),  # noqa: B008  frozen
    *,
    relations: Literal["all", "touch"] = "all",
) -> list[TypedRow]:
    """Type all pairs of plots in PostGIS; the tables are gone with the transaction."""
    _store_plots(connection, geometries)
    lengths = asdict(tolerances)
    sight = (VIEWS, FACING) if relations == "all" else (NOTHING_SEEN,)
    for step in (SEGMENTS, CONTACTS, SHARED, *sight):
        for statement in step.split(";"):
            used = {name: value for name, value in lengths.items() if f":{name}" in statement}
            connection.execute(text(statement), used)
    rows = connection.execute(text(PAIRS), lengths)
    return [TypedRow(*(float(v) if hasattr(v, "is_nan") else v for v in row)) for row in rows]


def _store_plots(connection: Connection, geometries: np.ndarray) -> None:
    """Store plots under their positions."""
    connection.execute(text(f"DROP TABLE IF EXISTS {', '.join(TABLES)}"))
    connection.execute(
        text(
            """
            CREATE TEMPORARY TABLE typed_plot ON COMMIT DROP AS
            SELECT plot - 1 AS plot, ST_SetSRID(ST_GeomFromWKB(wkb), 25832) AS geometry
            FROM unnest(CAST(:wkbs AS bytea[])) WITH ORDINALITY AS given (wkb, plot)
            """
        ),
        {"wkbs": list(shapely.to_wkb(geometries))},
    )
    connection.execute(text("CREATE INDEX ON typed_plot USING gist (geometry)"))
    connection.execute(text("ANALYZE typed_plot"))

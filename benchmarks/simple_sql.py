"""Neighbors typed by SQL that PostGIS and DuckDB understand alike, as one would write it by hand.

Borders are measured by projecting segments on each other, as the definition asks. Simpler than the definition
in one thing: a pair is taken to be hidden if the line between the middles of its longest facing borders meets
a third plot, instead of measuring how much of the view is left.

ST_DWithin and ST_Distance are not used to decide: those of DuckDB's extension 1.5.5 find no distance between
two rectangles that stand apart on one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

REACH_M = 30.0

# Tables there must be: plots (plot, geometry, reach), `reach` the bounding box grown by 30 m; segments
# (plot, x, y, dx, dy, length_m), (dx, dy) a unit vector, the plot's interior on its left.
# Each step is a table, and no join has any other condition beside a spatial one: else DuckDB 1.5.5 joins all
# plots with all.
STEPS = {
    "met": """
    SELECT a.plot AS a, b.plot AS b FROM plots a JOIN plots b ON ST_Intersects(a.reach, b.geometry)
    """,
    "near": """
    SELECT a, b, p.geometry AS a_geometry, q.geometry AS b_geometry
    FROM met JOIN plots p ON p.plot = a JOIN plots q ON q.plot = b WHERE a < b
    """,
    "skin": """
    SELECT plot, ST_Buffer(geometry, 0.1) AS geometry FROM plots
    """,
    "contact": """
    SELECT a.plot AS a, b.plot AS b FROM skin a JOIN plots b ON ST_Intersects(a.geometry, b.geometry)
    """,
    "opposed": """
    SELECT a, b, p.x, p.y, p.dx, p.dy,
        greatest(0, (q.x + q.length_m * q.dx - p.x) * p.dx + (q.y + q.length_m * q.dy - p.y) * p.dy) AS t0,
        least(p.length_m, (q.x - p.x) * p.dx + (q.y - p.y) * p.dy) AS t1,
        (q.x + q.length_m / 2 * q.dx - p.x) * p.dy - (q.y + q.length_m / 2 * q.dy - p.y) * p.dx AS h
    FROM near
    JOIN segments p ON p.plot = a
    JOIN segments q ON q.plot = b
    WHERE p.dx * q.dx + p.dy * q.dy < -0.966
    """,
    "measured": """
    SELECT a, b,
        coalesce(sum(CASE WHEN abs(h) <= 0.1 THEN t1 - t0 END), 0) AS shared_m,
        max(CASE WHEN abs(h) <= 0.1 THEN h END) AS border_gap_m,
        coalesce(sum(CASE WHEN h > 0.1 AND h <= 30 THEN t1 - t0 END), 0) AS facing_m
    FROM opposed WHERE t1 > t0 AND abs(h) <= 30 GROUP BY a, b
    """,
    "longest": """
    SELECT *, row_number() OVER (PARTITION BY a, b ORDER BY t1 - t0 DESC) AS place
    FROM opposed WHERE t1 > t0 AND h > 0.1 AND h <= 30
    """,
    "sight": """
    SELECT a, b, ST_MakeLine(
        ST_Point(x + (t0 + t1) / 2 * dx + 0.2 * dy, y + (t0 + t1) / 2 * dy - 0.2 * dx),
        ST_Point(x + (t0 + t1) / 2 * dx + (h - 0.2) * dy, y + (t0 + t1) / 2 * dy - (h - 0.2) * dx)
    ) AS line
    FROM longest JOIN measured USING (a, b) WHERE place = 1 AND facing_m >= 10 AND h > 0.5
    """,
    "crossed": """
    SELECT a, b, plot FROM sight JOIN plots ON ST_Intersects(geometry, line)
    """,
    "hidden": """
    SELECT DISTINCT a, b FROM crossed WHERE plot <> a AND plot <> b
    """,
    "touching": """
    SELECT a, b, coalesce(shared_m, 0) AS shared_m, border_gap_m,
        ST_Distance(a_geometry, b_geometry) AS distance_m, ST_Intersection(a_geometry, b_geometry) AS common
    FROM near JOIN contact USING (a, b) LEFT JOIN measured USING (a, b)
    """,
    "typed": """
    SELECT *, CASE
        WHEN ST_Area(common) > 0.00786 AND ST_Area(ST_Buffer(common, -0.05)) > 0 THEN 'overlap'
        WHEN shared_m >= 0.5 THEN 'edge' ELSE 'corner' END AS relation
    FROM touching
    """,
}

TYPED = """
SELECT a, b, relation, CASE WHEN relation <> 'corner' THEN shared_m END AS shared_m,
    CASE relation WHEN 'edge' THEN border_gap_m WHEN 'corner' THEN distance_m END AS gap_m,
    NULL AS facing_m, CASE WHEN relation = 'overlap' THEN ST_Area(common) END AS overlap_m2
FROM typed
UNION ALL
SELECT near.a, near.b, 'across', NULL, ST_Distance(a_geometry, b_geometry), facing_m, NULL
FROM near JOIN measured USING (a, b)
WHERE facing_m >= 10 AND (near.a, near.b) IN (SELECT a, b FROM sight)
    AND (near.a, near.b) NOT IN (SELECT a, b FROM hidden)
    AND (near.a, near.b) NOT IN (SELECT a, b FROM contact)
"""


def statements() -> Iterator[str]:
    """Yield the statements in order; the last one asks for the pairs."""
    for name, query in STEPS.items():
        yield f"CREATE TEMPORARY TABLE {name} AS {query}"
    yield TYPED


def drops() -> Iterator[str]:
    """Yield the statements that drop what the steps made."""
    for name in STEPS:
        yield f"DROP TABLE IF EXISTS {name}"


Table = dict[str, npt.NDArray[Any]]


def sql_tables(geometries: npt.NDArray[np.object_]) -> dict[str, Table]:
    """Return the columns of the tables that the statements ask, geometries as WKB."""
    left, bottom, right, top = shapely.bounds(geometries).T
    reach = shapely.box(left - REACH_M, bottom - REACH_M, right + REACH_M, top + REACH_M)
    plots = {
        "plot": np.arange(len(geometries)),
        "geometry": shapely.to_wkb(geometries),
        "reach": shapely.to_wkb(reach),
    }
    return {"plots": plots, "segments": _segments(geometries)}


def _segments(geometries: npt.NDArray[np.object_]) -> Table:
    rings, plot = shapely.get_parts(shapely.boundary(shapely.orient_polygons(geometries)), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    step = np.diff(xy, axis=0)
    length_m = np.hypot(*step.T)
    is_segment = (np.diff(ring) == 0) & (length_m > 1e-6)
    direction = step[is_segment] / length_m[is_segment, None]
    return {
        "plot": plot[ring[:-1][is_segment]],
        "x": xy[:-1][is_segment, 0],
        "y": xy[:-1][is_segment, 1],
        "dx": direction[:, 0],
        "dy": direction[:, 1],
        "length_m": length_m[is_segment],
    }

"""How long the neighbors take after one edit, in a table of any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import shapely
from shapely import affinity
from sqlalchemy import Connection, text

from app.services.neighboring import neighbors_kept
from benchmarks.database import driver

DAY = "2024-04-24"


@dataclass(frozen=True)
class Timing:
    """Milliseconds of many edits of one kind: of the edit with its neighbors, and of the neighbors alone."""

    kind: str
    n_edits: int
    whole_ms: list[float]
    neighbors_ms: list[float]


def time_edits(connection: Connection, n_plots: int, n_edits: int, seed: int = 1) -> list[Timing]:
    """Time edits of plots taken by chance, each in its own committed transaction.

    Kinds: a border between two plots moves by a meter; a plot is split in two; two plots become one. The
    old versions end and the new ones begin on one day.
    """
    rng = np.random.default_rng(seed)
    timings = []
    for kind, edit in (("move", _move), ("split", _split), ("merge", _merge)):
        whole_ms, neighbors_ms = [], []
        for nth in range(n_edits + 10):
            took = _timed(connection, edit, kind, nth, rng.integers(n_plots))
            if nth >= 10:  # the first ones warm caches up
                whole_ms.append(took[0])
                neighbors_ms.append(took[1])
        timings.append(Timing(kind, n_edits, whole_ms, neighbors_ms))
    return timings


Edit = Callable[[Connection, str, str, dict[str, shapely.Polygon]], None]


def _timed(connection: Connection, edit: Edit, kind: str, nth: int, position: int) -> tuple[float, float]:
    key = f"p{position:08d}"
    there = _with_a_neighbor(connection, key)
    connection.commit()
    started = perf_counter()
    with neighbors_kept(connection, [*there, f"{kind}-{nth}"]):
        kept = perf_counter()
        edit(connection, f"{kind}-{nth}", key, there)
        edited = perf_counter()
    neighbors_s = perf_counter() - edited + kept - started
    connection.commit()
    return (perf_counter() - started) * 1e3, neighbors_s * 1e3


def _with_a_neighbor(connection: Connection, key: str) -> dict[str, shapely.Polygon]:
    """Return the boundary of a plot and of the plot with which it has the longest border in common."""
    rows = connection.execute(
        text("""
        WITH me AS (
            SELECT plot_version_id AS id FROM plot_version JOIN plot USING (plot_id)
            WHERE key = :key AND valid @> CAST(:day AS date)
        ), other AS (
            SELECT focal_version_id + neighbor_version_id - id AS id
            FROM adjacency a JOIN me ON id IN (focal_version_id, neighbor_version_id)
            WHERE relation = 'edge' AND a.valid @> CAST(:day AS date) ORDER BY shared_m DESC LIMIT 1
        )
        SELECT key, ST_AsBinary(geometry) FROM plot_version JOIN plot USING (plot_id)
        WHERE plot_version_id IN (SELECT id FROM me UNION ALL SELECT id FROM other)
        """),
        {"key": key, "day": DAY},
    )
    return {row[0]: shapely.from_wkb(row[1]) for row in rows}


def _move(connection: Connection, _new: str, key: str, there: dict[str, shapely.Polygon]) -> None:
    """Give one plot a strip of a meter of its neighbor."""
    mine = there[key]
    for name, boundary in there.items():
        strip = shapely.buffer(mine, 1.0, join_style="mitre")
        _redraw(connection, name, strip if name == key else _largest(shapely.difference(boundary, strip)))


def _split(connection: Connection, new: str, key: str, there: dict[str, shapely.Polygon]) -> None:
    """Cut a plot along the middle of its longer side."""
    box = shapely.oriented_envelope(there[key])
    a, b, c, d = shapely.get_coordinates(box)[:4]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c, d = b, c, d, a
    half = affinity.scale(shapely.Polygon([a, (a + b) / 2, (c + d) / 2, d]), 1.01, 1.01)
    _redraw(connection, key, _largest(shapely.difference(there[key], half)))
    connection.execute(text("INSERT INTO plot (park_id, key) SELECT park_id, :key FROM park"), {"key": new})
    _open(connection, new, _largest(shapely.intersection(there[key], half)))


def _merge(connection: Connection, _new: str, key: str, there: dict[str, shapely.Polygon]) -> None:
    """Make two plots one."""
    whole = shapely.buffer(shapely.union_all(shapely.buffer([*there.values()], 0.05)), -0.05)
    for name in there:
        _close(connection, name)
    _open(connection, key, _largest(whole))


def _largest(boundary: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(boundary), key=shapely.area)


def _redraw(connection: Connection, key: str, boundary: shapely.Geometry) -> None:
    _close(connection, key)
    _open(connection, key, boundary)


def _close(connection: Connection, key: str) -> None:
    driver(connection).execute(
        "UPDATE plot_version v SET valid = daterange(NULL, %s) FROM plot"
        " WHERE plot.plot_id = v.plot_id AND key = %s AND valid @> %s::date",
        [DAY, key, DAY],
    )


def _open(connection: Connection, key: str, boundary: shapely.Geometry) -> None:
    driver(connection).execute(
        "INSERT INTO plot_version (plot_id, geometry, use_status, quality, valid)"
        " SELECT plot_id, ST_GeomFromWKB(%s, 25832), 'unknown', 'schematic', daterange(%s, NULL)"
        " FROM plot WHERE key = %s",
        [shapely.to_wkb(boundary), DAY, key],
    )

"""How long the neighbors take after one edit, in a table of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from time import perf_counter

import numpy as np
import psycopg
import shapely
from sqlalchemy import Connection, text

from app.services.neighbors.stored_pairs import neighbors_updated
from benchmarks.database import driver

FIRST = date(2020, 1, 1)
N_WARM = 20

Times = dict[str, list[float]]
Boundaries = dict[str, shapely.Polygon]
Edit = Callable[[psycopg.Connection, date, str, Boundaries], None]


def time_edits(connection: Connection, n_plots: int, n_edits: int, seed: int = 1) -> dict[str, Times]:
    """Time edits of plots taken by chance, each in its own committed transaction.

    Kinds: a border between two plots moves by a meter; a plot is split in two; two plots become one. The
    old versions end and the new ones begin on one day.

    Returns
    -------
    dict
        For each kind two lists of milliseconds, ``whole``: edit, neighbors, commit; ``neighbors`` alone.
    """
    rng = np.random.default_rng(seed)
    times = {}
    for place, (kind, edit) in enumerate((("move a border", _move), ("split", _split), ("merge", _merge))):
        took = []
        for nth in range(N_WARM + n_edits):
            # No two edits of a plot on one day.
            day = FIRST + timedelta(days=place * (N_WARM + n_edits) + nth)
            keys = (f"p{number:08d}" for number in rng.permutation(n_plots))
            took.append(_timed(connection, edit, day, _neighbors(connection, keys, day)))
        measured = took[N_WARM:]  # the first ones warm caches up
        times[kind] = {"whole": [each[0] for each in measured], "neighbors": [each[1] for each in measured]}
    return times


def _timed(connection: Connection, edit: Edit, day: date, there: Boundaries) -> tuple[float, float]:
    connection.commit()
    started = perf_counter()
    with neighbors_updated(connection, [*there, f"new-{day}"]):
        kept = perf_counter()
        edit(driver(connection), day, next(iter(there)), there)
        edited = perf_counter()
    neighbors_s = perf_counter() - edited + kept - started
    connection.commit()
    return (perf_counter() - started) * 1e3, neighbors_s * 1e3


def _neighbors(connection: Connection, keys: Iterable[str], day: date) -> Boundaries:
    """Return the first of the plots that is still there, merged into no other, and has a neighbor."""
    for key in keys:
        there = _with_a_neighbor(connection, key, day)
        if len(there) > 1:
            return there
    raise SystemExit("No plot is left that has a neighbor: take more plots or fewer edits.")


def _with_a_neighbor(connection: Connection, key: str, day: date) -> Boundaries:
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
        WHERE plot_version_id IN (SELECT id FROM me UNION ALL SELECT id FROM other) ORDER BY key <> :key
        """),
        {"key": key, "day": day},
    )
    return {row[0]: shapely.from_wkb(row[1]) for row in rows}


def _move(raw: psycopg.Connection, day: date, key: str, there: Boundaries) -> None:
    """Give one plot a strip of a meter of its neighbor."""
    strip = shapely.buffer(there[key], 1.0, join_style="mitre")
    for name, boundary in there.items():
        _close(raw, day, name)
        _open(raw, day, name, strip if name == key else _largest(shapely.difference(boundary, strip)))


def _split(raw: psycopg.Connection, day: date, key: str, there: Boundaries) -> None:
    """Cut a plot along the middle of its longer side."""
    a, b, c, d = shapely.get_coordinates(shapely.oriented_envelope(there[key]))[:4]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c, d = b, c, d, a
    half = shapely.Polygon([a, (a + b) / 2, (c + d) / 2, d])
    _close(raw, day, key)
    _open(raw, day, key, _largest(shapely.difference(there[key], half)))
    raw.execute("INSERT INTO plot (park_id, key) SELECT park_id, %s FROM park", [f"new-{day}"])
    _open(raw, day, f"new-{day}", _largest(shapely.intersection(there[key], half)))


def _merge(raw: psycopg.Connection, day: date, key: str, there: Boundaries) -> None:
    """Make two plots one."""
    whole = shapely.buffer(shapely.union_all(shapely.buffer([*there.values()], 0.05)), -0.05)
    for name in there:
        _close(raw, day, name)
    _open(raw, day, key, _largest(whole))


def _largest(boundary: shapely.Geometry) -> shapely.Geometry:
    return max(shapely.get_parts(boundary), key=shapely.area)


def _close(raw: psycopg.Connection, day: date, key: str) -> None:
    raw.execute(
        "UPDATE plot_version v SET valid = daterange(lower(valid), %s) FROM plot"
        " WHERE plot.plot_id = v.plot_id AND key = %s AND valid @> %s::date",
        [day, key, day],
    )


def _open(raw: psycopg.Connection, day: date, key: str, boundary: shapely.Geometry) -> None:
    raw.execute(
        "INSERT INTO plot_version (plot_id, geometry, use_status, quality, valid)"
        " SELECT plot_id, ST_GeomFromWKB(%s, 25832), 'unknown', 'schematic', daterange(%s, NULL)"
        " FROM plot WHERE key = %s",
        [shapely.to_wkb(boundary), day, key],
    )

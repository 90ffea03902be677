"""Plot versions and neighbor pairs as columns: read for computing, and written back by COPY.

Neighbor pairs in the binary form of PostgreSQL's COPY, made by array instead of row by row.

Source: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import numpy as np
import psycopg
import shapely
from sqlalchemy import Connection

from app.domain.crs import STORAGE_SRID
from app.domain.lifetimes import (
    BEGINNING,
    FOREVER,
    MEASURES,
    RELATIONS,
    Floats,
    Geometries,
    Ints,
    PairRows,
    Versions,
    to_date,
)

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
N_COLUMNS = 10

# Flags of a range: the lower day belongs to it; a side is open.
_LOWER_INCLUDED, _LOWER_OPEN, _UPPER_OPEN = 0x02, 0x08, 0x10

# What EWKB adds to the type of a geometry whose reference system follows.
_HAS_SRID = np.uint32(0x20000000)

Field = tuple[str, str, Any]

# A first build of more rows than this drops the indexes first and makes them anew at the end.
MANY = 50_000

_VERSIONS: LiteralString = """
SELECT plot_version_id, coalesce(lower(valid) - DATE '2000-01-01', -2147483648),
       coalesce(upper(valid) - DATE '2000-01-01', 2147483647), ST_AsBinary(geometry)
FROM plot_version JOIN plot USING (plot_id)
"""
_IN_ORDER: LiteralString = ' ORDER BY key COLLATE "C", lower(valid) NULLS FIRST'
# The spatial index is asked once a box; OFFSET 0 keeps the planner from any other idea.
_WINDOW: LiteralString = """
WHERE plot_version_id IN (
    SELECT near.plot_version_id
    FROM unnest(%(left)s::float8[], %(bottom)s::float8[], %(right)s::float8[], %(top)s::float8[])
        AS box (x0, y0, x1, y1)
    CROSS JOIN LATERAL (
        SELECT v.plot_version_id, v.valid FROM plot_version v
        WHERE v.geometry && ST_MakeEnvelope(x0, y0, x1, y1, 25832) OFFSET 0
    ) near
    WHERE near.valid && daterange(%(starts)s::date, %(ends)s::date)
    UNION SELECT unnest(%(ids)s::int[])
)
"""
_PAIRS: LiteralString = """
SELECT adjacency_id, focal_version_id, neighbor_version_id,
       array_position(%(relations)s::text[], relation) - 1, shared_m, gap_m, facing_m, overlap_m2,
       coalesce(lower(valid) - DATE '2000-01-01', -2147483648),
       coalesce(upper(valid) - DATE '2000-01-01', 2147483647), engine
FROM adjacency
WHERE focal_version_id = ANY(%(ids)s::int[]) AND neighbor_version_id = ANY(%(ids)s::int[])
"""
_DELETE: LiteralString = "DELETE FROM adjacency WHERE adjacency_id = ANY(%(ids)s::int[])"
# The columns in the order of `binary_rows`.
_COPY: LiteralString = """
COPY adjacency (focal_version_id, neighbor_version_id, relation, shared_m, gap_m, facing_m, overlap_m2,
                geometry, valid, engine)
FROM STDIN (FORMAT binary)
"""

# What hangs on the table and is cheaper to make at once than row by row.
_HANGING: LiteralString = """
SELECT format('ALTER TABLE adjacency DROP CONSTRAINT %I', conname),
       format('ALTER TABLE adjacency ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = 'adjacency'::regclass AND contype IN ('f', 'x')
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = 'adjacency'::regclass AND NOT indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def lock_pairs(connection: Connection) -> None:
    """Wait until no other transaction is changing the stored pairs, and lock them until this one ends.

    A session's own copy of them is nobody else's.
    """
    _driver(connection).execute(
        "SELECT pg_advisory_xact_lock(hashtext('adjacency')) FROM pg_class"
        " WHERE oid = 'adjacency'::regclass AND relpersistence <> 't'"
    )


def stored_engine(connection: Connection) -> str | None:
    """Return the engine that made the stored pairs, None where there are none.

    One row speaks for all: pairs of two engines are never stored beside each other.
    """
    row = _driver(connection).execute("SELECT engine FROM adjacency LIMIT 1").fetchone()
    return str(row[0]) if row else None


def all_versions(connection: Connection) -> Versions:
    """Return every plot version there ever was."""
    return _versions(connection, _VERSIONS + _IN_ORDER, {})


def n_versions(connection: Connection) -> int:
    """Return how many plot versions there are."""
    row = _driver(connection).execute("SELECT count(*) FROM plot_version").fetchone()
    return int(row[0]) if row else 0


def versions_of(connection: Connection, plots: Iterable[str]) -> Versions:
    """Return the versions of the plots named by their keys; keys that are not stored have none."""
    return _versions(
        connection, f"{_VERSIONS} WHERE key = ANY(%(keys)s::text[]){_IN_ORDER}", {"keys": [*plots]}
    )


def versions_in(connection: Connection, box: Floats, days: tuple[int, int], version_ids: Ints) -> Versions:
    """Return the versions whose bounding boxes meet one of some boxes on one of some days, and those of ids.

    Parameters
    ----------
    connection : Connection
    box : array of float64, (n, 4)
        In EPSG:25832.
    days : pair of int
        First day, and day after the last, as `app.domain.lifetimes` counts.
    version_ids : array of int
        Ids of versions to be returned whatever their place and period.
    """
    left, bottom, right, top = (column.tolist() for column in box.T)
    starts, ends = map(to_date, days)
    asked = {"left": left, "bottom": bottom, "right": right, "top": top, "starts": starts, "ends": ends}
    return _versions(connection, _VERSIONS + _WINDOW + _IN_ORDER, {**asked, "ids": version_ids.tolist()})


def _versions(connection: Connection, query: LiteralString, asked: dict[str, Any]) -> Versions:
    version_id, starts, ends, wkb = _columns(connection, query, asked, 4)
    return Versions(
        np.array(version_id, np.int64),
        np.array(starts, np.int32),
        np.array(ends, np.int32),
        shapely.from_wkb(np.array(wkb, dtype=object)),
    )


def pairs_among(connection: Connection, version_ids: Ints) -> tuple[PairRows, set[str]]:
    """Return the stored pairs whose plots are both among some versions, and the engines that made them."""
    asked = {"ids": version_ids.tolist(), "relations": [str(relation) for relation in RELATIONS]}
    ids, focal, neighbor, relation, *columns = _columns(connection, _PAIRS, asked, 11)
    shared_m, gap_m, facing_m, overlap_m2 = (np.array(column, np.float64) for column in columns[:4])
    starts, ends, engines = columns[4:]
    rows = PairRows(
        row_id=np.array(ids, np.int64),
        focal=np.array(focal, np.int64),
        neighbor=np.array(neighbor, np.int64),
        relation=np.array(relation, np.int8),
        shared_m=shared_m,
        gap_m=gap_m,
        facing_m=facing_m,
        overlap_m2=overlap_m2,
        starts=np.array(starts, np.int32),
        ends=np.array(ends, np.int32),
    )
    return rows, set(engines)


def _columns(
    connection: Connection, query: LiteralString, asked: dict[str, Any], n_columns: int
) -> Sequence[tuple[Any, ...]]:
    """Run a query in PostgreSQL's binary form and return its columns."""
    with _driver(connection).cursor(binary=True) as cursor:
        rows = cursor.execute(query, asked).fetchall()
    return tuple(zip(*rows, strict=True)) if rows else ((),) * n_columns


def _driver(connection: Connection) -> psycopg.Connection:
    """Return psycopg's own connection: the same session and transaction, with COPY."""
    if not connection.in_transaction():
        connection.begin()
    return cast("psycopg.Connection", connection.connection.driver_connection)


def change_pairs(
    connection: Connection, gone: Ints, come: PairRows, evidence: Geometries, engine: str
) -> None:
    """Delete the rows with the ids `gone`, and store `come` with their evidence, made by `engine`."""
    if len(gone):
        _driver(connection).execute(_DELETE, {"ids": gone.tolist()})
    if len(come):
        _copy(connection, [(come, evidence)], engine)


def replace_pairs(
    connection: Connection, n_rows: int, pieces: Iterable[tuple[PairRows, Geometries]], engine: str
) -> None:
    """Put `n_rows` new rows, given in pieces with their evidence, in the place of all stored pairs.

    Many rows are stored in an empty table without its indexes, which are made anew; who reads it waits for
    the end of the transaction. Where there are pairs already, they can be read until then.
    """
    if n_rows <= MANY or stored_engine(connection) is not None:
        _driver(connection).execute("DELETE FROM adjacency")
        _copy(connection, pieces, engine)
        return
    with emptied_table(_driver(connection)):
        _copy(connection, pieces, engine)


@contextmanager
def emptied_table(driver: psycopg.Connection) -> Iterator[None]:
    """Empty the table of pairs to be filled without indexes, exclusion and foreign keys; make them after."""
    hanging = driver.execute(_HANGING).fetchall()
    driver.execute("TRUNCATE adjacency")
    for drop, _ in hanging:
        driver.execute(drop)
    yield
    for _, make in hanging:
        driver.execute(make)


def _copy(connection: Connection, pieces: Iterable[tuple[PairRows, Geometries]], engine: str) -> None:
    with _driver(connection).cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write(HEADER)
        for some in _ahead(some for rows, evidence in pieces for some in binary_rows(rows, evidence, engine)):
            copy.write(some)
        copy.write(TRAILER)


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces; while the server takes one, a thread makes the next."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = maker.submit(next, pieces, None)
            yield piece


def binary_rows(rows: PairRows, evidence: Geometries, engine: str) -> Iterator[bytes]:
    """Yield `rows` and their evidence, all columns but the id, to be written between `HEADER` and `TRAILER`.

    Rows that have the same length of bytes in every column make one structured array.
    """
    wkb = shapely.to_wkb(evidence, byte_order=1)
    size = np.fromiter((len(each) for each in wkb), np.int64, len(wkb))
    _, group = np.unique(_shape(rows, size), return_inverse=True)
    order = np.argsort(group, kind="stable")
    for alike in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if len(alike):
            yield _records(rows.take(alike), b"".join(wkb[alike]), engine)


def _shape(rows: PairRows, size: Ints) -> Ints:
    """Return a number for each row that is the same for rows of the same make."""
    shape = size
    for is_there in (rows.starts == BEGINNING, rows.ends == FOREVER, *(_is_null(rows, m) for m in MEASURES)):
        shape = shape * 2 + is_there
    return shape * len(RELATIONS) + rows.relation


def _is_null(rows: PairRows, measure: str) -> Any:
    return np.isnan(getattr(rows, measure))


def _records(rows: PairRows, wkb: bytes, engine: str) -> bytes:
    """Return the rows of one make: every column is its length and its bytes, a null the length -1."""
    fields: list[Field] = [("columns", ">i2", N_COLUMNS)]
    fields += _value("focal", ">i4", rows.focal) + _value("neighbor", ">i4", rows.neighbor)
    fields += _value("relation", *_text(RELATIONS[rows.relation[0]]))
    for name in MEASURES:
        is_null = np.isnan(getattr(rows, name)[0])
        fields += [(f"{name}_length", ">i4", -1)] if is_null else _value(name, ">f8", getattr(rows, name))
    fields += _geometry(wkb, len(rows))
    fields += _period(rows) + _value("engine", *_text(engine))
    records = np.empty(len(rows), dtype=[(name, kind) for name, kind, _ in fields])
    for name, _, value in fields:
        records[name] = value
    return records.tobytes()


def _value(name: str, kind: str, value: Any) -> list[Field]:
    return [(f"{name}_length", ">i4", np.dtype(kind).itemsize), (name, kind, value)]


def _geometry(wkb: bytes, n_rows: int) -> list[Field]:
    """Return geometries as PostGIS takes them: the reference system stands after the type.

    Set on each geometry it would cost a copy of every one.
    """
    kind = np.dtype([("order", "u1"), ("type", "<u4"), ("rest", f"V{len(wkb) // n_rows - 5}")])
    rows = np.frombuffer(wkb, kind)
    head: list[Field] = [
        ("order", "u1", 1),
        ("type", "<u4", rows["type"] | _HAS_SRID),
        ("srid", "<u4", STORAGE_SRID),
    ]
    return [("geometry_length", ">i4", kind.itemsize + 4), *head, ("rest", kind["rest"].str, rows["rest"])]


def _text(text: str) -> tuple[str, bytes]:
    encoded = text.encode()
    return f"S{len(encoded)}", encoded


def _period(rows: PairRows) -> list[Field]:
    """Return a daterange: flags, then the days that it has."""
    is_lower_open, is_upper_open = rows.starts[0] == BEGINNING, rows.ends[0] == FOREVER
    flags = (_LOWER_OPEN if is_lower_open else _LOWER_INCLUDED) | (_UPPER_OPEN if is_upper_open else 0)
    lower = [] if is_lower_open else _value("starts", ">i4", rows.starts)
    upper = [] if is_upper_open else _value("ends", ">i4", rows.ends)
    n_bytes = 1 + 8 * bool(lower) + 8 * bool(upper)
    return [("valid_length", ">i4", n_bytes), ("flags", "u1", flags), *lower, *upper]

"""Neighbor pairs in the binary form of PostgreSQL's COPY, made by array instead of row by row.

Source: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from app.domain.crs import STORAGE_SRID
from app.domain.lifetimes import BEGINNING, FOREVER, MEASURES, RELATIONS, Geometries, Ints, PairRows

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
N_COLUMNS = 10

# Flags of a range: the lower day belongs to it; a side is open.
_LOWER_INCLUDED, _LOWER_OPEN, _UPPER_OPEN = 0x02, 0x08, 0x10

# What EWKB adds to the type of a geometry whose reference system follows.
_HAS_SRID = np.uint32(0x20000000)

Field = tuple[str, str, Any]


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
    """Return geometries as PostGIS takes them: the reference system stands after the type, which says so.

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

"""Five rows that filters are asked of, and what a filter finds among them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Double,
    Select,
    Text,
    Values,
    column,
    func,
    select,
    values,
)

from app.api.features.parameters.filters import CQL2_TEXT, parse_filter
from app.db.features.cql2 import FilterColumns, condition
from app.domain.crs import STORAGE_SRID
from app.domain.frames import DAY, FLAG, INTEGER, NUMBER, TEXT


def day(text: str | None) -> date | None:
    return text and date.fromisoformat(text)


# Squares of metres; c lies half on a and half on b, d is a line through a and b, e lies inside of a.
ROWS = [
    (
        "a",
        "Straße",
        10.0,
        3,
        True,
        "2024-05-05",
        "2020-01-01",
        "2024-01-01",
        "POLYGON((0 0,10 0,10 10,0 10,0 0))",
    ),
    (
        "b",
        "Strand_",
        -2.5,
        0,
        False,
        "2024-05-06",
        "2024-01-01",
        None,
        "POLYGON((10 0,20 0,20 10,10 10,10 0))",
    ),
    ("c", "Café %", 0.0, 7, None, "2023-12-31", None, "2020-01-01", "POLYGON((5 5,15 5,15 15,5 15,5 5))"),
    ("d", None, None, None, True, None, None, None, "LINESTRING(-5 1,25 1)"),
    (
        "e",
        "x\\y",
        1234.5678,
        9_000_000_000,
        False,
        "9999-12-31",
        "2021-01-01",
        "2022-01-01",
        "POLYGON((2 2,4 2,4 4,2 4,2 2))",
    ),
]
KINDS = {"key": TEXT, "text": TEXT, "number": NUMBER, "whole": INTEGER, "flag": FLAG, "day": DAY}
P = {"property": "text"}


def table() -> Values:
    kinds = [Text, Text, Double, BigInteger, Boolean, Date, Date, Date, Text]
    names = [*KINDS, "valid_from", "valid_to", "shape"]
    made = values(*(column(name, kind()) for name, kind in zip(names, kinds, strict=True)), name="rows")
    return made.data([(*row[:5], *map(day, row[5:8]), row[8]) for row in ROWS])


def found(connection: Connection, expression: Any) -> str:
    """Return the keys of the rows that a filter finds, its text or its JSON form being given."""
    return "".join(connection.execute(asking(expression)).scalars())


def asking(expression: Any) -> Select[Any]:
    rows = table()
    by_name = {name: rows.c[name] for name in [*KINDS, "valid_from", "valid_to"]}
    kinds = {**KINDS, "valid_from": DAY, "valid_to": DAY}
    geometry = func.ST_GeomFromText(rows.c.shape, STORAGE_SRID)
    columns = FilterColumns(by_name, kinds, geometry, func.daterange(rows.c.valid_from, rows.c.valid_to))
    if isinstance(expression, str):
        expression = parse_filter(expression, CQL2_TEXT)
    return select(rows.c.key).where(condition(expression, columns, STORAGE_SRID)).order_by(rows.c.key)

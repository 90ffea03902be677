"""Rows as the audit keeps them, in JSON, and back: what was can be written again to the last bit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from app.db.models import Base
from app.db.versions import refusals_in_words

Image = Mapping[str, Any]
# What rows of a table are, and what they shall be.
Difference = tuple[Sequence[Image], Sequence[Image]]


def table_of(name: str) -> Table:
    """Return the table of a name."""
    return Base.metadata.tables[name]


def key_names(name: str) -> list[str]:
    """Return the names of the columns of a table's primary key."""
    return [column.name for column in table_of(name).primary_key]


def key_of(name: str, image: Image) -> tuple[Any, ...] | None:
    """Return the primary key of a row of a table; None of a row that is to be."""
    names = key_names(name)
    return tuple(image[each] for each in names) if all(each in image for each in names) else None


def images(connection: Connection, name: str, column: str, values: Collection[Any]) -> list[Image]:
    """Return the rows of a table that have one of `values` in a column, in order of their keys."""
    order = ", ".join(key_names(name))
    query = f"SELECT to_jsonb(t) FROM {name} t WHERE {column} = ANY(:values) ORDER BY {order}"  # noqa: S608
    return list(connection.execute(text(query), {"values": list(values)}).scalars())


def replace_rows(connection: Connection, wanted: Mapping[str, Difference]) -> None:
    """Make rows what they shall be; those that stay as they are are not touched.

    Boundaries may move past each other: the exclusion constraints judge when all rows are written.

    Parameters
    ----------
    connection : Connection
    wanted : mapping
        By the tables' names; an image without its key is a new row.

    Raises
    ------
    DataError, ConflictError
        When the database refuses a row.
    """
    tables = [table for table in Base.metadata.sorted_tables if table.name in wanted]
    names = ", ".join(str(one.name) for table in tables for one in table.constraints if _is_deferrable(one))
    with refusals_in_words(", ".join(table.name for table in tables)):
        if names:
            connection.execute(text(f"SET CONSTRAINTS {names} DEFERRED"))
        for table in reversed(tables):
            before, after = (_by_key(table.name, rows) for rows in wanted[table.name])
            _run(connection, _DELETE, table, [row for key, row in before.items() if key not in after])
        for table in tables:
            before, after = (_by_key(table.name, rows) for rows in wanted[table.name])
            changed = [row for key, row in after.items() if key in before and before[key] != row]
            _run(connection, _UPDATE, table, changed)
            _run(connection, _INSERT, table, [row for key, row in after.items() if key not in before])
            new = [row for row in wanted[table.name][1] if key_of(table.name, row) is None]
            _run(connection, _INSERT, table, new)
        if names:
            connection.execute(text(f"SET CONSTRAINTS {names} IMMEDIATE"))


def _is_deferrable(constraint: object) -> bool:
    return isinstance(constraint, ExcludeConstraint) and bool(constraint.deferrable)


def _by_key(name: str, rows: Sequence[Image]) -> dict[tuple[Any, ...], Image]:
    keyed = ((key_of(name, row), row) for row in rows)
    return {key: row for key, row in keyed if key is not None}


_ROWS = "jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)) r"
_DELETE = f"DELETE FROM {{table}} t USING {_ROWS} WHERE {{is_same}}"  # noqa: S608  names of tables
_UPDATE = f"UPDATE {{table}} t SET {{settings}} FROM {_ROWS} WHERE {{is_same}}"  # noqa: S608
_INSERT = f"INSERT INTO {{table}} ({{columns}}) OVERRIDING SYSTEM VALUE SELECT {{columns}} FROM {_ROWS}"  # noqa: S608


def _run(connection: Connection, template: str, table: Table, rows: Sequence[Image]) -> None:
    if not rows:
        return
    # What the database computes is left to it; an older image may know fewer columns.
    names = [column.name for column in table.columns if column.computed is None and column.name in rows[0]]
    keys = key_names(table.name)
    statement = template.format(
        table=table.name,
        columns=", ".join(names),
        settings=", ".join(f"{name} = r.{name}" for name in names if name not in keys),
        is_same=" AND ".join(f"t.{name} = r.{name}" for name in keys),
    )
    connection.execute(text(statement), {"rows": json.dumps(list(rows))})

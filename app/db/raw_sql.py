"""Small statements straight through the driver: half the time of going by the results of SQLAlchemy.

Giving up a statement that is running, from another thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, cast

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_WITHIN_S = 2


def raw_rows(
    connection: Connection, sql: str, values: Mapping[str, Any], *, is_prepared: bool
) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows.

    Parameters
    ----------
    connection : Connection
        Its session and transaction are used.
    sql : str
        As the driver takes it: ``%(name)s`` for a value.
    values : mapping
    is_kept : bool
        Whether the server keeps the statement prepared, with its plan; else it is planned for these values.

    Raises
    ------
    DBAPIError
        The same as SQLAlchemy raises; a lost connection is taken out of the pool.
    """
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor:
            # Made by this project's own modules; what persons give is bound.
            return cursor.execute(cast("Any", sql), values, prepare=is_prepared).fetchall()
    except psycopg.Error as error:
        raise _driver_error(connection, driver, sql, error) from error


def _driver_error(
    connection: Connection, driver: psycopg.Connection, sql: str, error: psycopg.Error
) -> Exception:
    if is_lost := driver.closed:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, psycopg.Error, connection_invalidated=is_lost, dialect=connection.dialect
    )


def cancel_statement(connection: Connection) -> None:
    """Ask the server to break off what `connection` runs now; nothing happens between two statements."""
    driver = connection.connection.driver_connection
    # Whoever cannot reach the server cannot hold it up either.
    with contextlib.suppress(psycopg.Error):
        if isinstance(driver, psycopg.Connection):
            driver.cancel_safe(timeout=_WITHIN_S)

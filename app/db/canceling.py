"""Giving up a statement that is running, from another thread."""

from __future__ import annotations

import contextlib

import psycopg
from sqlalchemy import Connection

_WITHIN_S = 2


def cancel_statement(connection: Connection) -> None:
    """Ask the server to break off what `connection` runs now; nothing happens between two statements."""
    driver = connection.connection.driver_connection
    # Whoever cannot reach the server cannot hold it up either.
    with contextlib.suppress(psycopg.Error):
        if isinstance(driver, psycopg.Connection):
            driver.cancel_safe(timeout=_WITHIN_S)

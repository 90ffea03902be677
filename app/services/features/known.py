"""What was known at an instant: a session whose tables are as they were recorded then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.db import known_rows
from app.services.neighbors.stored_pairs import neighbors_updated


def turn_back(connection: Connection, at: datetime) -> datetime | None:
    """Let all that reads through a connection find what was known at an instant; nothing stored changes.

    Neighbors are worked out anew where boundaries were others. Tours, accounts and the record of changes
    itself stay those of today.

    Parameters
    ----------
    connection : Connection
        A session of its own, which has read nothing yet and ends with its transaction: statements that the
        server prepared before would go on reading today's rows.
    at : datetime
        What was recorded at that very instant counts.

    Returns
    -------
    datetime or None
        When recording began, if only afterwards: nothing was known then.
    """
    known_rows.begin_past(connection)
    first = known_rows.first_recorded_at(connection)
    if first is None or at < first:
        known_rows.hide(connection, (*known_rows.TABLES, "adjacency"))
    else:
        show_known(connection, at)
    known_rows.mark_state(connection, at)
    known_rows.end_writing(connection)
    return first if first is not None and at < first else None


def show_known(connection: Connection, at: datetime) -> None:
    """Put what was recorded at an instant in the place of what is stored, until the transaction ends."""
    changed = known_rows.tables_changed_since(connection, at)
    for table in changed:
        known_rows.gather_earlier(connection, table, at)
    if "plot_version" not in changed:
        _hide(connection, changed)
        return
    known_rows.shadow_pairs(connection)
    with neighbors_updated(connection, known_rows.other_plots(connection)):
        _hide(connection, changed)


def _hide(connection: Connection, tables: list[str]) -> None:
    for table in tables:
        known_rows.hide_behind_earlier(connection, table)

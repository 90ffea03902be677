"""What was recorded at an instant, in the place of what is stored: views that hide the tables of their names.

A session looks for its own temporary views first. So whatever reads a table reads what was known of it, and
needs not know that. The views end with the session.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, text

from app.db.row_images import key_names

# What is known of the parks. Accounts are those of today, whatever is asked; tours have papers out.
TABLES = (
    "adjacency_override",
    "company",
    "company_version",
    "facility",
    "footprint",
    "lineage",
    "meeting",
    "meeting_item",
    "meeting_park",
    "occupancy",
    "park",
    "park_version",
    "participation",
    "plot",
    "plot_marketing",
    "plot_version",
    "source",
    "succession",
    "walkway",
    "walkway_permission",
)

_CHANGED_SINCE = """
SELECT DISTINCT table_name FROM audit_entry JOIN change_set USING (change_set_id)
WHERE recorded_at > :at AND table_name = ANY(:names)
"""
# The first entry after an instant tells what was there at it; a row without one is as it was. Columns that an
# older entry does not know are as they are today.
_LATER = """
CREATE TEMP TABLE later_{table} AS
SELECT DISTINCT ON ({keys}) before.*, entry.before IS NOT NULL AS is_known, {of_rows}
FROM audit_entry entry JOIN change_set USING (change_set_id)
CROSS JOIN jsonb_populate_record(NULL::public.{table}, coalesce(entry.before, entry.after)) image
LEFT JOIN public.{table} today ON {is_same}
CROSS JOIN jsonb_populate_record(today, entry.before) before
WHERE table_name = '{table}' AND recorded_at > :at
ORDER BY {keys}, audit_entry_id
"""
_KNOWN = """
CREATE TEMP VIEW {table} AS
SELECT t.* FROM public.{table} t
WHERE NOT EXISTS (SELECT FROM pg_temp.later_{table} later WHERE {is_same})
UNION ALL SELECT {columns} FROM pg_temp.later_{table} WHERE is_known
"""
_NOTHING = "CREATE TEMP VIEW {table} AS SELECT * FROM public.{table} WHERE false"
# Pairs are worked out anew where boundaries are others, by whoever keeps the stored ones right.
# Only those that come and go are written down, however many there are.
_PAIRS = (
    "CREATE TEMP TABLE gone_adjacency (adjacency_id integer PRIMARY KEY)",
    "CREATE TEMP TABLE come_adjacency (LIKE public.adjacency INCLUDING IDENTITY)",
    """SELECT setval(pg_get_serial_sequence('pg_temp.come_adjacency', 'adjacency_id'), max(adjacency_id))
       FROM public.adjacency""",
    "CREATE INDEX ON come_adjacency (focal_version_id)",
    "CREATE INDEX ON come_adjacency (neighbor_version_id)",
    """CREATE TEMP VIEW adjacency AS
       SELECT * FROM (SELECT * FROM public.adjacency UNION ALL SELECT * FROM pg_temp.come_adjacency) a
       WHERE NOT EXISTS (SELECT FROM pg_temp.gone_adjacency gone WHERE gone.adjacency_id = a.adjacency_id)""",
    """CREATE FUNCTION pg_temp.change_adjacency() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
           IF TG_OP = 'DELETE' THEN
               INSERT INTO pg_temp.gone_adjacency VALUES (OLD.adjacency_id);
               RETURN OLD;
           END IF;
           NEW.adjacency_id := nextval(pg_get_serial_sequence('pg_temp.come_adjacency', 'adjacency_id'));
           INSERT INTO pg_temp.come_adjacency OVERRIDING SYSTEM VALUE SELECT NEW.*;
           RETURN NEW;
       END $$""",
    """CREATE TRIGGER change_adjacency INSTEAD OF INSERT OR DELETE ON pg_temp.adjacency
       FOR EACH ROW EXECUTE FUNCTION pg_temp.change_adjacency()""",
)
# By this, caches know that state of the data from all others.
_VERSION = """
CREATE TEMP VIEW data_version AS
SELECT is_only_row, version, TIMESTAMPTZ '{at}' AS changed_at FROM public.data_version
"""


def begin_past(connection: Connection) -> None:
    """Let a new session see one moment, whatever others change meanwhile, and make temporary tables."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE"))


def end_writing(connection: Connection) -> None:
    """Let the transaction only read from now on."""
    connection.execute(text("SET TRANSACTION READ ONLY"))


def first_recorded_at(connection: Connection) -> datetime | None:
    """Return the instant of the first change set; None before there is any."""
    found: datetime | None = connection.execute(text("SELECT min(recorded_at) FROM change_set")).scalar()
    return found


def tables_changed_since(connection: Connection, at: datetime) -> list[str]:
    """Return those of `TABLES` that an instant knew otherwise than they are now, in their order."""
    found = connection.execute(text(_CHANGED_SINCE), {"at": at, "names": list(TABLES)}).scalars()
    return sorted(found)


def gather_earlier(connection: Connection, table: str, at: datetime) -> None:
    """Gather the rows of a table that have changed since an instant, as they were at it."""
    keys = key_names(table)
    statement = _LATER.format(
        table=table,
        keys=", ".join(f"image.{key}" for key in keys),
        is_same=" AND ".join(f"today.{key} = image.{key}" for key in keys),
        of_rows=", ".join(f"image.{key} AS row_{key}" for key in keys),
    )
    connection.execute(text(statement), {"at": at})


def hide_behind_earlier(connection: Connection, table: str) -> None:
    """Put what `gather_earlier` has found in the place of the rows that have changed since."""
    names = "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attnum > 0"
    found = connection.execute(
        text(f"{names} AND NOT attisdropped ORDER BY attnum"), {"name": f"public.{table}"}
    )
    is_same = " AND ".join(f"later.row_{key} = t.{key}" for key in key_names(table))
    columns = ", ".join(found.scalars())
    connection.execute(text(_KNOWN.format(table=table, is_same=is_same, columns=columns)))


def hide(connection: Connection, tables: Iterable[str]) -> None:
    """Put nothing in the place of tables."""
    for table in tables:
        connection.execute(text(_NOTHING.format(table=table)))


def shadow_pairs(connection: Connection) -> None:
    """Put a view in the place of the stored pairs, which may be changed."""
    for statement in _PAIRS:
        connection.exec_driver_sql(statement)


def other_plots(connection: Connection) -> list[str]:
    """Return the keys of the plots whose versions `gather_earlier` has found."""
    query = """
        SELECT coalesce(before.plot_key, now.plot_key) FROM later_plot_version before
        LEFT JOIN public.plot_version now ON now.plot_version_id = before.row_plot_version_id
    """
    return sorted({key for key in connection.execute(text(query)).scalars() if key})


def mark_state(connection: Connection, at: datetime) -> None:
    """Give the state of the data a mark of its own."""
    connection.execute(text(_VERSION.format(at=at.isoformat())))

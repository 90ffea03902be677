"""Change sets read back: what each did to which row, and what was known of a row at any instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select, text

from app.db.models import AuditEntry, ChangeSet
from app.db.row_images import Image, images, key_names, key_of
from app.domain.kinds import BusinessCase, Intent
from app.errors import N_, NotFoundError


@dataclass(frozen=True)
class RowChange:
    """What a change set did to a row: its image before and after, None where there was no row."""

    table: str
    before: Image | None
    after: Image | None

    @property
    def image(self) -> Image:
        """The row, as it is now or was."""
        image = self.after if self.after is not None else self.before
        assert image is not None  # noqa: S101  one of them is
        return image


@dataclass(frozen=True)
class Recorded:
    """A change set as it is stored; see `app.db.models.ChangeSet`."""

    change_set_id: int
    person: str
    organization: str | None
    business_case: BusinessCase
    intent: Intent | None
    day: date | None
    reason: str | None
    recorded_at: datetime
    undoes: int | None


def change_set(connection: Connection, change_set_id: int) -> Recorded:
    """Return a change set.

    Raises
    ------
    NotFoundError
    """
    statement = select(ChangeSet.__table__).where(ChangeSet.change_set_id == change_set_id)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFoundError(N_("There is no change of number %(number)s."), number=change_set_id)
    kinds = {"business_case": BusinessCase(row["business_case"])}
    return Recorded(**{**row, **kinds, "intent": row["intent"] and Intent(row["intent"])})


def last_change_set(connection: Connection) -> int:
    """Return the highest number of a change set; 0 without any."""
    return connection.execute(select(func.coalesce(func.max(ChangeSet.change_set_id), 0))).scalar_one()


def row_changes(connection: Connection, change_set_id: int) -> list[RowChange]:
    """Return what a change set did, one change a row, in the order in which the rows were first touched.

    A row that came and went again within it, or is as it was before, is none.
    """
    entry = AuditEntry
    statement = (
        select(entry.table_name, entry.before, entry.after)
        .where(entry.change_set_id == change_set_id)
        .order_by(entry.audit_entry_id)
    )
    found: dict[tuple[Any, ...], RowChange] = {}
    for table, before, after in connection.execute(statement):
        row = (table, key_of(table, after if after is not None else before))
        found[row] = RowChange(table, found[row].before if row in found else before, after)
    return [change for change in found.values() if change.before != change.after]


def rows_now(connection: Connection, changes: Iterable[RowChange]) -> dict[tuple[Any, ...], Image]:
    """Return the rows of changes as they are now, by table and key; those that are gone are missing."""
    wanted: dict[str, set[Any]] = {}
    for change in changes:
        wanted.setdefault(change.table, set()).add(change.image[key_names(change.table)[0]])
    return {
        (table, key_of(table, image)): image
        for table, values in wanted.items()
        for image in images(connection, table, key_names(table)[0], values)
    }


def last_change(connection: Connection, table: str, image: Image) -> Recorded | None:
    """Return the change set that touched a row last; None where nobody's is noted."""
    entry, row = AuditEntry, func.coalesce(AuditEntry.before, AuditEntry.after)
    same = [row[name].astext == str(image[name]) for name in key_names(table)]
    statement = (
        select(entry.change_set_id)
        .where(entry.table_name == table, *same)
        .order_by(entry.audit_entry_id.desc())
        .limit(1)
    )
    found = connection.execute(statement).scalar()
    return None if found is None else change_set(connection, found)


@dataclass(frozen=True)
class Entry(RowChange):
    """What one change set did to a row, and which one."""

    change_set_id: int
    business_case: BusinessCase


def history(connection: Connection, table: str, column: str, value: Any) -> list[Entry]:
    """Return all that was done to the rows of a table that have a value in a column, the latest first.

    The column is one that never changes.
    """
    query = f"""
        SELECT table_name, before, after, change_set_id, business_case
        FROM audit_entry JOIN change_set USING (change_set_id)
        WHERE table_name = :table AND (coalesce(before, after) ->> '{column}') COLLATE "C" = :value
        ORDER BY audit_entry_id DESC
    """  # noqa: S608  the name of a column
    found = connection.execute(text(query), {"table": table, "value": str(value)})
    return [
        Entry(table_name, before, after, made, BusinessCase(business_case))
        for table_name, before, after, made, business_case in found
    ]


# The first entry after an instant tells what was there at it; a row without one is as it was.
_KNOWN = """
WITH later AS (
    SELECT DISTINCT ON (row) coalesce(before, after) ->> (table_name || '_id') AS row, before
    FROM audit_entry JOIN change_set USING (change_set_id)
    WHERE table_name = '{table}' AND recorded_at > :at {of_entry}
    ORDER BY row, audit_entry_id
)
SELECT before FROM later WHERE before IS NOT NULL
UNION ALL
SELECT to_jsonb(t) FROM {table} t
WHERE {table}_id::text NOT IN (SELECT row FROM later) {of_row}
"""
_OF_ENTRY = "AND coalesce(before, after) ->> '{column}' = :value"
_OF_ROW = "AND {column}::text = :value"


def known_images(
    connection: Connection, table: str, at: datetime, of: Mapping[str, Any] | None = None
) -> list[Image]:
    """Return the rows of a table as they were recorded at an instant, in order of their keys.

    Parameters
    ----------
    connection : Connection
    table : str
        One whose key is a number of its own, ``<table>_id``.
    at : datetime
        What was recorded at that very instant counts.
    of : mapping, optional
        A column that never changes, and its value: only rows that have it.
    """
    [(column, value)] = (of or {"": None}).items()
    query = _KNOWN.format(
        table=table,
        of_entry=_OF_ENTRY.format(column=column) if of else "",
        of_row=_OF_ROW.format(column=column) if of else "",
    )
    found = connection.execute(text(query), {"at": at, "value": str(value)}).scalars()
    return sorted(found, key=lambda image: key_of(table, image) or ())

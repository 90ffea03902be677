"""What guests are chosen and put into groups by: who is kept apart, and the groups that were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import KeepApart, MeetingGrouping

_APART = """
SELECT a.key AS company_a, b.key AS company_b, k.since, k.note, staff.name AS person
FROM keep_apart k JOIN company a ON a.company_id = k.company_a JOIN company b ON b.company_id = k.company_b
LEFT JOIN staff USING (staff_id) ORDER BY a.key, b.key
"""
_GROUPINGS = """
SELECT DISTINCT ON (m.held_on, m.key) m.key AS meeting, g.*
FROM grouping g JOIN meeting m USING (meeting_id)
WHERE g.rounds IS NOT NULL AND (CAST(:meeting AS text) IS NULL OR m.key = :meeting)
ORDER BY m.held_on, m.key, g.grouping_id DESC
"""


def kept_apart(connection: Connection) -> Sequence[RowMapping]:
    """Return the pairs of companies that are kept apart, by their keys."""
    return connection.execute(text(_APART)).mappings().all()


def put_apart(connection: Connection, companies: tuple[int, int], **values: Any) -> None:
    """Store that two companies are kept apart; what was stored of them before goes."""
    first, second = sorted(companies)
    row = {"company_a": first, "company_b": second, **values}
    statement = upsert(KeepApart).values(row)
    pair = ["company_a", "company_b"]
    connection.execute(statement.on_conflict_do_update(index_elements=pair, set_=values))


def remove_apart(connection: Connection, companies: tuple[int, int]) -> int:
    """Let two companies no longer be kept apart; return how many pairs that were."""
    first, second = sorted(companies)
    own = KeepApart.company_a == first, KeepApart.company_b == second
    return connection.execute(delete(KeepApart).where(*own)).rowcount


def groupings(connection: Connection, meeting: str | None = None) -> Mapping[str, RowMapping]:
    """Return the latest groups of each meeting, or of one, by its key; companies in them by their keys."""
    rows = connection.execute(text(_GROUPINGS), {"meeting": meeting}).mappings()
    return {row["meeting"]: row for row in rows}


def put_grouping(connection: Connection, meeting_id: int, **values: Any) -> None:
    """Store how the guests of a meeting are divided."""
    connection.execute(insert(MeetingGrouping).values(meeting_id=meeting_id, **values))


def remove_groupings(connection: Connection, meeting_id: int) -> int:
    """Remove all groups of a meeting; return how many there were."""
    own = MeetingGrouping.meeting_id == meeting_id
    return connection.execute(delete(MeetingGrouping).where(own)).rowcount

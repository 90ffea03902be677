"""What is known of companies at all meetings up to a day, and who is said to know whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, text
from sqlalchemy.engine import RowMapping

from app.db.models import Acquaintance

_ATTENDANCE = """
SELECT m.key AS meeting, m.title, m.held_on, m.attendance_known, c.key AS company,
    p.invited_at IS NOT NULL AS is_invited, (p.invited_at AT TIME ZONE 'Europe/Berlin')::date AS invited_on,
    p.answer, p.presence, p.part
FROM meeting m JOIN participation p USING (meeting_id) JOIN company c USING (company_id)
WHERE m.state <> 'cancelled' AND m.held_on <= :on
ORDER BY m.held_on, m.key, c.key
"""
_MEETINGS = """
SELECT m.key, m.title, m.held_on, m.attendance_known,
    ARRAY(SELECT p.key FROM meeting_park mp JOIN park p USING (park_id)
          WHERE mp.meeting_id = m.meeting_id) AS parks
FROM meeting m WHERE m.state NOT IN ('draft', 'cancelled') AND m.held_on <= :on ORDER BY m.held_on, m.key
"""
_STATEMENTS = """
SELECT a.key AS company_a, b.key AS company_b, s.stated_on, s.source, s.note, staff.name AS person
FROM acquaintance s JOIN company a ON a.company_id = s.company_a JOIN company b ON b.company_id = s.company_b
LEFT JOIN staff USING (staff_id) WHERE s.stated_on <= :on ORDER BY s.stated_on, a.key, b.key
"""


def attendance(connection: Connection, until: date) -> Sequence[RowMapping]:
    """Return a row for each company of each meeting up to a day, the oldest first."""
    return connection.execute(text(_ATTENDANCE), {"on": until}).mappings().all()


def held_meetings(connection: Connection, until: date) -> Sequence[RowMapping]:
    """Return the meetings that were held up to a day, the oldest first."""
    return connection.execute(text(_MEETINGS), {"on": until}).mappings().all()


def statements(connection: Connection, until: date) -> Sequence[RowMapping]:
    """Return who was said to know whom up to a day."""
    return connection.execute(text(_STATEMENTS), {"on": until}).mappings().all()


def put_statement(connection: Connection, companies: tuple[int, int], **values: Any) -> None:
    """Store that two companies are said to know each other."""
    first, second = sorted(companies)
    connection.execute(insert(Acquaintance).values(company_a=first, company_b=second, **values))

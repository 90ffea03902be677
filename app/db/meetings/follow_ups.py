"""What is to be done after meetings: by whom, until when, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, text, update
from sqlalchemy.engine import RowMapping

from app.db.models import FollowUp

_ROWS = """
SELECT f.follow_up_id, f.title, f.note_internal, f.due, f.state, f.owner_staff_id, f.meeting_id,
    m.key AS meeting, m.title AS meeting_title, m.held_on, c.key AS company, s.name AS owner,
    (SELECT name FROM company_version v WHERE v.company_id = f.company_id
     ORDER BY v.valid @> CAST(:on AS date) DESC, v.valid DESC LIMIT 1) AS company_name,
    (SELECT p.key FROM plot_version v JOIN plot p USING (plot_id)
     WHERE v.valid @> CAST(:on AS date) AND ST_Contains(v.geometry, f.geom) ORDER BY p.key LIMIT 1) AS plot
FROM follow_up f JOIN meeting m USING (meeting_id)
LEFT JOIN company c ON c.company_id = f.company_id
LEFT JOIN staff s ON s.staff_id = f.owner_staff_id
WHERE (CAST(:meeting AS integer) IS NULL OR f.meeting_id = :meeting)
ORDER BY f.state <> 'open', f.due NULLS LAST, f.follow_up_id
"""
_POINT = """
SELECT ST_PointOnSurface(v.geometry) FROM plot_version v JOIN plot p USING (plot_id)
WHERE p.key = :plot AND v.valid @> CAST(:on AS date)
"""


def follow_ups(connection: Connection, on: date, meeting_id: int | None = None) -> Sequence[RowMapping]:
    """Return what is to be done after a meeting, or after all: the open first, by the day they are due.

    `on` is the day whose plots name the place.
    """
    return connection.execute(text(_ROWS), {"on": on, "meeting": meeting_id}).mappings().all()


def plot_point(connection: Connection, plot: str, on: date) -> Any | None:
    """Return a point of a plot on a day, as it is stored; None where there is no such plot."""
    return connection.execute(text(_POINT), {"plot": plot, "on": on}).scalar()


def write_follow_up(connection: Connection, number: int | None, values: Mapping[str, Any]) -> int:
    """Store a follow-up, or change the one of a number; return its number."""
    if number is None:
        made = insert(FollowUp).values(values).returning(FollowUp.follow_up_id)
        return int(connection.execute(made).scalar_one())
    connection.execute(update(FollowUp).where(FollowUp.follow_up_id == number).values(values))
    return number

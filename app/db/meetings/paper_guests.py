"""Who is on the papers of a meeting: companies with their parts, and persons who gave their names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, text
from sqlalchemy.engine import RowMapping

# The name is that of the day of the meeting, else the latest one.
_COMPANIES = """
SELECT c.key, p.part, p.answer, p.heads, p.answer_note, p.invited_at IS NOT NULL AS is_invited,
    coalesce((SELECT v.name FROM company_version v WHERE v.company_id = c.company_id
              ORDER BY v.valid @> m.held_on DESC, v.valid DESC LIMIT 1), c.key) AS name
FROM participation p JOIN meeting m USING (meeting_id) JOIN company c USING (company_id)
WHERE meeting_id = :meeting_id
    AND (p.invited_at IS NOT NULL OR p.answer <> 'none' OR p.part <> 'guest' OR p.presence = 'present')
"""
_PERSONS = """
SELECT g.name, c.key AS company FROM guest g LEFT JOIN company c USING (company_id)
WHERE g.meeting_id = :meeting_id AND btrim(g.name) <> '' ORDER BY g.name
"""
_WALKS = """
SELECT t.key, t.title, t.starts_at, count(s.position) FILTER (WHERE s.position >= 1) AS n_stops
FROM tour t JOIN park p USING (park_id) LEFT JOIN tour_stop s USING (tour_id)
WHERE t.status = 'published' AND (CAST(:park AS text) IS NULL OR p.key = :park)
    AND (t.starts_at AT TIME ZONE 'Europe/Berlin')::date BETWEEN :first AND :last
GROUP BY t.tour_id ORDER BY t.starts_at, t.key
"""


def companies_on_paper(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return the companies of which anything is known for a meeting, with part and answer."""
    return connection.execute(text(_COMPANIES), {"meeting_id": meeting_id}).mappings().all()


def named_persons(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return the persons who gave their names for a meeting, with the key of the company."""
    return connection.execute(text(_PERSONS), {"meeting_id": meeting_id}).mappings().all()


def walks_between(
    connection: Connection, first: date, last: date, park: str | None = None
) -> Sequence[RowMapping]:
    """Return the published walks from one day to another, with how many places each visits."""
    given = {"first": first, "last": last, "park": park}
    return connection.execute(text(_WALKS), given).mappings().all()

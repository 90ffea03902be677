"""Who was invited when, who was where together, and a list of invitations as it was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import RowMapping

from app.db.changes import data_version
from app.db.models import Invitation, InvitationList

_THERE = "({0}.presence = 'present' OR {0}.part IN ('host', 'cohost'))"


def last_invited(connection: Connection, before: date) -> dict[int, date]:
    """Return on which day before another each company was invited last, or received guests."""
    query = """
        SELECT company_id, max(coalesce((invited_at AT TIME ZONE 'Europe/Berlin')::date, held_on)) AS day
        FROM participation JOIN meeting USING (meeting_id)
        WHERE held_on < :before AND (invited_at IS NOT NULL OR part IN ('host', 'cohost'))
          AND state <> 'cancelled'
        GROUP BY company_id
    """
    return {row.company_id: row.day for row in connection.execute(text(query), {"before": before})}


def met_before(connection: Connection, companies: Sequence[int], before: date) -> set[int]:
    """Return the companies that were at a meeting with one of `companies`, or are said to know it."""
    query = f"""
        SELECT other.company_id FROM participation own JOIN participation other USING (meeting_id)
        JOIN meeting USING (meeting_id)
        WHERE own.company_id = ANY(:own) AND held_on < :before
          AND {_THERE.format("own")} AND {_THERE.format("other")}
        UNION SELECT company_b FROM acquaintance WHERE company_a = ANY(:own) AND stated_on < :before
        UNION SELECT company_a FROM acquaintance WHERE company_b = ANY(:own) AND stated_on < :before
    """  # noqa: S608  names of columns
    values = {"own": list(companies), "before": before}
    return set(connection.execute(text(query), values).scalars())


def last_meeting_day(connection: Connection, parks: Sequence[str], before: date) -> date | None:
    """Return the day of the last meeting that was held for some parks before a day."""
    query = """
        SELECT max(held_on) FROM meeting JOIN meeting_park USING (meeting_id) JOIN park ON
            park.park_id = meeting_park.park_id
        WHERE park.key = ANY(:parks) AND held_on < :before AND state IN ('held', 'reported')
    """
    found: date | None = connection.execute(text(query), {"parks": list(parks), "before": before}).scalar()
    return found


def put_invitation(connection: Connection, **values: Any) -> int:
    """Store an invitation; return its number."""
    made = insert(Invitation).values(values).returning(Invitation.invitation_id)
    return int(connection.execute(made).scalar_one())


def sent_list(connection: Connection, meeting_id: int) -> RowMapping | None:
    """Return the list of a meeting's invitations as it was sent; None before it was."""
    statement = select(InvitationList.__table__).where(InvitationList.meeting_id == meeting_id)
    return connection.execute(statement).mappings().first()


def freeze_list(
    connection: Connection, meeting_id: int, day: date, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Keep a list as it is sent now, with the version of the data that it was made from."""
    values = {"meeting_id": meeting_id, "day": day, "data_version": data_version(connection), "rows": rows}
    connection.execute(insert(InvitationList).values(values))

"""Neighbor meetings (Anliegertreffen) and what is known of companies' parts in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from app.db.companies.companies import company_ids
from app.db.land.parks import park_ids
from app.db.models import Company, Meeting, Park, Participation, Source, Tour
from app.db.sources import source_ids
from app.db.versions import Tally, refusals_in_words, resolve
from app.errors import N_, ConflictError

COLUMNS = (
    "key",
    "park",
    "title",
    "held_on",
    "organizers",
    "program",
    "tour",
    "note",
    "source",
    "participations",
)
UNKNOWN_PARK = N_("Meeting %(row)s was held in the park “%(key)s”, which is not stored.")
UNKNOWN_TOUR = N_("Meeting %(row)s refers to the tour “%(key)s”, which is not stored.")
UNKNOWN_COMPANY = N_("Meeting %(row)s names the company “%(key)s”, which is not stored.")


def meetings(connection: Connection) -> list[dict[str, Any]]:
    """Return every meeting with `COLUMNS`, the oldest first.

    ``participations`` is a list of ``{"company": key, "role": role}``; a company that is not in
    it is one whose part is not known.
    """
    statement = (
        select(
            Meeting.meeting_id,
            Meeting.key,
            Park.key.label("park"),
            Meeting.title,
            Meeting.held_on,
            Meeting.organizers,
            Meeting.program,
            Tour.key.label("tour"),
            Meeting.note,
            Source.title.label("source"),
        )
        .join(Park, Park.park_id == Meeting.park_id)
        .outerjoin(Tour, Tour.tour_id == Meeting.tour_id)
        .outerjoin(Source, Source.source_id == Meeting.source_id)
        .order_by(Meeting.held_on, Meeting.key)
    )
    roles = _roles(connection)
    return [
        {**{name: row[name] for name in COLUMNS[:-1]}, "participations": roles[row["meeting_id"]]}
        for row in connection.execute(statement).mappings()
    ]


def _roles(connection: Connection) -> dict[int, list[dict[str, str]]]:
    statement = (
        select(Participation.meeting_id, Company.key, Participation.role)
        .join(Company, Company.company_id == Participation.company_id)
        .order_by(Company.key)
    )
    roles: dict[int, list[dict[str, str]]] = defaultdict(list)
    for row in connection.execute(statement):
        roles[row.meeting_id].append({"company": row.key, "role": row.role})
    return roles


def store_meetings(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Tally:
    """Store meetings that are not stored yet, with their participations.

    Raises
    ------
    NotFoundError
        When a park, tour or company is not stored.
    ConflictError
        When a meeting of this key is stored with other content.
    """
    stored = {meeting["key"]: meeting for meeting in meetings(connection)}
    for row in rows:
        if row["key"] in stored and stored[row["key"]] != row:
            raise ConflictError(
                N_("Meeting %(meeting)s is stored with different content."), meeting=row["key"]
            )
    fresh = [row for row in rows if row["key"] not in stored]
    with refusals_in_words("meeting"):
        for row in fresh:
            _store_meeting(connection, row)
    return Tally(n_new=len(fresh), n_unchanged=len(rows) - len(fresh))


def _store_meeting(connection: Connection, row: Mapping[str, Any]) -> None:
    tours = {tour.key: tour.tour_id for tour in connection.execute(select(Tour.key, Tour.tour_id))}
    values = {
        **{name: row[name] for name in ("key", "title", "held_on", "organizers", "program", "note")},
        "park_id": resolve(park_ids(connection), row["park"], row["key"], UNKNOWN_PARK),
        "tour_id": resolve(tours, row["tour"], row["key"], UNKNOWN_TOUR),
        "source_id": source_ids(connection).get(row["source"]),
    }
    meeting_id = connection.execute(insert(Meeting).values(values).returning(Meeting.meeting_id)).scalar_one()
    firms = company_ids(connection)
    for part in row["participations"]:
        company_id = resolve(firms, part["company"], row["key"], UNKNOWN_COMPANY)
        connection.execute(
            insert(Participation).values(meeting_id=meeting_id, company_id=company_id, role=part["role"])
        )

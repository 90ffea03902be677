"""Neighbor meetings (Anliegertreffen) as they are published, and as a data folder holds them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, insert, select

from app.db.companies.companies import company_ids
from app.db.land.parks import park_ids
from app.db.meetings.participation import append
from app.db.models import Company, Meeting, MeetingItem, MeetingPark, Park, Participation, Source, Tour
from app.db.sources import source_ids
from app.db.versions import Tally, refusals_in_words, resolve
from app.domain.meetings import EventActor, EventKind, MeetingState, Part, Presence
from app.domain.meetings.participation import Event
from app.domain.period import PARK_ZONE
from app.errors import N_, ConflictError

COLUMNS = (
    "key",
    "parks",
    "title",
    "held_on",
    "starts_at",
    "ends_at",
    "state",
    "place",
    "organizers",
    "program",
    "tour",
    "note",
    "source",
    "participations",
)
# What a file may say of a company's part in one word, and what of its axes that is.
HOSTED = "hosted"
ROLES: dict[str, tuple[EventKind, dict[str, str]]] = {
    HOSTED: (EventKind.PART, {"part": Part.HOST}),
    "invited": (EventKind.INVITE, {}),
    "accepted": (EventKind.ANSWER, {"answer": "accepted"}),
    "declined": (EventKind.ANSWER, {"answer": "declined"}),
    "attended": (EventKind.PRESENCE, {"presence": Presence.PRESENT}),
    "absent": (EventKind.PRESENCE, {"presence": Presence.ABSENT}),
}
UNKNOWN_PARK = N_("Meeting %(row)s was held in the park “%(key)s”, which is not stored.")
UNKNOWN_TOUR = N_("Meeting %(row)s refers to the tour “%(key)s”, which is not stored.")
UNKNOWN_COMPANY = N_("Meeting %(row)s names the company “%(key)s”, which is not stored.")


def meetings(connection: Connection) -> list[dict[str, Any]]:
    """Return every published meeting with `COLUMNS`, the oldest first.

    ``participations`` is a list of ``{"company": key, "role": "hosted"}``: who was invited and who came is
    for staff; ``program`` one of ``{"title", "starts_at", "note"}``.
    """
    statement = (
        select(
            Meeting.meeting_id,
            *(getattr(Meeting, name) for name in _OWN),
            Tour.key.label("tour"),
            Source.title.label("source"),
        )
        .outerjoin(Tour, Tour.tour_id == Meeting.tour_id)
        .outerjoin(Source, Source.source_id == Meeting.source_id)
        .where(Meeting.published, Meeting.state != MeetingState.DRAFT)
        .order_by(Meeting.held_on, Meeting.key)
    )
    lists: dict[str, dict[int, list[Any]]] = {
        "parks": _parks(connection),
        "program": _items(connection),
        "participations": _hosts(connection),
    }
    found = connection.execute(statement).mappings()
    return [
        {name: lists[name][row["meeting_id"]] if name in lists else row[name] for name in COLUMNS}
        for row in found
    ]


_OWN = (
    "key",
    "title",
    "held_on",
    "starts_at",
    "ends_at",
    "state",
    "place",
    "organizers",
    "note",
)


def _parks(connection: Connection) -> dict[int, list[str]]:
    statement = (
        select(MeetingPark.meeting_id, Park.key)
        .join(Park, Park.park_id == MeetingPark.park_id)
        .join(Meeting, Meeting.meeting_id == MeetingPark.meeting_id)
        .order_by(Meeting.park_id != Park.park_id, Park.key)
    )
    return _grouped((row.meeting_id, row.key) for row in connection.execute(statement))


def _items(connection: Connection) -> dict[int, list[dict[str, Any]]]:
    columns = (MeetingItem.title, MeetingItem.starts_at, MeetingItem.note)
    statement = select(MeetingItem.meeting_id, *columns).order_by(MeetingItem.position)
    rows = connection.execute(statement)
    return _grouped(
        (row.meeting_id, {"title": row.title, "starts_at": row.starts_at, "note": row.note}) for row in rows
    )


def _hosts(connection: Connection) -> dict[int, list[dict[str, str]]]:
    statement = (
        select(Participation.meeting_id, Company.key)
        .join(Company, Company.company_id == Participation.company_id)
        .where(Participation.part.in_((Part.HOST, Part.COHOST)))
        .order_by(Company.key)
    )
    rows = connection.execute(statement)
    return _grouped((row.meeting_id, {"company": row.key, "role": HOSTED}) for row in rows)


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for meeting_id, value in pairs:
        found[meeting_id].append(value)
    return found


def store_meetings(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Tally:
    """Store meetings that are not stored yet, with what is said of companies' parts in them.

    Raises
    ------
    NotFoundError
        When a park, tour or company is not stored.
    ConflictError
        When a meeting of this key is stored with other content.
    """
    stored = {meeting["key"]: meeting for meeting in meetings(connection)}
    for row in rows:
        if row["key"] in stored and stored[row["key"]] != _published(row):
            raise ConflictError(
                N_("Meeting %(meeting)s is stored with different content."), meeting=row["key"]
            )
    fresh = [row for row in rows if row["key"] not in stored]
    with refusals_in_words("meeting"):
        for row in fresh:
            _store_meeting(connection, row)
    return Tally(n_new=len(fresh), n_unchanged=len(rows) - len(fresh))


def _published(row: Mapping[str, Any]) -> dict[str, Any]:
    hosts = [part for part in row["participations"] if part["role"] == HOSTED]
    return {**row, "participations": sorted(hosts, key=lambda part: str(part["company"]))}


def _store_meeting(connection: Connection, row: Mapping[str, Any]) -> None:
    tours = {tour.key: tour.tour_id for tour in connection.execute(select(Tour.key, Tour.tour_id))}
    parks = [resolve(park_ids(connection), park, row["key"], UNKNOWN_PARK) for park in row["parks"]]
    firms = company_ids(connection)
    parts = [
        (resolve(firms, part["company"], row["key"], UNKNOWN_COMPANY), part["role"])
        for part in row["participations"]
    ]
    hosts = [company_id for company_id, role in parts if role == HOSTED]
    values = {
        **{name: row[name] for name in _OWN},
        "park_id": parks[0],
        "tour_id": resolve(tours, row["tour"], row["key"], UNKNOWN_TOUR),
        "source_id": source_ids(connection).get(row["source"]),
        "host_company_id": hosts[0] if len(hosts) == 1 else None,
        "published": True,
    }
    meeting_id = connection.execute(insert(Meeting).values(values).returning(Meeting.meeting_id)).scalar_one()
    connection.execute(insert(MeetingPark), [{"meeting_id": meeting_id, "park_id": park} for park in parks])
    items = [{"meeting_id": meeting_id, "position": n, **item} for n, item in enumerate(row["program"], 1)]
    if items:
        connection.execute(insert(MeetingItem), items)
    append(
        connection, meeting_id, [_event(row, company_id, role) for company_id, role in parts if company_id]
    )


def _event(row: Mapping[str, Any], company_id: int, role: str) -> Event:
    kind, value = ROLES[role]
    if kind == EventKind.INVITE:
        # The day is all that is known.
        value = {"at": datetime.combine(row["held_on"], time(), PARK_ZONE).isoformat()}
    return Event(uuid.uuid4(), company_id, kind, 1, "import", EventActor.IMPORT, value)

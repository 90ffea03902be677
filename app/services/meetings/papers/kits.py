"""What the papers of a meeting are made of, and the papers themselves, under one name each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.land.facilities import facilities_on
from app.db.meetings.contacts import contacts_of
from app.db.meetings.invited import organizers_of, program_of
from app.db.meetings.paper_guests import companies_on_paper, named_persons
from app.domain.kinds import TourStatus
from app.domain.localizer import Localizer, localizer_for
from app.domain.meetings import Answer, MeetingState, Part
from app.domain.tours import TourPlan
from app.errors import N_, ConflictError, InputError
from app.exchange.meetings.papers.calendar import meeting_calendar
from app.exchange.meetings.papers.kit import (
    MeetingKit,
    PaperGuest,
    ProgramItem,
    StaffNotes,
    badges_pdf,
    cards_pdf,
    guide_pdf,
    poster_pdf,
    sign_in_pdf,
)
from app.maps.styles import FACILITY_STYLES
from app.services.meetings.answering import ANSWER_NAMES
from app.services.meetings.mailing import appointment_of
from app.services.meetings.papers.boards import by_name, park_board, with_hosts
from app.services.tours.papers import PRINTER, around_tour, tour_papers

PAPERS: Mapping[str, Callable[[MeetingKit], bytes]] = {
    "guide": guide_pdf,
    "badges": badges_pdf,
    "cards": cards_pdf,
    "sign-in": sign_in_pdf,
    "poster": poster_pdf,
}
NO_PAGE = N_("Announce the meeting first: nobody else can open the page of the code yet.")


def meeting_kit(
    connection: Connection, meeting: RowMapping, language: str, address: str | None = None
) -> MeetingKit:
    """Return what the papers for guests are made of; `address` is the public page, where there is one."""
    held_on, localizer = meeting["held_on"], localizer_for(language)
    boards = [
        with_hosts(park_board(connection, park, held_on), connection, _hosts(connection, meeting))
        for park in meeting["parks"]
    ]
    walk = _walk(connection, meeting, language)
    return MeetingKit(
        title=meeting["title"],
        held_on=held_on,
        starts_at=meeting["starts_at"],
        ends_at=meeting["ends_at"],
        place=meeting["place"] or "",
        host=meeting["host_name"] or "",
        organizers=organizer_names(connection, meeting),
        language=language,
        note=meeting["note"] or "",
        address=address,
        program=[
            ProgramItem(row["starts_at"], row["title"], row["note"])
            for row in program_of(connection, meeting["meeting_id"])
        ],
        boards=boards,
        places=_places(connection, meeting, localizer),
        walk=walk,
        around=None if walk is None else around_tour(connection, walk),
        guests=paper_guests(connection, meeting["meeting_id"]),
    )


def organizer_names(connection: Connection, meeting: RowMapping) -> list[str]:
    """Return the agencies that organize a meeting, each once."""
    return list(dict.fromkeys([*organizers_of(connection, meeting["meeting_id"]), *meeting["organizers"]]))


def paper_guests(connection: Connection, meeting_id: int) -> list[PaperGuest]:
    """Return who gets a badge and a row in the list: hosts and invited, but for those who declined.

    A person's name is on paper only where the person gave it for this meeting; no contact is.
    """
    persons: dict[str | None, list[str]] = {}
    for row in named_persons(connection, meeting_id):
        persons.setdefault(row["company"], []).append(row["name"])
    found = [
        PaperGuest(row["name"], row["heads"], tuple(persons.get(row["key"], ())))
        for row in companies_on_paper(connection, meeting_id)
        if row["answer"] != Answer.DECLINED
    ]
    return sorted(found, key=lambda guest: by_name(guest.company))


def staff_notes(
    connection: Connection, meeting: RowMapping, organization_id: int | None, language: str
) -> StaffNotes:
    """Return what is for staff alone: notes, contacts of the host that an agency may read, answers."""
    localizer = localizer_for(language)
    rows = companies_on_paper(connection, meeting["meeting_id"])
    answers = [
        (row["name"], _answer(row, localizer), row["answer_note"] or "")
        for row in sorted(rows, key=lambda row: by_name(row["name"]))
    ]
    return StaffNotes(meeting["note_internal"], _contacts(connection, meeting, organization_id), answers)


def _answer(row: RowMapping, localizer: Localizer) -> str:
    if row["part"] in (Part.HOST, Part.COHOST):
        return localizer.translate(N_("Host"))
    shown = localizer.translate(ANSWER_NAMES[Answer(row["answer"])])
    return f"{shown} ({row['heads']})" if row["heads"] else shown


def _contacts(connection: Connection, meeting: RowMapping, organization_id: int | None) -> list[str]:
    if meeting["host_company_id"] is None:
        return []
    rows = contacts_of(connection, organization_id, [meeting["host_company_id"]])
    lines = [", ".join(filter(None, (row["name"], row["function"], row["value"]))) for row in rows]
    return [line for line in dict.fromkeys(lines) if line]


def printed_paper(name: str, kit: MeetingKit) -> bytes:
    """Return one of `PAPERS` as a PDF.

    Raises
    ------
    ConflictError
        For a poster while the meeting has no public page.
    BusyError, SetupError
        When other papers are being printed, or this machine cannot print.
    """
    if name == "poster" and kit.address is None:
        raise ConflictError(NO_PAGE)
    with PRINTER.held():
        return PAPERS[name](kit)


def published_calendar(
    connection: Connection, meeting: RowMapping, address: str | None, at: datetime
) -> bytes:
    """Return a meeting as a calendar file for everybody.

    Raises
    ------
    InputError
        When only its day is known.
    """
    return meeting_calendar(
        appointment_of(connection, meeting),
        organizer_names(connection, meeting),
        address,
        at,
        is_off=meeting["state"] == MeetingState.CANCELLED,
    )


def _hosts(connection: Connection, meeting: RowMapping) -> list[str]:
    rows = companies_on_paper(connection, meeting["meeting_id"])
    own = [meeting["host_company"]] if meeting["host_company"] else []
    return [*own, *(row["key"] for row in rows if row["part"] in (Part.HOST, Part.COHOST))]


def _walk(connection: Connection, meeting: RowMapping, language: str) -> TourPlan | None:
    """Return the walk of a meeting; None without one, and of one that is withdrawn or has no plan."""
    if meeting["tour"] is None:
        return None
    try:
        found = tour_papers(connection, meeting["tour"], language)
    except (ConflictError, InputError):
        return None
    return None if found.status == TourStatus.WITHDRAWN else found


def _places(connection: Connection, meeting: RowMapping, localizer: Localizer) -> list[tuple[str, str]]:
    kinds = {kind: localizer.translate(str(style["label"])) for kind, style in FACILITY_STYLES.items()}
    found = {
        (row.name or kinds[row.kind], kinds[row.kind])
        for park in meeting["parks"]
        for row in facilities_on(connection, meeting["held_on"], park).itertuples(index=False)
    }
    return sorted((name, "" if name == what else what) for name, what in found)

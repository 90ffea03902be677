"""Plan a meeting: save it, let it go on, copy it for the next time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import Change, begin_change_set
from app.db.companies.companies import company_ids
from app.db.companies.occupants import free_key
from app.db.land.parks import park_ids
from app.db.meetings.invited import program_of
from app.db.meetings.participation import axes_of
from app.db.meetings.planned import (
    facility_ids,
    organization_of,
    planned_meeting,
    tours_of,
    write_meeting,
)
from app.db.models import MeetingItem, MeetingOrganization, MeetingPark
from app.domain.kinds import AccessRole
from app.domain.meetings import MATERIAL, TRANSITIONS, Answer, EventKind, MeetingState, Part
from app.domain.period import PARK_ZONE
from app.errors import N_, ConflictError, ForbiddenError, InputError, NotFoundError
from app.services.meetings.participation import record_by_staff
from app.services.people.staff import Person
from app.services.tours.keys import slug


@dataclass(frozen=True)
class Item:
    """An item of the program."""

    title: str
    starts_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True)
class MeetingPlan:
    """What is asked of a meeting; parks, host, facility and tour by their keys.

    Without `starts_at` only the day is known.
    """

    title: str
    parks: tuple[str, ...]
    held_on: date
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str | None = None
    host_company: str | None = None
    host_facility: str | None = None
    organizations: tuple[int, ...] = ()
    organizers: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    tour: str | None = None
    capacity: int | None = None
    note: str | None = None
    note_internal: str | None = None
    series_key: str | None = None


def meeting_of(connection: Connection, key: str) -> RowMapping:
    """Return a meeting with names and counts.

    Raises
    ------
    NotFoundError
    """
    found = planned_meeting(connection, key)
    if found is None:
        raise NotFoundError(N_("There is no meeting “%(key)s”."), key=key[:60])
    return found


def own_meeting(connection: Connection, key: str, person: Person) -> RowMapping:
    """Return a meeting that a person may change.

    Raises
    ------
    NotFoundError
    ForbiddenError
        Who works for none of the agencies that organize it; where none is named, nobody.
    """
    meeting = meeting_of(connection, key)
    if person.role == AccessRole.ADMIN or not meeting["organizations"]:
        return meeting
    if organization_of(connection, person.staff_id) not in meeting["organizations"]:
        raise ForbiddenError(N_("Only staff of the agencies that organize this meeting may change it."))
    return meeting


def plan_of(connection: Connection, meeting: RowMapping) -> MeetingPlan:
    """Return what is stored of a meeting, as it is asked for."""
    own = ("title", "held_on", "starts_at", "ends_at", "place", "host_company", "host_facility", "tour")
    more = ("capacity", "note", "note_internal", "series_key")
    program = program_of(connection, meeting["meeting_id"])
    items = tuple(Item(row["title"], row["starts_at"], row["note"]) for row in program)
    lists: dict[str, Any] = {name: tuple(meeting[name]) for name in ("parks", "organizations", "organizers")}
    return MeetingPlan(**{name: meeting[name] for name in (*own, *more)}, **lists, items=items)


def add_meeting(connection: Connection, plan: MeetingPlan, change: Change, staff_id: int) -> str:
    """Store a new meeting as a draft; return its key.

    Raises
    ------
    InputError
        When the plan cannot be so; the sentence says why.
    """
    check_plan(plan)
    key = free_key(connection, "meeting", slug(f"{plan.title} {plan.held_on}", "meeting"))
    begin_change_set(connection, change)
    own = {**_own(connection, plan), "key": key}
    meeting_id = write_meeting(connection, None, own, _lists(connection, plan))
    _set_host(connection, meeting_id, None, own["host_company_id"], staff_id)
    return key


def change_meeting(
    connection: Connection, key: str, plan: MeetingPlan, change: Change, staff_id: int
) -> bool:
    """Change a meeting; whether what its guests have in their calendars is another now.

    Then its sequence rises, and who had answered is asked again; a slip of the pen changes neither.

    Raises
    ------
    InputError, NotFoundError
    ConflictError
        When it is cancelled.
    """
    check_plan(plan)
    stored = meeting_of(connection, key)
    if stored["state"] == MeetingState.CANCELLED:
        raise ConflictError(N_("A cancelled meeting stays as it was; make a copy of it."))
    begin_change_set(connection, change)
    own = _own(connection, plan)
    is_material = stored["state"] == MeetingState.ANNOUNCED and any(
        own[name] != stored[name] for name in MATERIAL
    )
    if is_material:
        own["sequence"] = stored["sequence"] + 1
    changed = {name: value for name, value in own.items() if value != stored[name]}
    write_meeting(connection, stored["meeting_id"], changed, _lists(connection, plan))
    _set_host(connection, stored["meeting_id"], stored["host_company_id"], own["host_company_id"], staff_id)
    if is_material:
        ask_again(connection, stored["meeting_id"], staff_id)
    return is_material


def ask_again(connection: Connection, meeting_id: int, staff_id: int) -> None:
    """Take it that nobody has answered yet to what the meeting is now."""
    answered = [
        company
        for company, axes in axes_of(connection, meeting_id).items()
        if axes.answer in (Answer.ACCEPTED, Answer.MAYBE)
    ]
    nothing: Mapping[str, Any] = {"answer": Answer.NONE}
    if answered:
        record_by_staff(connection, meeting_id, EventKind.ANSWER, dict.fromkeys(answered, nothing), staff_id)


def advance(connection: Connection, key: str, state: MeetingState, change: Change) -> None:
    """Let a meeting go on to a state.

    Raises
    ------
    ConflictError
        When it cannot go there from where it is, or its day has not come.
    """
    stored = meeting_of(connection, key)
    if state not in TRANSITIONS[MeetingState(stored["state"])]:
        raise ConflictError(N_("This meeting is at another point now; please look at it again."))
    today = datetime.now(PARK_ZONE).date()
    if state == MeetingState.HELD and stored["held_on"] > today:
        raise ConflictError(N_("The day of this meeting has not come yet."))
    if state == MeetingState.ANNOUNCED and stored["starts_at"] is None:
        raise InputError(N_("To announce a meeting, say at what time it begins."))
    begin_change_set(connection, change)
    values: dict[str, Any] = {"state": state}
    if state == MeetingState.ANNOUNCED:
        values["published"] = True
    if state == MeetingState.CANCELLED and stored["state"] == MeetingState.ANNOUNCED:
        # Calendars take back only by a higher number.
        values["sequence"] = stored["sequence"] + 1
    write_meeting(connection, stored["meeting_id"], values, {})


def copy_meeting(connection: Connection, key: str, held_on: date, change: Change, staff_id: int) -> str:
    """Plan a meeting once more on another day, as the next of its series; return the copy's key.

    Its times, place, agencies, program and notes are taken over; guests, answers and the walk, which has its
    own day, are not.
    """
    stored = meeting_of(connection, key)
    plan = plan_of(connection, stored)
    moved = replace(
        plan,
        held_on=held_on,
        starts_at=_moved(plan.starts_at, held_on - plan.held_on),
        ends_at=_moved(plan.ends_at, held_on - plan.held_on),
        items=tuple(
            replace(item, starts_at=_moved(item.starts_at, held_on - plan.held_on)) for item in plan.items
        ),
        tour=None,
        series_key=plan.series_key or stored["key"],
    )
    return add_meeting(connection, moved, change, staff_id)


def _moved(at: datetime | None, by: timedelta) -> datetime | None:
    """Return the same time of day on another day, whatever the season."""
    if at is None:
        return None
    local = at.astimezone(PARK_ZONE)
    return datetime.combine(local.date() + by, local.time(), PARK_ZONE)


def check_plan(plan: MeetingPlan) -> None:
    """Refuse what cannot be; the database would, but in no words.

    Raises
    ------
    InputError
    """
    if not plan.title.strip():
        raise InputError(N_("The meeting needs a title."))
    if not plan.parks:
        raise InputError(N_("Choose at least one business park."))
    if plan.ends_at is not None and (plan.starts_at is None or plan.ends_at <= plan.starts_at):
        raise InputError(N_("The end must be later than the beginning."))
    if plan.host_company and plan.host_facility:
        raise InputError(N_("A company or a place of the park receives the guests, not both."))
    if plan.capacity is not None and plan.capacity < 1:
        raise InputError(N_("At least one person must fit in; leave the field empty for no limit."))


def _own(connection: Connection, plan: MeetingPlan) -> dict[str, Any]:
    names = ("title", "held_on", "starts_at", "ends_at", "place", "capacity", "note", "note_internal")
    tours = {row["key"]: row["tour_id"] for row in tours_of(connection)}
    facilities = {key: number for key, (number, _) in facility_ids(connection).items()}
    return {
        **{name: getattr(plan, name) for name in (*names, "series_key")},
        "organizers": list(plan.organizers),
        "park_id": _id(park_ids(connection), plan.parks[0], N_("There is no park “%(key)s”.")),
        "host_company_id": _id(company_ids(connection), plan.host_company, _NO_COMPANY),
        "host_facility_id": _id(facilities, plan.host_facility, N_("There is no facility “%(key)s”.")),
        "tour_id": _id(tours, plan.tour, N_("There is no tour “%(key)s”.")),
    }


_NO_COMPANY = N_("There is no company “%(key)s”.")


def _lists(connection: Connection, plan: MeetingPlan) -> dict[type, Sequence[Mapping[str, Any]]]:
    ids = park_ids(connection)
    items = [
        {"position": n, "starts_at": item.starts_at, "title": item.title, "note": item.note}
        for n, item in enumerate(plan.items, 1)
    ]
    return {
        MeetingPark: [{"park_id": _id(ids, key, N_("There is no park “%(key)s”."))} for key in plan.parks],
        MeetingOrganization: [{"organization_id": number} for number in plan.organizations],
        MeetingItem: items,
    }


def _id(ids: Mapping[str, int], key: str | None, refusal: str) -> int | None:
    if key is None:
        return None
    if key not in ids:
        raise NotFoundError(refusal, key=key[:60])
    return ids[key]


def _set_host(
    connection: Connection, meeting_id: int, before: int | None, now: int | None, staff_id: int
) -> None:
    if before == now:
        return
    parts: dict[int | None, Mapping[str, Any]] = {
        company: {"part": part} for company, part in ((before, Part.GUEST), (now, Part.HOST)) if company
    }
    record_by_staff(connection, meeting_id, EventKind.PART, parts, staff_id)

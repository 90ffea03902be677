"""The form of a meeting: what it asks, and the plan that was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NoReturn

from flask_babel import gettext
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.companies.attributes import company_names
from app.db.companies.companies import companies_on
from app.db.land.parks import park_names
from app.db.meetings.planned import facility_ids, tours_of
from app.db.people.staff import organizations
from app.domain.checked import whole_number
from app.domain.kinds import Precision
from app.domain.period import PARK_ZONE, parse_known_day, today
from app.errors import N_, InputError
from app.services.meetings.planning import Item, MeetingPlan
from app.web.companies.forms import Answers, Question
from app.web.companies.words import typed_day
from app.web.formats import clock, day

LONGEST_PROGRAM = 5000
PARK, ORGANIZATION = "park-", "organization-"
_TIME = re.compile(r"(\d{1,2})[:.](\d\d)")
_ITEM = re.compile(r"(?:(\d{1,2}[:.]\d\d)\s+)?([^|]*)(?:\|(.*))?")


@dataclass(frozen=True)
class MeetingForm:
    """What a form of a meeting asks, in three parts."""

    parks: Sequence[Question]
    organizations: Sequence[Question]
    questions: Mapping[str, Question]
    program: str


@dataclass(frozen=True)
class Prefilled:
    """What stands in the form of a new meeting: the keys of host and park, who organizes it."""

    host: str
    park: str
    organization: int | None


def meeting_form(connection: Connection, plan: MeetingPlan | None, given: Prefilled) -> MeetingForm:
    """Return the questions of a meeting, with what is planned, or of a new one with what is given."""
    names, places = company_names(connection), facility_ids(connection)
    parks = park_names(connection)
    chosen = plan.parks if plan else _given_park(connection, given, parks)
    agencies = organizations(connection)
    own = plan.organizations if plan else (given.organization,)
    host = given.host
    host_name = _host_name(plan, names, places) if plan else names.get(host, places.get(host, (0, ""))[1])
    options = [(name, "") for name in (*names.values(), *(name for _, name in places.values()))]
    walks = [("", gettext("none")), *((row["key"], _walk(row)) for row in tours_of(connection))]
    asked = (
        Question("title", gettext("Title"), is_required=True, given=plan.title if plan else ""),
        Question(
            "day", gettext("Day"), "day", is_required=True, given=typed_day(plan.held_on) if plan else ""
        ),
        Question(
            "starts", gettext("Begins at"), hint=gettext("For example 14:00"), given=_clock(plan, "starts_at")
        ),
        Question("ends", gettext("Ends at"), given=_clock(plan, "ends_at")),
        Question(
            "host",
            gettext("Who receives the guests"),
            "search",
            gettext("A company or a place of the park, by its name: its neighbors are invited."),
            options,
            given=host_name,
        ),
        Question(
            "place", gettext("Place"), hint=gettext("Where people meet, as guests read it."),
            given=(plan.place if plan else None) or "",
        ),
        Question(
            "organizers", gettext("Further organizers"), hint=gettext("Names with commas between them"),
            given=", ".join(plan.organizers) if plan else "",
        ),
        Question(
            "tour", gettext("Walk from the planner"), "choice", "", walks, given=(plan and plan.tour) or ""
        ),
        Question(
            "capacity", gettext("Most persons"), given=str(plan.capacity) if plan and plan.capacity else ""
        ),
        Question("note", gettext("Note for everybody"), given=(plan and plan.note) or ""),
        Question("note_internal", gettext("Internal note"), given=(plan and plan.note_internal) or ""),
    )  # fmt: skip
    return MeetingForm(
        [_tick(f"{PARK}{key}", name, is_given=key in chosen) for key, name in parks.items()],
        [
            _tick(
                f"{ORGANIZATION}{row['organization_id']}", row["name"], is_given=row["organization_id"] in own
            )
            for row in agencies
        ],
        {question.name: question for question in asked},
        "\n".join(map(_line, plan.items)) if plan else "",
    )


def _given_park(connection: Connection, given: Prefilled, parks: Mapping[str, str]) -> tuple[str, ...]:
    """Return the park that is given, or else that of the host, or the only one."""
    if given.park in parks:
        return (given.park,)
    companies = companies_on(connection, today())
    there = companies.loc[companies["company"] == given.host, "park"]
    return tuple(dict.fromkeys(there)) or tuple(parks)[: len(parks) == 1]


def _tick(name: str, label: str, *, is_given: bool) -> Question:
    return Question(name, label, "tick", given="yes" if is_given else "")


def _host_name(plan: MeetingPlan, names: Mapping[str, str], places: Mapping[str, tuple[int, str]]) -> str:
    if plan.host_company:
        return names.get(plan.host_company, plan.host_company)
    return places.get(plan.host_facility or "", (0, ""))[1]


def _walk(row: RowMapping) -> str:
    return f"{row['title']} ({day(row['starts_at'].astimezone(PARK_ZONE).date())})"


def _clock(plan: MeetingPlan | None, name: str) -> str:
    at = getattr(plan, name) if plan else None
    return "" if at is None else clock(at)


def _line(item: Item) -> str:
    begins = "" if item.starts_at is None else f"{clock(item.starts_at)} "
    return f"{begins}{item.title}" + (f" | {item.note}" if item.note else "")


def read_plan(connection: Connection, answers: Answers, series_key: str | None = None) -> MeetingPlan | None:
    """Return the plan that was typed; None where something is refused, which `answers` then says."""
    on = answers.read("day", _day)
    starts_at = answers.read("starts", lambda typed: _at(on, typed))
    ends_at = answers.read("ends", lambda typed: _at(on, typed))
    company, facility = answers.read("host", lambda typed: _host(connection, typed)) or (None, None)
    items = answers.read("program", lambda _: _items(answers.typed.get("program", ""), on))
    capacity = answers.read("capacity", _capacity)
    title = answers.required("title")
    if answers.problems:
        return None
    return MeetingPlan(
        title,
        _ticked(answers, PARK),
        on,
        starts_at,
        ends_at,
        answers.text("place"),
        company,
        facility,
        tuple(int(number) for number in _ticked(answers, ORGANIZATION)),
        _names(answers.text("organizers")),
        items,
        answers.text("tour"),
        capacity,
        answers.text("note"),
        answers.text("note_internal"),
        series_key,
    )


def _ticked(answers: Answers, beginning: str) -> tuple[str, ...]:
    return tuple(name.removeprefix(beginning) for name in answers.typed if name.startswith(beginning))


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))


def _day(typed: str) -> date:
    known = parse_known_day(typed)
    if known.precision != Precision.DAY:
        raise InputError(N_("A meeting has a day: please write it out, for example 24.04.2027."))
    return known.first


def _at(on: date | None, typed: str) -> datetime | None:
    if not typed or on is None:
        return None
    found = _TIME.fullmatch(typed)
    try:
        clock_time = time(int(found[1]), int(found[2])) if found else _refuse(typed)
        return datetime.combine(on, clock_time, PARK_ZONE)
    except ValueError:
        return _refuse(typed)


def _refuse(typed: str) -> NoReturn:
    raise InputError(N_("“%(text)s” is no time of day; expected one like 14:00."), text=typed[:20])


def _host(connection: Connection, typed: str) -> tuple[str | None, str | None]:
    if not typed:
        return None, None
    names, places = company_names(connection), facility_ids(connection)
    for key, name in names.items():
        if typed in (key, name) or typed.casefold() == name.casefold():
            return key, None
    for key, (_, name) in places.items():
        if typed == key or typed.casefold() == name.casefold():
            return None, key
    raise InputError(N_("There is no company or place “%(name)s”; choose one of the list."), name=typed[:60])


def _items(text: str, on: date | None) -> tuple[Item, ...]:
    if len(text) > LONGEST_PROGRAM:
        raise InputError(N_("The program is too long."))
    items = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _ITEM.fullmatch(line)
        begins, title, note = match.groups() if match else (None, line, None)
        if not title.strip():
            raise InputError(N_("“%(line)s” has no title."), line=line[:60])
        items.append(Item(title.strip(), _at(on, begins or ""), (note or "").strip() or None))
    return tuple(items)


def _capacity(typed: str) -> int | None:
    capacity = whole_number(typed)
    if typed and capacity is None:
        raise InputError(N_("“%(text)s” is no whole number."), text=typed[:20])
    return capacity

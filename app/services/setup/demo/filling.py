"""The demo's account, contacts and meetings, made by the same services as anybody's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from app.db.changes import Change
from app.db.companies.companies import companies_on, company_ids
from app.domain.kinds import AccessRole, BusinessCase
from app.domain.meetings import (
    Answer,
    AnswerVia,
    Basis,
    Channel,
    EventKind,
    InvitedVia,
    MeetingState,
    Presence,
    PresenceBasis,
)
from app.domain.period import PARK_ZONE
from app.errors import N_
from app.services.meetings.acquaintances import AcquaintanceStatement, state_acquaintance
from app.services.meetings.choices.keeping_apart import keep_apart
from app.services.meetings.contacts import ChannelDraft, ContactDraft, Keeper, save_contact
from app.services.meetings.participation import close_list, record_by_staff
from app.services.meetings.planning import Item, MeetingPlan, add_meeting, advance, meeting_of
from app.services.people.organizations import add_organization
from app.services.people.passwords import generated_password
from app.services.people.staff import Person, add_staff
from app.services.setup.demo.kept_apart import ACCOUNT, PARK, holds_demo
from app.services.setup.demo.park import N_COLUMNS, N_COMPANIES, company_key, write_demo_park
from app.services.setup.first_start import prepare_database

AGENCY, SHORT_NAME = "Demo-Agentur", "Demo"
MAIL_HOST = "demo.example.org"
OBTAINED_ON = date(2024, 1, 15)
# Every so many companies one has no contact, and one no basis for mails.
NO_CONTACT, NO_BASIS = 7, 5


@dataclass(frozen=True)
class DemoMeeting:
    """A meeting that was held: by whom, and whether it is known of all who were invited if they came."""

    day: date
    title: str
    host: int
    is_known: bool


HELD = (
    DemoMeeting(date(2024, 5, 16), "Demo-Anliegertreffen im Süden", 4, is_known=True),
    DemoMeeting(date(2024, 11, 7), "Demo-Anliegertreffen im Westen", 17, is_known=True),
    DemoMeeting(date(2025, 4, 10), "Demo-Anliegertreffen in der Mitte", 28, is_known=False),
    DemoMeeting(date(2025, 10, 9), "Demo-Anliegertreffen im Osten", 39, is_known=True),
    DemoMeeting(date(2026, 4, 16), "Demo-Anliegertreffen im Norden", 52, is_known=False),
    DemoMeeting(date(2026, 9, 17), "Demo-Anliegertreffen noch einmal im Süden", 11, is_known=True),
)


def prepare_demo(connection: Connection, report: Callable[[str], None], secret: str) -> str | None:
    """Do what is missing for the demo; return the account's password when it is made now.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    report : callable
        Given the name of each step when it begins.
    secret : str
        The service's secret key.
    """
    is_new = holds_demo(connection) is None
    with tempfile.TemporaryDirectory() as name:
        write_demo_park(Path(name))
        prepare_database(connection, report, Path(name))
    if not is_new:
        return None
    report(N_("Meetings of the demo"))
    add_organization(connection, AGENCY, SHORT_NAME)
    password = generated_password()
    person = add_staff(connection, ACCOUNT, password, AccessRole.ADMIN, SHORT_NAME.lower())
    _fill(connection, person, secret)
    return password


def _fill(connection: Connection, person: Person, secret: str) -> None:
    query = "SELECT organization_id FROM organization WHERE short_name = :name"
    agency: int = connection.execute(text(query), {"name": SHORT_NAME}).scalar_one()
    keeper = Keeper(person.staff_id, agency, secret)
    for number in range(1, N_COMPANIES + 1):
        if number % NO_CONTACT:
            save_contact(connection, company_key(number), None, _contact(number), keeper)
    change = Change(person.name, BusinessCase.MEETING, organization=AGENCY)
    for held in HELD:
        _hold(connection, held, agency, change, person.staff_id)
    said = AcquaintanceStatement(date(2026, 5, 4), "Demo", person.staff_id)
    state_acquaintance(connection, (company_key(33), company_key(34)), said, change)
    keep_apart(connection, (company_key(2), company_key(47)), date(2025, 1, 8), change, person.staff_id)
    _plan_next(connection, agency, change, person.staff_id)


def _contact(number: int) -> ContactDraft:
    basis = Basis.NONE if number % NO_BASIS == 0 else Basis.CONSENT
    address = f"{company_key(number)}@{MAIL_HOST}"
    mail = ChannelDraft(Channel.MAIL, address, basis, "Erfunden für die Demo", OBTAINED_ON, date(2027, 1, 15))
    return ContactDraft(None, "Empfang", None, False, (mail,))


def _hold(connection: Connection, held: DemoMeeting, agency: int, change: Change, staff_id: int) -> None:
    plan = _plan(held.title, held.day, held.host, agency)
    key = add_meeting(connection, plan, change, staff_id)
    for state in (MeetingState.ANNOUNCED, MeetingState.HELD):
        advance(connection, key, state, change)
    meeting = meeting_of(connection, key)
    there = set(companies_on(connection, held.day)["company"])
    guests = [n for n in _around(held.host) if company_key(n) in there]
    ids = company_ids(connection)

    def record(kind: EventKind, values: Mapping[int, Mapping[str, Any]]) -> None:
        by_id: dict[int | None, Mapping[str, Any]] = {
            ids[company_key(n)]: value for n, value in values.items()
        }
        record_by_staff(connection, meeting["meeting_id"], kind, by_id, staff_id)

    invited_at = datetime.combine(held.day.replace(day=1), time(9), PARK_ZONE).isoformat()
    record(EventKind.INVITE, {n: {"at": invited_at, "via": InvitedVia.LETTER} for n in guests})
    record(EventKind.ANSWER, {n: _answer(n) for n in guests if n % 4 != 1})
    record(EventKind.PRESENCE, dict(_presences(guests, held.host, is_known=held.is_known)))
    if held.is_known:
        close_list(connection, meeting_of(connection, key), change, staff_id)
        advance(connection, key, MeetingState.REPORTED, change)


def _plan(title: str, day: date, host: int, agency: int) -> MeetingPlan:
    begins, ends = (datetime.combine(day, time(hour), PARK_ZONE) for hour in (16, 18))
    program = (
        Item("Begrüßung", begins),
        Item("Rundgang durch den Betrieb", begins.replace(minute=15)),
        Item("Austausch", begins.replace(hour=17)),
    )
    return MeetingPlan(
        title, (PARK,), day, begins, ends, "Am Empfang", company_key(host),
        organizations=(agency,), items=program, capacity=40,
    )  # fmt: skip


def _around(host: int) -> list[int]:
    """Return the numbers of the plots at most two rows and columns away from a host's."""
    row, column = divmod(host - 1, N_COLUMNS)
    there = (divmod(n - 1, N_COLUMNS) for n in range(1, N_COMPANIES + 1) if n != host)
    return [r * N_COLUMNS + c + 1 for r, c in there if abs(r - row) <= 2 and abs(c - column) <= 2]


def _answer(number: int) -> dict[str, Any]:
    answer = Answer.DECLINED if number % 6 == 0 else Answer.ACCEPTED
    heads = None if answer is Answer.DECLINED else 1 + number % 2
    return {"answer": answer, "heads": heads, "via": AnswerVia.STAFF}


def _presences(
    guests: Iterable[int], host: int, *, is_known: bool
) -> Iterable[tuple[int, dict[str, Presence | PresenceBasis]]]:
    """Yield who came; where not all is known, nothing is said of every third."""
    for number in (host, *guests):
        if number == host or (number % 6 and (is_known or number % 3)):
            yield number, {"presence": Presence.PRESENT, "basis": PresenceBasis.LIST}


def _plan_next(connection: Connection, agency: int, change: Change, staff_id: int) -> None:
    """Leave one meeting to be prepared: whom to invite is the next step."""
    plan = _plan("Demo-Anliegertreffen im Frühjahr", date(2027, 4, 15), 22, agency)
    add_meeting(connection, plan, change, staff_id)

"""What is to be done after a meeting, kept by staff: who, until when, where, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.changes import Change, begin_change_set
from app.db.companies.companies import company_ids
from app.db.meetings.follow_ups import follow_ups, plot_point, write_follow_up
from app.db.people.staff import all_staff
from app.domain.meetings import FollowUpState
from app.domain.period import today
from app.errors import N_, InputError, NotFoundError

LONGEST = 200


@dataclass(frozen=True)
class FollowUpPlan:
    """What is to be done; company and plot by their keys, `owner` by the number of who is on the staff."""

    title: str
    state: str = FollowUpState.OPEN
    note: str | None = None
    company: str | None = None
    plot: str | None = None
    owner: int | None = None
    due: date | None = None


def save_follow_up(
    connection: Connection, meeting: RowMapping, number: int | None, plan: FollowUpPlan, change: Change
) -> int:
    """Store what is to be done after a meeting, or change the one of a number, as a change set.

    Return its number.

    Raises
    ------
    InputError
        Without a title, for a state, company, plot or person that there is not.
    NotFoundError
        When the meeting has no follow-up of that number.
    """
    known = {row["follow_up_id"]: row for row in follow_ups(connection, today(), meeting["meeting_id"])}
    if number is not None and number not in known:
        raise NotFoundError(N_("There is no such follow-up of this meeting."))
    values = _values(connection, plan)
    # A place that stays is not moved within its plot.
    if number is None or plan.plot != known[number]["plot"]:
        values["geom"] = _point(connection, plan.plot)
    begin_change_set(connection, change)
    return write_follow_up(connection, number, {**values, "meeting_id": meeting["meeting_id"]})


def _values(connection: Connection, plan: FollowUpPlan) -> dict[str, object]:
    if not plan.title:
        raise InputError(N_("Please write what is to be done."))
    if plan.state not in list(FollowUpState):
        raise InputError(N_("Please choose how far it is."))
    if plan.owner is not None and plan.owner not in {row["staff_id"] for row in all_staff(connection)}:
        raise InputError(N_("This person is not on the staff."))
    company_id = None
    if plan.company is not None:
        company_id = company_ids(connection, [plan.company]).get(plan.company)
        if company_id is None:
            raise InputError(N_("There is no company “%(key)s”."), key=plan.company[:60])
    return {
        "title": plan.title,
        "state": plan.state,
        "note_internal": plan.note,
        "company_id": company_id,
        "owner_staff_id": plan.owner,
        "due": plan.due,
    }


def _point(connection: Connection, plot: str | None) -> Any | None:
    if plot is None:
        return None
    found = plot_point(connection, plot, today())
    if found is None:
        raise InputError(N_("There is no plot “%(key)s”."), key=plot[:60])
    return found

"""Pages of meetings: the list, one meeting for everybody and for staff, its form, and how it goes on."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.engine import RowMapping
from werkzeug.wrappers import Response

from app.db.land.parks import park_names
from app.db.meetings.invited import organizers_of, program_of
from app.db.meetings.planned import organization_of, planned_meetings
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.domain.meetings import TRANSITIONS, MeetingState
from app.domain.period import parse_known_day
from app.errors import N_, AppError, ConflictError, NotFoundError, outcome
from app.request import connection, is_staff, staff_change, writing
from app.services.meetings.door.walk_ins import open_walk_ins
from app.services.meetings.guest_list import Scope
from app.services.meetings.planning import (
    MeetingPlan,
    add_meeting,
    advance,
    change_meeting,
    copy_meeting,
    meeting_of,
    own_meeting,
    plan_of,
)
from app.web.companies.forms import Answers
from app.web.companies.words import STATE_NAMES
from app.web.language import language
from app.web.meetings.meeting_form import Prefilled, meeting_form, read_plan
from app.web.meetings.planning_words import STATE_ACTS

blueprint = Blueprint("meetings", __name__, url_prefix="/meetings")

View = Response | str | tuple[str, int]
_BOTH = ("GET", "POST")


@blueprint.get("")
def index() -> View:
    """Show all meetings to staff, those that are announced or over to everybody."""
    held = connection()
    rows = [row for row in planned_meetings(held) if is_staff() or is_public(row)]
    return render_template("meetings/meetings.html", rows=rows, states=_states(), parks=park_names(held))


@blueprint.get("/<key>")
def show(key: str) -> View:
    """Show a meeting: to everybody what is public of it, to staff what can be done, too."""
    return _page(seen_meeting(key))


@blueprint.route("/new", methods=_BOTH)
def add() -> View:
    """Plan a meeting, with the host of ``?host=`` and the park of ``?park=``; then whom to invite.

    Companies of ``?guest=`` are those whom the list has ticked then.
    """
    if request.method == "GET":
        return _form(None)
    answers = Answers(request.form.to_dict())
    held = connection()
    plan = read_plan(held, answers)
    if plan is None:
        return _form(None, answers)
    try:
        with writing() as held:
            key = add_meeting(held, plan, staff_change(BusinessCase.MEETING), _staff_id())
    except AppError as error:
        answers.problems[""] = error
        return _form(None, answers)
    flash(gettext("Saved: %(what)s.", what=plan.title))
    chosen = request.args.getlist("guest")
    if chosen:
        return redirect(url_for("guests.index", key=key, scope=Scope.PARK, guest=chosen))
    is_hosted = plan.host_company or plan.host_facility
    return redirect(url_for("guests.index", key=key) if is_hosted else url_for("meetings.show", key=key))


@blueprint.route("/<key>/edit", methods=_BOTH)
def edit(key: str) -> View:
    """Change a meeting."""
    stored = meeting_of(connection(), key)
    plan = plan_of(connection(), stored)
    if request.method == "GET":
        return _form(stored)
    answers = Answers(request.form.to_dict())
    wanted = read_plan(connection(), answers, plan.series_key)
    if wanted is None:
        return _form(stored, answers)
    try:
        with writing() as held:
            now = own_meeting(held, key, current_user.person)
            _check_seen(plan_of(held, now), answers)
            change = staff_change(BusinessCase.MEETING, answers.text("reason"))
            is_material = change_meeting(held, key, wanted, change, _staff_id())
    except AppError as error:
        answers.problems[""] = error
        return _form(meeting_of(connection(), key), answers)
    flash(gettext("Saved: %(what)s.", what=wanted.title))
    if is_material:
        flash(gettext("Day, time or place are others now: who had accepted is asked again. Send the change."))
    return redirect(url_for("meetings.show", key=key))


@blueprint.post(f"/<key>/state/<any({', '.join(MeetingState)}):state>")
def go_on(key: str, state: str) -> View:
    """Let a meeting go on to a state."""
    try:
        with writing() as held:
            own_meeting(held, key, current_user.person)
            advance(held, key, MeetingState(state), staff_change(BusinessCase.MEETING))
    except AppError as error:
        return _page(seen_meeting(key), error)
    flash(gettext("Saved: %(what)s.", what=gettext(STATE_NAMES[MeetingState(state)])))
    return redirect(url_for("meetings.show", key=key))


@blueprint.post("/<key>/copy")
def copy(key: str) -> View:
    """Plan a meeting once more, on another day."""
    try:
        on = parse_known_day(request.form.get("day", "")).first
        with writing() as held:
            made = copy_meeting(held, key, on, staff_change(BusinessCase.MEETING), _staff_id())
    except AppError as error:
        return _page(seen_meeting(key), error)
    flash(gettext("This is the copy: look at what has to be another now."))
    return redirect(url_for("meetings.edit", key=made))


def is_public(row: RowMapping) -> bool:
    """Return whether everybody may see a meeting."""
    return bool(row["published"]) and row["state"] != MeetingState.DRAFT


def seen_meeting(key: str) -> RowMapping:
    """Return a meeting that the reader may see."""
    found = meeting_of(connection(), key)
    if not is_staff() and not is_public(found):
        raise NotFoundError(N_("There is no meeting “%(key)s”."), key=key[:60])
    return found


def _states() -> dict[MeetingState, str]:
    return {state: gettext(words) for state, words in STATE_NAMES.items()}


def _staff_id() -> int:
    return int(current_user.person.staff_id)


def _sentence(error: AppError | None) -> str | None:
    return None if error is None else localizer_for(language()).error_text(error)


def _page(meeting: RowMapping, error: AppError | None = None) -> View:
    held = connection()
    page = render_template(
        "meetings/meeting.html",
        meeting=meeting,
        program=program_of(held, meeting["meeting_id"]),
        organizers=[*organizers_of(held, meeting["meeting_id"]), *meeting["organizers"]],
        parks=park_names(held),
        states=_states(),
        acts=[(state, gettext(STATE_ACTS[state])) for state in TRANSITIONS[MeetingState(meeting["state"])]],
        is_staff=is_staff(),
        n_walk_ins=len(open_walk_ins(held, meeting["meeting_id"])) if is_staff() else 0,
        problem=_sentence(error),
    )
    return page, 200 if error is None else outcome(error).http_status


def _digest(plan: MeetingPlan) -> str:
    return hashlib.sha256(repr(plan).encode()).hexdigest()[:16]


def _check_seen(stored: MeetingPlan, answers: Answers) -> None:
    """Refuse to write over what somebody else has saved since the form was shown, once."""
    now = _digest(stored)
    if answers.typed.get("seen", now) != now:
        answers.typed["seen"] = now
        raise ConflictError(
            N_("Somebody has saved this meeting meanwhile. Save once more to put yours in its place.")
        )


def _form(meeting: RowMapping | None, answers: Answers | None = None) -> View:
    held = connection()
    plan = None if meeting is None else plan_of(held, meeting)
    given = Prefilled(
        request.args.get("host", ""), request.args.get("park", ""), organization_of(held, _staff_id())
    )
    form = meeting_form(held, plan, given)
    said = answers or Answers({})
    seen = said.typed.get("seen") or (_digest(plan) if plan else "")
    problems: dict[str, Any] = {name: _sentence(error) for name, error in said.problems.items()}
    page = render_template(
        "meetings/form.html",
        form=form,
        meeting=meeting,
        answers=said,
        program=said.typed.get("program", form.program),
        problems=problems,
        seen=seen,
    )
    status = max((outcome(error).http_status for error in said.problems.values()), default=200)
    return page, status

"""Pages of staff for what is to be done after meetings: of one, and of all."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.db.companies.attributes import company_names
from app.db.meetings.follow_ups import follow_ups
from app.db.people.staff import all_staff
from app.domain.checked import whole_number
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.domain.meetings import FollowUpState
from app.domain.period import parse_known_day
from app.errors import N_, AppError, InputError, outcome
from app.request import connection, staff_change, today, writing
from app.services.meetings.after.follow_ups import LONGEST, FollowUpPlan, save_follow_up
from app.services.meetings.planning import meeting_of, own_meeting
from app.web.language import language

blueprint = Blueprint("follow_ups", __name__, url_prefix="/meetings")

View = Response | str | tuple[str, int]
STATE_WORDS = {
    FollowUpState.OPEN: N_("To do"),
    FollowUpState.DONE: N_("Done"),
    FollowUpState.DROPPED: N_("Dropped"),
}
_FIELDS = ("title", "state", "note", "company", "plot", "owner", "due")


@blueprint.get("/follow-ups")
def everywhere() -> View:
    """Show what is to be done after all meetings: what is open, or with ``?all=1`` the rest, too."""
    rows = follow_ups(connection(), today())
    is_all, is_mine = "all" in request.args, "mine" in request.args
    mine = current_user.person.staff_id
    return render_template(
        "meetings/follow_ups_all.html",
        rows=[
            row
            for row in rows
            if (is_all or row["state"] == FollowUpState.OPEN)
            and (not is_mine or row["owner_staff_id"] == mine)
        ],
        states=_states(),
        today=today(),
        is_all=is_all,
        is_mine=is_mine,
    )


@blueprint.get("/<key>/follow-ups")
def index(key: str) -> View:
    """Show what is to be done after a meeting; ``?edit=`` names the one in the form."""
    return _page(key, whole_number(request.args.get("edit", "")))


@blueprint.post("/<key>/follow-ups")
def add(key: str) -> View:
    """Store one more thing to be done."""
    return _save(key, None)


@blueprint.post("/<key>/follow-ups/<int:number>")
def change(key: str, number: int) -> View:
    """Change what is to be done, or how far it is."""
    return _save(key, number)


def _save(key: str, number: int | None) -> View:
    typed = {name: " ".join(request.form.get(name, "").split())[: LONGEST * 5] for name in _FIELDS}
    try:
        plan = _plan(typed)
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            made = save_follow_up(held, meeting, number, plan, staff_change(BusinessCase.MEETING))
    except AppError as error:
        return _page(key, number, typed, error)
    flash(gettext("Saved: %(what)s.", what=plan.title))
    return redirect(f"{url_for('follow_ups.index', key=key)}#follow-up-{made}", 303)


def _plan(typed: dict[str, str]) -> FollowUpPlan:
    if len(typed["title"]) > LONGEST:
        raise InputError(N_("What is to be done: at most %(most)s characters."), most=LONGEST)
    owner = whole_number(typed["owner"])
    if typed["owner"] and owner is None:
        raise InputError(N_("This person is not on the staff."))
    return FollowUpPlan(
        title=typed["title"],
        state=typed["state"] or FollowUpState.OPEN,
        note=typed["note"] or None,
        company=typed["company"] or None,
        plot=typed["plot"] or None,
        owner=owner,
        due=_due(typed["due"]),
    )


def _due(text: str) -> date | None:
    return parse_known_day(text).first if text else None


def _states() -> dict[FollowUpState, str]:
    return {state: gettext(words) for state, words in STATE_WORDS.items()}


def _page(
    key: str, number: int | None, typed: dict[str, str] | None = None, error: AppError | None = None
) -> View:
    held, localizer = connection(), localizer_for(language())
    meeting = meeting_of(held, key)
    rows = follow_ups(held, today(), meeting["meeting_id"])
    stored = next((row for row in rows if row["follow_up_id"] == number), None)
    if number is not None and stored is None and error is None:
        abort(404)
    values = typed or {"state": FollowUpState.OPEN, "owner": str(current_user.person.staff_id)}
    if typed is None and stored is not None:
        own = {"note": stored["note_internal"], "owner": stored["owner_staff_id"]}
        shown = {**{name: stored.get(name) for name in _FIELDS}, **own}
        values = {name: "" if value is None else str(value) for name, value in shown.items()}
        values["due"] = "" if stored["due"] is None else localizer.day(stored["due"])
    page = render_template(
        "meetings/follow_ups.html",
        meeting=meeting,
        rows=rows,
        number=number if stored is not None else None,
        values=values,
        states=_states(),
        people=[row for row in all_staff(held) if row["is_active"]],
        companies=company_names(held).items(),
        today=today(),
        problem=None if error is None else localizer.error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status

"""The guests of a meeting in groups: made with their proof, looked at, printed, removed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.db.companies.attributes import company_names
from app.domain.checked import whole_number
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.errors import N_, AppError, InputError, outcome
from app.request import connection, staff_change, writing
from app.services.meetings.choices.groups import (
    Divided,
    GroupQuestion,
    drop_groups,
    guests_of,
    make_groups,
    stored_groups,
)
from app.services.meetings.planning import meeting_of, own_meeting
from app.web.language import language

blueprint = Blueprint("groups", __name__, url_prefix="/meetings/<key>/groups")

View = Response | str | tuple[str, int]
DIVIDED_NAMES = {
    Divided.ACCEPTED: N_("who has accepted, and the host"),
    Divided.PRESENT: N_("who is noted as present"),
}


@blueprint.get("")
def index(key: str) -> View:
    """Show the groups of a meeting."""
    return _page(key)


@blueprint.post("")
def make(key: str) -> View:
    """Divide the guests anew."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            make_groups(held, meeting, _question(), staff_change(BusinessCase.MEETING))
    except AppError as error:
        return _page(key, error)
    flash(gettext("The groups are made."))
    return redirect(url_for("groups.index", key=key))


@blueprint.post("/drop")
def drop(key: str) -> View:
    """Remove the groups."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            drop_groups(held, meeting, staff_change(BusinessCase.MEETING))
    except AppError as error:
        return _page(key, error)
    flash(gettext("The groups are removed."))
    return redirect(url_for("groups.index", key=key))


def _question() -> GroupQuestion:
    who = request.form.get("who", Divided.ACCEPTED)
    if who not in set(Divided):
        raise InputError(N_("Choose one of the lists."))
    return GroupQuestion(_number("groups"), _number("rounds"), Divided(who))


def _number(name: str) -> int:
    typed = whole_number(request.form.get(name, ""))
    if typed is None:
        raise InputError(N_("How many groups and rounds: whole numbers are expected."))
    return typed


def _page(key: str, error: AppError | None = None) -> View:
    held = connection()
    meeting = meeting_of(held, key)
    page = render_template(
        "meetings/groups.html",
        meeting=meeting,
        groups=stored_groups(held, meeting),
        names=company_names(held),
        divided={
            who: (gettext(words), len(guests_of(held, meeting, who))) for who, words in DIVIDED_NAMES.items()
        },
        problem=None if error is None else localizer_for(language()).error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status

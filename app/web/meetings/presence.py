"""Who came to a meeting: the grid that staff fill in from the paper list, and the list's end."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.db.companies.companies import companies_on, company_ids
from app.db.meetings.participation import participants
from app.domain.checked import whole_number
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.domain.meetings import AttendanceKnown, Part, Presence
from app.errors import N_, AppError, InputError, NotFoundError, outcome
from app.request import connection, staff_change, writing
from app.services.meetings.participation import close_list, note_presence, open_list
from app.services.meetings.planning import meeting_of, own_meeting
from app.web.language import language
from app.web.meetings.words import PRESENCES, answer_words

blueprint = Blueprint("presence", __name__, url_prefix="/meetings/<key>/presence")

View = Response | str | tuple[str, int]


@blueprint.get("")
def index(key: str) -> View:
    """Show of each company whether it came, with a row for one that nobody had invited."""
    return _page(key)


@blueprint.post("")
def save(key: str) -> View:
    """Record what was changed in the grid; what somebody else has entered meanwhile stays."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            presences = _changed() | _walk_in(company_ids(held))
            change = staff_change(BusinessCase.MEETING)
            n_changed = note_presence(held, meeting, presences, change, current_user.person.staff_id)
    except AppError as error:
        return _page(key, error)
    flash(ngettext("Saved: %(num)s company.", "Saved: %(num)s companies.", n_changed))
    return redirect(url_for("presence.index", key=key))


@blueprint.post("/<any(close, open):act>")
def end(key: str, act: str) -> View:
    """Close the list, or open it again."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            change, staff_id = staff_change(BusinessCase.MEETING), current_user.person.staff_id
            (close_list if act == "close" else open_list)(held, meeting, change, staff_id)
    except AppError as error:
        return _page(key, error)
    flash(gettext("The list is closed.") if act == "close" else gettext("The list is open again."))
    return redirect(url_for("presence.index", key=key))


def _changed() -> dict[int, Presence]:
    """Return what the form has otherwise than it showed."""
    found = {}
    for name, value in request.form.items():
        text = name.removeprefix("presence-")
        if text == name or value == request.form.get(f"shown-{text}"):
            continue
        number = whole_number(text)
        if number is None or value not in set(Presence):
            raise InputError(N_("Choose one of the lists."))
        found[number] = Presence(value)
    return found


def _walk_in(ids: dict[str, int]) -> dict[int, Presence]:
    """Return the company that came without being on the list."""
    key = request.form.get("walk-in", "")
    if not key:
        return {}
    if key not in ids:
        raise NotFoundError(N_("There is no company “%(key)s”."), key=key[:60])
    return {ids[key]: Presence.PRESENT}


def _page(key: str, error: AppError | None = None) -> View:
    held = connection()
    meeting = meeting_of(held, key)
    rows = participants(held, meeting["meeting_id"])
    there = companies_on(held, meeting["held_on"]).drop_duplicates("company").sort_values("name")
    listed = {row["key"] for row in rows}
    page = render_template(
        "meetings/presence.html",
        meeting=meeting,
        rows=rows,
        others=[(one.company, one.name) for one in there.itertuples() if one.company not in listed],
        presences={value: gettext(words) for value, words in PRESENCES.items()},
        typed=_typed(),
        is_closed=meeting["attendance_known"] == AttendanceKnown.COMPLETE,
        n_unknown=sum(row["is_invited"] and row["presence"] == Presence.UNKNOWN for row in rows),
        hosts=(Part.HOST, Part.COHOST),
        answer_words=answer_words,
        problem=None if error is None else localizer_for(language()).error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status


def _typed() -> dict[int, str]:
    typed = {whole_number(name.removeprefix("presence-")): value for name, value in request.form.items()}
    return {number: value for number, value in typed.items() if number is not None}

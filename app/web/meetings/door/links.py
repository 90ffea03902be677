"""The page of staff for the door of a meeting: its link of the day, who is there, and firms nobody knew."""

from __future__ import annotations

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.db.meetings.door import door_companies, revoke_links
from app.db.meetings.participation import axes_of
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.domain.meetings import Presence
from app.errors import N_, AppError, InputError, outcome
from app.request import connection, now, staff_change, writing
from app.services.meetings.door.links import make_link, token_of_link
from app.services.meetings.door.walk_ins import open_walk_ins, settle_walk_in
from app.services.meetings.planning import meeting_of, own_meeting
from app.web.language import language

blueprint = Blueprint("door_links", __name__, url_prefix="/meetings/<key>/door")

View = Response | tuple[str, int]


@blueprint.get("")
def index(key: str) -> View:
    """Show the link with its QR code, who is there, and what was typed at the door."""
    return _page(key)


@blueprint.post("")
def make(key: str) -> View:
    """Make the link of the day; one that was there holds no longer."""
    try:
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            make_link(held, meeting, current_user.person.staff_id, now(), _secret())
    except AppError as error:
        return _page(key, error)
    flash(gettext("The link is made."))
    return _back(key)


@blueprint.post("/revoke")
def revoke(key: str) -> View:
    """Let the link open nothing any more."""
    try:
        with writing() as held:
            revoke_links(held, own_meeting(held, key, current_user.person)["meeting_id"], now())
    except AppError as error:
        return _page(key, error)
    flash(gettext("The link is revoked; phones at the door can send nothing any more."))
    return _back(key)


@blueprint.post("/walk-ins")
def settle(key: str) -> View:
    """Store which company a firm is that was typed at the door, or that it is done with."""
    company = None if "drop" in request.form else request.form.get("company", "").strip()
    try:
        if company == "":
            raise InputError(N_("Please choose a company."))
        with writing() as held:
            meeting = own_meeting(held, key, current_user.person)
            by = staff_change(BusinessCase.MEETING), int(current_user.person.staff_id)
            settle_walk_in(held, meeting, request.form.get("note", ""), company, by)
    except AppError as error:
        return _page(key, error)
    flash(gettext("Saved."))
    return _back(key)


def _secret() -> str:
    return str(current_app.secret_key)


def _back(key: str) -> Response:
    return redirect(url_for("door_links.index", key=key), 303)


def _page(key: str, error: AppError | None = None) -> View:
    held = connection()
    meeting = meeting_of(held, key)
    token = token_of_link(held, meeting, now(), _secret())
    link = token and url_for("door.show", token=token, _external=True)
    picture = link and segno.make(link, error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff")
    axes = axes_of(held, meeting["meeting_id"])
    companies = door_companies(held, meeting["meeting_id"], meeting["held_on"])
    is_there = {number for number, one in axes.items() if one.presence == Presence.PRESENT}
    page = render_template(
        "meetings/door_links.html",
        meeting=meeting,
        link=link,
        picture=picture,
        companies=companies,
        present=[one for one in companies if one.company_id in is_there],
        walk_ins=open_walk_ins(held, meeting["meeting_id"]),
        problem=None if error is None else localizer_for(language()).error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status

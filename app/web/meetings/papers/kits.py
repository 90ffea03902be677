"""The papers of a meeting: PDF for staff to print, and the calendar file for everybody."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, request, url_for
from flask_login import current_user
from sqlalchemy.engine import RowMapping
from werkzeug.wrappers import Response

from app.db.meetings.planned import organization_of
from app.errors import N_, InputError
from app.exchange.meetings.papers import calendar
from app.exchange.meetings.papers.printing import MEDIA_TYPE
from app.request import connection, now
from app.services.meetings.papers.kits import meeting_kit, printed_paper, published_calendar, staff_notes
from app.services.meetings.planning import meeting_of
from app.web.language import language
from app.web.meetings.papers.files import downloaded_file, shown_file
from app.web.meetings.planning import is_public, seen_meeting

blueprint = Blueprint("papers", __name__, url_prefix="/meetings/<key>")

_STAFF = "staff"


@blueprint.get("/papers/<any(guide, badges, cards, 'sign-in', poster):paper>.pdf")
def file(key: str, paper: str) -> Response:
    """Give a paper of a meeting; the guide with what is internal only with ``?for=staff``."""
    held = connection()
    meeting = meeting_of(held, key)
    kit = meeting_kit(held, meeting, language(), _address(meeting))
    name = f"{key}-{paper}"
    if _is_for_staff():
        organization = organization_of(held, current_user.person.staff_id)
        kit = replace(kit, staff=staff_notes(held, meeting, organization, language()))
        name += f"-{_STAFF}"
    return shown_file(printed_paper(paper, kit), MEDIA_TYPE, f"{name}.pdf")


@blueprint.get("/meeting.ics")
def appointment(key: str) -> Response:
    """Give the meeting for a calendar, without naming anybody who is invited."""
    meeting = seen_meeting(key)
    content = published_calendar(connection(), meeting, _address(meeting), now())
    return downloaded_file(content, f"{calendar.MEDIA_TYPE}; charset=utf-8", f"{key}.ics")


def _is_for_staff() -> bool:
    given = request.args.get("for", "")
    if given not in ("", "guests", _STAFF):
        raise InputError(N_("A paper is for guests or for staff, not for “%(given)s”."), given=given[:60])
    return given == _STAFF


def _address(meeting: RowMapping) -> str | None:
    return url_for("meetings.show", key=meeting["key"], _external=True) if is_public(meeting) else None

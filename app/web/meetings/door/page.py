"""The page of the door: phones search companies and note who is there, without an account and a network.

The address is the key. What a phone sends is JSON with a header that only its page holds, so no form of
another site can send it; GET changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from sqlalchemy.engine import RowMapping

from app.domain.localizer import localizer_for
from app.domain.meetings.door import read_report
from app.errors import N_, AppError, ForbiddenError, InputError, NotFoundError, outcome
from app.maps.base import script_json
from app.maps.messages import messages
from app.request import connection, now, writing_by_link
from app.services.meetings.door.entries import DoorLog, door_log, take_in
from app.services.meetings.door.links import door_of
from app.web.language import language
from app.web.people.attempts import count_request
from app.web.static_files import asset, import_map

blueprint = Blueprint("door", __name__, url_prefix="/door/<token>")

HEADER = "X-Door-Page"
# Several phones behind one address send what they kept, each as soon as it can.
_MOST_REPORTS = (600, 1200, 3000)
_STYLES = ("css/theme.css", "css/door.css", "css/forced.css")
_MODULES = ("#page/dom", "#page/i18n", "#page/search", "#page/synonyms", "#page/typos", "#walk/offline")


@blueprint.after_request
def keep_quiet(response: Response) -> Response:
    """Let the address, which is the key, reach nobody else, and no search engine."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("")
def show(token: str) -> Response:
    """Show a page to search companies in; it is empty until somebody does."""
    door = _door(token)
    modules = _modules()
    config = {
        **_log(door_log(connection(), door)),
        "language": language(),
        "meeting": door["key"],
        "page": page_token(token),
        "scope": url_for("door.show", token=token),
        "address": url_for("door.take", token=token),
        "worker": url_for("tour_files.worker"),
        "files": [*map(asset, _STYLES), asset("img/mark.svg"), *modules.values()],
    }
    html = render_template(
        "meetings/door.html",
        door=door,
        token=token,
        config=script_json(config),
        messages=script_json(messages(language(), gettext)),
        styles=[asset(name) for name in _STYLES],
        modules=modules,
    )
    return make_response(html)


@blueprint.post("/events")
def take(token: str) -> tuple[Response, int]:
    """Take over what a phone noted, and answer with what the others did."""
    try:
        door = _door(token)
    except AppError as error:
        return _refused(error, is_closed=True)
    try:
        _check_page(token)
        report = read_report(request.get_json(silent=True))
        if report.entries:
            count_request("door-entries", token, _MOST_REPORTS)
            with writing_by_link() as held:
                take_in(held, door, report.entries)
    except AppError as error:
        return _refused(error)
    log = door_log(connection(), door)
    return jsonify({"state": log.state} if log.state == report.state else _log(log)), 200


def page_token(token: str) -> str:
    """Return what only the page of a door holds: sent back, it shows that the page was read."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"door-page:{token}".encode(), hashlib.sha256).hexdigest()


def _door(token: str) -> RowMapping:
    g.is_private = True
    try:
        return door_of(connection(), token, now())
    except NotFoundError:
        count_request("door", token)
        raise


def _check_page(token: str) -> None:
    if request.mimetype != "application/json":
        raise InputError(N_("The door takes JSON only."))
    if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), page_token(token).encode()):
        raise ForbiddenError(N_("This page is out of date; please open the link once more."))


def _log(log: DoorLog) -> dict[str, Any]:
    companies = [{"key": one.key, "name": one.name} for one in log.companies]
    return {"state": log.state, "events": log.events, "companies": companies}


def _refused(error: AppError, *, is_closed: bool = False) -> tuple[Response, int]:
    sentence = localizer_for(language()).error_text(error)
    return jsonify(error=sentence, is_closed=is_closed), outcome(error).http_status


def _modules() -> dict[str, str]:
    """Return the address of every browser module that the page imports, by its name."""
    known: dict[str, str] = import_map()["imports"]
    return {name: at for name, at in known.items() if name.startswith("#meetings/door") or name in _MODULES}

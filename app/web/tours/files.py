"""A tour to take along: its files, and the page for the phone; published, or behind a share link."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext

from app.db.changes import state_of_data
from app.db.tours.papers import shared_tour, tour_state
from app.domain.kinds import TourStatus
from app.errors import N_, NotFoundError
from app.maps.base import script_json
from app.maps.messages import messages
from app.request import connection, is_staff
from app.services.tours.papers import FORM, check_format, tour_file, tour_papers
from app.services.tours.phone_page import phone_page
from app.web.language import language
from app.web.static_files import asset, import_map
from app.web.tours.called_off import called_off_page

blueprint = Blueprint("tour_files", __name__)

# Only this page may ask where the device is.
PERMISSIONS = "camera=(), geolocation=(self), microphone=(), payment=(), usb=()"
# The phone's browser downloads what it cannot show; a sheet it shows.
_SHOWN = frozenset({"pdf"})
_MODULES = ("#page/dom", "#page/i18n")
_STYLES = ("css/theme.css", "css/walk.css", "css/walk_map.css", "css/forced.css")

Address = Callable[..., str]


@blueprint.get("/tours/<key>/walk")
def walk(key: str) -> Response:
    """Show the page for who walks ahead on a published tour."""
    state = tour_state(connection(), key)
    if state.status == TourStatus.WITHDRAWN:
        return called_off_page(state, url_for("tour_files.file", key=key, form="ics"))
    _check_public(key)
    return _page(key, url_for("tour_files.walk", key=key), _public_address(key))


@blueprint.get("/tours/<key>/tour.<form>")
def file(key: str, form: str) -> Response:
    """Return a published tour as a file; of one that was withdrawn, the calendar that calls it off."""
    check_format(form)
    _check_public(key, is_calendar=form == "ics")
    return _file(key, form, _public_address(key))


@blueprint.get("/s/<token>")
def shared_walk(token: str) -> Response:
    """Show the page for who walks ahead to whoever has the link."""
    key = _shared_key(token)
    state = tour_state(connection(), key)
    if state.status == TourStatus.WITHDRAWN:
        return _kept_secret(
            called_off_page(state, url_for("tour_files.shared_file", token=token, form="ics"))
        )
    response = _page(key, url_for("tour_files.shared_walk", token=token), _shared_address(token))
    return _kept_secret(response)


@blueprint.get("/s/<token>/tour.<form>")
def shared_file(token: str, form: str) -> Response:
    """Return a shared tour as a file."""
    check_format(form)
    key = _shared_key(token)
    if form != "ics" and tour_state(connection(), key).status == TourStatus.WITHDRAWN:
        raise NotFoundError(N_("The tour behind this link was withdrawn."))
    return _kept_secret(_file(key, form, _shared_address(token)))


@blueprint.get("/walk-worker.js")
def worker() -> Response:
    """Serve the worker that answers for the pages above without a network; each registers it for itself."""
    response = current_app.send_static_file("workers/walk.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _check_public(key: str, *, is_calendar: bool = False) -> None:
    """Refuse a tour that is not published; staff read drafts, and calendars what was withdrawn."""
    status = tour_state(connection(), key).status
    if status == TourStatus.WITHDRAWN and not is_calendar:
        raise NotFoundError(N_("The tour “%(key)s” was withdrawn."), key=key[:60])
    if status == TourStatus.DRAFT and not is_staff():
        raise NotFoundError(N_("There is no tour “%(key)s”."), key=key[:60])


def _shared_key(token: str) -> str:
    key = shared_tour(connection(), token)
    if key is None:
        raise NotFoundError(N_("This link to a tour is not valid, or no longer valid."))
    return key


def _public_address(key: str) -> str | None:
    is_public = tour_state(connection(), key).status == TourStatus.PUBLISHED
    return url_for("tour_files.walk", key=key, _external=True) if is_public else None


def _shared_address(token: str) -> str:
    return url_for("tour_files.shared_walk", token=token, _external=True)


def _file(key: str, form: str, address: str | None) -> Response:
    """Return the file; unchanged data are answered with 304."""
    kind = check_format(form)
    state = "\n".join((state_of_data(connection()), key, form, language(), address or "", FORM))
    response = Response(mimetype=kind.media_type)
    response.set_etag(hashlib.sha256(state.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    disposition = "inline" if form in _SHOWN and request.args.get("download") != "1" else "attachment"
    response.headers.set("Content-Disposition", disposition, filename=f"{key}.{form}")
    if not request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        papers = tour_papers(connection(), key, language(), address)
        response.set_data(tour_file(connection(), form, papers))
    response.make_conditional(request)
    return response


def _page(key: str, scope: str, address: str | None) -> Response:
    papers = tour_papers(connection(), key, language(), address)
    shown = phone_page(connection(), papers)
    modules = _modules()
    files = [*map(asset, _STYLES), asset("img/mark.svg"), *modules.values()]
    config = {"scope": scope, "worker": url_for("tour_files.worker"), "files": files}
    html = render_template(
        "tours/walk.html",
        papers=papers,
        goals=shown.plan["goals"],
        arrivals=[datetime.fromisoformat(goal["arrives_at"]) for goal in shown.plan["goals"]],
        drawing=shown.drawing,
        plan=script_json(shown.plan),
        page=script_json(config),
        messages=script_json(messages(language(), gettext)),
        styles=[asset(name) for name in _STYLES],
        modules=modules,
        file_address=f"{scope.removesuffix('/walk')}/tour.",
    )
    response = make_response(html)
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response


def _modules() -> dict[str, str]:
    """Return the address of every browser module that the page imports, by its name."""
    known: dict[str, str] = import_map()["imports"]
    return {name: at for name, at in known.items() if name.startswith("#walk/") or name in _MODULES}


def _kept_secret(response: Response) -> Response:
    """Keep a share link out of search engines, and out of what other sites learn."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response

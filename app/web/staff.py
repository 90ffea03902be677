"""Signing in and out, and one's own sessions."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.domain.voice import voice
from app.errors import TooManyError, outcome
from app.request import connection, is_staff, now, staff_only
from app.services import sessions
from app.services.attempts import COUNTS, Attempt, forget_attempts, note_attempt
from app.services.staffing import Person, known_name, name_key, person_by_password
from app.web.access import User
from app.web.device import device_of
from app.web.language import language
from app.web.sign_in_log import log_event

blueprint = Blueprint("staff", __name__)

View = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.route("/login", methods=["GET", "POST"])
def sign_in() -> View:
    """Show the form, and sign in who fills it in rightly."""
    if request.method == "GET":
        return redirect(_onward()) if is_staff() else _form()
    try:
        person = _person(request.form.get("name", ""), request.form.get("password", ""))
    except TooManyError as error:
        return _too_many(error)
    if person is None:
        return _form(gettext("Name or password is wrong.")), 403
    _begin(person)
    return redirect(_onward())


@blueprint.post("/logout")
def sign_out() -> Response:
    """End the session."""
    with _engine().begin() as held:
        sessions.end_token(held, current_user.person, current_user.token)
    log_event("signed-out", name=current_user.name, origin=_origin())
    logout_user()
    session.clear()
    return redirect(url_for("map.index"))


@blueprint.get("/sessions")
@staff_only
def own_sessions() -> str:
    """List where the reader is signed in."""
    found = sessions.sessions_of(connection(), current_user.person, current_user.token, now())
    return render_template("sessions.html", sessions=found, idle=sessions.IDLE, longest=sessions.LONGEST)


@blueprint.post("/sessions/<key>/end")
def end_session(key: str) -> Response:
    """End one of the reader's sessions."""
    with _engine().begin() as held:
        sessions.end_listed(held, current_user.person, key)
    return _ended(gettext("The session has ended."))


@blueprint.post("/sessions/end-others")
def end_others() -> Response:
    """End all of the reader's sessions but this one."""
    with _engine().begin() as held:
        sessions.end_others(held, current_user.person, current_user.token)
    return _ended(gettext("All other sessions have ended."))


def _ended(sentence: str) -> Response:
    log_event("session-ended", name=current_user.name, origin=_origin())
    flash(sentence)
    return redirect(url_for("staff.own_sessions"))


def _person(name: str, password: str) -> Person | None:
    """Return who signs in; None for a wrong name or password.

    Raises
    ------
    TooManyError
        After too many failed attempts.
    """
    attempt = Attempt(_hidden(name_key(name)), _origin(), now())
    try:
        with _engine().begin() as held:
            note_attempt(held, attempt)
    except TooManyError:
        _log_refusal(name, "too-many-attempts")
        raise
    with _engine().begin() as held:
        person = person_by_password(held, name, password)
        if person is not None:
            forget_attempts(held, attempt)
    if person is None:
        _log_refusal(name, "wrong-name-or-password")
    return person


def _begin(person: Person) -> None:
    """Sign somebody in, on this device only once."""
    with _engine().begin() as held:
        if is_staff():
            sessions.end_token(held, current_user.person, current_user.token)
        token = sessions.begin_session(held, person, device_of(request.user_agent.string), now())
    # Nothing that was planted in the session before survives.
    session.clear()
    login_user(User(person, token))
    session.permanent = True
    log_event("signed-in", name=person.name, origin=_origin())


def _log_refusal(name: str, reason: str) -> None:
    # What nobody is called may be a password in the wrong field.
    log_event("sign-in-refused", reason=reason, name=known_name(connection(), name), origin=_origin())


def _origin() -> str:
    """Return what stands for where the reader is: the same for the same, and nothing to read from it."""
    return _hidden(_network(request.remote_addr or ""))


def _network(address: str) -> str:
    """Return the network that one reader has to himself: an IPv4 address, 64 bits of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def _hidden(text: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def _onward() -> str:
    """Return the page asked for before signing in; never one of another site."""
    wanted = request.args.get("next", "")
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_own and wanted.isprintable() else url_for("tours.index")


def _form(problem: str | None = None) -> str:
    return render_template("login.html", problem=problem, name=request.form.get("name", ""))


def _too_many(error: TooManyError) -> View:
    seconds = str(round(COUNTS.total_seconds()))
    return _form(voice(language()).refuse(error)), outcome(error).http_status, {"Retry-After": seconds}


def _engine() -> Engine:
    engine: Engine = current_app.extensions["engine"]
    return engine

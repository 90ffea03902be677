"""Signing in and out, and one's own sessions.

What a session is called in its owner's list: the browser and the system it runs on, and no more.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.domain.localizer import localizer_for
from app.errors import TooManyError, outcome
from app.request import connection, now
from app.services.people import sessions
from app.services.people.attempts import COUNTS, forget_attempts
from app.services.people.second_factor import is_asked_for, use_code
from app.services.people.staff import Person, person_by_password, person_of_id
from app.web.access import User, cipher
from app.web.language import language
from app.web.people.attempts import counted_attempt, log_refusal, origin
from app.web.people.sign_in_log import log_event
from app.web.people.unsent_forms import FIELD as UNSENT
from app.web.people.unsent_forms import unsent_form

# The first word found counts: browsers name those they resemble as well.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)

blueprint = Blueprint("staff", __name__)

# What the session holds between password and code, and for how long.
_HALF_IN = "half_in"
_CODE_WITHIN = timedelta(minutes=5)

View = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.route("/login", methods=["GET", "POST"])
def sign_in() -> View:
    """Show the form, and sign in who fills it in rightly."""
    if request.method == "GET":
        return redirect(onward()) if current_user.is_authenticated else _form()
    try:
        person = _by_password(request.form.get("name", ""), request.form.get("password", ""))
    except TooManyError as error:
        return _too_many(error, "people/login.html")
    if person is None:
        return _form(gettext("Name or password is wrong.")), 403
    return go_on(person, onward())


@blueprint.route("/login/code", methods=["GET", "POST"])
def give_code() -> View:
    """Ask who has given the password for a code, and sign in who gives it."""
    person = _half_in()
    if person is None:
        return redirect(url_for("staff.sign_in", next=onward()))
    if request.method == "GET":
        return render_template("people/login_code.html")
    try:
        is_right = _is_code(person, request.form.get("code", ""))
    except TooManyError as error:
        return _too_many(error, "people/login_code.html")
    if not is_right:
        sentence = gettext("The code is wrong or has already been used; please use the next one.")
        return _form(sentence, "people/login_code.html"), 403
    return _let_in(person, onward())


def go_on(person: Person, wanted: str) -> View:
    """Sign in who gave the password, or is named by the provider; with a second factor, ask for its code."""
    return _ask_for_code(person, wanted) if is_asked_for(connection(), person) else _let_in(person, wanted)


def _let_in(person: Person, wanted: str) -> View:
    """Sign somebody in, and go on: with what was sent after the session had ended, if anything was."""
    begin(person)
    unsent = unsent_form(person)
    return redirect(wanted) if unsent is None else render_template("people/send_again.html", unsent=unsent)


@blueprint.get("/session")
def session_state() -> Response:
    """Say who is signed in, with the token of the session: a page open for long asks before it sends."""
    is_in = current_user.is_authenticated
    response = jsonify(
        person=current_user.person.staff_id if is_in else None,
        name=current_user.name if is_in else None,
        token=generate_csrf() if is_in else None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/logout")
def sign_out() -> Response:
    """End the session."""
    log_event("signed-out", name=current_user.name, origin=origin())
    _end_this()
    return redirect(url_for("map.index"))


@blueprint.get("/sessions")
def own_sessions() -> str:
    """List where the reader is signed in."""
    found = sessions.sessions_of(connection(), current_user.person, current_user.token, now())
    return render_template(
        "people/sessions.html",
        sessions=found,
        idle=sessions.IDLE,
        longest=sessions.LONGEST,
    )


@blueprint.post("/sessions/<key>/end")
def end_session(key: str) -> Response:
    """End one of the reader's sessions."""
    with _engine().begin() as held:
        sessions.end_listed(held, current_user.person, key)
    return _ended(gettext("The session has been ended."))


@blueprint.post("/sessions/end-others")
def end_others() -> Response:
    """End all of the reader's sessions but this one."""
    with _engine().begin() as held:
        sessions.end_others(held, current_user.person, current_user.token)
    return _ended(gettext("All other sessions have been ended."))


def _ended(sentence: str) -> Response:
    log_event("session-ended", name=current_user.name, origin=origin())
    flash(sentence)
    return redirect(url_for("staff.own_sessions"))


def _by_password(name: str, password: str) -> Person | None:
    """Return whose name and password these are; None for wrong ones.

    Raises
    ------
    TooManyError
        After too many failed attempts.
    """
    attempt = counted_attempt(name)
    with _engine().begin() as held:
        person = person_by_password(held, name, password)
        # With a second factor it succeeds with the code only.
        if person is not None and not is_asked_for(held, person):
            forget_attempts(held, attempt)
    if person is None:
        log_refusal(name, "wrong-name-or-password")
    return person


def _is_code(person: Person, code: str) -> bool:
    """Say whether a code is the person's.

    Raises
    ------
    TooManyError
        After too many failed attempts.
    """
    attempt = counted_attempt(person.name)
    with _engine().begin() as held:
        is_right = use_code(held, person, cipher(), code, now())
        if is_right:
            forget_attempts(held, attempt)
    if not is_right:
        log_refusal(person.name, "wrong-code")
    return is_right


def _ask_for_code(person: Person, wanted: str) -> View:
    _end_this()
    session[_HALF_IN] = [person.staff_id, now().timestamp()]
    if UNSENT in request.form:
        return _form(template="people/login_code.html")
    return redirect(url_for("staff.give_code", next=wanted))


def _half_in() -> Person | None:
    """Return who has given the password a moment ago, and a code is asked of; None for nobody."""
    staff_id, since = session.get(_HALF_IN, (0, 0.0))
    if now().timestamp() - since > _CODE_WITHIN.total_seconds():
        return None
    person = person_of_id(connection(), staff_id)
    return person if person is not None and is_asked_for(connection(), person) else None


def begin(person: Person) -> None:
    """Sign somebody in, on this device only once; the session and its token are new."""
    _end_this()
    with _engine().begin() as held:
        token = sessions.begin_session(held, person, device_of(request.user_agent.string), now())
    login_user(User(person, token))
    show_as(person)
    # A hash of address and browser, which nothing asks for.
    session.pop("_id", None)
    session.permanent = True
    log_event("signed-in", name=person.name, origin=origin())


def show_as(person: Person) -> None:
    """Keep what pages show of the reader without asking the database; it decides nothing."""
    session["account"] = {
        "id": person.staff_id,
        "name": person.name,
        "organization": person.organization,
        "role": person.role,
    }


def _end_this() -> None:
    """End the session at hand, if there is one; nothing that was planted in it survives."""
    if current_user.is_authenticated:
        with _engine().begin() as held:
            sessions.end_token(held, current_user.person, current_user.token)
        logout_user()
    session.clear()


def onward() -> str:
    """Return the page asked for before signing in; never one of another site."""
    wanted = request.args.get("next", "")
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_own and wanted.isprintable() else url_for("tours.index")


def _form(problem: str | None = None, template: str = "people/login.html") -> str:
    given = request.form
    return render_template(template, problem=problem, name=given.get("name", ""), unsent=given.get(UNSENT))


def _too_many(error: TooManyError, template: str) -> View:
    page = _form(localizer_for(language()).error_text(error), template)
    return page, outcome(error).http_status, {"Retry-After": str(round(COUNTS.total_seconds()))}


def _engine() -> Engine:
    engine: Engine = current_app.extensions["engine"]
    return engine


def device_of(user_agent: str) -> str:
    """Return browser and system of a ``User-Agent``, ``Firefox, Windows``; empty where neither is known."""
    found = (_first(names, user_agent) for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for word, name in names if word in user_agent), None)

"""Signing in and out."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_user, logout_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.domain.voice import voice
from app.errors import TooManyError, outcome
from app.request import is_staff
from app.services.staffing import Person, note_attempt
from app.services.staffing import sign_in as signed_in
from app.web.access import User
from app.web.language import language

blueprint = Blueprint("staff", __name__)

View = str | Response | tuple[str, int]


@blueprint.route("/login", methods=["GET", "POST"])
def sign_in() -> View:
    """Show the form, and sign in who fills it in rightly."""
    if request.method == "GET":
        return redirect(_onward()) if is_staff() else _form()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        person = _person(name, password)
    except TooManyError as error:
        return _form(voice(language()).refuse(error)), outcome(error).http_status
    if person is None:
        return _form(gettext("Name or password is wrong.")), 403
    # Nothing that was planted in the session before survives.
    session.clear()
    login_user(User(person))
    session.permanent = True
    return redirect(_onward())


@blueprint.post("/logout")
def sign_out() -> Response:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("map.index"))


def _person(name: str, password: str) -> Person | None:
    engine: Engine = current_app.extensions["engine"]
    origin = _origin()
    with engine.begin() as held:
        note_attempt(held, name, origin)
    with engine.begin() as held:
        return signed_in(held, name, password, origin)


def _origin() -> str:
    """Return what stands for the reader's address: the same for the same, and nothing to read from it."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, (request.remote_addr or "").encode(), hashlib.sha256).hexdigest()[:32]


def _onward() -> str:
    """Return the page asked for before signing in; never one of another site."""
    wanted = request.args.get("next", "")
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_own and wanted.isprintable() else url_for("tours.index")


def _form(problem: str | None = None) -> str:
    return render_template("login.html", problem=problem, name=request.form.get("name", ""))

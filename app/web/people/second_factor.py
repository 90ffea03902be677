"""One's own second factor: set up with a phone, confirmed, and removed again."""

from __future__ import annotations

import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.request import connection, now
from app.services.people import second_factor as factors
from app.services.people.attempts import forget_attempts
from app.web.access import cipher
from app.web.people.attempts import counted_attempt, log_refusal, origin
from app.web.people.sign_in_log import log_event

blueprint = Blueprint("second_factor", __name__, url_prefix="/second-factor")

View = str | Response | tuple[str, int]


@blueprint.get("")
def show() -> str:
    """Show how far the second factor is, and the next step."""
    return _page()


@blueprint.post("/begin")
def begin() -> Response:
    """Make a secret to be read by a phone."""
    with _engine().begin() as held:
        factors.begin_factor(held, current_user.person, cipher())
    return redirect(url_for("second_factor.show"))


@blueprint.post("/confirm")
def confirm() -> View:
    """Ask for codes from now on, if this one is right, and show the recovery codes, this once."""
    with _engine().begin() as held:
        code = request.form.get("code", "")
        recovery = factors.confirm_factor(held, current_user.person, cipher(), code, now())
    if recovery is None:
        return _page(_wrong()), 403
    log_event("second-factor-set-up", name=current_user.name, origin=origin())
    return _page(recovery=recovery)


@blueprint.post("/remove")
def remove() -> View:
    """Ask for the password only from now on, if the code is right."""
    attempt = counted_attempt(current_user.name)
    with _engine().begin() as held:
        is_right = factors.use_code(held, current_user.person, cipher(), request.form.get("code", ""), now())
        if is_right:
            forget_attempts(held, attempt)
            factors.remove_factor(held, current_user.person)
    if not is_right:
        log_refusal(current_user.name, "wrong-code")
        return _page(_wrong()), 403
    log_event("second-factor-removed", name=current_user.name, origin=origin())
    flash(gettext("The second factor has been removed."))
    return redirect(url_for("second_factor.show"))


def _page(problem: str | None = None, recovery: list[str] | None = None) -> str:
    state = factors.factor_state(connection(), current_user.person, cipher())
    qr = None if state.address is None else segno.make(state.address, error="m", micro=False)
    picture = None if qr is None else qr.svg_data_uri(scale=4, border=4, light="#fff")
    return render_template(
        "people/second_factor.html", state=state, picture=picture, problem=problem, recovery=recovery
    )


def _wrong() -> str:
    return str(gettext("The code is wrong or has already been used; please use the next one."))


def _engine() -> Engine:
    engine: Engine = current_app.extensions["engine"]
    return engine

"""One's own account: who one is here, and the password."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.db.changes import act_as
from app.domain.localizer import localizer_for
from app.errors import N_, AppError, ForbiddenError, InputError, outcome
from app.services.people.attempts import forget_attempts
from app.services.people.passwords import SHORTEST
from app.services.people.staff import Person, person_by_password, store_password
from app.web.language import language
from app.web.people.attempts import counted_attempt, log_refusal, origin
from app.web.people.sign_in_log import log_event
from app.web.people.staff import begin

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def show() -> str:
    """Show who the reader is here, and the form for a new password."""
    return _page()


@blueprint.post("/password")
def change_password() -> Response | tuple[str, int]:
    """Give the reader a new password; all sessions end, and this one begins anew."""
    person, new = current_user.person, request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise InputError(N_("The two new passwords differ; type the same one twice."))
        _check_old(person, request.form.get("old", ""))
        with _engine().begin() as held:
            act_as(held, person.name)
            store_password(held, person, new)
    except AppError as error:
        return _page(localizer_for(language()).error_text(error)), outcome(error).http_status
    begin(person)
    log_event("password-changed", name=person.name, origin=origin())
    flash(gettext("The password is changed. All other sessions have ended."))
    return redirect(url_for("account.show"))


def _check_old(person: Person, password: str) -> None:
    """Refuse who does not know the password that holds, such as who found the device.

    Raises
    ------
    ForbiddenError
    TooManyError
        After too many failed attempts.
    """
    attempt = counted_attempt(person.name)
    with _engine().begin() as held:
        is_right = person_by_password(held, person.name, password) is not None
        if is_right:
            forget_attempts(held, attempt)
    if not is_right:
        log_refusal(person.name, "wrong-old-password")
        raise ForbiddenError(N_("The current password is wrong."))


def _page(problem: str | None = None) -> str:
    return render_template("people/account.html", person=current_user.person, problem=problem, least=SHORTEST)


def _engine() -> Engine:
    engine: Engine = current_app.extensions["engine"]
    return engine

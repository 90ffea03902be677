"""A password set by a link from an admin; opening it changes nothing, for mail programs open links, too."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Engine
from werkzeug.wrappers import Response

from app.db.changes import act_as
from app.domain.localizer import localizer_for
from app.errors import N_, InputError, outcome
from app.request import connection, now
from app.services.people.password_links import person_of_link, use_link
from app.services.people.passwords import SHORTEST
from app.web.language import language
from app.web.people.attempts import origin
from app.web.people.sign_in_log import log_event

blueprint = Blueprint("password_link", __name__, url_prefix="/password")


@blueprint.get("/<token>")
def show(token: str) -> str:
    """Show the form for a password; 404 for a link that is none any more."""
    return _page(token)


@blueprint.post("/<token>")
def use(token: str) -> Response | tuple[str, int]:
    """Store the password, and lead to signing in."""
    new = request.form.get("new", "")
    person = person_of_link(connection(), token, now())
    engine: Engine = current_app.extensions["engine"]
    try:
        if new != request.form.get("again", ""):
            raise InputError(N_("The two new passwords differ; type the same one twice."))
        with engine.begin() as held:
            act_as(held, person.name)
            use_link(held, token, new, now())
    except InputError as error:
        return _page(token, localizer_for(language()).error_text(error)), outcome(error).http_status
    log_event("password-set-by-link", name=person.name, origin=origin())
    flash(gettext("The password is set. Sign in with it."))
    return redirect(url_for("staff.sign_in"))


def _page(token: str, problem: str | None = None) -> str:
    person = person_of_link(connection(), token, now())
    return render_template("people/password_link.html", person=person, problem=problem, least=SHORTEST)

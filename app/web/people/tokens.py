"""One's own tokens, by which programs ask the API."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.domain.checked import whole_number
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome
from app.request import connection, now, writing
from app.services.people import tokens
from app.web.language import language
from app.web.people.attempts import origin
from app.web.people.sign_in_log import log_event

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@blueprint.get("")
def show() -> str:
    """List the reader's tokens, and offer to make one."""
    return _page()


@blueprint.post("")
def make() -> str | tuple[str, int]:
    """Make a token, and show it this once."""
    n_days = whole_number(request.form.get("days", "")) or 0
    try:
        with writing() as held:
            fresh = tokens.make_token(
                held,
                current_user.person,
                request.form.get("name", ""),
                n_days,
                now(),
            )
    except AppError as error:
        return _page(problem=localizer_for(language()).error_text(error)), outcome(error).http_status
    log_event("token-made", name=current_user.name, origin=origin())
    return _page(fresh=fresh)


@blueprint.post("/<int:number>/revoke")
def revoke(number: int) -> Response:
    """End one of the reader's tokens."""
    with writing() as held:
        tokens.revoke_token(held, current_user.person, number)
    log_event("token-revoked", name=current_user.name, origin=origin())
    flash(gettext("The token is revoked."))
    return redirect(url_for("tokens.show"))


def _page(problem: str | None = None, fresh: str | None = None) -> str:
    return render_template(
        "people/tokens.html",
        tokens=tokens.tokens_of(connection(), current_user.person),
        lifetimes=tokens.LIFETIMES_DAYS,
        now=now(),
        problem=problem,
        fresh=fresh,
        example=url_for("features.collections", _external=True),
    )

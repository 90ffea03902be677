"""Organizations, for admins: added and renamed; who belongs to one stands with the account."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app.db.people.staff import organizations
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome
from app.request import connection, writing
from app.services.people import organizations as service
from app.services.people.staff import person_with_id
from app.web.language import language
from app.web.people.attempts import origin
from app.web.people.sign_in_log import log_event
from app.web.people.staff import show_as

blueprint = Blueprint("organizations", __name__, url_prefix="/organizations")

View = Response | tuple[str, int]


@blueprint.get("")
def index() -> View:
    """List all organizations, and offer to add one."""
    return _page()


@blueprint.post("")
def add() -> View:
    """Add an organization."""
    return _act("organization-added", gettext("The organization is added."), service.add_organization)


@blueprint.post("/<int:number>")
def rename(number: int) -> View:
    """Give an organization other names."""

    def give(held: Connection, name: str, short_name: str) -> None:
        service.rename_organization(held, number, name, short_name)

    answer = _act("organization-renamed", gettext("The organization is renamed."), give)
    # The top bar of the admin's own pages shows it at once, that of others when they sign in next.
    show_as(person_with_id(connection(), current_user.person.staff_id))
    return answer


def _act(event: str, done: str, action: Callable[[Connection, str, str], None]) -> View:
    short_name = request.form.get("short_name", "")
    try:
        with writing() as held:
            action(held, request.form.get("name", ""), short_name)
    except AppError as error:
        return _page(error)
    log_event(event, name=current_user.name, organization=short_name, origin=origin())
    flash(done)
    return redirect(url_for("organizations.index"))


def _page(error: AppError | None = None) -> View:
    page = render_template(
        "people/organizations.html",
        organizations=organizations(connection()),
        longest=(service.LONGEST_NAME, service.LONGEST_SHORT_NAME),
        problem=None if error is None else localizer_for(language()).error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status

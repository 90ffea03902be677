"""Accounts, for admins: who may sign in and as what; links to set a password; ending access."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app.db.people.staff import organizations
from app.domain.kinds import ACCOUNT_ROLES, AccessRole
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome
from app.request import connection, now, writing
from app.services.people import identities, password_links, second_factor, sessions, staff, tokens
from app.services.people.passwords import generated_password
from app.services.people.staff import Person
from app.web.language import language
from app.web.people.attempts import origin
from app.web.people.openid import openid_provider
from app.web.people.sign_in_log import log_event
from app.web.people.staff import begin

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")

View = Response | tuple[str, int]


@blueprint.get("")
def index() -> View:
    """List all accounts, and offer to add one."""
    return _list()


@blueprint.post("")
def add() -> View:
    """Add an account whose password is set by a link, and show the link."""
    try:
        with writing() as held:
            # Nobody knows the first password: the link sets another.
            name, password = request.form.get("name", ""), generated_password()
            role, organization = _chosen()
            person = staff.add_staff(held, name, password, role, organization)
            token = password_links.make_link(held, person, now())
    except AppError as error:
        return _list(error)
    _log("account-added", person)
    return _account(person.staff_id, token=token)


@blueprint.get("/<int:number>")
def show(number: int) -> View:
    """Show an account, and what can be done with it."""
    return _account(number)


@blueprint.post("/<int:number>")
def change(number: int) -> View:
    """Give somebody a role and an organization; open sessions end."""
    done = gettext("The account is changed.")

    def give(held: Connection, person: Person) -> None:
        role, organization = _chosen()
        staff.change_account(held, person, role, organization)

    return _going_on(number, done, _act(number, "account-changed", done, give))


@blueprint.post("/<int:number>/identity")
def connect(number: int) -> View:
    """Say under which identity the OpenID Connect provider knows somebody; open sessions end."""
    done = gettext("The account is changed.")
    issuer = openid_provider().issuer

    def give(held: Connection, person: Person) -> None:
        subject, email = (request.form.get(name, "") for name in ("subject", "email"))
        identities.connect(held, person, identities.typed_identity(issuer, subject, email))

    return _going_on(number, done, _act(number, "identity-changed", done, give))


def _going_on(number: int, done: str, answer: View) -> View:
    """Return the answer to a change that ended sessions; the admin's own session begins anew."""
    if number != current_user.person.staff_id or not isinstance(answer, Response):
        return answer
    begin(staff.person_with_id(connection(), number))
    flash(done)
    return redirect(url_for("account.show"))


@blueprint.post("/<int:number>/deactivate")
def deactivate(number: int) -> View:
    """Let somebody sign in no more."""
    done = gettext("The account is deactivated; its sessions and tokens have ended.")
    return _act(number, "account-deactivated", done, staff.deactivate)


@blueprint.post("/<int:number>/activate")
def activate(number: int) -> View:
    """Let somebody sign in again."""
    return _act(number, "account-activated", gettext("The account is active again."), staff.activate)


@blueprint.post("/<int:number>/end-access")
def end_access(number: int) -> View:
    """End somebody's sessions and tokens, as when a device is lost."""

    def end(held: Connection, person: Person) -> None:
        sessions.end_all(held, person)
        tokens.revoke_all(held, person)

    return _act(number, "access-ended", gettext("All sessions and tokens have ended."), end)


@blueprint.post("/<int:number>/remove-second-factor")
def remove_second_factor(number: int) -> View:
    """Let somebody sign in with the password only, as when the phone is lost."""
    done = gettext("The second factor has been removed.")
    return _act(number, "second-factor-removed", done, second_factor.remove_factor)


@blueprint.post("/<int:number>/link")
def make_link(number: int) -> View:
    """Make a link by which somebody sets a password, and show it this once."""
    with writing() as held:
        person = staff.person_with_id(held, number)
        token = password_links.make_link(held, person, now())
    _log("password-link-made", person)
    return _account(number, token=token)


def _act(number: int, event: str, done: str, action: Callable[[Connection, Person], object]) -> View:
    """Do something to an account; lead to its page, which says what was done, or why nothing was."""
    try:
        with writing() as held:
            person = staff.person_with_id(held, number)
            action(held, person)
    except AppError as error:
        return _account(number, error)
    _log(event, person)
    flash(done)
    return redirect(url_for("accounts.show", number=number))


def _chosen() -> tuple[AccessRole, str | None]:
    return staff.account_role(request.form.get("role", "")), request.form.get("organization") or None


def _log(event: str, person: Person) -> None:
    log_event(event, name=current_user.name, account=person.name, origin=origin())


def _list(error: AppError | None = None) -> View:
    return _page("people/accounts.html", error, name=request.form.get("name", ""))


def _account(number: int, error: AppError | None = None, token: str | None = None) -> View:
    staff.person_with_id(connection(), number)
    link = None if token is None else url_for("password_link.show", token=token, _external=True)
    return _page("people/account_of.html", error, number=number, link=link, holds=password_links.HOLDS)


def _page(template: str, error: AppError | None, **values: object) -> View:
    accounts = sessions.accounts(connection(), now())
    page = render_template(
        template,
        accounts=accounts,
        organizations=organizations(connection()),
        roles=ACCOUNT_ROLES,
        problem=None if error is None else localizer_for(language()).error_text(error),
        **values,
    )
    return page, 200 if error is None else outcome(error).http_status

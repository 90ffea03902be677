"""``python -m app staff``: who may sign in and plan tours."""

from __future__ import annotations

import getpass

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.db.changes import act_as
from app.db.people.staff import all_staff
from app.domain.kinds import ACCOUNT_ROLES, AccessRole
from app.domain.localizer import localizer_for
from app.errors import N_
from app.services.people.passwords import generated_password
from app.services.people.second_factor import remove_factor
from app.services.people.staff import add_staff, change_account, person_named, remove_staff, set_password

_GENERATE = click.option("--generate", is_flag=True, help="Generate a password and print it.")
_ROLES = click.Choice([str(role) for role in ACCOUNT_ROLES])
_ORGANIZATION = click.option("--organization", metavar="KEY", help="For whom the person works.")


@click.group(name="staff")
def command() -> None:
    """Add, list and remove who may sign in; set passwords."""


@command.command()
@click.argument("name")
@_GENERATE
@click.option("--role", type=_ROLES, help="Without it staff; admin for the first account there is.")
@_ORGANIZATION
def add(name: str, generate: bool, role: str | None, organization: str | None) -> None:
    """Let NAME sign in; asks for a password."""
    password = _password(generate)
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        usual = AccessRole.STAFF if all_staff(connection) else AccessRole.ADMIN
        add_staff(connection, name, password, AccessRole(role or usual), organization)
    _show_password(password, generate)


@command.command()
@click.argument("name")
@click.option("--role", type=_ROLES, required=True)
@_ORGANIZATION
def change(name: str, role: str, organization: str | None) -> None:
    """Give NAME a role and an organization (none without --organization); open sessions end."""
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        change_account(connection, person_named(connection, name), AccessRole(role), organization)


@command.command("list")
@click.option("--roles", is_flag=True, help="List role and organization, too, separated by tabs.")
def list_(roles: bool) -> None:
    """List who may sign in."""
    gone = localizer_for(prompt_language()).translate(N_("can no longer sign in"))
    with connected() as connection:
        for row in all_staff(connection):
            name = row["name"] if row["is_active"] else f"{row['name']} ({gone})"
            click.echo("\t".join((name, row["role"], row["organization"] or "")) if roles else name)


@command.command()
@click.argument("name")
def remove(name: str) -> None:
    """No longer let NAME sign in; open sessions end."""
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        remove_staff(connection, name)


@command.command()
@click.argument("name")
@_GENERATE
def password(name: str, generate: bool) -> None:
    """Give NAME a new password; open sessions end."""
    fresh = _password(generate)
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        set_password(connection, name, fresh)
    _show_password(fresh, generate)


@command.command("remove-second-factor")
@click.argument("name")
def remove_second_factor(name: str) -> None:
    """Let NAME sign in with the password only, as when the phone is lost."""
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        remove_factor(connection, person_named(connection, name))


def prompt_actor() -> str:
    """Return who is behind a change made at the prompt: the name of the machine's user."""
    try:
        return f"prompt: {getpass.getuser()}"
    except (OSError, KeyError):
        return "prompt"


def _password(is_generated: bool) -> str:
    if is_generated:
        return generated_password()
    localizer = localizer_for(prompt_language())
    asked: str = click.prompt(localizer.translate(N_("Password")), hide_input=True, confirmation_prompt=True)
    return asked


def _show_password(password: str, is_generated: bool) -> None:
    if is_generated:
        click.echo(password)

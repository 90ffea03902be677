"""``python -m app permission``: permissions to use gates and yards."""

from __future__ import annotations

from datetime import date, time

import click
from sqlalchemy.engine import RowMapping

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.people.staff import prompt_actor
from app.db.changes import act_as
from app.db.walking.permissions import permissions
from app.domain.localizer import localizer_for
from app.errors import N_
from app.services.walking.permissions import add_permission, read_permission, withdraw_permission


@click.group(name="permission")
def command() -> None:
    """Record, list and withdraw permissions to use gates and yards."""


@command.command()
@click.argument("walkway")
@click.option("--by", required=True, help="Who granted it.")
@click.option("--granted-on", required=True, help="When, YYYY-MM-DD.")
@click.option("--from", "from_", default="", help="Open from, HH:MM. Default: all day.")
@click.option("--until", default="", help="Open until, HH:MM.")
@click.option("--valid-from", default="", help="First day, YYYY-MM-DD.")
@click.option("--valid-to", default="", help="First day without it, YYYY-MM-DD.")
@click.option("--tour", default="", help="Key of the only tour it is for.")
@click.option("--note", default="")
def add(walkway: str, from_: str, **given: str) -> None:
    """Record a permission to use WALKWAY; prints its number."""
    draft = read_permission({"walkway": walkway, "from": from_, **given})
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        number = add_permission(connection, draft)
    click.echo(str(number))


@command.command("list")
def list_() -> None:
    """List permissions, one per line: number, way, who granted it and when, days, hours, tour."""
    with connected() as connection:
        for row in permissions(connection):
            click.echo("\t".join(_fields(row)))


@command.command()
@click.argument("number", type=int)
def withdraw(number: int) -> None:
    """Withdraw the permission with a NUMBER that `list` shows."""
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        withdraw_permission(connection, number)


def _fields(row: RowMapping) -> list[str]:
    localizer = localizer_for(prompt_language())
    hours = f"{_clock(row['opens_at'], '00:00')}–{_clock(row['closes_at'], '24:00')}"
    days = f"{_day(row['valid_from'])}–{_day(row['valid_to'])}"
    granted = f"{row['granted_by']}, {row['granted_on']}"
    return [
        str(row["number"]),
        row["walkway"],
        granted,
        days,
        hours,
        row["tour"] or localizer.translate(N_("any")),
    ]


def _clock(clock: time | None, otherwise: str) -> str:
    return otherwise if clock is None else f"{clock:%H:%M}"


def _day(day: date | None) -> str:
    return "…" if day is None else day.isoformat()

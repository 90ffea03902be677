"""``neighbors rebuild | count | of | decide | withdraw``: the stored pairs."""

from __future__ import annotations

import getpass
import json
from contextlib import suppress
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.db.neighbors.adjacency import n_pairs
from app.domain.kinds import OverrideRelation
from app.domain.localizer import localizer_for
from app.domain.period import Period, parse_day
from app.errors import N_, NotFoundError
from app.services.neighbors.neighborhood import neighbors_of_company, neighbors_of_plot
from app.services.neighbors.overrides import Override, add_override, withdraw_overrides
from app.services.neighbors.stored_pairs import rebuild_neighbors

on_option = click.option("--on", "on_text", metavar="YYYY-MM-DD", help="The day. Default: today.")


def day_of(on_text: str | None) -> date:
    """Return the day of ``--on``."""
    return parse_day(on_text) if on_text else date.today()  # noqa: DTZ011  the prompt's own day is meant


@click.command()
def rebuild() -> None:
    """Compute all stored neighbor pairs anew, for every day of the plots' history."""
    with (
        connected(write=True) as connection,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("Neighbors", total=None)
        n_rows = rebuild_neighbors(
            connection, report=lambda done, total: progress.update(task, completed=done, total=total)
        )
    click.echo(f"{n_rows} neighbor pairs stored.")


@click.command()
@on_option
def count(on_text: str | None) -> None:
    """Count the pairs of a day by park and relation; a pair between two parks counts in both."""
    with connected() as connection:
        for park, relation, n in n_pairs(connection, day_of(on_text)):
            click.echo(f"{park}\t{relation}\t{n}")


@click.command()
@click.argument("key")
@on_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, the same as the API.")
def of(key: str, on_text: str | None, *, as_json: bool) -> None:
    """List the neighbors of the company or plot named KEY, with the reason in words."""
    with connected() as connection:
        found = _neighbors(connection, key, day_of(on_text))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if found["note"]:
        click.echo(found["note"])
    for group in found["groups"]:
        click.echo(f"{group['label']} ({group['n']})")
        for neighbor in found["neighbors"]:
            if neighbor["relation"] == group["relation"]:
                # A company's line begins with these names.
                firms = neighbor["members"] if neighbor["kind"] == "plot" else []
                names = ", ".join(member["name"] for member in firms)
                click.echo(f"  {neighbor['name']}: {neighbor['reason']}" + (f" [{names}]" if names else ""))


def _neighbors(connection: Any, key: str, on: date) -> dict[str, Any]:
    localizer = localizer_for(prompt_language())
    for found in (neighbors_of_company, neighbors_of_plot):
        with suppress(NotFoundError):
            return found(connection, key, on, localizer)
    raise NotFoundError(N_("There is no company or plot “%(key)s” in the parks on %(on)s."), key=key, on=on)


@click.command()
@click.argument("plot")
@click.argument("other")
@click.argument("relation", type=click.Choice([str(relation) for relation in OverrideRelation]))
@click.option("--reason", required=True, help="Why the computed relation is not right.")
@click.option("--by", "decided_by", default=getpass.getuser, show_default="the user", help="Who decides.")
@click.option("--from", "from_text", metavar="YYYY-MM-DD", help="First day. Default: always.")
@click.option("--to", "to_text", metavar="YYYY-MM-DD", help="Day after the last. Default: forever.")
def decide(  # noqa: PLR0913, PLR0917  one argument an option
    plot: str,
    other: str,
    relation: str,
    reason: str,
    decided_by: str,
    from_text: str | None,
    to_text: str | None,
) -> None:
    """Decide that PLOT and OTHER are neighbors of RELATION, or none; it survives every rebuild."""
    period = Period(parse_day(from_text) if from_text else None, parse_day(to_text) if to_text else None)
    today = date.today()  # noqa: DTZ011  the prompt's own day is meant
    override = Override(OverrideRelation(relation), reason, decided_by, today, period)
    with connected(write=True) as connection:
        add_override(connection, (plot, other), override)


@click.command()
@click.argument("plot")
@click.argument("other")
@click.option("--by", "withdrawn_by", default=getpass.getuser, show_default="the user", help="Who withdraws.")
def withdraw(plot: str, other: str, withdrawn_by: str) -> None:
    """Withdraw what was decided about PLOT and OTHER."""
    with connected(write=True) as connection:
        withdraw_overrides(connection, (plot, other), withdrawn_by=withdrawn_by)

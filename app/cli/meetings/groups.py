"""``python -m app meeting groups``: a published grouping problem in a file, the groups at the prompt."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.language import prompt_language
from app.domain.localizer import localizer_for
from app.errors import N_, InputError
from app.exchange.meetings.mdgp import read_groups

LONGEST_LIMIT_S = 86400


@click.command("groups")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--limit-s", default=10.0, show_default=True, help="Seconds the search may take.")
def command(file: Path, limit_s: float) -> None:
    """Group the elements of a FILE of MDGPLIB, a line a group; no database is needed.

    Standard error says how good the groups are, and whether that is proven optimal.
    """
    if not 0 < limit_s <= LONGEST_LIMIT_S:
        raise InputError(
            N_("The limit must be more than 0 and at most %(most)s seconds."), most=LONGEST_LIMIT_S
        )
    asked = read_groups(file)
    # Imported here: a file that is refused needs no compiled code.
    from app.analysis.meetings import GroupProblem, best_groups  # noqa: PLC0415

    grouping = best_groups(GroupProblem(asked.weights, asked.sizes), limit_s=limit_s)
    for group in grouping.rounds[0]:
        click.echo(" ".join(map(str, group)))
    template = (
        N_("Value %(value)s: proven optimal in %(seconds)s s.")
        if grouping.is_proved
        else N_("Value %(value)s: not proven optimal; the bound is %(bound)s.")
    )
    text = localizer_for(prompt_language()).translate(
        template,
        value=round(grouping.value, 6),
        bound=round(grouping.bound, 6),
        seconds=round(grouping.seconds, 2),
    )
    click.echo(text, err=True)

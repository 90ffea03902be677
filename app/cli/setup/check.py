"""``python -m app check``: report whether what is stored is consistent."""

from __future__ import annotations

import click

from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.steps import Steps
from app.domain.localizer import localizer_for
from app.errors import N_
from app.services.setup.checking import check


@click.command(name="check")
@click.pass_context
def command(context: click.Context) -> None:
    """Check the stored data; one sentence for each thing that is wrong, and then exit code 1."""
    localizer = localizer_for(prompt_language())
    with connected(is_read_only=True) as connection, Steps(localizer.catalog.gettext) as steps:
        found = list(check(connection, steps))
    for finding in found:
        click.echo(localizer.translate(finding.template, **finding.params))
    if found:
        context.exit(1)
    click.echo(localizer.translate(N_("Everything is in order.")))

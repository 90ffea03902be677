"""``python -m app stop``: end what runs of this installation."""

from __future__ import annotations

import click

from app.cli.language import prompt_language
from app.config import Settings
from app.db.cluster.embedded import find_cluster
from app.db.cluster.location import stored_place
from app.domain.localizer import localizer_for
from app.errors import N_
from app.machine.services import end_all


@click.command(name="stop")
def command() -> None:
    """End the services of this folder and its private database; a database of your own runs on."""
    settings = Settings.from_environment()
    n_services = end_all(settings.var_dir)
    # Where there is none, nothing is installed to stop it.
    is_stored = settings.database_url is None and stored_place(settings.var_dir) is not None
    had_database = is_stored and find_cluster(settings.var_dir, settings.postgres_bin).stop()
    localizer = localizer_for(prompt_language())
    if n_services or had_database:
        click.echo(localizer.translate(N_("Stopped.")))
    else:
        click.echo(localizer.translate(N_("Nothing was running.")))

"""``python -m app db``: the private database, started, stopped, asked and upgraded."""

from __future__ import annotations

import click

from app.cli.language import prompt_language
from app.cli.steps import Steps
from app.config import Settings
from app.db import migrate
from app.db.embedded import Cluster, find_cluster
from app.db.engine import check_postgis, database_told, make_engine, postgis_version, wait_for_turn
from app.domain.voice import voice
from app.errors import N_, SetupError


@click.group(name="db")
def command() -> None:
    """Start, stop, ask or upgrade the database."""


@command.command()
def start() -> None:
    """Start the private database and let it run; prints its address."""
    with Steps(voice(prompt_language()).catalog.gettext) as steps:
        steps(N_("Database"))
        cluster = _private_cluster()
        cluster.start()
        cluster.keep()
    click.echo(cluster.url())


@command.command()
def stop() -> None:
    """Stop the private database."""
    was_running = _private_cluster().stop()
    click.echo("stopped" if was_running else "was not running")


@command.command()
def status() -> None:
    """Say where the database is and whether it answers; exit code 7 if it does not."""
    settings = Settings.from_environment()
    url = settings.database_url
    if url is None:
        cluster = _private_cluster()
        if not cluster.is_running():
            raise SetupError(N_("The private database in %(place)s does not run."), place=cluster.place.root)
        url = cluster.url()
    engine = make_engine(url)
    check_postgis(engine)
    with engine.connect() as connection:
        schema = "current" if migrate.is_current(connection) else "to be upgraded"
        version = postgis_version(connection)
    click.echo(f"{engine.url.render_as_string()}: PostGIS {version}, schema {schema}")


@command.command()
def upgrade() -> None:
    """Bring the database's schema to the newest; a running service's database is used as it is."""
    settings = Settings.from_environment()
    if settings.database_url is not None:
        return _upgrade(settings.database_url)
    cluster = _private_cluster()
    with cluster.in_use():
        return _upgrade(cluster.url())


def _upgrade(url: str) -> None:
    engine = make_engine(url)
    check_postgis(engine)
    with database_told(engine), engine.begin() as connection:
        wait_for_turn(connection)
        migrate.upgrade(connection)


def _private_cluster() -> Cluster:
    settings = Settings.from_environment()
    if settings.database_url is not None:
        raise SetupError(N_("DATABASE_URL is set: the private database is not used."))
    return find_cluster(settings.var_dir, settings.postgres_bin)

"""``python -m app db``: the private database, started, stopped, asked and upgraded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from app.cli.language import prompt_language
from app.cli.steps import Steps
from app.config import Settings, keep_secret_key, read_secret_key
from app.db import migrate
from app.db.cluster.backup import check_empty, dump_database, restore_database
from app.db.cluster.embedded import Cluster, find_cluster
from app.db.engine import check_postgis, database_errors, lock_preparation, make_engine, postgis_version
from app.domain.localizer import localizer_for
from app.errors import N_, SetupError
from app.machine.disk import disk_errors


@click.group(name="db")
def command() -> None:
    """Start, stop, inspect or upgrade the database."""


@command.command()
def start() -> None:
    """Start the private database and let it run; prints its address."""
    with Steps(localizer_for(prompt_language()).catalog.gettext) as steps:
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
    """Show where the database is and whether it answers; exit code 7 if it does not."""
    settings = Settings.from_environment()
    url = settings.database_url
    if url is None:
        cluster = _private_cluster()
        if not cluster.is_running():
            raise SetupError(
                N_("The private database in %(place)s is not running."), place=cluster.place.root
            )
        url = cluster.url()
    engine = make_engine(url)
    check_postgis(engine)
    with engine.connect() as connection:
        schema = "current" if migrate.is_current(connection) else "to be upgraded"
        version = postgis_version(connection)
    click.echo(f"{engine.url.render_as_string()}: PostGIS {version}, schema {schema}")


@command.command()
def upgrade() -> None:
    """Upgrade the database's schema to the newest; a running service's database is used as it is."""
    settings = Settings.from_environment()
    if settings.database_url is not None:
        return _upgrade(settings.database_url)
    cluster = _private_cluster()
    with cluster.in_use():
        return _upgrade(cluster.url())


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def dump(file: Path) -> None:
    """Write the whole database and the service's secret key to FILE; the service may run meanwhile."""
    settings = Settings.from_environment()
    with _database(settings) as (url, bin_dir), disk_errors(file):
        dump_database(url, read_secret_key(settings), file, bin_dir)


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(file: Path) -> None:
    """Fill an empty database from FILE, which “db dump” wrote."""
    settings = Settings.from_environment()
    with _database(settings) as (url, bin_dir):
        engine = make_engine(url)
        check_postgis(engine)
        with database_errors(engine), engine.connect() as connection:
            check_empty(connection)
        secret = restore_database(url, file, bin_dir)
        engine.dispose()
    if settings.secret_key is None:
        keep_secret_key(settings, secret)
    elif settings.secret_key != secret:
        click.echo(
            localizer_for(prompt_language()).translate(
                N_("SECRET_KEY differs from the backup's: everybody has to sign in again.")
            )
        )


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, Path | None]]:
    """Yield the database's address, and where the programs of its version are, as far as that is known."""
    if settings.database_url is not None:
        yield settings.database_url, settings.postgres_bin
        return
    cluster = _private_cluster()
    with cluster.in_use():
        yield cluster.url(), cluster.binaries.bin_dir


def _upgrade(url: str) -> None:
    engine = make_engine(url)
    check_postgis(engine)
    with database_errors(engine), engine.begin() as connection:
        lock_preparation(connection)
        migrate.upgrade(connection)


def _private_cluster() -> Cluster:
    settings = Settings.from_environment()
    if settings.database_url is not None:
        raise SetupError(N_("DATABASE_URL is set: the private database is not used."))
    return find_cluster(settings.var_dir, settings.postgres_bin)

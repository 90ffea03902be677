"""How a command reaches the database: the one of the settings, else the project's private cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, text

from app.config import Settings
from app.db.cluster.embedded import find_cluster
from app.db.engine import database_errors, make_engine
from app.db.migrate import is_current
from app.errors import N_, SetupError


@contextmanager
def connected(*, write: bool = False, is_read_only: bool = False) -> Iterator[Connection]:
    """Give a command its connection; with `write` its transaction is committed at the end, else rolled back.

    One that `is_read_only` sees one moment, whatever others change meanwhile, and locks nobody out.

    Raises
    ------
    SetupError
        When the database cannot be reached, or its schema is not this version's.
    """
    settings = Settings.from_environment()
    with ExitStack() as stack:
        engine = make_engine(settings.database_url or _private_url(settings, stack), pool_size=1)
        stack.callback(engine.dispose)
        stack.enter_context(database_errors(engine))
        connection = stack.enter_context(engine.connect())
        if not is_current(connection):
            raise SetupError(
                N_("The database is not set up for this version: run “python -m app db upgrade” first.")
            )
        if is_read_only:
            connection.commit()
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection
        if write:
            connection.commit()


def _private_url(settings: Settings, stack: ExitStack) -> str:
    cluster = find_cluster(settings.var_dir, settings.postgres_bin)
    stack.enter_context(cluster.in_use())
    return cluster.url()

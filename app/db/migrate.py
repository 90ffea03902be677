"""Bring a database's schema to the models' (or back), in one transaction of the caller's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

MIGRATIONS = Path(__file__).parent / "migrations"
# Who holds what a migration needs must not make it wait for ever, nor it all who come after.
LIMITS = {"lock_timeout": "30s", "statement_timeout": "30min"}


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def is_current(connection: Connection) -> bool:
    """Return whether the schema is at the newest migration."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == newest


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision`; the caller commits."""
    with _limits(connection, LIMITS):
        settle_deferred(connection)
        command.upgrade(_config(connection), revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Undo the migrations down to `revision`; the caller commits."""
    with _limits(connection, LIMITS):
        settle_deferred(connection)
        command.downgrade(_config(connection), revision)


def settle_deferred(connection: Connection) -> None:
    """Judge now what waits for the end of the transaction: tables with pending triggers cannot be altered."""
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))


@contextmanager
def _limits(connection: Connection, limits: Mapping[str, str]) -> Iterator[None]:
    """Set limits within the caller's transaction, then what they were; a failure ends it, and them."""
    setting = text("SELECT set_config(:name, :value, true)")
    shown = text("SELECT current_setting(:name)")
    before = {name: connection.scalar(shown, {"name": name}) for name in limits}
    for name, value in limits.items():
        connection.execute(setting, {"name": name, "value": value})
    yield
    for name, value in before.items():
        connection.execute(setting, {"name": name, "value": value})

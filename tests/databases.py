"""Databases for tests: each a copy of a template in one throw-away cluster of the run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from app.config import Settings
from app.db.cluster.embedded import DATABASE, ROLE, SUPERUSER, Cluster, find_cluster
from app.db.cluster.prepared import code_fingerprint, mark_prepared
from app.db.engine import make_engine
from app.db.migrate import upgrade

Filling = Callable[[Connection], None]


def throw_away_cluster(var_dir: Path) -> Cluster:
    """Return the run's cluster: fast, not durable."""
    return find_cluster(var_dir, Settings.from_environment().postgres_bin, durable=False)


def migrated(connection: Connection) -> None:
    """Fill a template with the empty tables."""
    upgrade(connection)


def loaded(connection: Connection) -> None:
    """Fill a template as the first start of the service does: tables, data, neighbors, tours, its mark."""
    from app.services.setup.first_start import prepare_database

    prepare_database(connection, lambda step: None)
    mark_prepared(connection, code_fingerprint())


@contextmanager
def copy_of(cluster: Cluster, fill: Filling) -> Iterator[str]:
    """Yield the URL of a new database that `fill` has filled; it is dropped afterwards.

    `fill` runs once in the life of `cluster`, in a template that all copies are made from.
    """
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    with as_superuser(cluster) as server:
        template = _template(server, cluster, fill)
        _create(server, name, template)
    try:
        yield cluster.url(name)
    finally:
        with as_superuser(cluster) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def as_superuser(cluster: Cluster, database: str = "postgres") -> Iterator[psycopg.Connection]:
    """Yield a superuser's connection in autocommit."""
    address = {"host": str(cluster.place.socket_dir()), "user": SUPERUSER, "dbname": database}
    with psycopg.connect(**address, autocommit=True) as server:
        yield server


def _template(server: psycopg.Connection, cluster: Cluster, fill: Filling) -> str:
    """Return the name of the template of `fill`, made by whichever process comes first."""
    name = f"template_{fill.__module__.rpartition('.')[2]}_{fill.__name__}"
    server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
    if not server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
        unfinished = f"{name}_unfinished"
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(unfinished)))
        _create(server, unfinished, DATABASE)
        engine = make_engine(cluster.url(unfinished))
        try:
            with engine.begin() as connection:
                fill(connection)
        finally:
            engine.dispose()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))
    server.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
    return name


def _create(server: psycopg.Connection, name: str, template: str) -> None:
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
    server.execute(create.format(*map(sql.Identifier, (name, template, ROLE))))

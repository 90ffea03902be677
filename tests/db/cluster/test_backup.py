"""Backup and restore: a whole database comes back in another cluster, every row of every table."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.db.cluster.embedded import Cluster, find_cluster
from app.db.engine import make_engine
from app.services.people.second_factor import begin_factor, factor_state, secret_cipher
from app.services.people.staff import add_staff, person_named
from tests.databases import as_superuser, copy_of, loaded

APP = [sys.executable, "-m", "app"]


def contents(url: str) -> dict[str, object]:
    """Return every row of every table, and where every counter stands."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as server:
        named = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s"
        tables = [name for (name,) in server.execute(named, ["r"])]
        counters = [name for (name,) in server.execute(named, ["S"])]
        rows: dict[str, object] = {
            name: sorted(str(row) for row in server.execute(f"SELECT t::text FROM {name} t"))
            for name in tables
        }
        return rows | {
            name: server.execute(f"SELECT last_value, is_called FROM {name}").fetchall() for name in counters
        }


def run(var_dir: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY"}}
    return subprocess.run(
        [*APP, *arguments],
        env={**plain, "LC_ALL": "C.UTF-8", "APP_VAR_DIR": str(var_dir), **values},
        capture_output=True,
        text=True,
        check=False,
    )


KEY = "a key of that service"


@pytest.fixture
def staffed_url(cluster: Cluster) -> Iterator[str]:
    """The shipped data, and somebody with a second factor."""
    with copy_of(cluster, loaded) as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            add_staff(connection, "Erika", "trommel gans, nachts")
            begin_factor(connection, person_named(connection, "Erika"), secret_cipher(KEY))
        engine.dispose()
        yield url


def secret_of(url: str, key: str) -> str | None:
    """Return the secret of the second factor, as the service shows it that has this key."""
    engine = make_engine(url)
    with engine.connect() as connection:
        state = factor_state(connection, person_named(connection, "Erika"), secret_cipher(key))
    engine.dispose()
    return state.secret


def test_a_backup_comes_back_in_another_cluster(staffed_url: str, var_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    dumped = run(tmp_path, "db", "dump", str(file), DATABASE_URL=staffed_url, SECRET_KEY=KEY)
    assert (dumped.returncode, dumped.stderr) == (0, "")
    assert file.stat().st_mode & 0o077 == 0
    restored = run(var_dir, "db", "restore", str(file))
    assert (restored.returncode, restored.stderr) == (0, "")
    assert (var_dir / "secret_key").read_text() == KEY
    cluster = find_cluster(var_dir)
    with cluster.in_use():
        before, after = contents(staffed_url), contents(cluster.url())
        assert secret_of(cluster.url(), KEY) == secret_of(staffed_url, KEY) is not None
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []
    assert len(before["plot_version"]) == 91  # type: ignore[arg-type]
    again = run(var_dir, "db", "restore", str(file))
    assert again.returncode == 5
    assert again.stderr.startswith("The database already contains data")


def test_what_is_no_backup_is_refused_and_nothing_is_made(var_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no backup")
    refused = run(var_dir, "db", "restore", str(file))
    assert refused.returncode == 3
    assert refused.stderr == "notes.txt was not written by “db dump”.\n"


def test_a_user_who_may_make_no_tables_is_told_what_to_grant(cluster: Cluster) -> None:
    with as_superuser(cluster) as server:
        server.execute("CREATE DATABASE closed TEMPLATE template0")
    try:
        with as_superuser(cluster, "closed") as server:
            server.execute("CREATE EXTENSION postgis")
            server.execute("CREATE EXTENSION btree_gist")
            server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        refused = run(Path(os.devnull).parent, "db", "upgrade", DATABASE_URL=cluster.url("closed"))
        assert refused.returncode == 7
        grant = "GRANT CREATE ON SCHEMA public TO nachbarschaft"
        assert refused.stderr == f"The database's user may not create tables: run {grant} there.\n"
    finally:
        with as_superuser(cluster) as server:
            server.execute("DROP DATABASE closed WITH (FORCE)")

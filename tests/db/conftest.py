"""Private clusters, databases of a test's own, and collections as filters ask them."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app.db.cluster.embedded import Cluster, find_cluster
from app.db.cluster.location import find_place
from app.db.cluster.programs import server_pid
from app.db.engine import make_engine
from tests.cheap_passwords import cheap_passwords
from tests.conftest import Run
from tests.db.features.stored_features import Stored, stored
from tests.unhurried import unhurried_planner

__all__ = ["cheap_passwords", "unhurried_planner"]


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A folder that the server's user can reach; pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="cluster-"))
    made.chmod(0o755)
    yield made
    stop_below(made)
    shutil.rmtree(made, ignore_errors=True)


def stop_below(folder: Path) -> None:
    """Stop whatever server a failed test left behind."""
    for data in folder.rglob("postmaster.pid"):
        place = find_place(data.parents[2])
        if (pid := server_pid(place)) is not None:
            os.kill(pid, signal.SIGQUIT)


@pytest.fixture
def private(var_dir: Path) -> Cluster:
    return find_cluster(var_dir, durable=False)


@pytest.fixture
def fresh(fresh_database_url: str) -> Iterator[Connection]:
    """A connection to a migrated database of this test's own."""
    engine = make_engine(fresh_database_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def run(run_reading: Run, monkeypatch: pytest.MonkeyPatch, cli_env: dict[str, str]) -> Run:
    """Run a command the same way on a loaded database of the test's own."""
    monkeypatch.setenv("DATABASE_URL", cli_env["DATABASE_URL"])
    return run_reading


@pytest.fixture(scope="module")
def collections(loaded_engine: Any) -> dict[str, Stored]:
    with loaded_engine.connect() as connection:
        return {name: stored(connection, name) for name in ("plots", "companies")}

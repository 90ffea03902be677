"""Fixtures that more than one room's tests use.

One throw-away PostGIS serves the whole run; each test process has its own copies of a migrated
(`database_url`) and of a loaded (`loaded_url`) database. Nothing is started before a test asks for it.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from sqlalchemy import Connection, Engine

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from tests.databases import copy_of, loaded, migrated, throw_away_cluster
from tests.machine import find_chromium
from tests.waiting import LAST_RESORT_MS
from tests.watching import Watch

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

Run = Callable[..., tuple[int, str, str]]

_RUN_DIR = "TEST_RUN_DIR"
_CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# `make test` draws the same examples each time and remembers none; `make fuzz` looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, database=None, deadline=None)
hypothesis.settings.register_profile("fuzz", database=None, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_configure(config: pytest.Config) -> None:
    """Name one folder for the run's cluster; worker processes inherit the name."""
    if not hasattr(config, "workerinput"):
        run_dir = tempfile.mkdtemp(prefix="nachbarschaft-test-")
        # When tests run as root, the server's user must be able to walk through.
        Path(run_dir).chmod(0o755)
        os.environ[_RUN_DIR] = run_dir


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the run's folder, and stop its cluster if a worker died before it could."""
    if not hasattr(config, "workerinput") and (run_dir := os.environ.pop(_RUN_DIR, None)):
        if (Path(run_dir) / "postgres" / "data").exists():
            throw_away_cluster(Path(run_dir)).stop()
        shutil.rmtree(run_dir, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was skipped and what it lacks."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", ()))
    if reasons:
        lacking = (f"{reason.removeprefix('Skipped: ')} ({n})" for reason, n in reasons.most_common())
        terminalreporter.write_line(f"{reasons.total()} tests skipped: {'; '.join(lacking)}")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The run's running cluster; the last process that uses it stops it."""
    found = throw_away_cluster(Path(os.environ[_RUN_DIR]))
    with found.in_use():
        yield found


@pytest.fixture(scope="session")
def database_url(cluster: Cluster) -> Iterator[str]:
    """A database with empty tables, shared by this process's tests: leave it empty (use `connection`)."""
    with copy_of(cluster, migrated) as url:
        yield url


@pytest.fixture
def fresh_database_url(cluster: Cluster) -> Iterator[str]:
    """A database with empty tables for this test alone."""
    with copy_of(cluster, migrated) as url:
        yield url


@pytest.fixture(scope="session")
def loaded_url(cluster: Cluster) -> Iterator[str]:
    """A database with the shipped data, shared by this process's tests: only read it."""
    with copy_of(cluster, loaded) as url:
        yield url


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on `database_url`."""
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection to empty tables; whatever the test does is rolled back.

    Sessions join it with ``Session(connection, join_transaction_mode="create_savepoint")``.
    """
    with engine.connect() as made, made.begin() as transaction:
        yield made
        transaction.rollback()


@pytest.fixture(scope="session")
def loaded_engine(loaded_url: str) -> Iterator[Engine]:
    """An engine on `loaded_url`."""
    made = make_engine(loaded_url)
    yield made
    made.dispose()


@pytest.fixture
def loaded_connection(loaded_engine: Engine) -> Iterator[Connection]:
    """A connection to the shipped data; whatever the test does is rolled back."""
    with loaded_engine.connect() as made, made.begin() as transaction:
        yield made
        transaction.rollback()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a plain environment, with a folder of their own and no database yet."""
    return Settings.from_environment({"APP_VAR_DIR": str(tmp_path_factory.mktemp("var")), "APP_WORKERS": "1"})


@pytest.fixture(scope="session")
def app(settings: Settings, loaded_url: str) -> Iterator[Flask]:
    """The web application on the shipped data."""
    from app import create_app

    made = create_app(replace(settings, database_url=loaded_url))
    made.config["TESTING"] = True
    yield made
    made.extensions["engine"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies."""
    return app.test_client()


@pytest.fixture
def cli_env(cluster: Cluster, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Environment for ``python -m app`` in English, on the shipped data in a database of the test's own."""
    with copy_of(cluster, loaded) as url:
        yield {**os.environ, "DATABASE_URL": url, "APP_VAR_DIR": str(tmp_path / "var"), "LC_ALL": "C.UTF-8"}


@pytest.fixture
def run_reading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, loaded_url: str
) -> Run:
    """Run a command as its entry does, on data that others read, too: (exit code, output, messages)."""
    given = {"DATABASE_URL": loaded_url, "APP_VAR_DIR": str(tmp_path / "var"), "LC_ALL": "C.UTF-8"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    from app.cli import main

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["app", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


@pytest.fixture(scope="session")
def live_server(settings: Settings, loaded_url: str) -> Iterator[str]:
    """The service on the shipped data behind the real web server; its address, with a slash at the end."""
    from app.cli.server.webserver import serving

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        serving(settings, listener, loaded_url) as server,
    ):
        server.wait_for_answer()
        yield server.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=LAST_RESORT_MS)
    program = find_chromium()
    assert program, "no Chromium: run python -m tests.machine"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(_CHROMIUM_FLAGS))
        yield started
        started.close()


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Make pages with Playwright's context options (``viewport``, ``locale``, ``has_touch``...).

    The test fails afterwards if any of them met a console error, an uncaught exception, a breach
    of the content security policy, or asked any other server than `live_server`.
    """
    watch = Watch(browser, live_server)
    yield watch.new_page
    watch.close()
    assert watch.complaints == []


@pytest.fixture
def page(page_factory: Callable[..., Page]) -> Page:
    """A desktop page, watched like all of `page_factory`'s."""
    return page_factory(viewport={"width": 1280, "height": 800})

"""Processes killed while people save: what was acknowledged is there afterwards, and nothing by half."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Event

import psutil
import pytest
from sqlalchemy import Engine, text

from app.db.cluster.embedded import find_cluster
from app.db.cluster.programs import server_pid
from app.db.engine import make_engine
from app.services.people.staff import add_staff
from benchmarks.load import many_plots
from benchmarks.staff_client import StaffClient
from tests.waiting import wait_until
from tests.web.server.prepared import prepared_installation
from tests.web.server.test_machine import APP, end, environment, gone, serve
from tests.web.signing_in import NAME, PASSWORD
from tests.web.tours.tour_requests import a_wish

N_PEOPLE, N_SAVED = 3, 3
N_STOPS, N_LEGS = 3, 2

TOURS = """
SELECT key, version,
       (SELECT count(*) FROM tour_stop WHERE tour_stop.tour_id = tour.tour_id) AS n_stops,
       (SELECT count(*) FROM tour_leg WHERE tour_leg.tour_id = tour.tour_id) AS n_legs
FROM tour WHERE wish IS NOT NULL
"""
OTHERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class People:
    """People who go on saving, whatever happens to the service.

    Attributes
    ----------
    acknowledged : dict of str to int
        The tours that they were told are saved, and of which version.
    statuses : set of int
        Of all answers that they got.
    """

    def __init__(self, address: str) -> None:
        self.acknowledged: dict[str, int] = {}
        self.statuses: set[int] = set()
        self.is_over = Event()
        self.clients = [StaffClient(address, NAME, PASSWORD) for _ in range(N_PEOPLE)]

    def save(self, client: StaffClient) -> None:
        """Save tours, and change each of them, until it is over."""
        while not self.is_over.is_set():
            try:
                self._save_once(client)
            except (OSError, HTTPException):
                time.sleep(0.05)

    def _save_once(self, client: StaffClient) -> None:
        given = {"wish": a_wish(), "title": "Saved"}
        answer = client.ask("POST", "api/tours", given)
        self.statuses.add(answer.status)
        if answer.status == 201:
            key = answer.told["key"]
            self.acknowledged[key] = 1
            answer = client.ask("PUT", f"api/tours/{key}", {**given, "title": "Changed"}, seen=1)
            self.statuses.add(answer.status)
            if answer.status == 200:
                self.acknowledged[key] = answer.told["version"]

    def wait_for_more(self) -> None:
        """Return when so many more tours are acknowledged."""
        wanted = len(self.acknowledged) + N_SAVED
        wait_until(lambda: len(self.acknowledged) >= wanted, "tours are saved")


@contextmanager
def saving(address: str) -> Iterator[People]:
    """People who save while the block runs."""
    people = People(address)
    with ThreadPoolExecutor(N_PEOPLE) as pool:
        work = [pool.submit(people.save, client) for client in people.clients]
        try:
            yield people
        finally:
            people.is_over.set()
    for each in work:
        each.result()


@contextmanager
def running(var_dir: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service as `make run` starts it, and its address."""
    started, address = serve(APP_VAR_DIR=var_dir)
    try:
        yield started, address
    finally:
        if started.poll() is None:
            end(started, signal.SIGTERM)
        elif started.stdout:
            started.stdout.close()


@contextmanager
def database(var_dir: Path) -> Iterator[Engine]:
    """An engine on the database of a running service."""
    engine = make_engine(find_cluster(var_dir).url())
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def var_dir() -> Iterator[Path]:
    """A folder with a database in it, and somebody who may sign in."""
    with prepared_installation(lambda connection: add_staff(connection, NAME, PASSWORD)) as made:
        yield made


def victim(kind: str, started: subprocess.Popen[str], var_dir: Path) -> int:
    """Return the process that is killed."""
    if kind == "serve":
        return started.pid
    (gunicorn,) = (child for child in psutil.Process(started.pid).children() if "gunicorn" in child.cmdline())
    if kind == "gunicorn":
        return int(gunicorn.pid)
    if kind == "worker":
        return int(gunicorn.children()[0].pid)
    if kind == "postmaster":
        found = server_pid(find_cluster(var_dir).place)
        assert found is not None
        return found
    with database(var_dir) as engine, engine.connect() as connection:
        return int(connection.execute(text(OTHERS)).scalars().all()[0])


def check_stored(var_dir: Path, people: People) -> None:
    """Look for all that was acknowledged, and for anything that is there by half."""
    with database(var_dir) as engine, engine.connect() as connection:
        stored = {row["key"]: row for row in connection.execute(text(TOURS)).mappings()}
    # What was stored and could not be told any more may be there besides.
    assert {
        key: version
        for key, version in people.acknowledged.items()
        if key not in stored or stored[key]["version"] < version
    } == {}
    ours = [row for key, row in stored.items() if key.startswith("saved")]
    assert {(row["n_stops"], row["n_legs"]) for row in ours} == {(N_STOPS, N_LEGS)}


def test_the_service_goes_on_by_itself(var_dir: Path) -> None:
    with running(var_dir) as (started, address):
        with saving(address) as people:
            for kind in ("worker", "backend", "postmaster"):
                people.wait_for_more()
                os.kill(victim(kind, started, var_dir), signal.SIGKILL)
            people.wait_for_more()
        check_stored(var_dir, people)
    assert people.statuses <= {200, 201, 503}


def test_what_was_acknowledged_is_there_after_a_new_start(var_dir: Path) -> None:
    every: list[People] = []
    for kind in ("gunicorn", "serve"):
        with running(var_dir) as (started, address), saving(address) as people:
            for earlier in every:
                check_stored(var_dir, earlier)
            people.wait_for_more()
            os.kill(victim(kind, started, var_dir), signal.SIGKILL)
            started.wait()
            wait_until(lambda: gone(address), "the web server ends")
            wait_until(lambda: not find_cluster(var_dir).is_running(), "the database ends")
        assert people.statuses <= {200, 201, 503}
        every.append(people)
    with running(var_dir):
        for people in every:
            check_stored(var_dir, people)


def test_of_a_killed_import_nothing_is_stored_and_saves_go_on(var_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "plots.gpkg"
    many_plots(20_000).to_file(file)
    writing = f"{OTHERS} AND backend_xid IS NOT NULL AND query ILIKE '%plot%'"
    with running(var_dir) as (_, address), database(var_dir) as engine:
        with saving(address) as people:
            importing = subprocess.Popen(
                [*APP, "import", "plots", str(file), "--key", "key", "--park", "heinenkamp-2"],
                env=environment(APP_VAR_DIR=var_dir),
            )
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
                wait_until(lambda: looking.execute(text(writing)).first() is not None, "plots are stored")
                importing.kill()
                assert importing.wait() == -signal.SIGKILL
                people.wait_for_more()
                wait_until(lambda: looking.execute(text(writing)).first() is None, "its transaction is over")
                plots = looking.execute(text("SELECT count(*) FROM plot WHERE key LIKE 'X-%'"))
                assert plots.scalar_one() == 0
        # Only now: what is saved while one looks is acknowledged, but not yet among what was read.
        check_stored(var_dir, people)
    assert people.statuses <= {200, 201, 503}

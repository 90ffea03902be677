"""`make run` and `python -m app serve` as a person meets them: started, stopped, refused."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import text

from app.config import PROJECT_DIR
from app.db.cluster.embedded import DATABASE, Cluster, find_cluster
from app.db.cluster.programs import server_pid
from app.db.engine import check_postgis, make_engine
from app.errors import SetupError
from tests.databases import as_superuser
from tests.waiting import LAST_RESORT_S
from tests.web.server.prepared import prepared_installation

APP = [sys.executable, "-m", "app"]


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A folder that the database's user can reach; pytest's own are closed to others."""
    made = Path(tempfile.mkdtemp(prefix="machine-"))
    made.chmod(0o755)
    yield made
    if (made / "postgres" / "data").exists():
        find_cluster(made).stop()
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    with prepared_installation() as made:
        yield made


@pytest.fixture
def prepared_dir(installation: Path) -> Iterator[Path]:
    """A folder in which the service has started before."""
    yield installation
    find_cluster(installation).stop()


def environment(**values: object) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**plain, "LC_ALL": "C.UTF-8", **{name: str(value) for name, value in values.items()}}


def refused(*arguments: str, **values: object) -> str:
    """Run the command line; return the one sentence it refuses with."""
    done = subprocess.run(
        [*APP, *arguments],
        env=environment(**values),
        capture_output=True,
        text=True,
        check=False,
        timeout=LAST_RESORT_S,
    )
    assert done.returncode == 7, done.stderr
    told = [line for line in done.stderr.splitlines() if not line.startswith("==> ")]
    assert len(told) == 1, done.stderr
    return told[0]


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


# Below those that the system gives to whoever asks for any; each test process begins elsewhere.
_PORTS = count(10_000 + 20 * (os.getpid() % 1_000))


def free_port() -> int:
    """Return a port that nobody listens on, and that is given to nobody meanwhile."""
    for port in _PORTS:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError


def status_at(address: str) -> int:
    host = re.fullmatch(r"http://([\d.:]+)/", address)
    assert host
    connection = http.client.HTTPConnection(host[1], timeout=LAST_RESORT_S)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


def serve(**values: object) -> tuple[subprocess.Popen[str], str]:
    """Start the service as `make run` does; return it when it has told its address."""
    started = subprocess.Popen(
        [*APP, "serve", "--setup"],
        env=environment(PORT=free_port(), APP_WORKERS=1, **values),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout
    told = started.stdout.readline()
    assert told.startswith("Map: http://127.0.0.1:"), told
    return started, told.removeprefix("Map: ").strip()


def end(started: subprocess.Popen[str], by: signal.Signals) -> int:
    started.send_signal(by)
    code = started.wait(60)
    assert started.stdout
    started.stdout.close()
    return code


def test_an_interrupt_stops_all_that_was_started_and_nothing_else(var_dir: Path) -> None:
    first, address_of_first = serve(APP_VAR_DIR=var_dir)
    second, address_of_second = serve(APP_VAR_DIR=var_dir)
    assert (status_at(address_of_first), status_at(address_of_second)) == (200, 200)

    assert end(first, signal.SIGINT) == 0
    with pytest.raises(ConnectionRefusedError):
        status_at(address_of_first)
    assert status_at(address_of_second) == 200

    assert end(second, signal.SIGINT) == 0
    cluster = find_cluster(var_dir)
    assert not cluster.is_running()

    cluster.start()
    third, _ = serve(APP_VAR_DIR=var_dir)
    assert end(third, signal.SIGINT) == 0
    assert cluster.is_running()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_and_a_closed_terminal_end_it_too(loaded_url: str, by: signal.Signals) -> None:
    started, address = serve(DATABASE_URL=loaded_url)
    assert status_at(address) == 200
    assert end(started, by) == 0
    with pytest.raises(ConnectionRefusedError):
        status_at(address)


def gone(address: str) -> bool:
    try:
        status_at(address)
    except OSError:
        return True
    return False


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait as long as it takes; what never happens is ended by whoever runs the tests."""
    while not happened():
        time.sleep(0.1)


def test_what_was_started_ends_with_a_killed_service(prepared_dir: Path) -> None:
    started, address = serve(APP_VAR_DIR=prepared_dir)
    assert end(started, signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: gone(address))
    wait_until(lambda: not find_cluster(prepared_dir).is_running())


def test_a_database_that_dies_is_started_again(prepared_dir: Path) -> None:
    started, address = serve(APP_VAR_DIR=prepared_dir)
    place = find_cluster(prepared_dir).place
    dead = server_pid(place)
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: server_pid(place) not in (None, dead))
    wait_until(lambda: status_at(address) == 200)
    assert end(started, signal.SIGTERM) == 0


def test_one_command_ends_all_of_it(prepared_dir: Path) -> None:
    started, address = serve(APP_VAR_DIR=prepared_dir)
    stop = partial(
        subprocess.run, [*APP, "stop"], env=environment(APP_VAR_DIR=prepared_dir), capture_output=True
    )
    assert stop(check=True).stdout == b"Stopped.\n"
    assert started.wait() == 0
    assert started.stdout
    started.stdout.close()
    assert gone(address)
    assert not find_cluster(prepared_dir).is_running()
    assert stop(check=True).stdout == b"Nothing was running.\n"


def test_a_database_that_was_stopped_ends_the_service(prepared_dir: Path) -> None:
    started, _ = serve(APP_VAR_DIR=prepared_dir)
    find_cluster(prepared_dir).stop()
    assert started.wait() == 7
    assert started.stdout
    started.stdout.close()


def test_a_taken_port_is_told_before_anything_is_made(var_dir: Path) -> None:
    with taken_port() as port:
        sentence = refused("serve", "--setup", PORT=port, APP_VAR_DIR=var_dir)
    other = f"“make run PORT={port + 1}”"
    assert (
        sentence == f"Port {port} on 127.0.0.1 is taken: stop what uses it, or choose another, as in {other}."
    )
    assert list(var_dir.iterdir()) == []


def test_a_host_of_elsewhere_is_told(var_dir: Path) -> None:
    sentence = refused("serve", HOST="192.0.2.1", PORT=free_port(), APP_VAR_DIR=var_dir)
    assert sentence == "HOST “192.0.2.1” is not an address of this machine."


def test_a_database_that_is_not_there_is_told_without_its_password() -> None:
    url = f"postgresql://me:geheim@127.0.0.1:{free_port()}/x"
    sentence = refused("serve", "--setup", DATABASE_URL=url, PORT=free_port())
    assert "cannot be reached" in sentence
    assert "geheim" not in sentence


def test_something_that_is_no_postgresql_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_like_a_web_server() -> None:
            # Who asked may have gone, and nobody may ask a second time before the test is over.
            for _ in range(2):
                with suppress(OSError):
                    caller, _ = server.accept()
                    with caller:
                        caller.recv(1024)
                        caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        Thread(target=answer_like_a_web_server, daemon=True).start()
        url = f"postgresql://me@127.0.0.1:{server.getsockname()[1]}/x"
        sentence = refused("serve", "--setup", DATABASE_URL=url, PORT=free_port())
    assert sentence == "What answers at DATABASE_URL is not PostgreSQL."


def test_a_refused_user_is_told(cluster: Cluster) -> None:
    url = cluster.url(role="somebody_else")
    assert (
        refused("db", "status", DATABASE_URL=url)
        == "The database refuses the user or password in DATABASE_URL."
    )


def test_a_missing_database_is_told(cluster: Cluster) -> None:
    sentence = refused("db", "status", DATABASE_URL=cluster.url("no_such_database"))
    assert sentence == "The database named in DATABASE_URL does not exist on its server."


def test_a_plain_postgresql_whose_user_may_make_no_extension_is_told(cluster: Cluster) -> None:
    with as_superuser(cluster) as server:
        server.execute("CREATE DATABASE plain TEMPLATE template0")
    try:
        sentence = refused("serve", "--setup", DATABASE_URL=cluster.url("plain"), PORT=free_port())
        assert sentence == (
            "The database lacks postgis, which this user may not create: run CREATE EXTENSION postgis there."
        )
    finally:
        with as_superuser(cluster) as server:
            server.execute("DROP DATABASE plain WITH (FORCE)")


def test_a_server_without_postgis_is_told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.db.engine.EXTENSIONS", ("an_extension_nobody_has",))
    engine = make_engine(cluster.url())
    with pytest.raises(
        SetupError, match="The database has no PostGIS: its server lacks the extension an_ext"
    ):
        check_postgis(engine)
    engine.dispose()


def test_every_session_speaks_utc_even_after_a_rollback(cluster: Cluster) -> None:
    engine = make_engine(cluster.url())
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {DATABASE} SET timezone = 'Europe/Berlin'"))
        connection.commit()
    engine.dispose()
    with engine.connect() as connection:
        connection.rollback()
        assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
        connection.execute(text(f"ALTER DATABASE {DATABASE} RESET timezone"))
        connection.commit()
    engine.dispose()


def test_the_database_is_started_asked_upgraded_and_stopped_by_command(var_dir: Path) -> None:
    def db(command: str) -> str:
        done = subprocess.run(
            [*APP, "db", command],
            env=environment(APP_VAR_DIR=var_dir),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert "is not running" in refused("db", "status", APP_VAR_DIR=var_dir)
    assert db("start").startswith("postgresql+psycopg://")
    assert db("status").endswith("schema to be upgraded")
    db("upgrade")
    assert db("status").endswith("schema current")
    assert (db("stop"), db("stop")) == ("stopped", "was not running")


def test_every_bad_setting_is_told_in_its_own_line() -> None:
    done = subprocess.run(
        [*APP, "serve"], env=environment(PORT="x", APP_WORKERS=0), capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["PORT", "APP_WORKERS"]


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )


def test_an_old_python_is_told(tmp_path: Path) -> None:
    shutil.copy(PROJECT_DIR / "Makefile", tmp_path)
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 3.9\nexit 1\n")
    old.chmod(0o755)
    done = make(tmp_path, "run", f"PYTHONS={old} no-such-python")
    assert done.returncode != 0
    told = done.stderr.splitlines()
    assert told[0].startswith("Python 3.11 or newer is needed; this machine has 3.9: install it")
    # Under `make test` this is a make within a make, which numbers itself.
    assert [line for line in told[1:] if not re.match(r"make(\[\d+\])?: ", line)] == []


def test_make_without_a_target_lists_every_target() -> None:
    listed = [line.split()[0] for line in make(PROJECT_DIR).stdout.splitlines()]
    assert listed == [
        "help",
        "run",
        "demo",
        "test",
        "coverage",
        "fuzz",
        "lint",
        "benchmarks",
        "conformance",
        "translations",
        "lock",
        "stop",
        "clean",
    ]

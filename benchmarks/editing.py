"""Edits over time and by several people: no day is wrong, no edit and no gesture lost.

``python -m benchmarks.editing --histories 10000``: random histories, each compared with a plain model.
``python -m benchmarks.editing --pairs 1000``: pairs of people who edit at once.
``python -m benchmarks.editing --kills 100``: a real browser killed while somebody fills in a form.
``python -m benchmarks.editing --cases 20 --plots 100000``: how long what follows, and a save, take in a park.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection

from app import create_app
from app.cli.server.webserver import serving
from app.config import Settings
from app.domain.kinds import AccessRole
from app.machine.system import find_chromium
from app.services.people.staff import add_staff
from app.services.setup.first_start import prepare_database
from benchmarks.consequences import run_cases, store_park, table
from benchmarks.database import private_database
from benchmarks.form_client import FormClient
from benchmarks.histories import run_history
from benchmarks.kills import run_kills
from benchmarks.pairs import run_pairs

_EVERY = 100
NAMES, PASSWORD = ("Erika Muster", "Ben Beispiel"), "correct horse battery"


def main() -> None:
    """Run as many histories, pairs and kills as asked for, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("histories", "pairs", "kills", "cases"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--plots", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.cases:
        _cases(asked.cases, asked.plots, asked.seed)
    if asked.histories or not (asked.pairs or asked.kills or asked.cases):
        _histories(asked.histories or 100, asked.seed)
    if asked.pairs or asked.kills:
        with private_database() as connection:
            settings = _filled(connection)
            if asked.pairs:
                _pairs(settings, asked.pairs, asked.seed)
            if asked.kills:
                _kills(settings, asked.kills, asked.seed)


def _histories(n: int, seed: int) -> None:
    tally: Counter[str] = Counter()
    with private_database() as connection:
        for nth in range(n):
            tally += run_history(connection, seed + nth)
            connection.rollback()
            if (nth + 1) % _EVERY == 0 or nth + 1 == n:
                print(f"{nth + 1} histories: {_told(tally)}", flush=True)


def _cases(n: int, n_plots: int, seed: int) -> None:
    with private_database() as connection:
        store_park(connection, n_plots)
        settings = _with_staff(connection)
        app = create_app(settings)
        took = run_cases(app, FormClient(app, NAMES[0], PASSWORD), n_plots, n, seed)
        app.extensions["engine"].dispose()
    print("| plots | case | times | follows p50 ms | p95 | save to neighbors p50 ms | p95 |")
    print("\n".join(table(n_plots, took)), flush=True)


def _filled(connection: Connection) -> Settings:
    """Fill a database with the shipped data and two people of staff; return settings of a service on it."""
    prepare_database(connection, print)
    return _with_staff(connection)


def _with_staff(connection: Connection) -> Settings:
    """Let two people sign in; return settings of a service on the database."""
    for name in NAMES:
        add_staff(connection, name, PASSWORD, AccessRole.STAFF, "wmg")
    connection.commit()
    url = connection.engine.url.render_as_string(hide_password=False)
    settings = Settings.from_environment({"APP_VAR_DIR": tempfile.mkdtemp(prefix="benchmark-var-")})
    return replace(settings, database_url=url)


def _pairs(settings: Settings, n: int, seed: int) -> None:
    app = create_app(settings)
    erika, ben = (FormClient(app, name, PASSWORD) for name in NAMES)
    tally = run_pairs(app, (erika, ben), n, seed)
    app.extensions["engine"].dispose()
    share = tally["saved without a question"] / tally["pairs"]
    print(f"{_told(tally)}; 0 lost; {share:.1%} saved without a question", flush=True)


def _kills(settings: Settings, n: int, seed: int) -> None:
    program = find_chromium()
    if program is None:
        raise SystemExit("There is no Chromium on this machine.")
    with _service(settings) as address:
        print(_told(run_kills(program, address, (NAMES[0], PASSWORD), n, seed)), flush=True)


@contextmanager
def _service(settings: Settings) -> Iterator[str]:
    assert settings.database_url is not None  # noqa: S101  `_filled` sets it
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        serving(settings, listener, settings.database_url) as server,
    ):
        server.wait_for_answer()
        yield server.address


def _told(tally: Counter[str]) -> str:
    return ", ".join(f"{tally[name]} {name}" for name in sorted(tally))


if __name__ == "__main__":
    main()

"""The real server: exports that nobody waits for stop, in the database and on the disk; few run at once."""

from __future__ import annotations

import http.client
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from app.config import Settings
from app.db import engine as engines
from app.db.engine import make_engine
from tests.waiting import wait_until
from tests.web.conftest import MakeApp
from tests.web.server.serving_here import asked, hang_up, serving_here

# More than a download needs a turn for, and than lies between the server and a client that takes nothing.
N_PLOTS = 10_500

FILL = """
ALTER TABLE plot DISABLE TRIGGER USER;
ALTER TABLE plot_version DISABLE TRIGGER USER;
WITH made AS (INSERT INTO park (key) VALUES ('p') RETURNING park_id)
INSERT INTO park_version (park_id, name, geometry, valid)
SELECT park_id, 'P', ST_MakeEnvelope(600000, 5800000, 610000, 5810000, 25832), '(,)' FROM made;
INSERT INTO plot (park_id, key) SELECT park_id, 'P' || n FROM park, generate_series(1, {n}) AS n;
INSERT INTO plot_version (plot_id, plot_key, park_key, geometry, use_status, quality, label,
                          starts_precision, valid)
SELECT plot_id, key, 'p', ST_MakeEnvelope(6e5 + plot_id, 58e5, 6e5 + plot_id + 1, 58e5 + 9, 25832),
       'vacant', 'schematic', repeat(chr(120), 3000), 'unknown', '(,)'
FROM plot;
"""


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server makes its files."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture
def database(fresh_database_url: str) -> Iterator[Connection]:
    """A connection to a database with very many plots."""
    engine = make_engine(fresh_database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in FILL.format(n=N_PLOTS).split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
        connection.execute(text("ANALYZE"))
        yield connection
    engine.dispose()


@pytest.fixture
def server(
    database: Connection,
    make_app: MakeApp,
    settings: Settings,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The service on that database, which waits for locks as long as they are held; its address."""
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(engines, "LOCK_TIMEOUT_MS", 0)
    url = database.engine.url.render_as_string(hide_password=False)
    app = make_app(replace(settings, database_url=url))
    with serving_here(app) as address:
        yield address
    app.extensions["engine"].dispose()


def ask(server: str, form: str) -> http.client.HTTPConnection:
    """Ask for all plots and do not wait for the answer."""
    return asked(server, "GET", f"/exports/plots.{form}")


def at_work(database: Connection) -> int:
    """Return how many other connections run a statement or are inside a transaction."""
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
    )
    return int(database.execute(text(statement)).scalar_one())


def test_work_stops_when_the_client_is_gone(server: str, database: Connection, temporary: Path) -> None:
    _a_stream_breaks_off(server, database)
    _a_statement_is_cancelled(server, database, "geojson")
    _a_statement_is_cancelled(server, database, "gpkg")
    _a_file_is_given_up(server, database, temporary)
    _others_get_theirs(server)


def _a_stream_breaks_off(server: str, database: Connection) -> None:
    """More is to be sent than lies between server and client: the cursor is open until the client is gone."""
    kept = ask(server, "geojson")
    response = kept.getresponse()
    assert response.status == 200
    assert len(response.read(100_000)) == 100_000
    assert at_work(database) == 1
    response.close()
    kept.close()
    wait_until(lambda: at_work(database) == 0, "the cursor is closed")


def _a_statement_is_cancelled(server: str, database: Connection, form: str) -> None:
    """It waits for a lock that is never given up, so it ends by being cancelled or not at all."""
    engine = database.engine
    with engine.connect() as locking:
        locking.execute(text("LOCK TABLE plot_version IN ACCESS EXCLUSIVE MODE"))
        gone = ask(server, form)
        wait_until(lambda: at_work(database) == 2, "the lock's holder, and who waits for it")
        hang_up(gone)
        wait_until(lambda: at_work(database) == 1, "the statement is cancelled")
        locking.rollback()


def _a_file_is_given_up(server: str, database: Connection, temporary: Path) -> None:
    gone = ask(server, "xlsx")
    wait_until(lambda: any(temporary.iterdir()), "the file is begun")
    hang_up(gone)
    wait_until(lambda: at_work(database) == 0, "nothing is read any more")
    wait_until(lambda: not any(temporary.iterdir()), "the file is gone")


def _others_get_theirs(server: str) -> None:
    """All connections and threads are free again."""
    for form in ("csv", *["parquet"] * 5):
        kept = ask(server, form)
        response = kept.getresponse()
        assert response.status == 200
        assert len(response.read()) > N_PLOTS
        kept.close()


def test_only_few_large_exports_run_at_once(server: str, database: Connection) -> None:
    """Two are read slowly; a third is told in its language to come again, and small ones are served."""
    slow = [ask(server, form) for form in ("geojson", "csv")]
    begun = [kept.getresponse() for kept in slow]
    assert [len(response.read(1_000)) for response in begun] == [1_000] * 2
    sentences = [_refused(server, f"parquet?lang={lang}") for lang in ("de", "en")]
    assert sentences[0].startswith("Es werden gerade andere große Downloads")
    assert sentences[1].startswith("Other large downloads are being prepared")
    assert _told(server, "csv?key=P1")[0] == _told(server, "geojson?key=P2")[0] == 200
    for kept, response in zip(slow, begun, strict=True):
        response.close()
        kept.close()
        wait_until(lambda: _told(server, "csv")[0] == 200, "its place is free")
    wait_until(lambda: at_work(database) == 0, "nothing is read any more")
    # Both turns are free again, whichever way they ended.
    assert [_told(server, form)[0] for form in ("gpkg", "csv", "geojson")] == [200] * 3


def _told(server: str, form: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    kept = ask(server, form)
    response = kept.getresponse()
    body = response.read()
    kept.close()
    return response.status, response.headers, body


def _refused(server: str, form: str) -> str:
    status, headers, body = _told(server, form)
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    return str(json.loads(body)["error"])

"""``python -m benchmarks.mail``: 1,000 mails to a real SMTP server, workers killed, links opened by programs.

No mail may come twice, none may be lost, at most one a kill may be uncertain; and whatever programs do with
the links of 1,000 invitations, nobody may have answered. What it printed stands in `benchmarks/README.md`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import click
from sqlalchemy import Engine, text

from app import create_app
from app.cli.meetings.mail_worker import send_due
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.services.meetings.invitation_links import invitation_token
from tests.databases import copy_of, migrated, throw_away_cluster
from tests.db.meetings.mail_kills import STEPS, sent_with_kills
from tests.db.meetings.mail_scene import SECRET, queue, store_meeting
from tests.mail_server import mail_server, server_environment
from tests.web.meetings.scanners import scan

# What an answer, a proposal or a wish for no more mails would be written to.
CHANGED = ("participation_event", "participation", "correction", "suppression", "privacy_log")
_PAST = datetime(2026, 1, 1, tzinfo=UTC)


@click.command()
@click.option("--mails", default=1000, show_default=True)
@click.option("--kills", default=30, show_default=True)
def main(mails: int, kills: int) -> None:
    """Send mails undisturbed, then as many with killed workers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        cluster = throw_away_cluster(folder)
        with cluster.in_use():
            _send(cluster, folder, mails)
            _kill(cluster, folder, mails, kills)
            _scan(cluster, folder, mails)


def _send(cluster: Cluster, folder: Path, n: int) -> None:
    with _queued(cluster, n) as (_, engine), mail_server() as server, engine.connect() as connection:
        settings = Settings.from_environment({"APP_VAR_DIR": str(folder), **server_environment(server.port)})
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        send_due(connection, settings)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        taken = len(server.mails)
    rates = f"{n / wall_s:.0f} a second, {n / cpu_s:.0f} a CPU second (the server's part within)"
    click.echo(f"{taken} of {n} mails taken, {rates}")


def _kill(cluster: Cluster, folder: Path, n: int, n_kills: int) -> None:
    steps = list(islice(cycle(STEPS), n_kills))
    after = max(1, n // (2 * n_kills))
    with _queued(cluster, n) as (url, engine), mail_server() as server:
        found = sent_with_kills(url, engine, server, folder, steps, after=after)
    click.echo(f"{n} mails, {found.n_killed} workers killed at {', '.join(STEPS)}: {found}")


def _scan(cluster: Cluster, folder: Path, n: int) -> None:
    given = {"APP_VAR_DIR": str(folder), "SECRET_KEY": SECRET}
    with _queued(cluster, n) as (url, engine):
        app = create_app(replace(Settings.from_environment(given), database_url=url))
        client = app.test_client()
        with engine.connect() as connection:
            numbers = connection.execute(text("SELECT invitation_id FROM invitation")).scalars().all()
        asked = 0
        for number in numbers:
            # Each has a program of its own: one alone would soon be told to wait.
            client.environ_base["REMOTE_ADDR"] = f"10.0.{number // 250}.{1 + number % 250}"
            asked += scan(client, f"/answer/{invitation_token(number, SECRET)}")
        with engine.connect() as connection:
            query = " + ".join(f"(SELECT count(*) FROM {table})" for table in CHANGED)  # noqa: S608
            n_changes = connection.execute(text(f"SELECT {query}")).scalar_one()
        app.extensions["engine"].dispose()
    click.echo(f"{n} invitations, {asked} requests of programs: {n_changes} answers or other changes")


@contextmanager
def _queued(cluster: Cluster, n: int) -> Iterator[tuple[str, Engine]]:
    """Give a database in whose outbox `n` mails wait."""
    with copy_of(cluster, migrated) as url:
        engine = make_engine(url)
        with engine.begin() as connection:
            store_meeting(connection, [f"n{i}" for i in range(n)])
            queue(connection, at=_PAST)
        yield url, engine
        engine.dispose()


if __name__ == "__main__":
    main()

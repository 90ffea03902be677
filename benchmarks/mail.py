"""``python -m benchmarks.mail``: 1,000 mails to a real SMTP server, with workers killed at every step.

None may come twice, none may be lost, and at most one a kill may be uncertain. What it printed stands in
`benchmarks/README.md`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import click
from sqlalchemy import Engine

from app.cli.meetings.mail_worker import send_due
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from tests.databases import copy_of, migrated, throw_away_cluster
from tests.db.meetings.mail_kills import STEPS, sent_with_kills
from tests.db.meetings.mail_scene import queue, store_meeting
from tests.mail_server import mail_server, server_environment

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

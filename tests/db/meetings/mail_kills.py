"""Workers that send mails and are killed (SIGKILL) at chosen steps, until all is sent; what came of it."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.cli.meetings.mail_worker import send_due
from app.config import Settings
from app.db.engine import make_engine
from app.db.meetings.outbox import LEASE, give_up_leases
from tests.db.meetings.mail_scene import states
from tests.mail_server import TakenMails, server_environment

# Of a mail: its sender, its recipient, all of it; each is done by the server, and not answered yet.
STEPS = ("MAIL", "RCPT", "DATA")


@dataclass(frozen=True)
class Kills:
    """What came of mails whose workers were killed."""

    n_killed: int
    n_sent: int
    n_uncertain: int
    n_lost: int
    n_doubled: int


def sent_with_kills(
    url: str, engine: Engine, server: TakenMails, folder: Path, steps: Sequence[str], *, after: int = 2
) -> Kills:
    """Send all that is due; at each of `steps`, when it is reached for the `after`th time, kill a worker."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.db.meetings.mail_kills"])
    n_killed = 0
    for step in (*steps, None):
        worker = context.Process(target=_send, args=(url, server.port, str(folder)))
        server.n_steps.clear()
        server.on_step = None if step is None else _killing(server, worker, step, after)
        worker.start()
        worker.join()
        n_killed += worker.exitcode == -signal.SIGKILL
        with engine.begin() as connection:
            give_up_leases(connection, datetime.now(UTC) + LEASE)
    with engine.connect() as connection:
        found = states(connection)
    taken = Counter(to.partition("@")[0] for to in server.recipients)
    counts = Counter(found.values())
    return Kills(
        n_killed,
        counts["sent"],
        counts["uncertain"],
        sum(taken[name] == 0 for name, state in found.items() if state == "sent"),
        sum(n > 1 for n in taken.values()),
    )


def _killing(server: TakenMails, worker: Any, step: str, after: int) -> Any:
    def kill(reached: str, n: int) -> None:
        if (reached, n) == (step, after):
            server.on_step = None
            os.kill(worker.pid, signal.SIGKILL)
            # No answer before it is dead.
            wait([worker.sentinel])

    return kill


def _send(url: str, port: int, folder: str) -> None:
    settings = Settings.from_environment({"APP_VAR_DIR": folder, **server_environment(port)})
    engine = make_engine(url, pool_size=1)
    with engine.connect() as connection:
        send_due(connection, settings)
    engine.dispose()

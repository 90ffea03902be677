"""A process of the web server: gunicorn begins, watches and ends it, waitress speaks to the clients.

waitress reads requests and sends answers in one loop for all connections; a thread works only in between.
So a client that sends or takes slowly, or nothing at all, holds a connection and nothing else.
"""

from __future__ import annotations

import logging
import os
import time
from types import FrameType

from gunicorn.workers.base import Worker as BaseWorker  # type: ignore[import-untyped]

from app.cli.server.http_connections import ConnectionLoop, make_server

_LOOK_EVERY_S = 1.0
_FINISH_WITHIN_S = 1.5


class Worker(BaseWorker):  # type: ignore[misc]
    """A worker of gunicorn whose connections waitress holds.

    It follows these settings of gunicorn: ``threads``, ``loglevel``, ``keepalive`` (for how many seconds a
    client may be slow) and those that concern the processes.
    """

    server: ConnectionLoop | None = None

    def run(self) -> None:
        """Serve until a signal comes or gunicorn is gone; then finish, for a moment, what was begun."""
        for name in ("app", "waitress"):
            logging.getLogger(name).setLevel(self.log.loglevel)
        self.server = make_server(self.wsgi, self.sockets[0].sock, self.cfg.threads, self.cfg.keepalive)
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            self.server.run_once(_LOOK_EVERY_S)
        self.server.accepting = False
        until_s = time.monotonic() + _FINISH_WITHIN_S
        while self.server.is_busy() and time.monotonic() < until_s:
            self.server.run_once(0.1)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note that it is time to end, without waiting for the next connection."""
        super().handle_exit(sig, frame)
        if self.server is not None:
            self.server.pull_trigger()

"""gunicorn's configuration, which reads this module: what is the same wherever it is begun."""

from __future__ import annotations

import gc
import os
import signal
from threading import Thread
from typing import Any

from app.cli.server.webserver import PARENT_FD
from app.config import Settings
from app.db.cluster.embedded import find_cluster
from app.machine.logs import log_settings
from app.services.setup.compiling import load_planner

wsgi_app = "app:create_app()"
worker_class = "app.cli.server.web_worker.Worker"
logconfig_dict = log_settings()
# One import of the application for all workers.
preload_app = True
control_socket_disable = True
# Seconds.
timeout = 60
graceful_timeout = 2

_is_orphan = False


def on_starting(server: Any) -> None:
    """End with the process that started this one, however that ends."""
    if (descriptor := os.environ.get(PARENT_FD)) is not None:
        Thread(target=_end_with_parent, args=[int(descriptor)], daemon=True).start()


def on_exit(server: Any) -> None:
    """Stop what a killed parent could not stop any more."""
    if _is_orphan:
        settings = Settings.from_environment()
        find_cluster(settings.var_dir, settings.postgres_bin).end_unused()


def _end_with_parent(descriptor: int) -> None:
    """Wait until nobody holds the other end of a pipe, then end this process politely."""
    global _is_orphan  # noqa: PLW0603  gunicorn's hooks are functions of a module
    os.read(descriptor, 1)
    _is_orphan = True
    os.kill(os.getpid(), signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """Load the planner beside the first requests, so that nobody's first plan waits for it."""
    Thread(target=_settle, daemon=True).start()


def _settle() -> None:
    """Load what stays for good, and spare the garbage collector going through it, 0.2 s each time."""
    load_planner()
    gc.collect()
    gc.freeze()

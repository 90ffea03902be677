"""What gunicorn's workers do when they begin; gunicorn reads this module as its configuration."""

from __future__ import annotations

import gc
from threading import Thread
from typing import Any

from app.services.compiling import load_planner


def post_worker_init(worker: Any) -> None:
    """Load the planner beside the first requests, so that nobody's first plan waits for it."""
    Thread(target=_settle, daemon=True).start()


def _settle() -> None:
    """Load what stays for good, and spare the garbage collector going through it, 0.2 s each time."""
    load_planner()
    gc.collect()
    gc.freeze()

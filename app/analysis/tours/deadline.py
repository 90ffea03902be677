"""The clock of a search, and the ear for its cancellation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import numpy as np

from app.analysis.tours.problem import Array

# How soon a cancelled search ends.
GLANCE_S = 0.02


@contextmanager
def watched(limit_s: float, cancelled: Callable[[], bool] | None) -> Iterator[Array]:
    """Give an array of one number that turns 1 after `limit_s`, or soon after `cancelled` says so."""
    stop, is_done = np.zeros(1, dtype=np.int64), Event()
    watcher = Thread(target=_watch, args=(stop, is_done, time.monotonic() + limit_s, cancelled), daemon=True)
    watcher.start()
    try:
        yield stop
    finally:
        is_done.set()
        watcher.join()


def _watch(stop: Array, is_done: Event, until: float, cancelled: Callable[[], bool] | None) -> None:
    while (left_s := until - time.monotonic()) > 0 and not (cancelled and cancelled()):
        if is_done.wait(min(left_s, GLANCE_S) if cancelled else left_s):
            return
    stop[0] = 1

"""The deadline of a search, and its cancellation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import numpy as np

from app.analysis.tours.problem import Array

# How often it is asked whether the search was cancelled.
POLL_S = 0.02


@contextmanager
def deadline(limit_s: float, cancelled: Callable[[], bool] | None) -> Iterator[Array]:
    """Give an array of one 0 that becomes 1 after `limit_s`, or soon after `cancelled` returns True."""
    stop, is_done = np.zeros(1, dtype=np.int64), Event()
    waiter = Thread(target=_wait, args=(stop, is_done, time.monotonic() + limit_s, cancelled), daemon=True)
    waiter.start()
    try:
        yield stop
    finally:
        is_done.set()
        waiter.join()


def _wait(stop: Array, is_done: Event, until: float, cancelled: Callable[[], bool] | None) -> None:
    while (left_s := until - time.monotonic()) > 0 and not (cancelled and cancelled()):
        if is_done.wait(min(left_s, POLL_S) if cancelled else left_s):
            return
    stop[0] = 1

"""How many requests of a process may solve or export at a time, so that the others are served meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.errors import N_, BusyError

# Of a process's eight threads two may solve (one of them for long), and one wait for its turn.
_SOLVING = threading.BoundedSemaphore(2)
_LONG = threading.BoundedSemaphore(1)
_WAITING = threading.BoundedSemaphore(1)
# Large downloads take a thread as long as their reader takes, and a database connection.
_EXPORTING = threading.BoundedSemaphore(2)
# Until then an older request of the same page has noticed that nobody waits for it any more.
_WITHIN_S = 0.5


@contextmanager
def turn_to_solve(*, is_long: bool = False) -> Iterator[None]:
    """Hold one of the few turns to solve while the block runs.

    Raises
    ------
    BusyError
        When none comes free within half a second.
    """
    with ExitStack() as held:
        for turns in (_LONG, _SOLVING) if is_long else (_SOLVING,):
            if not (turns.acquire(blocking=False) or _wait_for(turns)):
                raise BusyError(N_("The planner is busy with other tours; please try again in a moment."))
            held.callback(turns.release)
        yield


@contextmanager
def turn_to_export() -> Iterator[None]:
    """Hold one of the two turns to export a large collection while the block runs.

    Raises
    ------
    BusyError
        At once, when both are taken: who downloads much can ask again.
    """
    if not _EXPORTING.acquire(blocking=False):
        raise BusyError(
            N_("Other large downloads are being made; please try again in a moment, or choose less of it.")
        )
    try:
        yield
    finally:
        _EXPORTING.release()


def _wait_for(turns: threading.BoundedSemaphore) -> bool:
    if not _WAITING.acquire(blocking=False):
        return False
    try:
        return turns.acquire(timeout=_WITHIN_S)
    finally:
        _WAITING.release()

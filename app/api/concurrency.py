"""How many requests of a process may solve or export at a time, so that the others are served meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from app.concurrency import ConcurrencyLimit
from app.errors import N_

_BUSY = N_("The planner is busy with other tours; please try again in a moment.")
# Until then an older request of the same page has noticed that nobody waits for it any more.
_WITHIN_S = 0.5
# Of a process's eight threads two may solve (one of them for long), and one wait for its turn.
_QUEUE = BoundedSemaphore(1)
_SOLVING = ConcurrencyLimit(2, _BUSY, within_s=_WITHIN_S, queue=_QUEUE)
_LONG = ConcurrencyLimit(1, _BUSY, within_s=_WITHIN_S, queue=_QUEUE)
# Large downloads take a thread as long as their reader takes, and a database connection. Who is refused can
# ask again.
_EXPORTING = ConcurrencyLimit(
    2, N_("Other large downloads are being prepared; please try again in a moment, or select less.")
)

exporting_slot = _EXPORTING.held


@contextmanager
def solving_slot(*, is_long: bool = False) -> Iterator[None]:
    """Hold one of the few turns to solve while the block runs.

    Raises
    ------
    BusyError
        When none comes free within half a second.
    """
    with ExitStack() as held:
        for limit in (_LONG, _SOLVING) if is_long else (_SOLVING,):
            held.enter_context(limit.held())
        yield

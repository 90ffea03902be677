"""How many threads of a process may do something costly at a time, so that the others serve meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from app.errors import BusyError


class ConcurrencyLimit:
    """So many threads at a time; few more wait for one of them, and whoever comes then is refused.

    Parameters
    ----------
    most : int
        Threads that do it at a time.
    refusal : str
        The sentence for who is refused.
    within_s : float
        For how long a thread waits; without it all are refused at once.
    queue : BoundedSemaphore, optional
        The places of those that wait, for several limits that share them; one place without it.
    """

    def __init__(
        self, most: int, refusal: str, *, within_s: float = 0.0, queue: BoundedSemaphore | None = None
    ) -> None:
        self._free = BoundedSemaphore(most)
        self._queue = queue or BoundedSemaphore(1)
        self._refusal, self.within_s = refusal, within_s

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be one of the few while the block runs.

        Raises
        ------
        BusyError
            When none of them is done in time, or others wait already.
        """
        if not (self._free.acquire(blocking=False) or self._is_free_soon()):
            raise BusyError(self._refusal)
        try:
            yield
        finally:
            self._free.release()

    def _is_free_soon(self) -> bool:
        if not self.within_s or not self._queue.acquire(blocking=False):
            return False
        try:
            return self._free.acquire(timeout=self.within_s)
        finally:
            self._queue.release()

"""One set-up at a time: whoever comes second waits, and then finds everything done."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_at_a_time(folder: Path, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let one process at a time do what the block does to this installation.

    The system takes the lock back when the process ends, however it ends.

    Parameters
    ----------
    folder : Path
        The installation's folder, made where it is missing.
    wait : callable, optional
        Called before waiting for another process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "set-up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

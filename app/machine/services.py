"""Which services of an installation run, so that one command ends them all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def registered(var_dir: Path) -> Iterator[None]:
    """Let `end_all` find this process while the block runs.

    A file that this process holds locked tells of it: the number of one that died may be another's by now.
    """
    folder = _folder(var_dir)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / str(os.getpid())
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def end_all(var_dir: Path) -> int:
    """End the services of `var_dir` as a polite kill does, wait for them, and return how many there were."""
    files = sorted(_folder(var_dir).glob("[0-9]*"))
    return sum(_end(file) for file in files)


def _end(file: Path) -> bool:
    with contextlib.suppress(FileNotFoundError), file.open("r+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(file.name), signal.SIGTERM)
            fcntl.flock(held, fcntl.LOCK_EX)
            return True
        file.unlink(missing_ok=True)
    return False


def _folder(var_dir: Path) -> Path:
    return var_dir / "run"

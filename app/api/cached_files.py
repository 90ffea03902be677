"""Files kept on the disk for a while, so that a client can ask for one of them part by part."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from flask import Flask, current_app

# What the folders of files in the making are called, for whoever looks after the disk.
TEMPORARY = "nachbarschaft-export-"
MOST_BYTES = 512 * 2**20
# What was not finished by then never will be.
_IN_THE_MAKING_S = 24 * 3600


class CachedFiles:
    """Finished files by name, shared by all processes of the service.

    When they take too much room, those go that nobody asked for longest; who reads one just then reads on.

    Parameters
    ----------
    folder : Path
        Made when first needed; nothing else may be in it.
    most_bytes : int
        How much room they may take together. A larger file is given once and not kept.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    @contextmanager
    def making(self) -> Iterator[Path]:
        """Give an empty folder on the same disk, in which a file is made; it is gone afterwards."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=self._folder) as made:
            yield Path(made)

    def find(self, name: str) -> IO[bytes] | None:
        """Return the file of a name, open for reading; None where it is not kept."""
        path = self._folder / name
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        with suppress(FileNotFoundError):
            # The time of making stays: by it the file is known again.
            os.utime(path, ns=(time.time_ns(), os.fstat(file.fileno()).st_mtime_ns))
        return file

    def keep(self, name: str, made: Path) -> IO[bytes]:
        """Keep a file that was made; return the one kept under this name, open for reading.

        Of two processes that make the same file at once, the first one's is kept and given by both.
        """
        if made.stat().st_size > self._most_bytes:
            return made.open("rb")
        with suppress(FileExistsError):
            os.link(made, self._folder / name)
        # Opened before others are removed, and this one with them where the clock was set back.
        file = self.find(name) or made.open("rb")
        self._make_room()
        return file

    def _make_room(self) -> None:
        used = 0
        for _, size, path in sorted(self._found(), reverse=True):
            used += size
            if used > self._most_bytes:
                path.unlink(missing_ok=True)
        self._sweep()

    def _found(self) -> Iterator[tuple[int, int, Path]]:
        """Yield when each file was asked for, its size, and where it is."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                state = path.stat()
                if path.is_file():
                    yield state.st_atime_ns, state.st_size, path

    def _sweep(self) -> None:
        """Remove what processes left that were killed in the middle."""
        for path in self._folder.glob(f"{TEMPORARY}*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _IN_THE_MAKING_S:
                    shutil.rmtree(path, ignore_errors=True)


def init_app(app: Flask, var_dir: Path) -> None:
    """Give the service a folder of files to keep."""
    app.extensions["cached_files"] = CachedFiles(var_dir / "exports")


def cached_files() -> CachedFiles:
    """Return the files that the service keeps."""
    found: CachedFiles = current_app.extensions["cached_files"]
    return found

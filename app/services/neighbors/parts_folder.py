"""The folder beside a file being written that holds what is done of it, so that it can be gone on with."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from app.errors import N_, AppError, InputError, SetupError

_ENDS_BYTES = 2**16


@contextmanager
def parts_folder(out: Path | None, order: dict[str, Any], *, is_resumed: bool) -> Iterator[Path]:
    """Yield the folder ``<out>.parts`` to work in, for this process alone.

    It is removed when the work is done or its input was refused, and stays when the work was interrupted.

    Parameters
    ----------
    out : Path, optional
        The file to be written; without it the folder is a temporary one.
    order : dict
        All that decides about the result, ready for JSON.
    is_resumed : bool
        Whether to go on with what is there, else that is removed. Nothing there is no error.

    Raises
    ------
    InputError
        When a folder of that name is no such folder, another process works in it, or it belongs to another
        order.
    """
    if out is None:
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)
        return
    folder = out.with_name(f"{out.name}.parts")
    with ExitStack() as stack:
        stack.enter_context(_owned(folder))
        _take_up(folder, order, is_resumed=is_resumed)
        try:
            yield folder
        except SetupError:
            raise
        except AppError:
            shutil.rmtree(folder)
            raise
        shutil.rmtree(folder)


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when the process ends, however it ends."""
    lock = folder / "lock"
    try:
        folder.mkdir()
    except FileExistsError:
        if not lock.exists() and any(folder.iterdir()):
            raise InputError(
                N_("“%(folder)s” is in the way; remove it or choose another --out."), folder=folder
            ) from None
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                N_("Another process is already working in “%(folder)s”."), folder=folder
            ) from None
        yield


def _take_up(folder: Path, order: dict[str, Any], *, is_resumed: bool) -> None:
    noted = folder / "order.json"
    text = json.dumps(order, sort_keys=True, indent=1)
    if is_resumed and noted.exists() and noted.read_text("utf-8") != text:
        raise InputError(
            N_("“%(folder)s” was begun with another file or other options; without --resume it starts over."),
            folder=folder,
        )
    if not is_resumed:
        for path in folder.iterdir():
            if path.name != "lock":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    noted.write_text(text, "utf-8")


def fingerprint(files: list[Path]) -> list[list[Any]]:
    """Return what tells a file from another, or from itself after a change: size, time, both ends."""
    return [_fingerprint(path) for path in files]


def _fingerprint(path: Path) -> list[Any]:
    stat = path.stat()
    with path.open("rb") as stream:
        ends = stream.read(_ENDS_BYTES)
        stream.seek(max(0, stat.st_size - _ENDS_BYTES))
        ends += stream.read()
    return [path.name, stat.st_size, stat.st_mtime_ns, hashlib.sha256(ends).hexdigest()]

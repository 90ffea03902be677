"""A full disk, told in one sentence wherever it is met."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import N_, SetupError

# What other programs print when the disk is full: C library, npm, pip, PostgreSQL.
_FULL_DISK_WORDS = ("No space left on device", "ENOSPC", "Disk quota exceeded")
_FULL_DISK_CODES = (errno.ENOSPC, errno.EDQUOT)


def full_disk(place: Path) -> SetupError:
    """Return the sentence for a disk that is full at `place`."""
    return SetupError(
        N_("The disk is full: free some space for %(place)s and try again."), place=_existing(place)
    )


def reports_full_disk(output: str) -> bool:
    """Return whether a program's output says that the disk is full."""
    return any(words in output for words in _FULL_DISK_WORDS)


def is_full(place: Path) -> bool:
    """Return whether less than one mebibyte is free at `place`."""
    return shutil.disk_usage(_existing(place)).free < 1 << 20


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write below `place` into one sentence.

    Raises
    ------
    SetupError
        If the disk is full, read-only, or closed to this user.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL_DISK_CODES:
            raise full_disk(Path(error.filename or place)) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise SetupError(
                N_(
                    "This user has no access to %(place)s: change its owner or permissions, or set "
                    "APP_VAR_DIR."
                ),
                place=error.filename or place,
            ) from error
        raise


def _existing(place: Path) -> Path:
    """Return the nearest folder or file at or above `place` that exists."""
    return next(path for path in (place, *place.absolute().parents) if path.exists())

"""Files that are written wholly or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyogrio.errors import DataSourceError

from app.domain.failure_reasons import failure_reason
from app.errors import N_, InputError


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Yield a path beside `out` that takes its place when all went well, and is removed otherwise.

    Raises
    ------
    InputError
        When the folder is missing, not writable or full.
    """
    partial = out.with_name(f".{out.stem}-{secrets.token_hex(4)}{out.suffix}")
    try:
        yield partial
        partial.replace(out)
    except (OSError, DataSourceError) as error:
        reason = failure_reason(error, "GDAL")
        raise InputError(N_("“%(file)s” cannot be written: %(reason)s."), file=out, reason=reason) from None
    finally:
        partial.unlink(missing_ok=True)

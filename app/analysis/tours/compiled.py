"""Functions made into machine code, kept on disk so that nobody waits for the compiler twice.

With the environment variable ``NUMBA_DISABLE_JIT=1`` they run as the Python they are written in.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function` as machine code that runs beside other threads.

    It may not make arrays, only fill them: then nothing counts who holds them, which threads would wait for.
    """
    config: Any = numba.config
    usual_folder, folder = config.CACHE_DIR, cache_folder()
    config.CACHE_DIR = str(folder) if folder else usual_folder
    try:
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
        return cast("Callable[P, R]", numba.njit(function, cache=bool(folder), **options))
    finally:
        config.CACHE_DIR = usual_folder


@cache
def cache_folder() -> Path | None:
    """Return where machine code is kept, None if no place can be written to.

    The environment variable ``NUMBA_CACHE_DIR`` decides, else it lies beside the source. Numba forgets a
    function when its own file changes, but not when a function that it calls does: hence a folder for each
    state of this package's compiled files.
    """
    here = Path(__file__).parent
    sources = {path.name: path.read_bytes() for path in sorted(here.glob("*.py"))}
    # What `tasks` lays down is compiled in.
    compiled_ones = b"".join(
        source for name, source in sources.items() if name == "tasks.py" or b"@compiled" in source
    )
    state = hashlib.sha256(numba.__version__.encode() + compiled_ones).hexdigest()[:16]
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or here / "__pycache__") / f"tours-{state}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None

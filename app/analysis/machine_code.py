"""Functions made into machine code, kept on disk so that nobody waits for the compiler twice.

With the environment variable ``NUMBA_DISABLE_JIT=1`` those of `adjacency` run as the Python they are written
in. Those of `tours` do not: they read fields of records as attributes, which numpy's records have not.
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

# Where the engines are: packages beside this module.
ENGINES = Path(__file__).parent


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function of an engine as machine code that runs beside other threads.

    It may not make arrays, only fill them: then nothing counts who holds them, which threads would wait
    for. Sums come out the same bit by bit as uncompiled: no operation is reordered or fused. What a
    function calls becomes part of it: to hand over a named tuple of arrays costs more than most do.

    Examples
    --------
    >>> compiled(lambda amount: amount + 1)(1)
    2
    """
    config: Any = numba.config
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, "forceinline": True}
    engine = function.__module__.removeprefix(f"{__package__}.").partition(".")[0]
    usual_folder, folder = config.CACHE_DIR, cache_folder(engine)
    config.CACHE_DIR = str(folder) if folder else usual_folder
    try:
        return cast("Callable[P, R]", numba.njit(function, cache=bool(folder), **options))
    finally:
        config.CACHE_DIR = usual_folder


@cache
def cache_folder(engine: str) -> Path | None:
    """Return where an engine's machine code is kept, None if it is no engine, or no place can be written to.

    The environment variable ``NUMBA_CACHE_DIR`` decides, else it lies beside the source. Numba forgets a
    function when its own file changes, but not when a function that it calls does, nor when it is to be
    compiled otherwise: hence a folder for each state of the engine and of this file.

    Parameters
    ----------
    engine : str
        Name of a package beside this module.

    Examples
    --------
    >>> cache_folder("tours").name.partition("-")[0]
    'tours'
    """
    package = ENGINES / engine
    if not package.is_dir():
        return None
    paths = [Path(__file__), *sorted(package.rglob("*.py"))]
    sources = b"".join(path.read_bytes() for path in paths)
    state = hashlib.sha256(numba.__version__.encode() + sources).hexdigest()[:16]
    place = Path(os.environ.get("NUMBA_CACHE_DIR") or package / "__pycache__")
    folder = place / f"{engine}-{state}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None

"""What makes the functions of this package machine code."""

from __future__ import annotations

from pathlib import Path

from app.analysis.machine_code import MachineCode

_CODE = MachineCode(Path(__file__).parent)
compiled = _CODE.compiled


def cache_folder() -> Path | None:
    """Return where machine code is kept, None if no place can be written to.

    Examples
    --------
    >>> cache_folder().name.partition("-")[0]
    'adjacency'
    """
    return _CODE.folder

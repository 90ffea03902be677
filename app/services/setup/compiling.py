"""Compiled functions made ready at set-up, so that no user waits for a compiler."""

from __future__ import annotations

import json
from pathlib import Path

from app.machine.disk import disk_errors

MARK = "compiled.json"


def are_kernels_ready(var_dir: Path, fingerprint: str) -> bool:
    """Return whether the machine code of this state of the project lies ready; without loading any of it.

    Parameters
    ----------
    var_dir : Path
        The installation's folder, where `make_kernels_ready` leaves its mark.
    fingerprint : str
        Of `app.db.cluster.prepared.code_fingerprint`.
    """
    try:
        kept = json.loads((var_dir / MARK).read_text("utf-8"))
        return bool(
            kept["fingerprint"] == fingerprint and all(Path(folder).is_dir() for folder in kept["folders"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def make_kernels_ready(var_dir: Path, fingerprint: str) -> None:
    """Compile every function that is compiled, and leave the mark; half a minute the first time.

    Where no folder can be written to, each process goes on compiling for itself, and so does the next set-up.
    """
    # The compiler is slow to import, and all but the first start do without it.
    from app.analysis import adjacency, machine_code, meetings, tours  # noqa: PLC0415

    adjacency.compile_kernels()
    tours.compile_planner()
    meetings.compile_choices()
    folders = [machine_code.cache_folder(engine) for engine in ("adjacency", "meetings", "tours")]
    if all(folders):
        var_dir.mkdir(parents=True, exist_ok=True)
        mark = {"fingerprint": fingerprint, "folders": [str(folder) for folder in folders]}
        with disk_errors(var_dir):
            (var_dir / MARK).write_text(json.dumps(mark), "utf-8")


def load_planner() -> None:
    """Load the planner's machine code into this process, which takes a second or two."""
    from app.analysis.tours import compile_planner  # noqa: PLC0415

    compile_planner()

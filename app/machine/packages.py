"""System packages, installed by apt where this user may; only the standard library is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# While this file exists, Debian's PostgreSQL packages make no cluster of their own on a TCP port.
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/no-cluster-while-installing.conf")
# Another apt at work (a nightly upgrade, say) is waited for so long.
_LOCK_TIMEOUT_S = 600


def can_install() -> bool:
    """Tell whether this user may install packages by apt without being asked for a password."""
    return shutil.which("apt-get") is not None and _privilege() is not None


def apt_command(*packages: str) -> str:
    """Return the one line that installs `packages` for a user who may."""
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def install(*packages: str, log: Path) -> str | None:
    """Install `packages` by apt; Ctrl-C ends the program after apt, never apt in the middle.

    Parameters
    ----------
    *packages : str
        Names of Debian or Ubuntu packages.
    log : Path
        File to which apt's own lines are added.

    Returns
    -------
    str or None
        None when all are installed; otherwise the last line apt said.
    """
    privilege = _privilege()
    if privilege is None:
        return "apt-get is not allowed for this user"
    lock = f"DPkg::Lock::Timeout={_LOCK_TIMEOUT_S}"
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", lock]
    with _no_cluster(privilege):
        refused = _run([*apt, "install", "--no-install-recommends", *packages], log)
        if refused is None:
            return None
        # A fresh machine has no package lists, an old one has stale ones.
        return _run([*apt, "update"], log) or _run(
            [*apt, "install", "--no-install-recommends", *packages], log
        )


def _privilege() -> list[str] | None:
    """Return the words before a command that give it root's rights; None where there are none."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    if (
        shutil.which("sudo")
        and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0
    ):
        return sudo
    return None


def _run(command: Sequence[str], log: Path) -> str | None:
    """Run `command`, its lines added to `log`; return None on success, else its last line.

    It runs out of reach of the terminal's Ctrl-C: an apt that dies half-way leaves packages half-installed,
    and one that goes on unseen keeps its lock. So it is waited for, and the interrupt is raised afterwards.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("ab") as lines,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            process.wait()
        except KeyboardInterrupt:
            sys.stderr.write("\nStopping when apt has finished what it began.\n")
            process.wait()
            raise
    return None if process.returncode == 0 else _last_line(log) or f"exit code {process.returncode}"


def _last_line(log: Path) -> str:
    said = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in said[-20:] if line.startswith("E: ")]
    return (errors or said or [""])[-1]


@contextmanager
def _no_cluster(privilege: list[str]) -> Iterator[None]:
    """Keep Debian from starting a second server on a TCP port while PostgreSQL is installed."""
    write = [*privilege, "sh", "-c", 'mkdir -p "${1%/*}" && echo "create_main_cluster = false" > "$1"', "-"]
    subprocess.run([*write, str(_NO_CLUSTER)], capture_output=True, check=False)
    try:
        yield
    finally:
        subprocess.run([*privilege, "rm", "-f", str(_NO_CLUSTER)], capture_output=True, check=False)

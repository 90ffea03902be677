"""System packages, installed by apt where this user may."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# While this file exists, Debian's PostgreSQL packages make no cluster of their own on a TCP port.
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/no-cluster-while-installing.conf")


def can_install() -> bool:
    """Tell whether this user may install packages by apt without being asked for a password."""
    return shutil.which("apt-get") is not None and _privilege() is not None


def install(*packages: str) -> str | None:
    """Install `packages` by apt, showing apt's own progress.

    Parameters
    ----------
    *packages : str
        Names of Debian or Ubuntu packages.

    Returns
    -------
    str or None
        None when all are installed; otherwise the last line apt said.
    """
    privilege = _privilege()
    if privilege is None:
        return "apt-get is not allowed for this user"
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    with _no_cluster(privilege):
        refused = _run([*apt, "install", "--no-install-recommends", *packages])
        if refused is None:
            return None
        # A fresh machine has no package lists, an old one has stale ones.
        return _run([*apt, "update"]) or _run([*apt, "install", "--no-install-recommends", *packages])


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


def _run(command: list[str]) -> str | None:
    """Run `command`, passing its lines on; return None on success, else its last line."""
    last = ""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            last = line.strip() or last
            os.write(2, f"    {line}".encode())
    return None if process.returncode == 0 else last or f"exit code {process.returncode}"


@contextmanager
def _no_cluster(privilege: list[str]) -> Iterator[None]:
    """Keep Debian from starting a second server on a TCP port while PostgreSQL is installed."""
    write = [*privilege, "sh", "-c", 'mkdir -p "${1%/*}" && echo "create_main_cluster = false" > "$1"', "-"]
    subprocess.run([*write, str(_NO_CLUSTER)], capture_output=True, check=False)
    try:
        yield
    finally:
        subprocess.run([*privilege, "rm", "-f", str(_NO_CLUSTER)], capture_output=True, check=False)

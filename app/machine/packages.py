"""System packages, installed by apt where this user may; only the standard library is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.machine import network

# While this file exists, Debian's PostgreSQL packages make no cluster of their own on a TCP port.
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/no-cluster-while-installing.conf")
# Another apt at work (a nightly upgrade, say) is waited for so long.
_LOCK_TIMEOUT_S = 600


def can_install() -> bool:
    """Return whether this user may install packages by apt without being asked for a password."""
    return shutil.which("apt-get") is not None and _privilege() is not None


def apt_command(*packages: str) -> str:
    """Return the one line that installs `packages`; where there is no sudo, root types it."""
    apt = "sudo apt-get" if shutil.which("sudo") else "apt-get"
    return f"{apt} update && {apt} install -y --no-install-recommends {' '.join(packages)}"


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
        None when all are installed; otherwise the line of apt that says why not.
    """
    privilege = _privilege()
    if privilege is None:
        return "apt-get is not allowed for this user"
    # What was downloaded is not needed twice.
    options = ["-o", "APT::Keep-Downloaded-Packages=false", "-o", f"DPkg::Lock::Timeout={_LOCK_TIMEOUT_S}"]
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", *options]
    wanted = [*apt, "install", "--no-install-recommends", *packages]
    with _no_cluster(privilege):
        if _run(wanted, log)[0] == 0:
            return None
        # A fresh machine has no package lists, an old one has stale ones. Without a network "update" says
        # so and succeeds all the same.
        _, updated = _run([*apt, "update"], log)
        code, said = _run(wanted, log)
    return None if code == 0 else _reason(f"{updated}\n{said}")


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


def _run(command: Sequence[str], log: Path) -> tuple[int, str]:
    """Run `command`; return its exit code and all it said, which is added to `log`, too.

    It runs out of reach of the terminal's Ctrl-C: an apt that dies half-way leaves packages half-installed,
    and one that goes on unseen keeps its lock. So it is waited for, and the interrupt is raised afterwards.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a+b") as lines:
        before = lines.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=lines, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            process.wait()
        except KeyboardInterrupt:
            sys.stderr.write("\nStopping when apt has finished what it began.\n")
            process.wait()
            raise
        lines.seek(before)
        return process.returncode, lines.read().decode("utf-8", "replace")


def _reason(said: str) -> str:
    """Return the line that says why apt failed: no network before all that follows from it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    offline = [line for line in lines if network.reports_offline(line)]
    errors = [line for line in lines if line.startswith("E: ")]
    return (offline or errors or lines or ["apt-get says nothing"])[-1]


@contextmanager
def _no_cluster(privilege: list[str]) -> Iterator[None]:
    """Keep Debian from starting a second server on a TCP port while PostgreSQL is installed."""
    write = [*privilege, "sh", "-c", 'mkdir -p "${1%/*}" && echo "create_main_cluster = false" > "$1"', "-"]
    subprocess.run([*write, str(_NO_CLUSTER)], capture_output=True, check=False)
    try:
        yield
    finally:
        subprocess.run([*privilege, "rm", "-f", str(_NO_CLUSTER)], capture_output=True, check=False)

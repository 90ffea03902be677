"""PostgreSQL's own programs, run as the server's user; what they refuse becomes one sentence."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from app.db.cluster.location import ClusterFolder
from app.domain.failure_reasons import quoted
from app.errors import N_, SetupError
from app.machine.disk import full_disk, is_full, reports_full_disk


def run_program(place: ClusterFolder, program: Path, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the server's user, out of reach of the terminal's Ctrl-C.

    It runs within ``place.root``; name files relative to it, for pg_ctl passes paths through a shell.

    Raises
    ------
    SetupError
        If the program fails; the sentence carries its output or the server's log.
    """
    account = pwd.getpwnam(place.user) if place.user else None
    # PGDATA, PGPORT and the like speak of other clusters; messages are read below, hence English.
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    with subprocess.Popen(
        [program, *arguments],
        env={**plain, "LC_ALL": "C"},
        cwd=place.root,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            output = running.communicate()[1]
        except KeyboardInterrupt:
            # A server that is left half-started could not be stopped.
            running.communicate()
            raise
    if running.returncode != 0:
        raise refusal(place, output)


def refusal(place: ClusterFolder, output: str) -> SetupError:
    """Return the sentence for a program that failed: from its output, or else the server's log."""
    logged = place.log.read_text("utf-8", "replace")[-4000:] if place.log.exists() else ""
    if reports_full_disk(output) or (reports_full_disk(logged) and is_full(place.root)):
        return full_disk(place.root)
    marked = [line for line in f"{logged}\n{output}".splitlines() if "FATAL:" in line or "error:" in line]
    reason = (marked or output.splitlines() or ["?"])[-1].strip()
    return SetupError(
        N_("The private database does not work: %(reason)s; its log is %(log)s."),
        reason=quoted("PostgreSQL", reason),
        log=place.log,
    )


def server_pid(place: ClusterFolder) -> int | None:
    """Return the process id of the server that runs in `place`.

    A pid file alone proves nothing: after a crash its number may belong to another program.
    None where no such server runs.
    """
    try:
        pid = int((place.data_dir / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if _works_in(pid, place.data_dir) else None


def _works_in(pid: int, data_dir: Path) -> bool:
    """Return whether process `pid` is a PostgreSQL server of `data_dir`."""
    process = Path(f"/proc/{pid}")
    if Path("/proc/self").exists():
        try:
            is_postgres = b"postgres" in (process / "cmdline").read_bytes()
            return is_postgres and (process / "cwd").samefile(data_dir)
        except OSError:
            return False
    asked = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return "postgres" in asked.stdout

"""The project's private PostGIS: one cluster on a Unix socket, no TCP port, no password.

Who may connect is decided by the system user (peer authentication): the user who runs the
project and the user who runs the server. The service connects as an ordinary role that owns
its database; only extensions are made by the superuser.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL

from app.db.cluster.binaries import Binaries, find_binaries
from app.db.cluster.location import ClusterFolder, find_place, stored_place
from app.db.cluster.programs import refusal, run_program, server_pid
from app.errors import N_, SetupError
from app.machine.disk import disk_errors

SUPERUSER = "postgres"
ROLE = DATABASE = "nachbarschaft"
EXTENSIONS = ("postgis", "btree_gist")
_LARGEST_LOG_BYTES = 10_000_000

_DURABLE = ("fsync = on", "synchronous_commit = on", "full_page_writes = on")
# What is rolled back is no base for statistics: plans would be a matter of luck.
_THROW_AWAY = (
    *("fsync = off", "synchronous_commit = off", "full_page_writes = off"),
    "autovacuum = off",
)
_SETTINGS = (
    "listen_addresses = ''",
    "port = 5432",
    "unix_socket_permissions = 0700",
    # Each web server process holds up to 30, two for each of its threads and some that were left over.
    "max_connections = 200",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "jit = off",
    "wal_level = minimal",
    "max_wal_senders = 0",
)


@dataclass(frozen=True)
class Cluster:
    """A private PostgreSQL cluster.

    Parameters
    ----------
    place : ClusterFolder
        Its folder and the server's user.
    binaries : Binaries
        The programs that run it; of the version that made the stored data.
    durable : bool
        False only for throw-away clusters, which may lose data when the machine fails.
    """

    place: ClusterFolder
    binaries: Binaries
    durable: bool = True

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """Return the SQLAlchemy URL of `database` for `role`, over the socket."""
        query = {"host": str(self.place.socket_dir()), "port": "5432"}
        made = URL.create("postgresql+psycopg", username=role, database=database, query=query)
        return made.render_as_string(hide_password=False)

    def is_running(self) -> bool:
        """Return whether the server of this very folder runs; a crash's left-over pid file does not count."""
        return server_pid(self.place) is not None

    def start(self) -> bool:
        """Start the server, make the cluster, role, database and extensions where they are missing.

        Returns
        -------
        bool
            Whether it was started now; False if it ran already.

        Raises
        ------
        SetupError
            If the disk is full or PostgreSQL refuses; the sentence carries its reason.
        """
        with disk_errors(self.place.root), self._locked():
            started = not self.is_running()
            if started:
                self._initialize()
                self._write_settings()
                self._forget_dead_server()
                self._pg_ctl("start", "-l", self.place.log.name, "-t", "120")
                self._stopped.unlink(missing_ok=True)
            self._make_database()
            return started

    def stop(self) -> bool:
        """Stop the server, ending its connections; return whether it ran."""
        if not self.place.root.exists():
            return False
        with self._locked():
            running = self.is_running()
            if running:
                self._pg_ctl("stop", "-m", "fast", "-t", "120")
                self.place.remove_socket_dir()
            self._borrowed.unlink(missing_ok=True)
            self._stopped.touch()
            return running

    def keep(self) -> None:
        """Let the server run on when its last user leaves."""
        self._borrowed.unlink(missing_ok=True)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Start the server where it does not run, and stop it again after its last user.

        A server that was started by `start` alone, or kept by `keep`, is left running.
        """
        self.place.prepare()
        with (self.place.root / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            if not self.is_running():
                self._borrowed.touch()
            try:
                self.start()
                yield
            finally:
                self._stop_if_last_user(users.fileno())

    def end_unused(self) -> None:
        """Stop a server that was started for users of whom none is left, however they ended."""
        if self.place.root.exists():
            with (self.place.root / "users.lock").open("a") as users:
                self._stop_if_last_user(users.fileno())

    def _stop_if_last_user(self, users: int) -> None:
        if self._is_last_user(users) and self._borrowed.exists():
            self.stop()

    @staticmethod
    def _is_last_user(users: int) -> bool:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @property
    def _borrowed(self) -> Path:
        """Marker of a server that was started only for those who use it now."""
        return self.place.root / "stop-after-last-user"

    def restart_dead(self) -> bool:
        """Start the server again if it died; return whether it had.

        Raises
        ------
        SetupError
            If it was stopped on purpose, or does not start.
        """
        if self.is_running():
            return False
        if self._stopped.exists():
            raise SetupError(N_("The private database was stopped; the service ends with it."))
        return self.start()

    @property
    def _stopped(self) -> Path:
        """Marker of a server that was stopped on purpose."""
        return self.place.root / "stopped"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time start or stop this cluster."""
        self.place.prepare()
        with (self.place.root / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _initialize(self) -> None:
        """Make the cluster beside its place and move it there when it is whole."""
        if self.place.stored_version is not None:
            return
        partial = self.place.root / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        sync = [] if self.durable else ["--no-sync"]
        self._run(
            "initdb",
            "-D",
            partial.name,
            "-U",
            SUPERUSER,
            "--data-checksums",
            "--auth=peer",
            *sync,
            *self._locale(),
        )
        with (partial / "postgresql.conf").open("a") as file:
            file.write("\ninclude = 'nachbarschaft.conf'\n")
        partial.rename(self.place.data_dir)

    def _locale(self) -> list[str]:
        """Return initdb's options for UTF-8 with the upper and lower case of all letters."""
        if self.binaries.version >= 17:
            return ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
        has_utf8 = any(name.lower() in {"c.utf8", "c.utf-8"} for name in known)
        return ["--encoding=UTF8", f"--locale={'C.UTF-8' if has_utf8 else 'C'}"]

    def _write_settings(self) -> None:
        """Write settings and access rules anew, so that a moved or renamed checkout still works."""
        lines = [*_SETTINGS, *(_DURABLE if self.durable else _THROW_AWAY)]
        lines.append(f"unix_socket_directories = '{self.place.socket_dir()}'")
        person = pwd.getpwuid(os.geteuid()).pw_name
        people = {person, self.place.user or person}
        rules = [f'project "{name}" {role}' for name in sorted(people) for role in (ROLE, SUPERUSER)]
        files = {
            "nachbarschaft.conf": lines,
            "pg_hba.conf": ["local all all peer map=project"],
            "pg_ident.conf": rules,
        }
        for name, content in files.items():
            self._write(self.place.data_dir / name, "\n".join([*content, ""]))
        log = self.place.log
        if log.exists() and log.stat().st_size > _LARGEST_LOG_BYTES:
            log.replace(log.with_name("log.old"))

    def _write(self, path: Path, text: str) -> None:
        """Replace `path` in one step, owned like its folder."""
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_text(text, "utf-8")
        fresh.chmod(0o600)
        folder = path.parent.stat()
        os.chown(fresh, folder.st_uid, folder.st_gid)
        fresh.replace(path)

    def _forget_dead_server(self) -> None:
        """Remove the lock files of a server that died; its number may belong to another program by now."""
        (self.place.data_dir / "postmaster.pid").unlink(missing_ok=True)
        (self.place.socket_dir() / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _make_database(self) -> None:
        """Make role, database and extensions where they are missing."""
        with self._connected("postgres") as server:
            if not server.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
                server.execute(f"CREATE ROLE {ROLE} LOGIN")
            if not server.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                server.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        with self._connected(DATABASE) as server:
            made = {name for (name,) in server.execute("SELECT extname FROM pg_extension")}
            for name in EXTENSIONS:
                if name not in made:
                    server.execute(f"CREATE EXTENSION {name}".encode())

    @contextlib.contextmanager
    def _connected(self, database: str) -> Iterator[psycopg.Connection]:
        address = {"host": str(self.place.socket_dir()), "port": 5432, "user": SUPERUSER, "dbname": database}
        try:
            with psycopg.connect(**address, autocommit=True) as server:  # type: ignore[arg-type]
                yield server
        except psycopg.Error as error:
            raise refusal(self.place, str(error)) from error

    def _pg_ctl(self, action: str, *options: str) -> None:
        self._run("pg_ctl", action, "-s", "-w", "-D", self.place.data_dir.name, *options)

    def _run(self, program: str, *arguments: str) -> None:
        run_program(self.place, self.binaries.bin_dir / program, *arguments)


def find_cluster(var_dir: Path, bin_dir: Path | None = None, *, durable: bool = True) -> Cluster:
    """Return the private cluster of `var_dir`, running or not, made or not.

    Parameters
    ----------
    var_dir : Path
        Folder of everything the service keeps.
    bin_dir : Path, optional
        The only folder in which PostgreSQL's programs are looked for.
    durable : bool
        False for throw-away clusters.

    Raises
    ------
    SetupError
        If PostgreSQL with PostGIS is missing, or stored data cannot be run by this user or version.
    """
    with disk_errors(var_dir):
        stored = stored_place(var_dir)
        version = stored.stored_version if stored else None
        binaries = find_binaries(bin_dir, version, log=var_dir / "set-up.log")
        # Only now: installing PostgreSQL makes the user who is to run it.
        return Cluster(find_place(var_dir), binaries, durable)

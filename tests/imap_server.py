"""A real IMAP server for tests: Debian's Dovecot, unpacked into ``var/dovecot``; no service is installed."""

from __future__ import annotations

import os
import pwd
import shutil
import socketserver
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from app.config import MailSettings
from tests.mail_server import mail_settings

USER, PASSWORD = "antwort", "geheim-im-test"
# Everything but signing in is Dovecot's: its own program for that looks for parts where Debian installs them.
_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
ssl = no
mail_location = maildir:{base}/mail
mail_plugin_dir = {programs}/modules
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
stats_writer_socket_path =
default_internal_group = {group}
default_internal_user = {user}
default_login_user = {user}
import_environment = TZ LD_LIBRARY_PATH={programs}
"""


class _Session(socketserver.StreamRequestHandler):
    """Signs in who knows the password, and hands the connection to Dovecot."""

    rbufsize = 0
    command: tuple[str, ...] = ()
    environment: dict[str, str]

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline().decode():
            tag, command, *given = line.split()
            if command == "CAPABILITY":
                self.wfile.write(f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n".encode())
            elif command == "LOGIN" and given == [USER, f'"{PASSWORD}"']:
                self._hand_over(tag)
                return
            else:
                self.wfile.write(f"{tag} NO refused\r\n".encode())

    def _hand_over(self, tag: str) -> None:
        with subprocess.Popen(
            self.command, stdin=self.connection, stdout=subprocess.PIPE, env=self.environment, bufsize=0
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"* PREAUTH")
            self.wfile.write(f"{tag} OK done\r\n".encode())
            while content := process.stdout.read(65536):
                self.wfile.write(content)


@contextmanager
def imap_server(root: Path) -> Iterator[tuple[MailSettings, Path]]:
    """Run Dovecot for who connects; give settings that lead to it, and the folder in which mails arrive."""
    base = Path(tempfile.mkdtemp(prefix="imap-"))
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    for name in ("run", "state", "mail/new", "mail/cur", "mail/tmp"):
        (base / name).mkdir(parents=True)
    (base / "dovecot.conf").write_text(_config(root, base, owner))
    for path in (base, *base.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _session(root, base)) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield _settings(server.server_address[1]), base / "mail" / "new"
        finally:
            server.shutdown()
            shutil.rmtree(base, ignore_errors=True)


def _session(root: Path, base: Path) -> type[_Session]:
    programs = root / "usr/lib/dovecot"
    reading = (str(root / "usr/bin/doveconf"), "-f", "service=imap", "-c", str(base / "dovecot.conf"))
    given = {"LD_LIBRARY_PATH": str(programs), "USER": USER, "HOME": str(base)}
    values = {
        "command": (*reading, "-m", "imap", "-e", str(programs / "imap")),
        "environment": {**os.environ, **given},
    }
    return type("Session", (_Session,), values)


def _config(root: Path, base: Path, owner: pwd.struct_passwd) -> str:
    import grp

    return _CONFIG.format(
        base=base,
        programs=root / "usr/lib/dovecot",
        user=owner.pw_name,
        group=grp.getgrgid(owner.pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
    )


def _settings(port: int) -> MailSettings:
    given = {"IMAP_SECURITY": "none", "IMAP_USER": USER, "IMAP_PASSWORD": PASSWORD}
    return mail_settings(25, IMAP_HOST="127.0.0.1", IMAP_PORT=port, **given)

"""A real IMAP server for tests: Debian's Dovecot, unpacked into ``var/dovecot``, begun for one test run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.config import PROJECT_DIR, MailSettings
from tests.mail_server import mail_settings
from tests.waiting import wait_until

DOVECOT_DIR = PROJECT_DIR / "var" / "dovecot"
_PACKAGES = ("dovecot-core", "dovecot-imapd")
USER, PASSWORD = "antwort", "geheim-im-test"
_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {base}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
libexec_dir = {programs}
mail_plugin_dir = {programs}/modules
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{base}/mail
auth_mechanisms = plain login
stats_writer_socket_path =
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
"""


def find_dovecot() -> Path | None:
    """Return the root below which a Dovecot lies, the machine's or the tests' own; None without either."""
    for root in (Path("/"), DOVECOT_DIR):
        if (root / "usr/sbin/dovecot").exists() and (root / "usr/lib/dovecot/imap").exists():
            return root
    return None


def fetch_dovecot() -> Path | None:
    """Unpack Debian's Dovecot for the tests alone: no service of this machine is begun."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    DOVECOT_DIR.mkdir(parents=True, exist_ok=True)
    with suppress(subprocess.CalledProcessError):
        subprocess.run(["apt-get", "-q", "download", *_PACKAGES], cwd=DOVECOT_DIR, check=True)
        for package in DOVECOT_DIR.glob("dovecot-*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, DOVECOT_DIR], check=True)
    return find_dovecot()


@contextmanager
def imap_server(root: Path) -> Iterator[tuple[MailSettings, Path]]:
    """Run Dovecot; give the settings that lead to it, and the folder into which mails are laid."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = Path(tempfile.mkdtemp(prefix="imap-"))
    base.chmod(0o755)
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    config = base / "dovecot.conf"
    config.write_text(_config(root, base, port, owner))
    for name in ("run", "state", "home", "mail/new", "mail/cur", "mail/tmp"):
        (base / name).mkdir(parents=True)
    if os.geteuid() == 0:
        for path in (base, *base.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    environment = {**os.environ, "LD_LIBRARY_PATH": str(root / "usr/lib/dovecot")}
    process = subprocess.Popen([root / "usr/sbin/dovecot", "-F", "-c", config], env=environment)
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), "the IMAP server answers")
        assert process.poll() is None, (base / "log").read_text() if (base / "log").exists() else "no log"
        yield _settings(port), base / "mail" / "new"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(base, ignore_errors=True)


def _config(root: Path, base: Path, port: int, owner: pwd.struct_passwd) -> str:
    return _CONFIG.format(
        base=base,
        port=port,
        programs=root / "usr/lib/dovecot",
        user=owner.pw_name,
        group=_group(owner.pw_gid),
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        password=PASSWORD,
    )


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
        return asking.recv(100).startswith(b"* OK")
    return False


def _settings(port: int) -> MailSettings:
    return mail_settings(
        25,
        IMAP_HOST="127.0.0.1",
        IMAP_PORT=port,
        IMAP_SECURITY="none",
        IMAP_USER=USER,
        IMAP_PASSWORD=PASSWORD,
    )

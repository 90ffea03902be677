"""What the tests need beyond Python: browser assets, compiled translations, a Chromium.

``python -m tests.machine`` gets what is missing, or says in one sentence what to install.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from app.config import PROJECT_DIR, Settings
from app.db.cluster.prepared import code_fingerprint
from app.errors import AppError, outcome
from app.machine import packages, system
from app.machine.assets import assets_current, install_assets
from app.machine.catalogs import compile_catalogs
from app.machine.node import install_locked
from app.machine.printing import install_libraries, missing_libraries
from app.machine.setup_lock import one_at_a_time
from app.services.setup.compiling import are_kernels_ready, make_kernels_ready

NODE_DIR = PROJECT_DIR / "tests" / "node"
OPENID_DIR = PROJECT_DIR / "tests" / "openid"
NGINX_DIR = PROJECT_DIR / "var" / "nginx"
DOVECOT_DIR = PROJECT_DIR / "var" / "dovecot"


def find_chromium() -> str | None:
    """Return the path of the machine's Chromium, or of Playwright's own; None without either."""
    if (found := system.find_chromium()) is not None:
        return found
    asked = (
        "from playwright.sync_api import *\nwith sync_playwright() as p: print(p.chromium.executable_path)"
    )
    own = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=False
    ).stdout.strip()
    return own if own and Path(own).exists() else None


def install_chromium(log: Path) -> str | None:
    """Get a Chromium by apt or else by Playwright; return its path."""
    if packages.can_install() and not system.is_ubuntu():
        packages.install("chromium", "fonts-dejavu-core", log=log)
    if find_chromium() is None:
        deps = ["--with-deps"] if packages.can_install() else []
        subprocess.run([sys.executable, "-m", "playwright", "install", *deps, "chromium"], check=False)
    return find_chromium()


def node_package(name: str) -> Path | None:
    """Return the folder of a package of ``tests/node``; None where it is not installed."""
    found = NODE_DIR / "node_modules" / name
    return found if found.exists() else None


def find_nginx() -> str | None:
    """Return the path of an nginx, the machine's or the tests' own; None without either."""
    own = NGINX_DIR / "usr" / "sbin" / "nginx"
    return shutil.which("nginx") or (str(own) if own.exists() else None)


def fetch_nginx() -> str | None:
    """Unpack Debian's nginx; return its path."""
    _unpack(NGINX_DIR, "nginx")
    return find_nginx()


def find_dovecot() -> Path | None:
    """Return the root below which a Dovecot lies, the machine's or the tests' own; None without either."""
    for root in (Path("/"), DOVECOT_DIR):
        if (root / "usr/bin/doveconf").exists() and (root / "usr/lib/dovecot/imap").exists():
            return root
    return None


def fetch_dovecot() -> Path | None:
    """Unpack Debian's Dovecot; return the root below which it lies."""
    _unpack(DOVECOT_DIR, "dovecot-core", "dovecot-imapd")
    return find_dovecot()


def _unpack(folder: Path, *names: str) -> None:
    """Unpack Debian's packages for the tests alone: no service of this machine is begun."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(subprocess.CalledProcessError):
        subprocess.run(["apt-get", "-q", "download", *names], cwd=folder, check=True)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)


def check_driver(log: Path) -> None:
    """Start the driver of the browser tests once, so that what it lacks is known before they run.

    Raises
    ------
    SystemExit
        If it does not start, with its own words.
    """
    if missing := system.missing_libraries(system.DRIVER_LIBRARIES):
        if not packages.can_install():
            command = packages.apt_command(*missing)
            sys.exit(f"The browser tests' driver lacks a library. Have it installed first: {command}")
        print(f"==> System packages: {' '.join(missing)}", file=sys.stderr)
        packages.install(*missing, log=log)
    node, _ = compute_driver_executable()
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["?"])[-1]
        sys.exit(f"The browser tests' driver does not start: {reason}")


def main() -> None:
    """Get everything, or exit with one sentence."""
    try:
        settings = Settings.from_environment()
        with one_at_a_time(
            settings.var_dir, lambda: print("==> Waiting for another set-up", file=sys.stderr)
        ):
            prepare_files(settings.var_dir)
            prepare_system(settings.log)
    except AppError as error:
        print(error, file=sys.stderr)
        sys.exit(outcome(error).exit_code)


def prepare_files(var_dir: Path) -> None:
    """Get what lies in the project's folder."""
    if not assets_current():
        print("==> Browser assets", file=sys.stderr)
        install_assets(var_dir)
    install_locked(var_dir, NODE_DIR, "The tests' packages could not be installed by npm: “%(reason)s”.")
    install_locked(var_dir, OPENID_DIR, "The tests' provider could not be installed by npm: “%(reason)s”.")
    compile_catalogs()
    if not are_kernels_ready(var_dir, fingerprint := code_fingerprint()):
        print("==> Compiled functions", file=sys.stderr)
        make_kernels_ready(var_dir, fingerprint)


def prepare_system(log: Path) -> None:
    """Get what the machine is to have."""
    if missing_libraries() and (lacking := install_libraries(log)):
        sys.exit(f"The visit sheets need system libraries: install the packages {lacking} and try again.")
    if find_nginx() is None:
        print("==> nginx", file=sys.stderr)
        if fetch_nginx() is None:
            print("Without nginx the tests behind a proxy are left out: install it.", file=sys.stderr)
    if find_dovecot() is None:
        print("==> Dovecot", file=sys.stderr)
        if fetch_dovecot() is None:
            print("Without Dovecot the tests that read a mailbox are left out.", file=sys.stderr)
    check_driver(log)
    if find_chromium() is None:
        print("==> Chromium", file=sys.stderr)
        if install_chromium(log) is None:
            sys.exit("The browser tests need Chromium: install the package chromium and try again.")


if __name__ == "__main__":
    main()

"""What the tests need beyond Python: browser assets, compiled translations, a Chromium.

``python -m tests.machine`` gets what is missing, or says in one sentence what to install.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from app.config import Settings
from app.db.prepared import code_fingerprint
from app.errors import AppError, outcome
from app.machine import packages, system
from app.machine.assets import assets_current, install_assets
from app.machine.catalogs import compile_catalogs
from app.machine.printing import install_libraries, missing_libraries
from app.services.compiling import are_kernels_ready, make_kernels_ready


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


def check_driver(log: Path) -> None:
    """Start the driver of the browser tests once, so that what it lacks is known before they run.

    Raises
    ------
    SystemExit
        If it does not start, with its own words.
    """
    if missing := system.missing_libraries(system.DRIVER_LIBRARIES):
        if not packages.can_install():
            sys.exit(
                f"The browser tests' driver lacks a library. Install it: {packages.apt_command(*missing)}"
            )
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
        var_dir = settings.var_dir
        if not assets_current():
            print("==> Browser assets", file=sys.stderr)
            install_assets(var_dir)
        compile_catalogs()
        if not are_kernels_ready(var_dir, fingerprint := code_fingerprint()):
            print("==> Compiled functions", file=sys.stderr)
            make_kernels_ready(var_dir, fingerprint)
    except AppError as error:
        print(error, file=sys.stderr)
        sys.exit(outcome(error).exit_code)
    if missing_libraries() and (lacking := install_libraries(settings.log)):
        sys.exit(f"The visit sheets need system libraries: install the packages {lacking} and try again.")
    check_driver(settings.log)
    if find_chromium() is None:
        print("==> Chromium", file=sys.stderr)
        if install_chromium(settings.log) is None:
            sys.exit("The browser tests need Chromium: install the package chromium and try again.")


if __name__ == "__main__":
    main()

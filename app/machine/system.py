"""What the project needs of a Debian or Ubuntu, looked at before anything slow begins.

Whoever may not install is told all of it at once, in one command; only the standard library is needed.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Library -> its package on Debian and Ubuntu.
PDF_LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
# Latin, Greek and Cyrillic; beside them symbols, Chinese, Japanese and Korean, emoji: together 5 MB.
FONTS = ("fonts-liberation", "fonts-dejavu-core", "fonts-droid-fallback", "fonts-symbola")
# What the browser tests' driver is linked with; a bare Debian 12 lacks it.
DRIVER_LIBRARIES = {"atomic": "libatomic1"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def missing_packages(*, is_for_tests: bool) -> list[str]:
    """Return the Debian packages that are missing, in the order in which they are needed.

    Parameters
    ----------
    is_for_tests : bool
        Whether `make test` is to run, too.
    """
    missing = [] if has_venv() else [venv_package()]
    # make passes the variable on, empty where it is unset.
    if not os.environ.get("DATABASE_URL", "").strip() and not _has_postgis():
        missing.append("postgresql-postgis")
    missing += missing_libraries(PDF_LIBRARIES)
    if any(package in missing for package in PDF_LIBRARIES.values()):
        missing += FONTS
    if is_for_tests:
        missing += missing_libraries(DRIVER_LIBRARIES)
        missing += [] if is_ubuntu() or find_chromium() else ["chromium", "fonts-dejavu-core"]
    return list(dict.fromkeys(missing))


def missing_libraries(libraries: dict[str, str]) -> list[str]:
    """Return the packages of those libraries that are not there."""
    return [package for library, package in libraries.items() if ctypes.util.find_library(library) is None]


def has_venv() -> bool:
    """Return whether this Python can make environments; Debian keeps half of venv in a package of its own."""
    return importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None


def venv_package() -> str:
    """Return the package that completes this Python's venv."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def find_chromium() -> str | None:
    """Return the path of the machine's own Chromium."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    # On Ubuntu the package of this name is a script that only advertises a snap.
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        return found
    return None


def is_ubuntu() -> bool:
    """Return whether this is an Ubuntu."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=ubuntu" in release.read_text("utf-8").splitlines()


def is_apt_system() -> bool:
    """Return whether packages come by apt here."""
    return shutil.which("apt-get") is not None


def _has_postgis() -> bool:
    """Return whether a server with PostGIS is installed, packaged or named by the person."""
    if os.environ.get("APP_POSTGRES_BIN") or shutil.which("postgres"):
        return True
    share = Path("/usr/share/postgresql")
    return any(
        (share / server.parts[-3] / "extension" / "postgis.control").exists()
        for server in Path("/usr/lib/postgresql").glob("*/bin/initdb")
    )

"""The system libraries that make PDFs, installed by apt where this user may."""

from __future__ import annotations

from ctypes.util import find_library

from app.machine import packages

# Library -> its package on Debian and Ubuntu.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
# Latin, Greek and Cyrillic; beside them symbols, Chinese, Japanese and Korean, emoji: together 5 MB.
FONTS = ("fonts-liberation", "fonts-dejavu-core", "fonts-droid-fallback", "fonts-symbola")


def missing_libraries() -> list[str]:
    """Return the packages of the libraries that are not there."""
    return [package for library, package in LIBRARIES.items() if find_library(library) is None]


def install_libraries() -> str | None:
    """Install what is missing, and fonts.

    Returns
    -------
    str or None
        None when nothing is missing any more; otherwise what to install by hand.
    """
    if missing_libraries() and packages.can_install():
        packages.install(*missing_libraries(), *FONTS)
    return " ".join(missing_libraries()) or None

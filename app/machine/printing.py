"""The system libraries that make PDFs, installed by apt where this user may."""

from __future__ import annotations

from pathlib import Path

from app.machine import packages, system


def missing_libraries() -> list[str]:
    """Return the packages of the libraries that are not there."""
    return system.missing_libraries(system.PDF_LIBRARIES)


def install_libraries(log: Path) -> str | None:
    """Install what is missing, and fonts; apt's lines go to `log`.

    Returns
    -------
    str or None
        None when nothing is missing any more; otherwise what to install by hand.
    """
    if missing_libraries() and packages.can_install():
        packages.install(*missing_libraries(), *system.FONTS, log=log)
    return " ".join(missing_libraries()) or None

"""Translations: the written catalogs made into those that gettext reads."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.config import PROJECT_DIR
from app.errors import N_, DataError
from app.machine.disk import disk_told

TRANSLATIONS_DIR = PROJECT_DIR / "app" / "web" / "translations"


def stale_catalogs(translations_dir: Path = TRANSLATIONS_DIR) -> list[Path]:
    """Return the ``.po`` files that are newer than their ``.mo`` or have none."""
    written = sorted(translations_dir.glob("*/LC_MESSAGES/*.po"))
    return [file for file in written if not _is_compiled(file)]


def compile_catalogs(translations_dir: Path = TRANSLATIONS_DIR) -> None:
    """Compile the stale catalogs; a reader never sees half a file.

    Raises
    ------
    DataError
        If a translation's placeholders differ from its message's.
    """
    for file in stale_catalogs(translations_dir):
        _compile(file)


def _is_compiled(written: Path) -> bool:
    compiled = written.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= written.stat().st_mtime


def _compile(written: Path) -> None:
    with written.open("rb") as file:
        catalog = read_po(file, locale=written.parts[-3])
    for message, errors in catalog.check():
        raise DataError(
            N_("%(file)s: the translation of “%(message)s” is wrong: %(reason)s."),
            file=written.name,
            message=message.id,
            reason=errors[0],
        )
    partial = written.with_suffix(".mo.partial")
    with disk_told(written), partial.open("wb") as compiled:
        write_mo(compiled, catalog)
    partial.replace(written.with_suffix(".mo"))

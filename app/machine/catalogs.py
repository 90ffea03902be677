"""Translations: the written catalogs made into those that gettext and the browser modules read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.config import PROJECT_DIR, TRANSLATIONS_DIR
from app.errors import N_, DataError
from app.machine.disk import disk_errors

MODULES_DIR = PROJECT_DIR / "app" / "web" / "static" / "js"
# Of the modules' functions, which arguments are texts: t("…"), tn(n, "…", "…"), N_("…").
KEYWORDS = {"t": None, "tn": (2, 3), "N_": None}
OPTIONS = {"parse_template_string": "true"}


def stale_catalogs(translations_dir: Path = TRANSLATIONS_DIR) -> list[Path]:
    """Return the ``.po`` files of which something compiled is missing or older than what it is made of."""
    written = sorted(translations_dir.glob("*/LC_MESSAGES/*.po"))
    modules_at = max(file.stat().st_mtime for file in MODULES_DIR.rglob("*.js"))
    return [file for file in written if not _is_compiled(file, modules_at)]


def compile_catalogs(translations_dir: Path = TRANSLATIONS_DIR) -> None:
    """Compile the stale catalogs; a reader never sees half a file.

    Raises
    ------
    DataError
        If a translation's placeholders differ from its message's.
    """
    for file in stale_catalogs(translations_dir):
        _compile(file)


def module_texts() -> Iterator[str]:
    """Yield the texts that the browser modules show, forms for one and for many each; English."""
    for file in sorted(MODULES_DIR.rglob("*.js")):
        for _, message, _, _ in extract_from_file("javascript", file, KEYWORDS, options=OPTIONS):
            yield from (message,) if isinstance(message, str) else message


def _is_compiled(written: Path, modules_at: float) -> bool:
    compiled, texts = written.with_suffix(".mo"), written.with_name("javascript.json")
    return (
        compiled.exists()
        and texts.exists()
        and compiled.stat().st_mtime >= written.stat().st_mtime
        and texts.stat().st_mtime >= max(written.stat().st_mtime, modules_at)
    )


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
    with disk_errors(written), partial.open("wb") as compiled:
        write_mo(compiled, catalog)
    partial.replace(written.with_suffix(".mo"))
    partial = written.with_suffix(".json.partial")
    with disk_errors(written):
        partial.write_text(json.dumps(_translated_texts(catalog), ensure_ascii=False), "utf-8")
    partial.replace(written.with_name("javascript.json"))


def _translated_texts(catalog: Catalog) -> dict[str, str]:
    shown = set(module_texts())
    return {text: string for text, string in _forms(catalog) if string and text in shown}


def _forms(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalog:
        if isinstance(message.id, str):
            yield message.id, str(message.string)
        else:
            yield from zip(message.id, map(str, message.string or ()), strict=True)

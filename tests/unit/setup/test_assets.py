"""Browser assets and compiled translations, made by the real npm, pip and gettext."""

from __future__ import annotations

import gettext
import re
import shutil
from pathlib import Path

import pytest

from app.config import PROJECT_DIR
from app.errors import DataError, SetupError
from app.machine.assets import FILES, install_assets
from app.machine.catalogs import compile_catalogs, stale_catalogs


def test_browser_assets_come_without_npm_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PROJECT_DIR / name, tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    install_assets(tmp_path, tmp_path / "vendor", tmp_path)
    # What was only needed for it is gone.
    assert {path.name for path in tmp_path.iterdir()} == {
        ".npmrc",
        "node_modules",
        "package.json",
        "package-lock.json",
        "vendor",
    }
    for package, patterns in FILES.items():
        for pattern in patterns:
            copied = list((tmp_path / "vendor" / package).glob(pattern))
            assert copied
            assert all(file.stat().st_size > 0 for file in copied)
    sizes = {file.name: file.stat().st_size for file in (tmp_path / "vendor").rglob("*") if file.is_file()}
    assert sizes["leaflet.js"] == 147552


def test_a_package_that_is_not_what_was_locked_is_refused(tmp_path: Path) -> None:
    shutil.copy(PROJECT_DIR / "package.json", tmp_path)
    locked = (PROJECT_DIR / "package-lock.json").read_text("utf-8")
    forged = re.sub(r'"sha512-[^"]{10}', '"sha512-AAAAAAAAAA', locked)
    (tmp_path / "package-lock.json").write_text(forged, "utf-8")
    with pytest.raises(SetupError, match="could not be installed by npm"):
        install_assets(tmp_path, tmp_path / "vendor", tmp_path)
    assert not (tmp_path / "vendor").exists()


PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

#, python-format
msgid "%(n)s plots"
"""


def test_catalogs_are_compiled_when_they_changed(tmp_path: Path) -> None:
    written = tmp_path / "de" / "LC_MESSAGES" / "messages.po"
    written.parent.mkdir(parents=True)
    written.write_text(f'{PO}msgstr "%(n)s Grundstücke"\n', "utf-8")
    assert stale_catalogs(tmp_path) == [written]
    compile_catalogs(tmp_path)
    assert stale_catalogs(tmp_path) == []
    catalog = gettext.translation("messages", tmp_path, ["de"])
    assert catalog.gettext("%(n)s plots") % {"n": 7} == "7 Grundstücke"


def test_a_translation_with_another_placeholder_is_refused(tmp_path: Path) -> None:
    written = tmp_path / "de" / "LC_MESSAGES" / "messages.po"
    written.parent.mkdir(parents=True)
    written.write_text(f'{PO}msgstr "%(zahl)s Grundstücke"\n', "utf-8")
    with pytest.raises(DataError, match="the translation of “%\\(n\\)s plots” is wrong"):
        compile_catalogs(tmp_path)
    assert not written.with_suffix(".mo").exists()

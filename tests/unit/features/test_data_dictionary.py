"""The data dictionary of the documentation is that of today's contracts."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from app.cli.features.columns import command
from app.config import PROJECT_DIR
from app.domain.frames import find_contract
from app.services.features.exporting import COLLECTIONS

DOCUMENT = PROJECT_DIR / "docs" / "data.md"


def written(language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LANG", language)
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    return CliRunner().invoke(command, catch_exceptions=False).output


def test_the_document_is_what_the_command_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else: ``LANG=C python -m app columns > docs/data.md``."""
    assert DOCUMENT.read_text("utf-8") == written("C", monkeypatch)


@pytest.mark.parametrize("language", ["C", "de_DE.UTF-8"])
def test_every_column_of_every_collection_is_explained_once(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = re.split(r"^## (\S+)$", written(language, monkeypatch), flags=re.M)[1:]
    tables = dict(zip(parts[::2], parts[1::2], strict=True))
    assert list(tables) == list(COLLECTIONS)
    for name, table in tables.items():
        rows = [re.split(r"(?<!\\) \| ", row) for row in table.splitlines() if row.startswith("| `")]
        assert [row[0].strip("| `") for row in rows] == list(find_contract(name).columns)
        assert all(len(row) == 4 and all(cell.strip(" |") for cell in row) for row in rows), name

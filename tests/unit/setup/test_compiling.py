"""Compiled functions are made at set-up, and a start that finds them does not load the compiler."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.services.setup.compiling import MARK, are_kernels_ready, make_kernels_ready


def test_ready_only_as_marked(tmp_path: Path) -> None:
    assert not are_kernels_ready(tmp_path / "none", "a1")
    make_kernels_ready(tmp_path, "a1")
    assert are_kernels_ready(tmp_path, "a1")
    assert not are_kernels_ready(tmp_path, "b2")  # other code
    folders = json.loads((tmp_path / MARK).read_text("utf-8"))["folders"]
    assert folders
    for folder in folders:
        compiled = {file.name for file in Path(folder).rglob("*.nbc")}
        assert len(compiled) > 5, compiled


def test_gone_machine_code_is_noticed(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text(json.dumps({"fingerprint": "a1", "folders": [str(tmp_path / "gone")]}))
    assert not are_kernels_ready(tmp_path, "a1")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"fingerprint": "a1"}', "\x00"])
def test_damaged_mark_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / MARK).write_text(text)
    assert not are_kernels_ready(tmp_path, "a1")


def test_start_does_without_the_compiler() -> None:
    asked = (
        "import sys; from pathlib import Path; import app.cli.setup.serve;"
        "from app.services.setup.compiling import are_kernels_ready; are_kernels_ready(Path('var'), 'x');"
        "sys.exit(bool({'numba', 'geopandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0

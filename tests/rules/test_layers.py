"""Imports point down only: the contracts of .importlinter hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = "from importlinter.cli import lint_imports_command as run; run()"


def lint_imports(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT, "--no-cache", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_contract_is_kept() -> None:
    done = lint_imports()
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_upwards_breaks_the_contract(tmp_path: Path) -> None:
    """The layers below are the real ones upside down, so that the linter has something to find."""
    contract = (ROOT / ".importlinter").read_text("utf-8")
    lowest = "    domain\n    config | concurrency\n    errors | cache\n"
    upside_down = contract.replace(lowest, "\n".join(reversed(lowest.splitlines())) + "\n")
    assert upside_down != contract
    config = tmp_path / "broken.ini"
    config.write_text(upside_down, "utf-8")
    done = lint_imports("--config", str(config))
    assert done.returncode == 1
    assert "app.config -> app.errors" in done.stdout

"""The program, run in an empty folder as at the prompt."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main
from tests.unit.at_the_prompt import Ran


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run the program in an empty folder, in English, as its entry does."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def ran(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return Ran(int(left.value.code or 0), captured.out, captured.err)

    return ran


@pytest.fixture
def compute(run: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run the command that computes neighbors."""

    def computed(plots: str | Path, *options: str, out: str = "edges.csv") -> Ran:
        return run("neighbors", "compute", str(plots), "--out", out, *options)

    return computed

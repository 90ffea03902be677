"""``python -m app tour export``: a file by its ending, or one sentence and no file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.config import PROJECT_DIR

KEY = "rundgang-2024-04-24"


def export(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "tour", "export", *words]
    return subprocess.run(command, cwd=PROJECT_DIR, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF-"), ("ics", b"BEGIN:VCALENDAR")])
def test_the_ending_says_the_form(cli_env: dict[str, str], tmp_path: Path, form: str, begins: bytes) -> None:
    out = tmp_path / f"tour.{form}"
    done = export(cli_env, KEY, "--out", str(out), "--address", "https://park.example/")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(begins)
    if form == "ics":
        told = out.read_bytes().replace(b"\r\n ", b"")
        assert f"URL:https://park.example/tours/{KEY}/walk".encode() in told


@pytest.mark.parametrize(
    ("spoken", "words", "stop"),
    [
        ("en_US.UTF-8", (), b"<type>Stop</type>"),
        ("de_DE.UTF-8", (), b"<type>Station</type>"),
        ("en_US.UTF-8", ("--lang", "de"), b"<type>Station</type>"),
    ],
)
def test_the_file_speaks_as_the_prompt_does_unless_told(
    cli_env: dict[str, str], tmp_path: Path, spoken: str, words: tuple[str, ...], stop: bytes
) -> None:
    out = tmp_path / "tour.gpx"
    done = export({**cli_env, "LC_ALL": spoken}, KEY, "--out", str(out), *words)
    assert done.returncode == 0, done.stderr
    assert stop in out.read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((KEY, "--out", "tour.docx"), 2, "no file “docx”"),
        (("nix", "--out", "tour.gpx"), 4, "no tour “nix”"),
        ((KEY, "--out", "tour.gpx", "--address", "ftp://x"), 2, "not a valid address"),
        ((KEY, "--out", "missing/tour.gpx"), 2, "missing"),
    ],
)
def test_one_sentence_and_no_file(
    cli_env: dict[str, str], tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    given = [str(tmp_path / word) if word.endswith((".docx", ".gpx")) else word for word in words]
    done = export(cli_env, *given)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.glob("tour.*")) == []

"""``python -m app tour export``: a file by its ending, or one sentence and no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Run

KEY = "rundgang-2024-04-24"
EXPORT = ("tour", "export")


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF-"), ("ics", b"BEGIN:VCALENDAR")])
def test_the_ending_says_the_form(run_reading: Run, tmp_path: Path, form: str, begins: bytes) -> None:
    out = tmp_path / f"tour.{form}"
    code, _, told = run_reading(*EXPORT, KEY, "--out", out, "--address", "https://park.example/")
    assert code == 0, told
    assert out.read_bytes().startswith(begins)
    if form == "ics":
        lines = out.read_bytes().replace(b"\r\n ", b"")
        assert f"URL:https://park.example/tours/{KEY}/walk".encode() in lines


@pytest.mark.parametrize(
    ("spoken", "words", "stop"),
    [
        ("en_US.UTF-8", (), b"<type>Stop</type>"),
        ("de_DE.UTF-8", (), b"<type>Station</type>"),
        ("en_US.UTF-8", ("--lang", "de"), b"<type>Station</type>"),
    ],
)
def test_the_file_speaks_as_the_prompt_does_unless_told(
    run_reading: Run, tmp_path: Path, spoken: str, words: tuple[str, ...], stop: bytes
) -> None:
    out = tmp_path / "tour.gpx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", spoken)
        code, _, told = run_reading(*EXPORT, KEY, "--out", out, *words)
    assert code == 0, told
    assert stop in out.read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((KEY, "--out", "tour.docx"), 2, "no file “docx”"),
        (("nix", "--out", "tour.gpx"), 4, "no tour “nix”"),
        ((KEY, "--out", "tour.gpx", "--address", "ftp://x"), 2, "not a valid address"),
        ((KEY, "--out", "missing/tour.gpx"), 2, "missing"),
    ],
)
def test_one_sentence_and_no_file(
    run_reading: Run, tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    given = [str(tmp_path / word) if word.endswith((".docx", ".gpx")) else word for word in words]
    found, _, told = run_reading(*EXPORT, *given)
    assert found == code, told
    assert sentence in told
    assert told.count("\n") == 1
    assert list(tmp_path.glob("tour.*")) == []

"""Published grouping problems: read, solved at the prompt, refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.errors import AppError, DataError, InputError, NotFoundError, TooLargeError
from app.exchange.meetings.mdgp import parse_groups, read_groups

# Who belongs together is plain: 0 with 2, 1 with 3.
FILE = "4 2 ss 2 2 2 2\n0 1 1\n0 2 9.5\n0 3 1\n1 2 1\n1 3 7\n2 3 1\n"


def test_the_prompt_solves_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en")
    path = tmp_path / "tiny.txt"
    path.write_text(FILE, "utf-8")
    done = CliRunner().invoke(cli, ["meeting", "groups", str(path), "--limit-s", "60"])
    assert done.exit_code == 0
    assert done.stdout == "0 2\n1 3\n"
    assert done.stderr.startswith("Value 16.5: proven optimal in ")


def test_a_limit_of_nothing_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["meeting", "groups", str(tmp_path / "none.txt"), "--limit-s", "0"])
    assert isinstance(done.exception, InputError)


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("", DataError, "the first line must hold elements, groups, ss or ds, and two limits a group."),
        (FILE.replace("ss 2 2 2 2", "ss 2 2"), DataError, "the first line must hold elements"),
        (FILE.replace("ss 2 2 2 2", "ds 1 3 1 3"), DataError, "leaves the sizes of the groups open"),
        (FILE.replace("ss 2 2 2 2", "ds 2 2 3 3"), DataError, "has groups for 5 elements, but 4 elements."),
        (FILE.replace("2 3 1\n", "2 4 1\n"), DataError, "line 7: expected two elements from 0 to 3"),
        (FILE.replace("9.5", "nan"), DataError, "line 3: expected two elements from 0 to 3"),
        ("2000 2 ss 1000 1000 1000 1000", TooLargeError, "has 2000 elements; at most 1000 are grouped."),
    ],
)
def test_what_is_no_instance_is_refused(text: str, kind: type[AppError], sentence: str) -> None:
    with pytest.raises(kind) as refused:
        parse_groups(text, "tiny.txt")
    assert str(refused.value).startswith("tiny.txt")
    assert sentence in str(refused.value)


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_groups(tmp_path / "none.txt")

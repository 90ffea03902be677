"""What no file of the project may hold, and how long one may get."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 500
BINARY = {".png", ".jpg", ".woff2", ".ico", ".gpkg", ".parquet", ".mo", ".gz", ".pdf"}
# Foreign hosts that serve packages, scripts, fonts or tiles; split so that this file passes its own test.
HOSTS = [
    *(
        "registry." + "npmjs",
        "pypi" + ".org",
        "files.python" + "hosted",
        "cdn." + "jsdelivr",
        "unpkg" + ".com",
    ),
    *("cdnjs." + "cloudflare", "code." + "jquery", "netdna." + "bootstrapcdn", "fonts." + "googleapis"),
]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}


def project_files() -> list[Path]:
    """Return the project's text files: tracked ones and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = [ROOT / name for name in listed.splitlines()]
    return [file for file in found if file.is_file() and file.suffix not in BINARY]


FILES = project_files() if (ROOT / ".git").exists() else []
CODE = [file for file in FILES if file.suffix in {".py", ".js", ".html", ".css"}]
needs_git = pytest.mark.skipif(not FILES, reason="not a git checkout")


def named(files: list[Path]) -> list[str]:
    return [str(file.relative_to(ROOT)) for file in files]


@needs_git
def test_code_files_stay_short() -> None:
    # A migration is written once, as a whole, and never extended.
    alive = [file for file in CODE if file.is_relative_to(ROOT / "app") and "versions" not in file.parts]
    long = [file for file in alive if len(file.read_text("utf-8").splitlines()) > LONGEST]
    assert named(long) == []


@needs_git
def test_no_foreign_host_is_named() -> None:
    hosts = re.compile("|".join(map(re.escape, HOSTS)), re.IGNORECASE)
    assert named([file for file in FILES if hosts.search(file.read_text("utf-8", "replace"))]) == []


@needs_git
def test_no_file_is_named_after_nothing() -> None:
    assert named([file for file in FILES if file.stem in FORBIDDEN_NAMES]) == []


@needs_git
def test_no_debugging_is_left() -> None:
    leftovers = re.compile(r"^\s*(breakpoint\(\)|import pdb|debugger;|console\.log\()", re.MULTILINE)
    assert named([file for file in CODE if leftovers.search(file.read_text("utf-8"))]) == []


@needs_git
@pytest.mark.parametrize("name", ["package-lock.json", "lint/package-lock.json"])
def test_the_lock_file_names_no_address(name: str) -> None:
    lock = (ROOT / name).read_text("utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') >= 3

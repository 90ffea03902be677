"""The map as one file: opened from the disk without a network, and refused in one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.map_steps import opened, record
from tests.conftest import Run
from tests.watching import new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.fixture
def offline_page(browser: Browser) -> Iterator[Page]:
    """A page whose context has no network at all; the test fails on any error in it."""
    context = new_context(browser, offline=True, viewport={"width": 1280, "height": 800})
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda note: complaints.append(note.text) if note.type == "error" else None)
    yield context.new_page()
    context.close()
    assert complaints == []


def test_the_file_opens_without_any_network(
    offline_page: Page, cli_env: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "map.html"
    command = [sys.executable, "-m", "app", "map", "heinenkamp-2", "--on", "2024-04-24", "--out", str(out)]
    done = subprocess.run(command, env=cli_env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size < 1_500_000
    assert list(tmp_path.glob("*.html")) == [out]
    page = offline_page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, out.as_uri())
    assert page.inner_text(".date-bar strong") == "24.04.2024"
    page.fill("#q", "elektro mueller")
    page.press("#q", "Enter")
    page.wait_for_selector(".card-name >> text=Elektro Müller")
    page.keyboard.press("Escape")
    page.fill("#q", "HK2-012")
    page.click("#tab-plots")
    record(page, "plot:HK2-012").click()
    page.wait_for_selector(".neighbor-reason")
    assert page.locator("path.evidence-line").count() > 5
    assert re.search(r"\d+\N{NO-BREAK SPACE}m", page.inner_text(".neighbor-length >> nth=0"))
    assert {address.split(":")[0] for address in asked} <= {"file", "data", "blob"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nowhere"], 4), (["all", "--on", "2024-02-30"], 2), (["all", "--out", "/nowhere/x.html"], 2)],
)
def test_the_file_is_refused_in_one_sentence(
    run_reading: Run, tmp_path: Path, arguments: list[str], code: int
) -> None:
    where = [] if "--out" in arguments else ["--out", tmp_path / "map.html"]
    found, _, told = run_reading("map", *arguments, *where)
    assert found == code, told
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.glob("*.html")) == []

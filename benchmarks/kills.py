"""A real browser killed while somebody fills in a form: which gestures are lost when it is open again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Error, Page, Playwright, sync_playwright

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
_FORM, _FIELD = "/companies/kaufland/attributes/correct", "#reason"
_WITHIN_MS = 120_000
# How fast people type, and when the browser is killed after the first gesture.
_PAUSE_S, _KILLED_AFTER_S = (0.04, 0.16), (0.0, 2.0)
_TEXT = "abcdefghijklmnopqrstuvwxyz" * 4


class _Browser:
    """A browser of its own process group, on a profile that stays."""

    def __init__(self, program: str, profile: Path) -> None:
        (profile / "DevToolsActivePort").unlink(missing_ok=True)
        command = [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, start_new_session=True, **quiet)
        self.address = self._address(profile / "DevToolsActivePort")

    def _address(self, file: Path) -> str:
        end_s = time.monotonic() + _WITHIN_MS / 1000
        while not (file.exists() and file.read_text().count("\n")):
            if self._process.poll() is not None or time.monotonic() > end_s:
                raise RuntimeError("the browser does not start")
            time.sleep(0.02)
        return f"http://127.0.0.1:{file.read_text().splitlines()[0]}"

    def kill(self) -> None:
        """End all its processes at once."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def run_kills(program: str, address: str, person: tuple[str, str], n: int, seed: int = 0) -> Counter[str]:
    """Kill a browser so often while somebody types; return how many gestures were made, and how many lost.

    Parameters
    ----------
    program : str
        The browser.
    address : str
        Of a running service.
    person : tuple of str
        Name and password of somebody of staff.
    n, seed : int
    """
    chance, tally = random.Random(seed), Counter[str]()  # noqa: S311  the same each time
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as playwright:
        profile = Path(folder)
        for _ in range(n):
            with _signed_in(playwright, program, profile, address, person) as (browser, page):
                made = _type_until_killed(page, browser, chance)
            with _signed_in(playwright, program, profile, address, person) as (_, page):
                page.wait_for_selector("html[data-drafts-shown]", state="attached")
                found = _restored(page, made)
            tally += Counter(kills=1, gestures=made, lost=max(0, made - found))
    return tally


@contextmanager
def _signed_in(
    playwright: Playwright, program: str, profile: Path, address: str, person: tuple[str, str]
) -> Iterator[tuple[_Browser, Page]]:
    browser = _Browser(program, profile)
    try:
        context = playwright.chromium.connect_over_cdp(browser.address).contexts[0]
        context.set_default_timeout(_WITHIN_MS)
        page = context.new_page()
        page.goto(f"{address.rstrip('/')}/login?next={_FORM}")
        if page.locator("#password").count():
            page.fill("#name", person[0])
            page.fill("#password", person[1])
            page.locator("main button[type=submit]").click()
        page.wait_for_url(f"**{_FORM}")
        yield browser, page
    finally:
        browser.kill()


def _type_until_killed(page: Page, browser: _Browser, chance: random.Random) -> int:
    """Type into the empty form; return how many gestures the page had taken when the browser was killed."""
    page.wait_for_selector("html[data-drafts-shown]", state="attached")
    if page.locator(".alert-info button").count():
        page.locator(".alert-info button").click()
        # For a moment there is no field: the page is opened anew.
        page.wait_for_function(f"() => document.querySelector('{_FIELD}')?.value === ''")
        page.wait_for_selector("html[data-drafts-shown]", state="attached")
    page.focus(_FIELD)
    killer = threading.Timer(chance.uniform(*_KILLED_AFTER_S), browser.kill)
    made = 0
    killer.start()
    with suppress(Error):
        for letter in _TEXT:
            page.keyboard.press(letter)
            made += 1
            page.wait_for_timeout(1000 * chance.uniform(*_PAUSE_S))
    killer.join()
    return made


def _restored(page: Page, made: int) -> int:
    """Return how many gestures the form has got back."""
    if made:
        with suppress(Error):
            page.wait_for_function(
                f"() => document.querySelector('{_FIELD}').value !== ''", timeout=_WITHIN_MS / 10
            )
    found = page.input_value(_FIELD)
    if not _TEXT.startswith(found):
        raise RuntimeError(f"restored is what nobody typed: {found}")
    return len(found)

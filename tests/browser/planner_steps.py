"""Steps that all tests of the planner's page take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.waiting import LAST_RESORT_MS, wait_until
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ADDRESS = "/tours/planner?on=2026-05-04"
THREE = ("sturm-isotech", "bildhauerei-scheer", "elektro-mueller-gmbh")
NAMES = ("STURM Isotech", "Bildhauerei Scheer", "Elektro Müller")
# Whether the signs of so many stops lie within the map's frame.
ALL_IN_SIGHT = """
(n) => {
  const boxOf = (element) => element.getBoundingClientRect();
  const map = boxOf(document.querySelector(".planner-map"));
  const signs = [...document.querySelectorAll(".sign-place .sign-stop")].map(boxOf);
  const isIn = (s) => s.left > map.left && s.right < map.right && s.top > map.top && s.bottom < map.bottom;
  return signs.length === n && signs.every(isIn);
}
"""


def patient_pages(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Make pages that are watched, but for a busy service, which is asked again, and refused wishes."""
    watch = Watch(browser, live_server)
    yield watch.new_page
    watch.close()
    assert [one for one in watch.complaints if "503" not in one and "422" not in one] == []


def warm_up(page: Page) -> None:
    """Let the server compile its functions, as it does at set-up, before anything is timed."""
    wish = {"park": "heinenkamp-2", "on": "2026-05-04", "earliest": "13:00"}
    stops = [{"company": key, "dwell_min": 5} for key in THREE]

    def is_planned() -> bool:
        told = page.request.post("/api/tours/plan", data={**wish, "stops": stops}, timeout=LAST_RESORT_MS)
        assert told.status in {200, 503}, told.text()
        return told.status == 200

    wait_until(is_planned, "a planner that is not busy with others")


def opened(page: Page, address: str = ADDRESS) -> Page:
    page.goto(address)
    page.wait_for_selector('#planner[aria-busy="false"]')
    return page


def planned(page: Page) -> Page:
    """Wait until what is shown is the plan of what is wished."""
    page.wait_for_selector('#planner:not(.is-asking) #plan[aria-busy="false"] .proof')
    return page


def add(page: Page, *words: str) -> None:
    for each in words:
        page.fill("#pick", each)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator("#pick").blur()


def rows(page: Page) -> list[str]:
    return [name.inner_text() for name in page.locator(".stop-name").all()]


def row(page: Page, name: str) -> Locator:
    return page.locator(".stop-row", has_text=name)


def set_window(page: Page, name: str, opens: str, closes: str) -> None:
    one = row(page, name)
    one.locator(".chip").click()
    fields = one.locator(".window .input")
    fields.nth(0).fill(opens)
    fields.nth(1).fill(closes)
    fields.nth(1).press("Tab")

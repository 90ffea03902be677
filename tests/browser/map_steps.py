"""Steps that all tests of the map take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def opened(page: Page, address: str = "/") -> Page:
    page.goto(address)
    page.wait_for_selector('#map-page[aria-busy="false"]')
    return page


def record(page: Page, sel: str) -> Locator:
    return page.locator(f'.record[data-id="{sel}"]')

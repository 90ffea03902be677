"""Steps that all tests of the map take, and what they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

VIEW = "() => { const m = parkMaps.park.map, c = m.getCenter(); return [m.getZoom(), c.lat, c.lng]; }"
# How many signs of what is selected are inside the map's window.
CHOSEN_SIGNS = """
() => {
  const signs = [...document.querySelectorAll(".sign-place.is-chosen > .sign")];
  const map = document.querySelector(".folium-map").getBoundingClientRect();
  return signs.filter((sign) => {
    const { x, y, width, height } = sign.getBoundingClientRect();
    const [cx, cy] = [x + width / 2, y + height / 2];
    return cx > map.left && cx < map.right && cy > map.top && cy < map.bottom;
  }).length;
}
"""


def opened(page: Page, address: str = "/") -> Page:
    page.goto(address)
    page.wait_for_selector('#map-page[aria-busy="false"]')
    return page


def record(page: Page, sel: str) -> Locator:
    return page.locator(f'.record[data-id="{sel}"]')

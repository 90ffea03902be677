"""The map page where there is little room: on phones and on paper, with the notice always in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.map_steps import CHOSEN_SIGNS, VIEW, opened
from tests.waiting import wait_until_at_rest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def test_attribution_and_warning_are_always_seen(page_factory: Callable[..., Page]) -> None:
    for options in ({"viewport": {"width": 1280, "height": 800}}, {"viewport": PHONE, "has_touch": True}):
        page = opened(page_factory(**options))
        notice = page.locator(".leaflet-control-attribution")
        assert "© OpenStreetMap contributors, ODbL 1.0" in notice.inner_text()
        assert "kein Kataster" in notice.inner_text()
        box, sheet = notice.bounding_box(), page.locator("#panel").bounding_box()
        assert box
        assert sheet
        is_covered = sheet["width"] > 389 and sheet["y"] < box["y"] + box["height"]
        assert not is_covered


def test_on_a_phone_the_panel_is_a_sheet_with_three_heights(page_factory: Callable[..., Page]) -> None:
    page = opened(page_factory(viewport=PHONE, has_touch=True, reduced_motion="reduce"))
    grip = page.locator("#grip")
    tops = {}
    for key, height in (("ArrowUp", "full"), ("ArrowDown", "half"), ("ArrowDown", "peek")):
        grip.press(key)
        assert page.get_attribute("#panel", "data-height") == height
        wait_until_at_rest(page)
        tops[height] = page.locator("#panel").bounding_box()["y"]  # type: ignore[index]
    assert tops["full"] < tops["half"] < tops["peek"] < PHONE["height"] - 60
    grip.click()
    assert page.get_attribute("#panel", "data-height") == "half"
    small = page.locator("#panel button:visible, #date-bar button:visible").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_on_a_phone_the_day_has_room(page_factory: Callable[..., Page], lang: str) -> None:
    """The whole day is read, and nothing lies over the button for layers, on a day that is not today."""
    page = page_factory(has_touch=True)
    for width in (360, 390, 412):
        page.set_viewport_size({"width": width, "height": 740})
        opened(page, f"/?on=2022-11-28&lang={lang}")
        field = page.locator("#on")
        assert field.evaluate("field => field.scrollWidth <= field.clientWidth"), width
        bar = page.locator("#date-bar").bounding_box()
        layers = page.locator(".leaflet-control-layers").bounding_box()
        assert bar
        assert layers
        assert bar["x"] + bar["width"] <= layers["x"], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_the_map_and_the_card_remain(page: Page) -> None:
    opened(page, "/?sel=company:kaufland")
    page.wait_for_selector(".neighbor")
    theme = page.get_attribute("html", "data-bs-theme")
    seen = page.evaluate(VIEW)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".search")).to_be_hidden()
    expect(page.locator(".card-name")).to_be_visible()
    expect(page.locator(".folium-map")).to_be_visible()
    expect(page.locator(".leaflet-control-attribution")).to_be_visible()
    map_box, card_box = (page.locator(part).bounding_box() for part in (".map-area", "#card"))
    assert map_box
    assert card_box
    assert map_box["y"] + map_box["height"] <= card_box["y"] + 1
    assert page.evaluate(CHOSEN_SIGNS) == 1
    page.emulate_media(media="screen", color_scheme="light")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.get_attribute("html", "data-bs-theme") == theme
    assert page.evaluate(VIEW) == pytest.approx(seen, abs=1e-4)

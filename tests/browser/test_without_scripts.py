"""The pages for readers whose browser runs no scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def test_the_map_becomes_a_list_of_companies(page_factory: Callable[..., Page]) -> None:
    """Of the day and park asked for, by park, each leading on; day and park can be chosen there."""
    page = page_factory(java_script_enabled=False)
    page.goto("/?on=2021-01-01&park=heinenkamp-1")
    page.wait_for_url("**/companies?on=2021-01-01&park=heinenkamp-1")
    assert page.locator(".top-nav [aria-current]").inner_text() == "Karte"
    firms = [link.inner_text() for link in page.locator(".firms li > a").all()]
    assert "real" in firms
    assert "Kaufland" not in firms
    known, uncertain = (page.locator(f"{title} .quiet").inner_text() for title in ("h2", "h3"))
    assert page.locator("h2").inner_text() == f"Heinenkamp I {known}"
    assert int(known) + int(uncertain) == len(firms)
    assert firms == sorted(firms, key=str.casefold) or "ä" in "".join(firms)
    page.get_by_role("link", name="Heute, alle Gewerbegebiete").click()
    assert page.locator("h2").count() == 2
    told = page.request.get("/exports/companies.geojson").json()["features"]
    assert page.locator(".firms li").count() == len(told)
    page.get_by_role("link", name="Kaufland").click()
    assert page.locator("h1").inner_text() == "Kaufland"
    assert "Supermarkt" in page.locator("main").inner_text()


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE])
def test_menus_open_by_themselves(page_factory: Callable[..., Page], viewport: dict[str, int]) -> None:
    """The list of tours keeps its shape, the menu is shut until it is asked for, and saves files."""
    page = page_factory(java_script_enabled=False, viewport=viewport)
    page.goto("/tours")
    buttons = page.locator(".tour-tools .btn:visible")
    assert [" ".join(button.inner_text().split()) for button in buttons.all()] == [
        "Herunterladen Rundgänge",
        "Rundgang planen",
    ]
    assert all((button.bounding_box() or {"height": 999})["height"] < 60 for button in buttons.all())
    assert page.locator(".download:visible").count() == 0
    page.locator(".downloads summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".download:visible").count() == 8
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    with page.expect_download() as download:
        page.locator(".download:visible", has_text="GeoPackage").click()
    assert download.value.suggested_filename.startswith("tours-")
    page.locator(".downloads summary").click()
    page.locator(".tour-card").first.click()
    assert page.locator(".timetable .stop").count() > 2


def test_the_planner_leads_to_the_tours(page_factory: Callable[..., Page]) -> None:
    page = page_factory(java_script_enabled=False)
    page.goto("/tours/planner")
    page.locator(".notice").get_by_role("link", name="Alle Rundgänge").click()
    assert page.locator(".tour-card").count() > 1


def test_every_page_says_something(page_factory: Callable[..., Page]) -> None:
    """None is blank, none waits for what never comes."""
    page = page_factory(java_script_enabled=False)
    for address in ("/", "/tours/planner", "/tours/rundgang-2024-04-24/walk", "/login", "/api/?f=html"):
        page.goto(address)
        words = page.locator("body").inner_text()
        assert len(words) > 80, address
        waiting = page.get_by_text("Wird geladen").or_(page.get_by_text("Wird geplant"))
        expect(waiting.filter(visible=True), address).to_have_count(0)

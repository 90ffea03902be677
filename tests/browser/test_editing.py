"""On the map in a browser: a company on its plot, a way drawn and removed, a decision on neighbors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_companies import NAME, PHONE, NewPage, new_page, server, staff_state

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["new_page", "server", "staff_state"]

pytestmark = pytest.mark.browser

NEWS = ".decision-news"


def drawn_map(page: Page) -> Locator:
    """Return the map of a form once the land is drawn on it."""
    page.locator(".leaflet-plots-pane path").first.wait_for(state="attached")
    return page.locator(".folium-map")


def click_at(place: Locator, x: float, y: float) -> None:
    box = place.bounding_box()
    assert box
    place.click(position={"x": box["width"] * x, "y": box["height"] * y})


def test_a_company_is_put_on_the_plot_that_is_clicked_and_the_next_one_follows(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/companies")
    page.get_by_role("link", name=re.compile("Unternehmen auf Grundstücke setzen")).click()
    expect(page.locator("main")).to_contain_text("1 von 13 Unternehmen ohne Grundstück")
    first = page.url
    drawn_map(page)
    page.locator(".leaflet-plots-pane path.plot").last.dispatch_event("click")
    plot = page.get_by_label("Grundstück", exact=True).input_value()
    assert plot.startswith("HK")
    expect(page.locator("#edit-said")).to_contain_text(f"Gewählt: {plot}")
    expect(page.get_by_role("button", name="Folgen ansehen")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Speichern").press("Enter")
    expect(page.locator("main")).to_contain_text("1 von 12 Unternehmen ohne Grundstück")
    assert page.url != first


def test_a_way_is_drawn_by_clicks_and_keys_and_removed(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/walkways/new")
    place = drawn_map(page)
    click_at(place, 0.4, 0.15)
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    said = page.locator("#edit-said")
    expect(said).to_contain_text("2 Eckpunkte")
    line = page.get_by_label("Punkte")
    before = line.input_value()
    corner = page.get_by_role("button", name=re.compile("^Eckpunkt 1 von 2"))
    corner.focus()
    page.keyboard.press("Shift+ArrowUp")
    expect(corner).to_be_focused()
    assert line.input_value() != before
    assert line.input_value().split("; ")[1] == before.split("; ")[1], "the other one stays"
    page.keyboard.press("Control+z")
    assert line.input_value() == before
    page.get_by_role("button", name="Neuer Eckpunkt zwischen 1 und 2").press("Enter")
    expect(said).to_contain_text("3 Eckpunkte")
    page.keyboard.press("Delete")
    expect(said).to_contain_text("2 Eckpunkte")
    page.get_by_label("Name").fill("Probeweg")
    # Whoever leaves the page finds the line again.
    page.reload()
    expect(page.locator(".alert-info")).to_contain_text("ist wieder da")
    assert line.input_value() == before
    assert page.get_by_label("Name").input_value() == "Probeweg"
    expect(said).to_contain_text("2 Eckpunkte")
    # Impatience saves nothing twice.
    page.get_by_role("button", name="Speichern").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Probeweg")
    assert page.request.get("/walkways/ways/probeweg-2").status == 404
    expect(page.locator("#draft-count")).to_be_hidden()
    expect(page.get_by_role("status").first).to_contain_text("hinzugefügt")
    expect(page.locator(".edit-handle.is-end")).to_have_count(2)
    page.get_by_role("button", name="Es gab ihn nie").click()
    expect(page.get_by_role("status").first).to_contain_text("wurde entfernt")
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_role("status").first).to_contain_text("Rückgängig gemacht")
    page.goto("/walkways/ways/probeweg")
    expect(page.get_by_label("Punkte")).to_have_value(before)


def test_a_decision_on_neighbors_is_made_on_a_phone_by_keyboard_and_withdrawn(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/?sel=plot:HK1-001")
    page.get_by_role("button", name="Stimmt nicht: HK1-002").press("Enter")
    form = page.get_by_role("form", name="Entscheidung über HK1-002")
    form.get_by_label("Warum?").fill("Dazwischen steht eine Mauer")
    form.get_by_label("Warum?").press("Enter")
    expect(form).to_contain_text("Kaufland verliert Sumitomo Electric Bordnetze")
    form.get_by_label("Art der Nachbarschaft").select_option("corner")
    expect(form.get_by_role("button", name="Speichern")).to_have_count(0)
    form.get_by_label("Art der Nachbarschaft").select_option("none")
    form.get_by_label("Warum?").press("Enter")
    expect(form.get_by_role("button", name="Speichern")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(NEWS)).to_contain_text("Die Entscheidung über HK1-002 ist gespeichert.")
    expect(page.get_by_role("button", name="Stimmt nicht: HK1-002")).to_have_count(0)
    expect(page.locator(".decisions")).to_contain_text(f"Entschieden von {NAME}")
    page.get_by_role("button", name="Entscheidung über HK1-002 zurückziehen").press("Enter")
    expect(page.locator(NEWS)).to_contain_text("zurückgezogen")
    expect(page.get_by_role("button", name="Stimmt nicht: HK1-002")).to_have_count(1)

"""Time on the map in a real browser: the slider by keyboard, and a search that reaches into the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.map_steps import opened, record

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_slider_moves_and_plays_the_whole_map_without_asking_again(page: Page) -> None:
    """Each step names what changes, aloud, too; of whom it is not known stands apart."""
    opened(page, "/?on=2021-07-25")
    page.wait_for_function("() => document.querySelectorAll('.date-year').length > 2")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slider = page.locator(".date-slider")
    slider.press("ArrowRight")
    expect(page.locator(".date-news")).to_have_text("+ Kaufland")
    expect(page.locator("#spoken")).to_contain_text("18.11.2021: + Kaufland: ")
    assert "on=2021-11-18" in page.url
    assert slider.get_attribute("aria-valuetext") == "18.11.2021"
    assert record(page, "company:kaufland").count() == 1
    assert record(page, "facility:truck-parking").count() == 0
    page.get_by_role("button", name="Abspielen").click()
    expect(page.locator(".date-news")).to_have_text("+ Lkw-Stellplatz Heinenkamp II")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Abspielen")).to_be_visible()
    page.click("#tab-facilities")
    assert record(page, "facility:truck-parking").count() == 1
    assert not [url for url in asked if "/api/" in url]

    slider.press("Home")
    page.click("#tab-companies")
    expect(page.locator("#tab-companies .tab-count")).to_have_text("0")
    n_unsure = page.locator(".record.is-uncertain").count()
    assert page.locator("#tab-companies .tab-unsure [aria-hidden]").inner_text() == f"+{n_unsure}?"
    assert page.locator(".list-part").inner_text() == f"Ob schon da, ist nicht bekannt\n{n_unsure}"
    assert page.locator(".sign-place.is-uncertain .sign-round").count() >= n_unsure
    page.go_back()
    expect(page.locator("#tab-companies .tab-count")).not_to_have_text("0")


def test_a_search_leads_into_the_past_and_the_card_tells_it(page: Page) -> None:
    opened(page)
    page.fill("#q", "reall")
    hit = record(page, "company:real")
    expect(hit).to_contain_text("früher, bis 24.07.2021")
    page.press("#q", "Enter")
    expect(page.locator(".card-name")).to_have_text("real")
    assert "on=2021-07-24" in page.url
    for place in (".date-news", "#spoken"):
        expect(page.locator(place)).to_have_text("Der Stand ist jetzt 24.07.2021, damit „real“ zu sehen ist.")
    page.wait_for_selector(".neighbor")
    assert page.locator(".neighbor-plot").count() > 0
    # The search still fades what it did not find, but neither the chosen nor its neighbors.
    assert page.locator(".sign-place.is-faded").count() > 20
    named = page.locator(".neighbor").count() - page.locator(".neighbor .tag").count()
    assert page.locator(".sign-place:not(.is-faded) .sign-round").count() == named + 1

    page.locator("#card .inline-link", has_text="HK1-001").first.click()
    line = page.locator(".time-line tbody tr", has_text="Kaufland").locator("a")
    line.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card-name")).to_have_text("Kaufland")
    assert "on=" not in page.url
    page.goto("/?sel=plot:HK1-001")
    past = page.locator(".facts dt", has_text="Damals hier").locator("xpath=following-sibling::dd[1]")
    expect(past).to_have_text("real(bis 24.07.2021)")
    bars = page.locator(".time-line a")
    assert any("real: Beginn unbekannt" in bar.inner_text() for bar in bars.all())

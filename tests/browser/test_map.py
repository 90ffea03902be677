"""The map page in a real browser: list and map, day, search, neighbors, keyboard, address, languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.map_steps import CHOSEN_SIGNS, VIEW, opened, record
from tests.waiting import wait_until_at_rest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def count_of(page: Page, tab: str) -> int:
    """Return how many a tab counts, with those of which it is not known whether they were there."""
    known, unsure = (page.locator(f"#tab-{tab} .tab-{part}").inner_text() for part in ("count", "unsure"))
    return int(known) + int(re.sub(r"\+(\d+)\?.*", r"\1", unsure, flags=re.DOTALL) or 0)


def exported(page: Page, address: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = page.request.get(address).json()["features"]
    return rows


def test_the_lists_count_what_the_exports_hold(page: Page) -> None:
    opened(page, "/?on=2024-04-24")
    companies = exported(page, "/exports/companies.geojson?on=2024-04-24")
    firms = {row["properties"]["company"] for row in companies}  # type: ignore[index]
    assert count_of(page, "companies") == len(firms)
    assert page.locator(".record").count() == len(firms)
    assert count_of(page, "plots") == len(exported(page, "/exports/plots.geojson?on=2024-04-24"))
    assert page.locator("path.plot").count() == count_of(page, "plots")
    assert page.locator(".sign-place > .sign-round").count() == len(companies)


def test_the_list_moves_the_map_and_the_map_opens_the_card(page: Page) -> None:
    opened(page)
    before = page.evaluate(VIEW)
    record(page, "company:hornbach").click()
    page.wait_for_function(CHOSEN_SIGNS)
    page.wait_for_selector(".card-name >> text=HORNBACH")
    assert page.evaluate(VIEW) != before
    page.keyboard.press("Escape")
    page.wait_for_selector("#browse:visible")
    page.locator("path.plot").nth(0).wait_for()
    page.evaluate("() => [...document.querySelectorAll('.sign-place')].at(0).parentElement.click()")
    page.wait_for_selector("#card:visible")
    name = page.inner_text(".card-name")
    page.keyboard.press("Escape")
    page.wait_for_selector("#browse:visible")
    assert name in [row.inner_text() for row in page.locator(".record-name").all()]


def test_neighbors_are_told_with_metres_and_drawn_with_evidence(page: Page) -> None:
    opened(page, "/?sel=company:kaufland")
    page.wait_for_selector(".neighbor")
    told = page.request.get("/api/companies/kaufland/neighbors").json()["neighbors"]
    assert [row.inner_text() for row in page.locator(".neighbor-name").all()]
    assert page.locator(".neighbor").count() == len(told)
    reasons = {neighbor["reason"] for neighbor in told}
    assert {row.inner_text() for row in page.locator(".neighbor-reason").all()} == reasons
    edge = next(neighbor for neighbor in told if neighbor["relation"] == "edge")
    length = f"{edge['shared_m']:.0f}\N{NO-BREAK SPACE}m"
    assert length in [row.inner_text() for row in page.locator(".neighbor-length").all()]
    page.wait_for_selector(f'text.label.is-edge:text-is("{length}")', state="attached")
    pairs = {pair for neighbor in told for pair in neighbor["evidence"]}
    assert page.locator("path.evidence-line").count() == len(pairs)


def test_a_neighbor_leads_on_and_back_leads_back(page: Page) -> None:
    opened(page, "/?sel=company:kaufland")
    page.locator(".neighbor", has_text="Sumitomo").click()
    page.wait_for_selector(".card-name >> text=Sumitomo")
    assert "sel=company:sumitomo-electric-bordnetze" in page.url
    page.go_back()
    page.wait_for_selector(".card-name >> text=Kaufland")
    page.go_forward()
    page.wait_for_selector(".card-name >> text=Sumitomo")


def test_the_day_moves_everything(page: Page) -> None:
    opened(page, "/?on=2021-01-01")
    assert record(page, "company:real").count() == 1
    assert record(page, "company:kaufland").count() == 0
    page.click("#tab-facilities")
    assert record(page, "facility:truck-parking").count() == 0
    page.fill("#on", "26.09.2023")
    page.press("#on", "Enter")
    record(page, "facility:truck-parking").wait_for()
    assert "on=2023-09-26" in page.url
    page.locator(".date-step").first.click()
    page.wait_for_function("() => location.search.includes('on=2021-11-18')")
    page.wait_for_selector('#map-page[aria-busy="false"]')
    assert record(page, "facility:truck-parking").count() == 0
    page.click(".date-today")
    record(page, "facility:truck-parking").wait_for()
    assert "on=" not in page.url


def test_a_day_that_is_none_is_refused_in_words(page: Page) -> None:
    opened(page)
    page.fill("#on", "30.02.2024")
    page.press("#on", "Enter")
    assert "24.04.2024" in page.inner_text("#on-wrong")
    assert "on=" not in page.url


def test_who_is_gone_is_told_with_a_way_back(page: Page) -> None:
    opened(page, "/?on=2021-01-01&sel=company:kaufland")
    assert "Kaufland" in page.inner_text("#card")
    page.locator("#card .btn").click()
    page.wait_for_selector(".card-name >> text=Kaufland")
    page.locator("#card .inline-link", has_text="real").click()
    page.wait_for_selector(".card-name >> text=real")
    assert "on=2021-07-24" in page.url


def test_search_finds_umlauts_however_they_are_written(page: Page) -> None:
    opened(page)
    for words in ("Hohenbüchen", "hohenbuechen", "HOHENBUCHEN"):
        page.fill("#q", "")
        page.wait_for_function("() => document.querySelectorAll('.record').length > 20")
        page.fill("#q", words)
        page.wait_for_function("() => document.querySelectorAll('.records:first-child .record').length < 5")
        assert record(page, "company:akka").count() == 1, words
        assert page.locator(".sign-place.is-faded").count() > 20, words
    page.press("#q", "Enter")
    page.wait_for_selector("#card:visible")


def test_filters_narrow_list_and_map(page: Page) -> None:
    opened(page)
    chip = page.locator('.filter-chip[data-value="automotive"]')
    n = int(chip.locator(".filter-count").inner_text())
    chip.click()
    assert page.locator(".record").count() == n
    assert "only=automotive" in page.url
    assert page.locator('.filter-chip[data-value="automotive"]').get_attribute("aria-pressed") == "true"


def test_everything_can_be_reached_with_the_keyboard_alone(page: Page) -> None:
    opened(page)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "tab-companies"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-plots"
    page.keyboard.press("ArrowLeft")
    page.locator(".record").first.focus()
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.dataset.id")
    page.keyboard.press("Enter")
    page.wait_for_selector("#card:visible")
    assert page.evaluate("document.activeElement.className") == "card-name"
    page.keyboard.press("Escape")
    page.wait_for_selector("#browse:visible")
    assert page.evaluate("document.activeElement.dataset.id") == second


def test_a_link_shows_the_same_thing(page: Page, page_factory: Callable[..., Page]) -> None:
    opened(page, "/?on=2024-04-24&tab=plots&q=wolfsacker")
    page.locator(".record").first.click()
    page.wait_for_selector(".neighbor")
    wait_until_at_rest(page)
    page.evaluate("() => parkMaps.park.map.panBy([60, 30], {animate: false})")
    page.evaluate("() => parkMaps.park.layers.footprints.group.remove()")
    page.locator(".leaflet-control-layers").hover()
    page.locator(".leaflet-control-layers-selector").nth(2).uncheck()
    other = opened(page_factory(viewport={"width": 1280, "height": 800}), page.url)
    other.wait_for_selector(".neighbor")
    assert other.inner_text("#card") == page.inner_text("#card")
    assert other.evaluate(VIEW) == pytest.approx(page.evaluate(VIEW), abs=1e-4)
    assert other.input_value("#on") == page.input_value("#on") == "24.04.2024"
    assert other.locator("path.walkway, path.footprint").count() == 0


def test_the_truck_parking_has_its_full_card(page: Page) -> None:
    opened(page, "/?sel=facility:truck-parking")
    card = page.inner_text("#card")
    for words in ("42", "8", "26.09.2023", "Duschen", "EU Platin", "kostenpflichtig", "HK2-026", "Rundgang"):
        assert words in card, words


def test_a_tour_is_drawn_with_numbers_arrows_and_minutes(page: Page) -> None:
    opened(page, "/?sel=tour:rundgang-2024-04-24")
    page.wait_for_selector(".tour-arrow", state="attached")
    assert [stop.inner_text() for stop in page.locator(".sign-place .sign-stop").all()] == ["1", "2", "3"]
    page.wait_for_selector("text.label.is-minutes", state="attached")
    assert page.locator("path.tour-line.is-chosen.is-off-network").count() > 0
    assert page.locator(".card-stops li").count() == 3


def test_companies_at_one_place_can_each_be_clicked(page: Page) -> None:
    opened(page, "/?sel=company:cubos")
    wait_until_at_rest(page)
    centers = page.evaluate(
        "() => [...document.querySelectorAll('.sign-place > .sign')].map((sign) => {"
        "const r = sign.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })"
    )
    width, height = 1280, 800
    seen = [(x, y) for x, y in centers if 380 < x < width and 60 < y < height]
    gaps = [abs(a - x) + abs(b - y) for i, (a, b) in enumerate(seen) for x, y in seen[:i]]
    assert len(seen) >= 3
    assert min(gaps) > 18


@pytest.mark.parametrize("address", ["/", "/tours/planner", "/tours/rundgang-2024-04-24"])
def test_tab_passes_the_shapes_of_the_map_by(page: Page, address: str) -> None:
    """They listen for focus, which makes browsers stop at each; from the map it is a step to its buttons."""
    page.goto(address)
    page.wait_for_selector("path.plot", state="attached")
    frame = page.locator(".folium-map")
    assert (frame.get_attribute("role"), frame.get_attribute("aria-label")) == (
        "group",
        "Karte: Pfeiltasten verschieben, Plus und Minus vergrößern und verkleinern",
    )
    frame.focus()
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("aria-label") == "Vergrößern"
    titles = page.locator(".leaflet-control-layers-toggle").evaluate_all(
        "all => all.map(({ title }) => title)"
    )
    assert titles == (["Ebenen der Karte"] if address == "/" else [])


def test_a_failed_load_says_so_and_can_be_tried_again(page_factory: Callable[..., Page]) -> None:
    page = page_factory(viewport={"width": 1280, "height": 800})
    refused = json.dumps({"error": "Zur Wartung abgeschaltet."})
    page.route("**/collections/plots/items*", lambda route: route.fulfill(status=200, body=f"{refused[:-2]}"))
    page.goto("/")
    page.wait_for_selector("#failure .btn")
    page.unroute("**/collections/plots/items*")
    page.click("#failure .btn")
    page.wait_for_selector("path.plot", state="attached")
    assert page.inner_text("#failure") == ""


def test_english_and_german_are_never_mixed(page_factory: Callable[..., Page]) -> None:
    seen = {}
    for language in ("de", "en"):
        page = opened(page_factory(), f"/?lang={language}&sel=plot:HK2-012")
        page.wait_for_selector(".neighbor-reason")
        page.click("#legend summary")
        seen[language] = page.inner_text("main")
    english = ("Neighbors", "common boundary", "Copy link", "As of", "Reliability", "Companies on this plot")
    german = ("Nachbarn", "Link kopieren", "Stand", "Legende", "Grundstück")
    assert all(words in seen["en"] and words not in seen["de"] for words in english)
    assert all(words in seen["de"] for words in german)
    assert not any(words in seen["en"] for words in german[:2])


def test_bus_stops_are_told_from_streets_among_what_is_within_a_walk(page: Page) -> None:
    """They bear the names of streets."""
    opened(page, "/?on=2026-05-04&sel=facility:truck-parking")
    page.get_by_role("button", name="Zu Fuß erreichbar").click()
    first = page.locator(".reach-list li").first
    first.wait_for()
    assert first.inner_text().startswith("Klauskamp · Bushaltestelle")
    assert page.locator(".reach-list li", has_text="STURM").inner_text().startswith("STURM Isotech\n")


def test_the_card_of_a_tour_leads_to_its_page(page: Page) -> None:
    opened(page, "/?on=2024-04-24&sel=tour:rundgang-2024-04-24")
    page.locator("#card a[href='/tours/rundgang-2024-04-24']").click()
    page.wait_for_url("**/tours/rundgang-2024-04-24")

"""The map page in a real browser: list and map, day, search, neighbors, keyboard, phone, address, paper."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.map_steps import opened, record

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
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


def count_of(page: Page, tab: str) -> int:
    return int(page.inner_text(f"#tab-{tab} .tab-count"))


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


@pytest.mark.parametrize("words", ["Hohenbüchen", "hohenbuechen", "HOHENBUCHEN"])
def test_search_finds_umlauts_however_they_are_written(page: Page, words: str) -> None:
    opened(page)
    page.fill("#q", words)
    page.wait_for_function("() => document.querySelectorAll('.record').length < 5")
    assert record(page, "company:akka").count() == 1
    assert page.locator(".sign-place.is-faded").count() > 20
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
    page.wait_for_timeout(600)
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
    assert page.locator(".stops li").count() == 3


def test_companies_at_one_place_can_each_be_clicked(page: Page) -> None:
    opened(page, "/?sel=company:cubos")
    page.wait_for_timeout(800)
    centers = page.evaluate(
        "() => [...document.querySelectorAll('.sign-place > .sign')].map((sign) => {"
        "const r = sign.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })"
    )
    width, height = 1280, 800
    seen = [(x, y) for x, y in centers if 380 < x < width and 60 < y < height]
    gaps = [abs(a - x) + abs(b - y) for i, (a, b) in enumerate(seen) for x, y in seen[:i]]
    assert len(seen) >= 3
    assert min(gaps) > 18


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


def test_on_a_phone_the_panel_is_a_sheet_with_three_heights(page_factory: Callable[..., Page]) -> None:
    page = opened(page_factory(viewport=PHONE, has_touch=True, reduced_motion="reduce"))
    grip = page.locator("#grip")
    tops = {}
    for key, height in (("ArrowUp", "full"), ("ArrowDown", "half"), ("ArrowDown", "peek")):
        grip.press(key)
        assert page.get_attribute("#panel", "data-height") == height
        page.wait_for_timeout(60)
        tops[height] = page.locator("#panel").bounding_box()["y"]  # type: ignore[index]
    assert tops["full"] < tops["half"] < tops["peek"] < PHONE["height"] - 60
    grip.click()
    assert page.get_attribute("#panel", "data-height") == "half"
    small = page.locator("#panel button:visible, #date-bar button:visible").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("width", [360, 390, 412])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_on_a_phone_the_day_has_room(page_factory: Callable[..., Page], width: int, lang: str) -> None:
    """The whole day is read, and nothing lies over the button for layers, on a day that is not today."""
    page = page_factory(viewport={"width": width, "height": 740}, has_touch=True)
    opened(page, f"/?on=2022-11-28&lang={lang}")
    field = page.locator("#on")
    assert field.evaluate("field => field.scrollWidth <= field.clientWidth")
    bar = page.locator("#date-bar").bounding_box()
    layers = page.locator(".leaflet-control-layers").bounding_box()
    assert bar
    assert layers
    assert bar["x"] + bar["width"] <= layers["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


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
    english = ("Neighbors", "common boundary", "Copy link", "As of", "Trust", "Companies on this plot")
    german = ("Nachbarn", "Link kopieren", "Stand", "Legende", "Grundstück")
    assert all(words in seen["en"] and words not in seen["de"] for words in english)
    assert all(words in seen["de"] for words in german)
    assert not any(words in seen["en"] for words in german[:2])


def test_on_paper_the_map_and_the_card_remain(page: Page) -> None:
    opened(page, "/?sel=company:kaufland")
    page.wait_for_selector(".neighbor")
    theme = page.get_attribute("html", "data-bs-theme")
    seen = page.evaluate(VIEW)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".search").is_hidden()
    assert page.locator(".card-name").is_visible()
    assert page.locator(".folium-map").is_visible()
    assert page.locator(".leaflet-control-attribution").is_visible()
    map_box, card_box = (page.locator(part).bounding_box() for part in (".map-area", "#card"))
    assert map_box
    assert card_box
    assert map_box["y"] + map_box["height"] <= card_box["y"] + 1
    assert page.evaluate(CHOSEN_SIGNS) == 1
    page.emulate_media(media="screen", color_scheme="light")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.get_attribute("html", "data-bs-theme") == theme
    assert page.evaluate(VIEW) == pytest.approx(seen, abs=1e-4)

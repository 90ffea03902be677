"""The text pages in a real browser: keyboard, theme, small screens, paper, languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.domain.frames import CONTRACTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WALK = "/tours/rundgang-2024-04-24"
PAGES = ("/tours", WALK, "/daten")
API = "/api/collections"
API_PAGES = (
    "/api/?f=html",
    f"{API}?f=html",
    f"{API}/plots?f=html",
    f"{API}/companies/items?f=html",
    f"{API}/plots/items/HK1-001?f=html",
    "/api/conformance?f=html",
    "/api/openapi.html",
)
PHONE = {"width": 390, "height": 844}

# Relative luminance of every visible text against the nearest opaque background, after WCAG 2.
CONTRASTS = """
() => {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const { rgb, a } = channels(getComputedStyle(e).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    const isShown = element.checkVisibility() && !element.closest("svg, script, .visually-hidden");
    if (!node.data.trim() || !isShown) continue;
    const ink = luminance(channels(getComputedStyle(element).color).rgb);
    const paper = luminance(behind(element));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    found.push([ratio, node.data.trim()]);
  }
  return found;
}
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(page_factory: Callable[..., Page], theme: str) -> None:
    """Contrast of 4.5 and more in both themes, the theme being that of the system."""
    page = page_factory(color_scheme=theme)
    for address in (*PAGES, *API_PAGES[2:5]):
        page.goto(address)
        assert page.locator("html").get_attribute("data-bs-theme") == theme, address
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 20, address
        assert [(round(ratio, 2), words) for ratio, words in contrasts if ratio < 4.5] == [], address


def test_theme_follows_the_system_while_the_page_is_open(page: Page) -> None:
    """In the evening it turns dark without a reload."""
    page.emulate_media(color_scheme="light")
    page.goto("/tours")
    page.emulate_media(color_scheme="dark")
    page.wait_for_selector('html[data-bs-theme="dark"]')


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_top_bar_fits_small_phones(page_factory: Callable[..., Page], lang: str) -> None:
    page = page_factory(has_touch=True)
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(f"/tours?lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [one.bounding_box() for one in page.locator(".top-bar a").all()]
        assert max(box["x"] + box["width"] for box in boxes if box) <= width


def test_phone_needs_no_sideways_scrolling(page_factory: Callable[..., Page]) -> None:
    """And what is tapped alone is large enough: 44 pixels high."""
    page = page_factory(viewport=PHONE, has_touch=True, is_mobile=True)
    for address in PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        targets = page.locator(
            ".top-nav a, .languages a, .menu-button, .filters .btn, .filters select, .filters .day-box,"
            " .downloads > .btn"
        )
        heights = [box["height"] for target in targets.all() if (box := target.bounding_box())]
        assert len(heights) >= 5, address
        assert min(heights) >= 44, address


def test_api_pages_fit_a_phone_and_say_where_they_are(page_factory: Callable[..., Page]) -> None:
    """Wide tables scroll in a frame of their own; the top bar says that this is about data."""
    page = page_factory(viewport=PHONE, has_touch=True, is_mobile=True)
    for address in API_PAGES:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        assert page.locator(".top-nav [aria-current]").all_inner_texts() == ["Daten"], address


def test_keyboard_alone_reaches_everything(page: Page) -> None:
    """First the way past the top bar, then the links in order, each with a visible ring."""
    page.goto("/tours")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Zum Inhalt springen"
    assert (focused.bounding_box() or {})["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text().strip().startswith("Herunterladen")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "/tours/planner"
    page.keyboard.press("Tab")
    first_tour = page.locator(":focus")
    ring = "e => getComputedStyle(e.closest('.tour-card')).outlineStyle"
    assert first_tour.evaluate(ring) == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tours/.+"))
    assert page.locator("h1").count() == 1


def test_whole_card_opens_the_tour(page: Page) -> None:
    """The drawing, too."""
    page.goto("/tours")
    box = page.locator(".tour-card .sketch").last.bounding_box() or {}
    page.mouse.click(box["x"] + 20, box["y"] + 20)
    page.wait_for_url(f"**{WALK}")


def test_tour_map_takes_the_place_of_the_drawing(page: Page) -> None:
    """On the screen: stops with numbers and names, minutes, dashed lines; on paper the drawing comes back."""
    page.goto(WALK)
    page.wait_for_selector(".tour-map.has-map .sign-stop")
    assert [sign.inner_text() for sign in page.locator(".tour-map .sign-stop").all()] == ["1", "2", "3"]
    words = page.locator(".tour-map svg.labels text").all_text_contents()
    assert {"STURM Isotech", "Bildhauerei Scheer"} <= set(words)
    assert len([word for word in words if word.endswith("Min.")]) == 2
    assert page.locator(".tour-map .tour-line.is-off-network").count() >= 2
    assert "© OpenStreetMap contributors" in page.locator(".leaflet-control-attribution").inner_text()
    expect(page.locator(".sketch")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".sketch")).to_be_visible()
    expect(page.locator(".map-frame")).to_be_hidden()


def test_drawing_stays_when_the_map_cannot_be_had(page_factory: Callable[..., Page]) -> None:
    """An answer that never comes costs nobody the walk."""
    page = page_factory()
    page.route("**/api/collections/**", lambda route: route.fulfill(status=204))
    page.goto(WALK, wait_until="networkidle")
    expect(page.locator(".sketch")).to_be_visible()
    expect(page.locator(".map-frame")).to_be_hidden()


def test_filter_moves_numbers_and_links(page: Page) -> None:
    """The truck parking area opened on 2023-09-26; the form keeps what was chosen."""
    page.goto("/daten")
    row = page.locator("tr", has=page.get_by_role("rowheader", name="Einrichtungen"))
    before = int(row.locator(".is-number").inner_text())
    page.get_by_label("Stand").fill("25.9.2023")
    page.get_by_role("button", name="Anwenden").click()
    page.wait_for_url("**/daten?on=2023-09-25&park=")
    assert int(row.locator(".is-number").inner_text()) == before - 1
    assert page.get_by_label("Stand").input_value() == "25.09.2023"
    row.get_by_role("button", name="Herunterladen").click()
    with page.expect_download() as download:
        row.get_by_role("link", name="GeoPackage").click()
    assert download.value.suggested_filename == "facilities-2023-09-25.gpkg"


def test_days_are_written_as_the_page_speaks(page_factory: Callable[..., Page]) -> None:
    """Whatever the browser speaks; what is no day is not sent, one of the calendar is sent like any."""
    page = page_factory(locale="en-US")
    page.goto("/daten?lang=de&on=2021-01-02")
    field = page.get_by_label("Stand")
    assert field.input_value() == "02.01.2021"
    field.fill("31.02.2021")
    page.get_by_role("button", name="Anwenden").click()
    assert "24.04.2024" in field.evaluate("field => field.validationMessage")
    assert "on=2021-01-02" in page.url
    page.locator(".day-picker").fill("2023-09-25")
    assert field.input_value() == "25.09.2023"
    field.press("Enter")
    page.wait_for_url("**/daten?on=2023-09-25&park=")
    page.goto(f"{API}/plots/items?f=html&lang=en&datetime=2021-01-02")
    field = page.get_by_label("As of")
    field.fill("3 feb 2021")
    field.press("Enter")
    page.wait_for_url("**datetime=2021-02-03**")


def test_api_tables_name_parks_and_leave_empty_columns_out(page: Page) -> None:
    """No park is called by its key, and what no row of a page has is said below in one line."""
    page.goto(f"{API}/plots/items?f=html&limit=20&on=2024-04-24")
    heads = page.locator("thead th").all_inner_texts()
    park = heads.index("Gewerbegebiet") - 1  # the first column is the row's own head
    cells = page.locator("tbody tr").evaluate_all(
        f"rows => rows.map(row => row.querySelectorAll('td')[{park}].innerText)"
    )
    assert set(cells) == {"Heinenkamp I"}
    assert "Flurstücksnummer" not in heads
    assert "Flurstücksnummer" in page.locator(".beneath").inner_text()
    page.goto(f"{API}/plots/items/HK2-001?f=html")
    assert page.locator("dt", has_text="Gewerbegebiet").locator("+ dd").inner_text() == "Heinenkamp II"
    assert "heinenkamp-2" not in page.locator("main").inner_text()
    assert page.title() == "HK2-001 · Grundstücke · Nachbarschaft Heinenkamp"


def test_keyboard_opens_walks_and_closes_a_download_menu(page: Page) -> None:
    """Enter opens, the arrow keys walk, Escape closes and gives the button the focus back."""
    page.goto("/daten?on=2024-04-24&park=heinenkamp-1")
    row = page.locator("tr", has=page.get_by_role("rowheader", name="Nachbarpaare"))
    button = row.get_by_role("button", name="Herunterladen")
    button.focus()
    page.keyboard.press("Enter")
    links = row.get_by_role("link")
    # Eleven forms, and what their columns mean.
    assert links.count() == 12
    page.keyboard.press("ArrowDown")
    assert page.locator(":focus").get_attribute("href") == links.first.get_attribute("href")
    page.keyboard.press("Escape")
    expect(links.first).to_be_hidden()
    assert button.evaluate("button => button === document.activeElement")
    page.keyboard.press("Enter")
    for _ in range(11):
        page.keyboard.press("ArrowDown")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "adjacency-heinenkamp-1-2024-04-24.gal"


def test_language_link_keeps_what_the_page_shows_now(page: Page) -> None:
    """Scripts may have changed the address since the page was made."""
    page.goto("/daten")
    page.evaluate("history.replaceState(null, '', '/daten?on=2021-01-01#here')")
    page.get_by_role("navigation", name="Sprache").get_by_text("EN").click()
    page.wait_for_url("**/daten?on=2021-01-01&lang=en#here")
    assert page.locator("#on").input_value().replace("\N{NO-BREAK SPACE}", " ") == "1 Jan 2021"


def test_language_is_switched_and_kept(page: Page) -> None:
    """EN in the top bar, then every page."""
    page.goto(WALK)
    page.get_by_role("navigation", name="Sprache").get_by_text("EN").click()
    page.wait_for_selector('html[lang="en"]')
    expect(page.get_by_role("heading", name="Timetable")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Data").click()
    page.wait_for_selector('html[lang="en"]')
    expect(page.get_by_label("Business park")).to_be_visible()


def test_paper_shows_content_only(page: Page) -> None:
    """No navigation, no buttons, black on white, also from a dark screen, within the width of A4."""
    page.emulate_media(media="print", color_scheme="dark")
    for address in (*PAGES, *API_PAGES):
        check_paper(page, address)


def check_paper(page: Page, address: str) -> None:
    # The table of all companies' columns lies across the sheet.
    is_across = "companies/items" in address
    page.set_viewport_size({"width": 1030 if is_across else 680, "height": 960})
    page.goto(address)
    for gone in (".top-nav", ".languages", ".btn", ".skip-link"):
        expect(page.locator(gone).filter(visible=True), address).to_have_count(0)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert (paper, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)"), address
    assert page.evaluate("document.documentElement.scrollWidth") <= (1030 if is_across else 680), address
    assert (page.evaluate("getComputedStyle(document.body).page") == "wide") == is_across, address
    expect(page.locator("h1"), address).to_be_visible()
    assert "OpenStreetMap" in page.locator(".page-foot").inner_text(), address


def test_pages_work_without_scripts(page_factory: Callable[..., Page]) -> None:
    """Tours and data can be read with JavaScript switched off."""
    page = page_factory(java_script_enabled=False)
    page.goto(WALK)
    assert page.locator(".timetable .stop").count() == 3
    expect(page.locator(".sketch").first).to_be_visible()
    page.goto("/daten")
    menus = page.locator(".downloads summary")
    for menu in menus.all():
        menu.press("Enter")
    assert menus.count() == len(CONTRACTS) == 11
    assert page.locator(".download:visible").count() == 91

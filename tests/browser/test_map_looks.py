"""What the map page looks like: forced colors, words of the filters, legend, days, walks, signs."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.browser.map_steps import opened, record

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
# How much of the width the words of the choice need, and have.
CHOICE = """
(select) => {
  const style = getComputedStyle(select);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const words = select.selectedOptions[0].textContent;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return { needs: pen.measureText(words).width, room };
}
"""
# Whether there are labels, and none lies below what lies over the map.
NO_LABEL_IS_COVERED = """
() => {
  const boxOf = (part) => part.getBoundingClientRect();
  const covers = [...document.querySelectorAll(".legend, .date-bar, .leaflet-control")].map(boxOf);
  const labels = [...document.querySelectorAll(".labels text:not([transform])")].map(boxOf);
  const meets = (a, b) => a.x < b.right - 2 && b.x < a.right - 2 && a.y < b.bottom - 2 && b.y < a.bottom - 2;
  const isBelow = (label) => covers.some((cover) => meets(label, cover));
  return labels.length > 3 && !labels.some(isBelow);
}
"""
# Scrolls the legend to its end and says whether its last line is seen there, nothing lying over it.
LAST_IS_SEEN = """
() => {
  const legend = document.getElementById("legend-body");
  legend.scrollTo(0, 1e6);
  const last = [...legend.querySelectorAll("li")].filter((row) => row.checkVisibility()).at(-1);
  const { x, y, height } = last.getBoundingClientRect();
  return last.contains(document.elementFromPoint(x + 60, y + height / 2));
}
"""


def inked_columns(part: Locator) -> float:
    """Return the share of pixel columns of an element that hold anything unlike its lower left corner."""
    shot = Image.open(io.BytesIO(part.screenshot())).convert("L")
    ground = shot.getpixel((0, shot.height - 1))
    columns = [shot.crop((x, 0, x + 1, shot.height)).getextrema() for x in range(shot.width)]
    return sum(max(abs(low - ground), abs(high - ground)) > 60 for low, high in columns) / shot.width


def test_forced_colors_leave_nothing_unseen(page: Page) -> None:
    """The button for layers, the line of days, which tab and page is open, and what is pressed."""
    page.emulate_media(forced_colors="active")
    opened(page)
    page.wait_for_function("() => document.querySelectorAll('.date-year').length > 2")
    toggle = page.locator(".leaflet-control-layers-toggle")
    assert inked_columns(toggle) > 0.35
    assert inked_columns(page.locator(".date-slider")) > 0.9
    line = "e => getComputedStyle(e).borderBottomColor"
    tabs = [tab.evaluate(line) for tab in page.locator(".tabs button").all()]
    assert len(set(tabs)) == 2
    assert tabs[0] != tabs[1]
    assert len({link.evaluate(line) for link in page.locator(".top-nav a").all()}) == 2
    chip = page.locator('.filter-chip[data-value="retail"]')
    ground = "e => getComputedStyle(e).backgroundColor"
    before = chip.evaluate(ground)
    chip.click()
    page.wait_for_selector('.filter-chip[data-value="retail"][aria-pressed="true"]')
    assert chip.evaluate(ground) != before


def test_the_walk_page_keeps_its_button_in_forced_colors(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/tours/rundgang-2024-04-24/walk")
    step = page.get_by_role("button", name="Angekommen")
    step.wait_for()
    assert step.evaluate("e => getComputedStyle(e).borderStyle") == "solid"
    assert inked_columns(step) > 0.95


@pytest.mark.parametrize("lang", ["de", "en"])
def test_filters_say_what_they_are(page: Page, lang: str) -> None:
    """Chips by words, the choice of the park as wide as its words."""
    opened(page, f"/?lang={lang}")
    chips = [chip.inner_text() for chip in page.locator(".filter-chip").all()]
    assert ("H\nHandel\n10" if lang == "de" else "R\nRetail\n10") in chips
    assert all(len(chip.split("\n")[1]) > 3 for chip in chips)
    width = page.locator("#filters").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert width
    choice = page.locator(".park-choice").evaluate(CHOICE)
    assert choice["room"] >= choice["needs"]


@pytest.mark.parametrize("address", ["/tours/planner", "/daten", "/companies"])
def test_no_choice_of_a_park_is_cut_off(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => document.querySelector('select')?.options.length > 1")
    for select in page.locator("select:visible").all():
        told = select.evaluate(CHOICE)
        assert told["room"] >= told["needs"], select.evaluate("e => e.outerHTML.slice(0, 80)")


def test_the_line_of_days_tells_its_years(page: Page) -> None:
    """In order, none over another, the last one today's."""
    opened(page)
    page.wait_for_function("() => document.querySelectorAll('.date-year').length > 2")
    years = page.locator(".date-year").all()
    assert [year.inner_text() for year in years] == sorted({year.inner_text() for year in years})
    boxes = [box for year in years if (box := year.bounding_box())]
    assert all(a["x"] + a["width"] < b["x"] for a, b in pairwise(boxes))
    bar = page.locator(".date-bar").bounding_box()
    assert bar
    assert all(bar["x"] <= box["x"] and box["x"] + box["width"] <= bar["x"] + bar["width"] for box in boxes)


def test_a_clicked_plot_has_no_frame_and_the_keyboard_keeps_its_ring(page: Page) -> None:
    opened(page)
    page.locator("path.plot").nth(3).click()
    page.wait_for_selector("#card:visible")
    focused = page.evaluate("document.activeElement.classList.contains('plot')")
    assert focused, "else this shows nothing"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"
    page.locator(".folium-map").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_legend_has_a_heading_and_can_be_entered_by_keyboard(page: Page) -> None:
    opened(page)
    page.get_by_role("heading", name="Legende", level=2).click()
    page.locator("#legend summary").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "legend-body"
    assert page.get_by_role("region", name="Legende").get_by_role("heading", level=3).count() >= 4
    before = page.evaluate("document.activeElement.scrollTop")
    page.keyboard.press("End")
    page.wait_for_function("before => document.activeElement.scrollTop > before", arg=before)


def test_the_legend_hides_no_words_and_explains_the_neighbors(page: Page) -> None:
    """Open or shut, no label of the map lies below it, below the day or below a button."""
    opened(page, "/?sel=company:kaufland")
    page.wait_for_selector(".neighbor-plot")
    for _ in range(2):
        page.wait_for_function(NO_LABEL_IS_COVERED)
        page.click("#legend summary")
    page.wait_for_function(NO_LABEL_IS_COVERED)
    page.click("#legend summary")
    row = page.locator(".legend li", has_text="Nachbargrundstück")
    fills = [
        part.evaluate("(shape) => getComputedStyle(shape).fill")
        for part in (row.locator("rect"), page.locator(".neighbor-plot").first)
    ]
    assert fills[0] == fills[1]


def test_a_phones_legend_can_be_read_to_its_end(page_factory: Callable[..., Page]) -> None:
    """Its last line comes to lie above the sheet, with nothing over it, at each height of the sheet."""
    page = opened(page_factory(viewport=PHONE, has_touch=True, is_mobile=True))
    page.click("#legend summary")
    for height in ("half", "peek"):
        page.wait_for_selector(f'#map-page[data-sheet="{height}"]')
        # The sheet takes a moment to come down.
        page.wait_for_function(LAST_IS_SEEN)
        page.locator("#grip").press("ArrowDown")


def test_a_filling_station_and_its_firm_share_a_sign(page: Page) -> None:
    """Both stay in their lists, each card leads to the other; without firms the station has its own sign."""
    opened(page, "/?sel=facility:fuel-avia")
    page.wait_for_selector(".sign-place.is-chosen:not(.is-twin)")
    assert page.locator(".sign-place:visible .sign-square .icon").count() == 8 - 2
    assert page.locator(".sign-place.is-chosen:visible > .sign-round").count() == 1
    page.locator("#card").get_by_role("button", name="AVIA Xpress", exact=True).click()
    page.wait_for_selector(".card-name >> text=/^AVIA Xpress$/")
    page.locator("#card").get_by_role("button", name="AVIA Xpress Tankstelle").click()
    page.wait_for_selector(".card-name >> text=AVIA Xpress Tankstelle")
    page.keyboard.press("Escape")
    page.click("#tab-facilities")
    assert record(page, "facility:fuel-avia").count() == record(page, "facility:fuel-lng").count() == 1
    page.evaluate("() => parkMaps.park.layers.companies.group.remove()")
    page.wait_for_function(
        "() => document.querySelectorAll('.sign-place:not(.is-twin) > .sign-square').length === 8"
    )


def test_walks_are_told_apart(page: Page) -> None:
    """By color, letter and the line inside; a selected one stands out, the others step back."""
    opened(page, "/?tab=tours")
    page.wait_for_selector("path.tour-line.is-chosen", state="attached")
    stops = [sign.inner_text() for sign in page.locator(".sign-place .sign-stop").all()]
    assert {"A1", "A3", "B1", "B6"} <= set(stops)
    assert sorted(mark.inner_text() for mark in page.locator(".record .sign-letter").all()) == ["A", "B"]
    color = "all => [...new Set(all.map((e) => getComputedStyle(e).stroke))]"
    assert len(page.locator("path.tour-line.is-chosen").evaluate_all(color)) == 2
    marks = "all => [...new Set(all.map((e) => getComputedStyle(e).backgroundColor))]"
    assert len(page.locator(".record .sign-stop").evaluate_all(marks)) == 2
    assert (
        page.locator("path.tour-inner.tour-look-1").first.evaluate("e => getComputedStyle(e).stroke")
        != "none"
    )
    record(page, "tour:rundgang-2024-04-24").click()
    page.wait_for_selector("path.tour-line.is-faint", state="attached")
    assert [sign.inner_text() for sign in page.locator(".sign-place .sign-stop").all()] == ["1", "2", "3"]
    faint = page.locator("path.tour-line.is-faint").first.evaluate("e => +getComputedStyle(e).strokeOpacity")
    assert faint < 0.5

"""The planner's stops in a real browser: added from list and map, moved by mouse and by keyboard, undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.planner_steps import (
    ADDRESS,
    ALL_IN_SIGHT,
    NAMES,
    add,
    opened,
    patient_pages,
    planned,
    row,
    rows,
)
from tests.waiting import wait_until_at_rest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    yield from patient_pages(browser, live_server)


def test_steps_are_undone_and_done_again(page: Page) -> None:
    opened(page)
    add(page, *NAMES)
    planned(page)
    before = rows(page)
    row(page, "Scheer").locator(".is-remove").click()
    assert len(rows(page)) == 2
    page.keyboard.press("Control+z")
    planned(page)
    assert rows(page) == before
    page.keyboard.press("Control+y")
    assert len(rows(page)) == 2
    page.locator("#undo").click()
    for _ in range(3):
        page.locator("#undo").click()
    assert rows(page) == []
    expect(page.locator("#undo")).to_be_disabled()
    expect(page.locator(".empty-words")).to_be_visible()


def test_the_keyboard_alone_orders_stops(page: Page) -> None:
    """Moving keeps the focus, keeps the order, and the planner plans it so."""
    opened(page)
    add(page, *NAMES)
    planned(page)
    first = rows(page)[0]
    row(page, first).locator(".is-down").focus()
    page.keyboard.press("Enter")
    assert rows(page)[1] == first
    expect(page.locator("#keep-order")).to_be_checked()
    focused = page.locator(":focus")
    assert focused.evaluate("e => e.closest('tr').querySelector('.stop-name').textContent") == first
    page.keyboard.press("Enter")
    assert rows(page)[2] == first
    assert "handle" in (page.locator(":focus").get_attribute("class") or "")
    page.keyboard.press("ArrowUp")
    assert rows(page)[1] == first
    planned(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.stop-row .number')].map(e => e.textContent).join() === '1,2,3'"
    )
    page.locator("#keep-order").uncheck()
    planned(page)


def test_rows_are_dragged(page: Page) -> None:
    opened(page)
    add(page, *NAMES)
    planned(page)
    names = rows(page)
    handle = page.locator(".handle").first
    wait_until_at_rest(page)
    handle.hover()
    start, goal = handle.bounding_box(), page.locator(".stop-row").last.bounding_box()
    assert start
    assert goal
    page.mouse.down()
    page.mouse.move(start["x"] + 5, start["y"] + 40)
    page.mouse.move(start["x"] + 5, goal["y"] + goal["height"] - 4)
    page.mouse.up()
    assert rows(page) == [names[1], names[2], names[0]]
    expect(page.locator("#keep-order")).to_be_checked()


def test_the_map_adds_what_is_clicked(page: Page) -> None:
    """A sign at once; anywhere else first asks what is meant."""
    opened(page)
    page.evaluate("parkMaps.planner.map.setView([52.3725, 10.749], 17, {animate: false})")
    wait_until_at_rest(page)
    page.evaluate("() => [...document.querySelectorAll('.sign-place')].at(0).parentElement.click()")
    page.wait_for_selector(".stop-row")
    assert page.locator(".stop-row").count() == 1
    box = page.locator(".planner-map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2 + 30)
    page.locator(".offer").last.click()
    page.wait_for_function("() => document.querySelectorAll('.stop-row').length === 2")
    page.locator(".offers").wait_for(state="detached")
    planned(page)


def test_the_map_begins_with_the_park_of_the_tour(page: Page) -> None:
    """All of it and not much else; choosing another park moves the map, as long as there are no stops."""
    inside = """
    (key) => {
      const { map } = parkMaps.planner;
      const park = window.outlines.features.find(({ properties }) => properties.key === key);
      const box = L.geoJSON(park.geometry).getBounds();
      const x = (lng) => map.latLngToContainerPoint([box.getNorth(), lng]).x;
      return map.getBounds().contains(box) && (x(box.getEast()) - x(box.getWest())) / map.getSize().x > 0.4;
    }
    """
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    outlines = page.request.get("/api/collections/parks/items").json()
    page.evaluate("told => { window.outlines = told; }", outlines)
    page.wait_for_function(inside, arg="heinenkamp-2")
    page.locator("select").first.select_option("heinenkamp-1")
    page.wait_for_function(inside, arg="heinenkamp-1")


def test_the_list_begins_with_the_park_of_the_tour(page: Page) -> None:
    """Firms of another park come behind, with its name."""
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    page.locator("#pick").focus()
    abouts = page.locator(".option-about").all_inner_texts()
    is_far = ["Heinenkamp I" in about for about in abouts]
    assert is_far == sorted(is_far)
    assert 0 < sum(is_far) < len(is_far)
    assert not any("Heinenkamp II" in about for about in abouts)


def test_the_list_closes_over_the_stops_and_opens_again(page: Page) -> None:
    opened(page)
    listed = page.locator("#pick-list")
    page.locator("#pick").click()
    for n in (1, 2):
        page.locator(".option").first.click()
        expect(listed).to_be_hidden()
        expect(page.locator(".stop-row")).to_have_count(n)
        assert page.evaluate("document.activeElement.id") == "pick"
        page.locator("#pick").click()
        expect(listed).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.type("kau")
    expect(listed).to_be_visible()


def test_a_move_of_the_map_is_not_lost_in_another(page: Page) -> None:
    """Leaflet drops what comes while it zooms."""
    opened(page)
    add(page, *NAMES)
    planned(page)
    page.evaluate("parkMaps.planner.map.setView([52.3735, 10.7478], 15, {animate: false})")
    page.evaluate(
        "() => new Promise((go) => { const { map } = parkMaps.planner;"
        " map.once('zoomanim', () => go(document.getElementById('fit').click())); map.setZoom(18); })"
    )
    page.wait_for_function(ALL_IN_SIGHT, arg=3)


def test_neighbors_come_in_one_click(page: Page) -> None:
    opened(page, "/tours/planner?stop=company:kaufland&on=2026-05-04")
    page.wait_for_selector(".stop-row")
    assert "stop=" not in page.url
    told = page.request.get("/api/companies/kaufland/neighbors?on=2026-05-04").json()["neighbors"]
    firms = {neighbor["key"] for neighbor in told if neighbor["kind"] == "company"}
    assert firms
    page.locator(".tool.is-around").click()
    page.wait_for_function(f"() => document.querySelectorAll('.stop-row').length === {len(firms) + 1}")
    page.keyboard.press("Control+z")
    assert page.locator(".stop-row").count() == 1


def test_all_never_visited_are_as_many_as_the_time_allows(page: Page) -> None:
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    keys = page.request.get("/api/tours/suggestions?park=heinenkamp-2&on=2026-05-04").json()["never_visited"]
    page.locator("#never-visited").click()
    page.wait_for_selector(".stop-row")
    assert page.locator(".stop-row").count() == len(keys)
    assert page.locator(".stop-marks .hint").count() >= len(keys)
    planned(page)


def test_rows_near_the_edge_scroll_what_they_lie_in(page_factory: Callable[..., Page]) -> None:
    """The last stop is dragged to the top, though there is no room for all."""
    page = opened(page_factory(viewport={"width": 1280, "height": 560}), f"{ADDRESS}&park=heinenkamp-2")
    page.locator("#never-visited").click()
    page.wait_for_selector(".stop-row >> nth=4")
    planned(page)
    last = rows(page)[-1]
    handle = page.locator(".handle").last
    wait_until_at_rest(page)
    handle.hover()
    at = handle.bounding_box()
    assert at
    first = page.locator(".stop-row").first.evaluate("e => e.getBoundingClientRect().bottom")
    assert first < 0, "the first row is out of sight"
    page.mouse.down()
    side = page.locator(".planner-side").bounding_box()
    assert side
    page.mouse.move(at["x"] + 5, side["y"] + 4, steps=4)
    page.wait_for_function("() => document.querySelector('.planner-side').scrollTop === 0")
    page.mouse.move(at["x"] + 5, side["y"] + 90)
    top = page.locator(".stop-row").first.bounding_box()
    assert top
    page.mouse.move(at["x"] + 5, top["y"] + 2)
    page.mouse.up()
    assert rows(page)[0] == last


def test_an_order_by_hand_is_not_called_the_shortest(page: Page) -> None:
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    add(page, *NAMES)
    planned(page)
    assert page.locator(".proof.is-proved").count() == 1
    row(page, rows(page)[0]).locator(".is-down").click()
    page.locator(".proof.is-kept").wait_for()
    assert "Bewiesen" not in page.locator("#plan").inner_text()
    assert "Bewiesen" not in (page.locator("#spoken-plan").text_content() or "")
    page.locator("#keep-order").uncheck()
    page.locator(".proof.is-proved").wait_for()


def test_a_firm_without_a_plot_is_said_to_have_no_known_neighbors(page: Page) -> None:
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    add(page, NAMES[0])
    planned(page)
    page.locator(".tool.is-around").click()
    page.locator("#spoken", has_text="ohne Grundstück lassen sich keine Nachbarn nennen").wait_for()
    assert rows(page) == [NAMES[0]]


def test_the_address_says_the_day_where_nothing_was_planned_yet(page: Page) -> None:
    """What was planned before stays what it was."""
    opened(page, "/tours/planner?park=heinenkamp-1&on=2024-04-24")
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    day = page.get_by_role("textbox", name="Tag", exact=True)
    assert day.input_value() == "04.05.2026"
    assert page.locator("select").first.input_value() == "heinenkamp-2"
    add(page, NAMES[0])
    opened(page, "/tours/planner?on=2024-04-24")
    assert day.input_value() == "04.05.2026"
    assert rows(page) == [NAMES[0]]


def test_what_may_be_left_out_says_when_it_is_visited_and_is(page: Page) -> None:
    opened(page)
    add(page, *NAMES)
    planned(page)
    row(page, "Scheer").locator(".is-more").click()
    more = page.locator(".more-row:visible")
    when = more.locator(".when-visited")
    expect(when).to_be_hidden()
    more.get_by_label("darf entfallen").check()
    assert when.inner_text().startswith("Wird besucht, wann immer die Zeit reicht")
    described = more.get_by_label("darf entfallen").get_attribute("aria-describedby")
    assert when.get_attribute("id") == described
    planned(page)
    assert page.locator(".stop-row.is-out").count() == 0
    # Nothing is left out: so no other order can visit more.
    page.locator(".field.is-aim select").select_option("value")
    page.locator("#keep-order").check()
    page.wait_for_function("() => document.querySelector('.proof')?.classList.contains('is-kept')")
    assert page.locator(".proof").inner_text() == "Ihre eigene Reihenfolge, eine andere kann schneller sein"

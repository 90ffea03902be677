"""How the planner's page looks: on paper, on phones, with hostile and very long words, in light and dark."""

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
    set_window,
)
from tests.browser.test_pages import CONTRASTS
from tests.waiting import wait_until_at_rest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    yield from patient_pages(browser, live_server)


def test_paper_shows_whose_plan_it_is_and_every_direction(page: Page) -> None:
    """Title and day stand in fields on the screen; directions are folded away there."""
    opened(page)
    add(page, *NAMES[:2])
    planned(page)
    page.locator(".field.is-title .input").fill("W" * 110)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 960})
    head = page.locator("#on-paper").inner_text()
    assert "W" * 110 in head.replace("\n", "")
    assert "Heinenkamp II · Montag, 04.05.2026" in head
    expect(page.locator(".directions li").first).to_be_visible()
    top = {part: page.locator(part).bounding_box() for part in ("#on-paper", "#summary", "#course")}
    assert [part for part, _ in sorted(top.items(), key=lambda one: one[1]["y"] if one[1] else -1)] == list(
        top
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".directions[open]").count() == 0


def test_hostile_names_and_notes_stay_text(page: Page) -> None:
    opened(page)
    hostile = "<img src=x onerror=alert(1)>${alert(2)}`</script>"
    add(page, *NAMES[:2])
    page.locator(".tool.is-more").first.click()
    page.locator(".more:visible input[type=text]").fill(hostile)
    page.locator(".field.is-title .input").fill(hostile)
    with page.expect_response("**/api/tours/plan*"):
        row(page, "Scheer").locator(".cell-dwell .input").fill("7")
    planned(page)
    page.wait_for_function("t => document.getElementById('course').textContent.includes(t)", arg=hostile)
    assert page.locator("img[src=x]").count() == 0


def test_a_phone_shows_all_one_under_the_other(page_factory: Callable[..., Page]) -> None:
    page = opened(page_factory(**PHONE))
    add(page, *NAMES)
    set_window(page, "Scheer", "14:00", "14:30")
    planned(page)
    page.locator(".tool.is-more").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]  # type: ignore[index]
    tops = [
        (page.locator(part).bounding_box() or {})["y"]
        for part in (".wish", ".plan", ".planner-map", ".outcome")
    ]
    assert tops == sorted(tops)
    small = page.locator(
        ".wish button:visible, .wish input[type=text]:visible, .wish select:visible"
    ).evaluate_all(
        "(all) => all.filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML)"
    )
    assert small == []


RENAME_THE_FIRST_STOP = """
async (name) => {
  const done = (asked) => new Promise((go) => { asked.onsuccess = () => go(asked.result); });
  const database = await done(indexedDB.open("drafts", 1));
  const store = database.transaction("drafts", "readwrite").objectStore("drafts");
  const [draft] = await done(store.getAll());
  const place = { company: undefined, name, lon: 10.7478, lat: 52.3735 };
  Object.assign(draft.values.request.stops[0], place);
  await done(store.put(draft));
  database.close();
}
"""


def test_a_very_long_name_makes_no_page_wider(page_factory: Callable[..., Page]) -> None:
    """A word of 120 letters as a stop, in the table, the course and the other tours, on a phone."""
    page = opened(page_factory(**PHONE))
    add(page, *NAMES[:2])
    page.evaluate(RENAME_THE_FIRST_STOP, "W" * 120)
    opened(page)
    planned(page)
    assert "W" * 120 in page.locator("#course").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(page_factory: Callable[..., Page], theme: str) -> None:
    page = opened(page_factory(color_scheme=theme, viewport={"width": 1440, "height": 900}))
    add(page, *NAMES)
    set_window(page, "Scheer", "14:00", "14:30")
    page.locator(".tool.is-more").first.click()
    planned(page)
    wait_until_at_rest(page)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 60
    assert [(round(ratio, 2), words) for ratio, words in found if ratio < 4.5] == []


def reasons_by(page: Page, end: str) -> list[str]:
    """Return why stops are left out of a tour that is to end by then."""
    with page.expect_response("**/explain*") as answer:
        page.get_by_label("Ende bis").fill(end)
        page.keyboard.press("Tab")
    answer.value.finished()
    # Until then it says that it is still looked for.
    expect(page.locator(".reasons li", has_text="Es wird gesucht")).to_have_count(0)
    page.wait_for_selector(".reasons li")
    return page.locator(".reasons li").all_inner_texts()


def test_why_a_stop_is_left_out_is_told_below_it_and_nothing_else(page: Page) -> None:
    """Of three visits of a quarter of an hour each half an hour lets some in."""
    opened(page)
    add(page, *NAMES)
    planned(page)
    for name in NAMES:
        row(page, name).locator("button[aria-expanded=false]").click()
        page.locator(".more:visible .tick", has_text="entfallen").locator("input").check()
        row(page, name).locator("button[aria-expanded=true]").click()
    page.locator(".field.is-aim select").select_option("value")
    told = reasons_by(page, "13:30")
    # Where a busy machine did not find out in time, it is asked again.
    for again in ("13:31", "13:30") * 20:
        if not any("war in der Zeit nicht herauszufinden" in said for said in told):
            break
        told = reasons_by(page, again)
    assert {"statt" in said or "wenn" in said for said in told} == {True}
    drawn = "(said) => getComputedStyle(said, '::before').content + getComputedStyle(said, '::after').content"
    assert {page.locator(".reasons li").nth(i).evaluate(drawn) for i in range(2)} == {"nonenone"}


def test_the_strip_shows_the_walks_between_windows_whole(page: Page) -> None:
    """What is drawn later lies above: no window covers when one sets out."""
    opened(page)
    add(page, *NAMES)
    for name in ("Scheer", "STURM"):
        set_window(page, name, "13:00", "15:00")
    planned(page)
    drawn = page.locator(".strip .strip-window, .strip .strip-walk").evaluate_all(
        "(all) => all.map((e) => e.getAttribute('class'))"
    )
    assert drawn == ["strip-window"] * 2 + ["strip-walk"] * 2


def test_the_plan_found_at_once_is_shown_as_a_plan_while_a_better_one_is_sought(page: Page) -> None:
    """It is no old one: it is not faded, says how good it is, and gives way to the proved one."""
    opened(page)
    held: list[Route] = []

    def unproved(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "is_proved": False, "gap": 0.12})

    page.route("**/api/tours/plan?quick=1", unproved)
    page.route("**/api/tours/plan", lambda route: held.append(route))  # noqa: PLW0108
    add(page, *NAMES[:2])
    page.locator(
        ".proof.is-open", has_text="höchstens 12 % weniger möglich; es wird weiter gesucht"
    ).wait_for()
    assert page.locator("#planner.is-asking:not(.is-old)").count() == 1
    wait_until_at_rest(page)
    faded = "e => getComputedStyle(e).opacity"
    assert {page.locator(part).evaluate(faded) for part in ("#summary", "#strip", ".outcome")} == {"1"}
    for route in held:
        route.continue_()
    planned(page)
    assert page.locator(".proof.is-proved").count() == 1


def test_a_plan_kept_from_before_is_seen_whole(page: Page) -> None:
    opened(page, f"{ADDRESS}&park=heinenkamp-2")
    add(page, *NAMES[1:])
    planned(page)
    opened(page)
    planned(page)
    page.wait_for_function("() => parkMaps.planner.map.getZoom() >= 16")
    page.wait_for_function(ALL_IN_SIGHT, arg=2)


def test_tab_leaves_the_search_for_stops_in_one_step(page: Page) -> None:
    """The list that opens below the field scrolls, which makes a browser stop at it; it closes instead."""
    opened(page)
    add(page, *NAMES[:1])
    page.locator("#pick").focus()
    page.wait_for_selector("#pick-list:visible")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "never-visited"
    expect(page.locator("#pick-list")).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "pick"


def test_nothing_lies_on_a_phones_fields(page_factory: Callable[..., Page]) -> None:
    """Whatever is brought into view by the keyboard is not below the button of the map."""
    page = opened(page_factory(**PHONE))
    button = page.locator("#map-toggle").bounding_box()
    assert button
    assert (button["x"], button["width"], button["y"] + button["height"]) == (0, 390, 844)
    for _ in range(25):
        page.keyboard.press("Tab")
        page.wait_for_function(
            "y => !document.activeElement.closest('.wish')"
            " || document.activeElement.getBoundingClientRect().bottom <= y",
            arg=button["y"],
        )


# Whether all parts of the planner end above a height once the page is scrolled to its end.
ENDS_ABOVE = """
(y) => {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  const parts = [...document.querySelectorAll(".planner :is(.wish, .plan, .planner-map, .outcome)")];
  return parts.length === 4 && parts.every((part) => part.getBoundingClientRect().bottom <= y);
}
"""


CLEAR = """
(y) => {
  const parts = [...document.querySelectorAll("#pick, #pick-list")];
  return parts.length === 2 && parts.every((part) => part.getBoundingClientRect().bottom <= y);
}
"""
# Puts the field for stops where a button whose top is at a height covers it.
COVERED = """
(y) => {
  const field = document.querySelector("#pick");
  scrollBy({ top: field.getBoundingClientRect().top - y, behavior: "instant" });
  return field.getBoundingClientRect().bottom > y;
}
"""


@pytest.mark.parametrize("n", [0, 1, 3])
def test_nothing_stays_below_the_button_of_a_phones_map(page_factory: Callable[..., Page], n: int) -> None:
    """Neither the end of the page, whatever that is, nor the field for stops and the list it opens."""
    page = opened(page_factory(**{**PHONE, "viewport": {"width": 390, "height": 800}}))
    add(page, *NAMES[:n])
    if n:
        planned(page)
    top = page.locator("#map-toggle").evaluate("e => e.getBoundingClientRect().top")
    page.wait_for_function(ENDS_ABOVE, arg=top)
    page.wait_for_function(COVERED, arg=top)
    page.locator("#pick").focus()
    page.wait_for_selector("#pick-list:visible")
    # The page glides there.
    page.wait_for_function(CLEAR, arg=top)


def test_a_phone_has_the_map_in_reach(page_factory: Callable[..., Page]) -> None:
    """One tap lays it over the page, wherever one reads; a stop is added there; one tap leads back."""
    page = opened(page_factory(**PHONE))
    add(page, *NAMES[:2])
    planned(page)
    page.evaluate("scrollTo(0, 200)")
    page.get_by_role("button", name="Karte").click()
    box = page.locator("#planner-map").bounding_box()
    assert box
    assert (box["width"], box["y"]) == (390, 52)
    assert box["height"] == 844 - 52
    page.wait_for_function(ALL_IN_SIGHT, arg=2)
    page.get_by_role("button", name="Zur Liste").click()
    expect(page.locator("#pick")).to_be_visible()
    assert page.evaluate("scrollY") == 200
    page.get_by_role("button", name="Karte").press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "map-toggle"
    assert page.locator("#map-toggle").get_attribute("aria-expanded") == "false"

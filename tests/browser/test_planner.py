"""The planner's page in a real browser, with the real planner behind it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from app.cli.webserver import serving
from app.config import Settings
from app.db.embedded import Cluster
from app.db.engine import make_engine
from app.services.staffing import add_staff
from tests.browser.test_pages import CONTRASTS
from tests.databases import copy_of, loaded
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Response

pytestmark = pytest.mark.browser

ADDRESS = "/tours/planner?on=2026-05-04"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
THREE = ("sturm-isotech", "bildhauerei-scheer", "elektro-mueller-gmbh")
NAMES = ("STURM Isotech", "Bildhauerei Scheer", "Elektro Müller")
# Whether the signs of so many stops lie within the map's frame.
ALL_IN_SIGHT = """
(n) => {
  const boxOf = (element) => element.getBoundingClientRect();
  const map = boxOf(document.querySelector(".planner-map"));
  const signs = [...document.querySelectorAll(".sign-place .sign-stop")].map(boxOf);
  const isIn = (s) => s.left > map.left && s.right < map.right && s.top > map.top && s.bottom < map.bottom;
  return signs.length === n && signs.every(isIn);
}
"""
NAME, PASSWORD = "Erika Muster", "correct horse battery"


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Make pages that are watched, but for a busy service, which is asked again, and refused wishes."""
    watch = Watch(browser, live_server)
    yield watch.new_page
    watch.close()
    assert [one for one in watch.complaints if "503" not in one and "422" not in one] == []


def has_three_windows(response: Response) -> bool:
    """Say whether it answers the wish with all windows set."""
    sent = response.request.post_data_json if "/api/tours/plan" in response.url else None
    return bool(sent) and [len(stop["windows"]) for stop in sent["stops"]] == [1, 1, 1]


def warm_up(page: Page) -> None:
    """Let the server compile its functions, as it does at set-up, before anything is timed."""
    wish = {"park": "heinenkamp-2", "on": "2026-05-04", "earliest": "13:00"}
    stops = [{"company": key, "dwell_min": 5} for key in THREE]
    for _ in range(60):
        told = page.request.post("/api/tours/plan", data={**wish, "stops": stops}, timeout=120_000)
        if told.status != 503:
            assert told.status == 200, told.text()
            return
        time.sleep(1)


def opened(page: Page, address: str = ADDRESS) -> Page:
    page.goto(address)
    page.wait_for_selector('#planner[aria-busy="false"]')
    return page


def planned(page: Page) -> Page:
    """Wait until what is shown is the plan of what is wished."""
    page.wait_for_selector('#planner:not(.is-asking) #plan[aria-busy="false"] .proof')
    return page


def add(page: Page, *words: str) -> None:
    for each in words:
        page.fill("#pick", each)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator("#pick").blur()


def rows(page: Page) -> list[str]:
    return [name.inner_text() for name in page.locator(".stop-name").all()]


def row(page: Page, name: str) -> Locator:
    return page.locator(".stop-row", has_text=name)


def set_window(page: Page, name: str, opens: str, closes: str) -> None:
    one = row(page, name)
    one.locator(".chip").click()
    fields = one.locator(".window .input")
    fields.nth(0).fill(opens)
    fields.nth(1).fill(closes)
    fields.nth(1).press("Tab")


def numbers(page: Page, selector: str) -> list[str]:
    return [one.inner_text() for one in page.locator(selector).all()]


def test_three_stops_with_windows_are_planned_and_proved(page: Page) -> None:
    """The plan of the page is the plan of the service, with the same numbers everywhere."""
    opened(page)
    warm_up(page)
    add(page, *NAMES)
    planned(page)
    assert page.locator("select").first.input_value() == "heinenkamp-2"
    set_window(page, "Scheer", "1400", "14:30")
    set_window(page, "STURM", "14.45", "15:15 Uhr")
    with page.expect_response(has_three_windows) as answer:
        set_window(page, "Müller", "13", "14")
    planned(page)
    plan = answer.value.json()
    assert plan["is_proved"]
    assert plan["seconds"] < 2
    timing = answer.value.request.timing
    assert timing["responseEnd"] - timing["requestStart"] < 2000
    assert page.locator(".proof.is-proved").count() == 1
    order = [visit["name"] for visit in plan["visits"]]
    assert rows(page) == order
    assert [name.split()[0] for name in order] == ["Elektro", "Bildhauerei", "STURM"]
    assert numbers(page, ".stop-row .number") == ["1", "2", "3"]
    assert numbers(page, ".course .number") == ["1", "2", "3"]
    assert page.locator(".strip-number").all_text_contents() == ["1", "2", "3"]
    assert sorted(numbers(page, ".sign-place .sign-stop")) == ["1", "2", "3"]
    for visit, when in zip(plan["visits"], numbers(page, ".stop-when"), strict=True):
        assert when.startswith(f"{visit['begins_at']}–{visit['ends_at']}"), when
    assert page.locator(".strip-window").count() == 3
    assert page.locator(".leg").count() == 2
    told = page.locator("#spoken-plan").text_content() or ""
    assert plan["ends_at"] in told
    page.locator(".directions summary").first.click()
    texts = [turn["text"] for turn in plan["legs"][0]["directions"]]
    assert numbers(page, ".directions[open] li") == texts


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
    assert page.locator("#undo").is_disabled()
    assert page.locator(".empty-words").is_visible()


def test_the_keyboard_alone_orders_stops(page: Page) -> None:
    """Moving keeps the focus, keeps the order, and the planner plans it so."""
    opened(page)
    add(page, *NAMES)
    planned(page)
    first = rows(page)[0]
    row(page, first).locator(".is-down").focus()
    page.keyboard.press("Enter")
    assert rows(page)[1] == first
    assert page.locator("#keep-order").is_checked()
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
    handle.scroll_into_view_if_needed()
    start, goal = handle.bounding_box(), page.locator(".stop-row").last.bounding_box()
    assert start
    assert goal
    page.mouse.move(start["x"] + 5, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, start["y"] + 40)
    page.mouse.move(start["x"] + 5, goal["y"] + goal["height"] - 4)
    page.mouse.up()
    assert rows(page) == [names[1], names[2], names[0]]
    assert page.locator("#keep-order").is_checked()


def test_the_map_adds_what_is_clicked(page: Page) -> None:
    """A sign at once; anywhere else first asks what is meant."""
    opened(page)
    page.evaluate("parkMaps.planner.map.setView([52.3725, 10.749], 17, {animate: false})")
    page.wait_for_timeout(300)
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


def test_a_refused_wish_keeps_the_old_plan_and_says_so(page_factory: Callable[..., Page]) -> None:
    """Asking again would be refused again: the way back is offered instead."""
    page = opened(page_factory(), f"{ADDRESS}&park=heinenkamp-2")
    warm_up(page)
    add(page, *NAMES[:2])
    planned(page)
    before = page.locator("#summary").inner_text()
    add(page, "Kaufland")
    notice = page.locator(".notice.is-wrong")
    notice.wait_for()
    assert "außerhalb des Gewerbegebiets" in notice.inner_text()
    assert "Gezeigt wird der Plan von vorher." in notice.inner_text()
    assert page.locator("#summary").inner_text() == before
    # The stop that is in the way can be seen.
    page.wait_for_function(ALL_IN_SIGHT, arg=3)
    notice.get_by_role("button").click()
    notice.wait_for(state="detached")
    assert "Kaufland" not in rows(page)
    planned(page)


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


def test_what_cannot_be_is_told_with_the_conflict(page: Page) -> None:
    opened(page)
    add(page, *NAMES[:2])
    planned(page)
    for name in ("STURM", "Scheer"):
        set_window(page, name, "14:00", "14:20")
    page.wait_for_selector(".notice.is-wrong")
    page.locator(".notice.is-wrong", has_text="STURM").wait_for()
    told = page.locator(".notice.is-wrong").inner_text()
    assert "STURM" in told
    assert "Scheer" in told
    page.keyboard.press("Control+z")
    planned(page)
    assert page.locator(".notice.is-wrong").count() == 0


def test_a_reload_loses_nothing(page: Page) -> None:
    opened(page)
    add(page, *NAMES)
    set_window(page, "Scheer", "14:00", "14:30")
    planned(page)
    page.locator(".field.is-title .input").fill("Mein Rundgang")
    before = page.locator("#stops").inner_text(), page.locator("#summary").inner_text()
    opened(page)
    planned(page)
    assert (page.locator("#stops").inner_text(), page.locator("#summary").inner_text()) == before
    assert page.locator(".field.is-title .input").input_value() == "Mein Rundgang"
    assert page.locator(".window .input").first.input_value() == "14:00"


def test_quick_changes_leave_one_question_and_old_ones_are_dropped(page: Page) -> None:
    """Whoever types does not ask for a plan at every key."""
    opened(page)
    add(page, *NAMES)
    planned(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "quick=1" in request.url else None)
    field = row(page, "Scheer").locator(".cell-dwell .input")
    field.focus()
    field.evaluate(
        "(e) => { for (const text of ['1', '12', '120']) {"
        " e.value = text; e.dispatchEvent(new Event('input', {bubbles: true})); } }"
    )
    page.wait_for_timeout(300)
    planned(page)
    assert len(asked) == 1
    page.locator(".field.is-title .input").fill("Ein Titel ändert keinen Plan")
    page.wait_for_timeout(300)
    assert len(asked) == 1


def test_wrong_times_are_refused_where_they_are_typed(page: Page) -> None:
    """What the page can judge alone, the service is not asked; the plan there is stays until it is right."""
    opened(page)
    field = page.locator(".settings .is-time").first
    field.fill("26:00")
    field.press("Tab")
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("9")
    field.press("Tab")
    assert field.get_attribute("aria-invalid") is None
    assert field.input_value() == "09:00"
    add(page, *NAMES[:2])
    planned(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "quick=1" in request.url else None)
    before = page.locator("#summary").inner_text()
    set_window(page, "STURM", "15:00", "14:00")
    closes = row(page, "STURM").locator(".window .input").nth(1)
    wrong = row(page, "STURM").locator(".field-wrong")
    assert closes.get_attribute("aria-invalid") == "true"
    assert closes.get_attribute("aria-describedby") == wrong.get_attribute("id")
    backward = wrong.inner_text()
    closes.fill("15:10")
    closes.press("Tab")
    assert wrong.inner_text() not in ("", backward), "15 minutes do not fit in ten"
    late = page.locator(".settings .is-time").nth(1)
    late.fill("08:00")
    late.press("Tab")
    assert page.locator(".settings .field-wrong:visible").count() == 1
    late.fill("")
    late.press("Tab")
    page.wait_for_timeout(300)
    assert asked == []
    assert page.locator(".notice.is-wrong").count() == 1
    assert page.locator("#summary").inner_text() == before
    closes.fill("15:20")
    closes.press("Tab")
    planned(page)
    assert page.locator(".field-wrong:visible").count() == page.locator(".notice.is-wrong").count() == 0
    assert len(asked) == 1
    assert "15:" in row(page, "STURM").locator(".stop-when").inner_text()


def test_the_day_is_told_as_the_page_speaks(page_factory: Callable[..., Page]) -> None:
    """Whatever language the browser writes its own field in."""
    page = opened(page_factory(locale="en-US"))
    field = page.get_by_role("textbox", name="Tag", exact=True)
    assert field.input_value() == "04.05.2026"
    assert page.locator(".field-told").inner_text() == "Montag"
    field.fill("9.5.26")
    field.press("Enter")
    assert field.input_value() == "09.05.2026"
    assert page.locator(".field-told").inner_text() == "Samstag"
    page.locator(".day-picker").fill("2026-05-11")
    assert field.input_value() == "11.05.2026"
    assert page.locator(".field-told").inner_text() == "Montag"
    field.fill("31.02.2026")
    field.press("Tab")
    assert page.get_by_text("Bitte schreiben Sie den Tag als 24.04.2024.").count() + field.evaluate(
        "field => Number(field.validationMessage.includes('24.04.2024'))"
    )
    assert page.locator(".field-told").inner_text() == "Montag"


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
    assert page.locator(".directions li").first.is_visible()
    top = {part: page.locator(part).bounding_box() for part in ("#on-paper", "#summary", "#course")}
    assert [part for part, _ in sorted(top.items(), key=lambda one: one[1]["y"] if one[1] else -1)] == list(
        top
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".directions[open]").count() == 0


def test_rows_near_the_edge_scroll_what_they_lie_in(page_factory: Callable[..., Page]) -> None:
    """The last stop is dragged to the top, though there is no room for all."""
    page = opened(page_factory(viewport={"width": 1280, "height": 560}), f"{ADDRESS}&park=heinenkamp-2")
    page.locator("#never-visited").click()
    page.wait_for_selector(".stop-row >> nth=4")
    planned(page)
    last = rows(page)[-1]
    handle = page.locator(".handle").last
    handle.scroll_into_view_if_needed()
    at = handle.bounding_box()
    assert at
    first = page.locator(".stop-row").first.evaluate("e => e.getBoundingClientRect().bottom")
    assert first < 0, "the first row is out of sight"
    page.mouse.move(at["x"] + 5, at["y"] + 10)
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


def test_a_very_long_name_makes_no_page_wider(page_factory: Callable[..., Page]) -> None:
    """A word of 120 letters as a stop, in the table, the course and the other tours, on a phone."""
    page = opened(page_factory(**PHONE))
    add(page, *NAMES[:2])
    page.evaluate(
        "w => { const kept = JSON.parse(sessionStorage.getItem('planner:new'));"
        " const place = {company: undefined, name: w, lon: 10.7478, lat: 52.3735};"
        " Object.assign(kept.wish.stops[0], place);"
        " sessionStorage.setItem('planner:new', JSON.stringify(kept)); }",
        "W" * 120,
    )
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
    page.wait_for_timeout(400)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 60
    assert [(round(ratio, 2), words) for ratio, words in found if ratio < 4.5] == []


@pytest.fixture(scope="module")
def staff_server(settings: Settings, cluster: Cluster) -> Iterator[str]:
    """A service on data of its own, with one person who may sign in."""
    with copy_of(cluster, loaded) as url, socket.create_server(("127.0.0.1", 0)) as listener:
        engine = make_engine(url)
        with engine.begin() as held:
            add_staff(held, NAME, PASSWORD)
        engine.dispose()
        with serving(settings, listener, url) as server:
            server.wait_for_answer()
            yield server.address


@pytest.fixture
def staff_watch(browser: Browser, staff_server: str) -> Iterator[Watch]:
    watch = Watch(browser, staff_server)
    yield watch
    watch.close()


def sign_in(page: Page, onward: str) -> None:
    page.goto(f"/login?next={onward}")
    page.fill("#name", NAME)
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"**{onward}")


def press(page: Page, verb: str) -> None:
    page.locator(f'[data-verb="{verb}"]:enabled').click()


def stored(page: Page) -> dict[str, Any]:
    key = page.url.rsplit("/", 1)[1]
    told: dict[str, Any] = page.request.get(f"/api/tours/{key}/wish").json()
    return told


def test_visitors_are_told_that_saving_needs_a_name(page: Page) -> None:
    opened(page)
    add(page, *NAMES[:1])
    assert page.locator("[data-verb]").count() == 0
    assert page.locator(".save-hint a").get_attribute("href") == "/login?next=%2Ftours%2Fplanner"


def test_staff_save_publish_share_and_take_back(staff_watch: Watch) -> None:
    page = staff_watch.new_page(viewport={"width": 1440, "height": 900})
    page.goto(ADDRESS)
    page.wait_for_selector('#planner[aria-busy="false"]')
    warm_up(page)
    add(page, *NAMES)
    planned(page)
    # What was planned before signing in is still there behind it.
    sign_in(page, "/tours/planner")
    planned(page)
    assert len(rows(page)) == 3
    page.locator(".field.is-title .input").fill("Rundgang mit drei Stationen")
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    assert stored(page)["title"] == "Rundgang mit drei Stationen"
    assert stored(page)["status"] == "draft"
    assert len(stored(page)["wish"]["stops"]) == 3
    page.wait_for_selector('[data-verb="save"]:disabled')
    # By keyboard: the focus goes on beside the button that was pressed, though all are made anew.
    page.wait_for_selector('[data-verb="copy"]:focus')
    before = page.locator('[data-verb="delete"]').bounding_box()
    page.locator('[data-verb="share"]').focus()
    page.keyboard.press("Enter")
    link = page.locator(".share-row .input:focus")
    link.wait_for()
    assert page.locator('[data-verb="delete"]').bounding_box() == before
    assert "/s/" in link.input_value()
    assert page.request.get(link.input_value()).status == 200
    address = link.input_value()
    page.locator(".share-row .btn").last.focus()
    page.keyboard.press("Enter")
    link.wait_for(state="detached")
    page.wait_for_selector('[data-verb="share"]:focus')
    assert page.request.get(address).status == 404
    press(page, "publish")
    page.wait_for_selector('[data-verb="withdraw"]')
    assert stored(page)["status"] == "published"
    opened(page, page.url)
    planned(page)
    assert page.locator('[data-verb="save"]').is_disabled()
    assert staff_watch.complaints == []


def test_a_draft_is_deleted_after_a_question(staff_watch: Watch) -> None:
    page = staff_watch.new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, "/tours/planner")
    opened(page)
    add(page, *NAMES[:2])
    planned(page)
    assert page.locator('[data-verb="delete"]').count() == 0, "nothing is stored yet"
    page.locator(".field.is-title .input").fill("Kann weg")
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    press(page, "publish")
    page.wait_for_selector('[data-verb="withdraw"]')
    assert page.locator('[data-verb="delete"]').count() == 0, "it is public"
    press(page, "withdraw")
    press(page, "delete")
    question = page.locator("[role=alertdialog]")
    assert "„Kann weg“" in question.inner_text() or "“Kann weg”" in question.inner_text()
    page.keyboard.press("Escape")
    question.wait_for(state="detached")
    assert stored(page)["status"] == "withdrawn"
    press(page, "delete")
    press(page, "delete-now")
    page.wait_for_url("**/tours")
    assert "Kann weg" not in page.locator("main").inner_text()
    assert staff_watch.complaints == []


def test_a_stale_save_says_so_and_keeps_the_edits(staff_watch: Watch) -> None:
    page = staff_watch.new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, "/tours/planner")
    opened(page)
    add(page, *NAMES[:2])
    planned(page)
    page.locator(".field.is-title .input").fill("Zwei schreiben daran")
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    other = page.context.new_page()
    opened(other, page.url)
    other.locator(".field.is-title .input").fill("Der andere war schneller")
    press(other, "save")
    other.wait_for_selector('[data-verb="save"]:disabled')
    row(page, "Scheer").locator(".cell-dwell .input").fill("33")
    planned(page)
    press(page, "save")
    page.wait_for_selector(".save-notes .notice.is-wrong")
    assert row(page, "Scheer").locator(".cell-dwell .input").input_value() == "33"
    assert stored(page)["title"] == "Der andere war schneller"
    opened(page, page.url)
    assert row(page, "Scheer").locator(".cell-dwell .input").input_value() == "33"
    press(page, "save")
    page.wait_for_selector(".save-notes .notice.is-wrong")
    first_key = page.url
    page.locator(".save-notes .btn").first.click()
    page.wait_for_function("(old) => location.href !== old", arg=first_key)
    dwells = {stop["company"]: stop["dwell_min"] for stop in stored(page)["wish"]["stops"]}
    assert dwells["bildhauerei-scheer"] == 33
    # The browser itself notes the two refusals.
    refusals = [one for one in staff_watch.complaints if "409" in one]
    assert len(refusals) == 2
    assert staff_watch.complaints == refusals

"""The page for who walks ahead, on a phone: thumbs, sunlight, no network, a position."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import CONTRASTS
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

KEY = "rundgang-2024-04-24"
WALK = f"/tours/{KEY}/walk"
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    # A phone that is abroad, or set wrong: the clock is that of the park all the same.
    "timezone_id": "America/New_York",
}
STEP, BACK, KICKER, NAME, LATE = (
    f"[data-show={name}]" for name in ("step", "back", "kicker", "name", "late")
)


def plan_of(page: Page) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(page.locator("#plan").text_content() or "")
    return plan


def kept(page: Page) -> None:
    """Wait until the page says that it works without a network."""
    page.wait_for_selector('[data-show=offline][data-kept="true"]')


def at_time(page: Page, instant: str) -> None:
    """Let the page's clock stand at an instant."""
    page.clock.set_fixed_time(instant)


def test_one_button_leads_through_the_tour(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE)
    page.goto(WALK)
    goals = plan_of(page)["goals"]
    names = []
    for goal in goals:
        assert page.locator(NAME).inner_text() == goal["name"]
        assert page.locator("[data-show=number]").inner_text() == str(goal["position"])
        assert page.locator("[aria-current=step]").get_attribute("data-goal") == str(len(names))
        assert page.locator(".walk-map .stop.is-now").get_attribute("data-stop") == str(goal["position"])
        names.append(goal["name"])
        page.locator(STEP).tap()
        if goal is not goals[-1]:
            page.locator(STEP).tap()
    expect(page.locator(STEP)).to_be_hidden()
    assert page.locator("[data-mark=done]").count() == len(goals)
    page.locator(BACK).tap()
    expect(page.locator(STEP)).to_be_visible()
    assert page.locator("[data-mark=done]").count() == len(goals) - 1


@pytest.fixture
def traveling_page(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page that may lose the network, and nothing else may go wrong in it."""
    watch = Watch(browser, live_server)
    yield watch.new_page(**PHONE)
    watch.close()
    assert [told for told in watch.complaints if "ERR_INTERNET_DISCONNECTED" not in told] == []


def test_works_without_a_network_once_opened(traveling_page: Page) -> None:
    """Reloaded, and opened anew in another window; the progress made is still there."""
    page = traveling_page
    page.goto(WALK)
    kept(page)
    page.locator(STEP).tap()
    page.locator(STEP).tap()
    second = plan_of(page)["goals"][1]["name"]
    assert page.locator(NAME).inner_text() == second
    page.context.set_offline(True)
    page.reload()
    assert page.locator(NAME).inner_text() == second
    page.locator(STEP).tap()
    assert page.locator(KICKER).inner_text() == "Sie sind hier"
    again = page.context.new_page()
    again.goto(f"{WALK}?lang=de")
    assert again.locator(KICKER).inner_text() == "Sie sind hier"
    # Drawn as with a network: style sheets and the map came along.
    assert again.locator(STEP).evaluate("e => e.offsetHeight") >= 64
    assert again.locator(".walk-map .stop circle").count() == 3
    assert again.locator(".walk-map .walk").evaluate("e => getComputedStyle(e).stroke") != "none"
    page.context.set_offline(False)
    again.reload()
    assert again.locator(KICKER).inner_text() == "Sie sind hier"


def test_late_and_early_by_the_parks_clock(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE)
    at_time(page, "2024-04-24T13:50:00+02:00")
    page.goto(WALK)
    assert "14:00" in page.locator("[data-show=times]").inner_text()
    assert page.locator(LATE).get_attribute("data-kind") == "on-time"
    at_time(page, "2024-04-24T14:05:00+02:00")
    page.locator(STEP).tap()
    assert page.locator(LATE).inner_text() == "5\u00a0Min. zu spät"
    at_time(page, "2024-04-24T14:17:00+02:00")
    page.locator(STEP).tap()
    assert page.locator(LATE).inner_text() == "3\u00a0Min. zu früh"
    assert page.locator(LATE).get_attribute("data-kind") == "early"


def test_another_day_is_a_rehearsal(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE)
    at_time(page, "2026-07-01T09:00:00+02:00")
    page.goto(WALK)
    expect(page.locator(LATE)).to_be_hidden()
    assert "24.04.2024" in page.locator("[data-show=times]").inner_text()
    page.locator(STEP).tap()
    assert "Probe" in page.locator("[data-show=times]").inner_text()
    assert page.locator(LATE).get_attribute("data-kind") == "on-time"


def test_position_gives_direction_and_distance(page_factory: Callable[..., Page]) -> None:
    """Read only when asked for; then it is a point on the map, too."""
    page = page_factory(**PHONE)
    page.goto(WALK)
    goal = plan_of(page)["goals"][0]
    context: BrowserContext = page.context
    context.grant_permissions(["geolocation"])
    south = goal["lat"] - 300 / 111_195
    context.set_geolocation({"latitude": south, "longitude": goal["lon"], "accuracy": 5})
    assert page.locator(".own-place").count() == 0
    page.locator("[data-show=locate]").tap()
    page.wait_for_selector(".own-place")
    assert page.locator("[data-show=way]").inner_text() == "300\u00a0m nach Norden"
    turn = page.locator("[data-show=arrow]").evaluate("e => e.style.getPropertyValue('--turn')")
    assert math.isclose(float(turn.removesuffix("deg")) % 360, 0, abs_tol=0.5)
    dot, stop = (
        page.locator(f".walk-map {which}").first.evaluate("e => [e.cx.baseVal.value, e.cy.baseVal.value]")
        for which in (".own-place", "[data-stop='1'] circle")
    )
    assert math.isclose(dot[0], stop[0], abs_tol=2.0)
    assert dot[1] > stop[1]
    context.set_geolocation({"latitude": goal["lat"], "longitude": goal["lon"], "accuracy": 5})
    page.wait_for_function("() => document.querySelector('[data-show=way]').textContent === 'Sie sind da.'")
    page.locator("[data-show=locate]").tap()
    assert page.locator(".own-place").count() == 0


def test_without_leave_for_the_position_the_plan_shows_the_way(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE)
    page.goto(WALK)
    page.locator(STEP).tap()
    page.locator(STEP).tap()
    told = page.locator("[data-show=way]").inner_text()
    assert re.match(r"\d+\u00a0m zu Fuß, \d+\u00a0Min\.", told)
    page.locator("[data-show=locate]").tap()
    page.wait_for_function("() => document.querySelector('[data-show=said]').textContent.includes('Plan')")
    assert page.locator("[data-show=way]").inner_text() == told


def test_any_stop_may_be_next(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE)
    page.goto(WALK)
    page.get_by_role("button", name="Hierhin Bildhauerei Scheer").tap()
    assert page.locator(NAME).inner_text() == plan_of(page)["goals"][2]["name"]
    page.locator("[data-show=again]").tap()
    assert page.locator(NAME).inner_text() == plan_of(page)["goals"][0]["name"]
    expect(page.locator(BACK)).to_be_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_large_targets_and_readable_text(page_factory: Callable[..., Page], theme: str) -> None:
    page = page_factory(**PHONE, color_scheme=theme)
    page.goto(WALK)
    page.wait_for_selector(".has-script")
    page.locator(STEP).tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = [box for e in page.locator("button:visible, .walk-foot a").all() if (box := e.bounding_box())]
    assert len(sizes) >= 10
    assert min(size["height"] for size in sizes) >= 44
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 15
    assert [(round(ratio, 2), words) for ratio, words in contrasts if ratio < 4.5] == []


def test_the_screen_stays_on_where_the_phone_can(page_factory: Callable[..., Page]) -> None:
    """The browser's own lock is held; a phone without one shows the page all the same."""
    page = page_factory(**PHONE)
    page.add_init_script(
        "const ask = WakeLock.prototype.request;"
        "WakeLock.prototype.request = async function (kind) {"
        " return (window.held = await ask.call(this, kind)); };"
    )
    page.goto(WALK)
    page.wait_for_function("() => window.held && window.held.type === 'screen' && !window.held.released")
    other = page_factory(**PHONE)
    other.add_init_script("delete Navigator.prototype.wakeLock")
    other.goto(WALK)
    kept(other)


def test_screen_readers_hear_the_next_stop(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE)
    page.goto(WALK)
    region = page.locator("[aria-live=polite]")
    assert region.locator(NAME).count() == 1
    assert page.get_by_role("img", name=re.compile("Karte")).count() == 1
    assert page.get_by_role("button", name=re.compile("Bildhauerei Scheer")).count() == 1
    assert page.locator("h1").count() == 1


def test_reads_without_scripts(page_factory: Callable[..., Page]) -> None:
    page = page_factory(**PHONE, java_script_enabled=False)
    page.goto(WALK)
    assert page.locator(".goal").count() == 3
    assert page.locator("button:visible").count() == 0
    expect(page.locator(".walk-map")).to_be_visible()


def test_tour_page_offers_all_of_it(page: Page) -> None:
    page.goto(f"/tours/{KEY}")
    offers = page.locator(".take-along a")
    assert [offer.get_attribute("href") for offer in offers.all()] == [
        WALK,
        *(f"/tours/{KEY}/tour.{form}" for form in ("pdf", "ics", "gpx", "kml", "geojson")),
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="GPX").click()
    assert download.value.suggested_filename == f"{KEY}.gpx"

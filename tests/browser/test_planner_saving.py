"""What staff do with a plan in a real browser: save, publish, share, take back, delete; no edit is lost."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.services.people.staff import add_staff
from tests.browser.planner_steps import (
    ADDRESS,
    NAMES,
    add,
    opened,
    patient_pages,
    planned,
    row,
    rows,
    warm_up,
)
from tests.databases import copy_of, loaded
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

NAME, PASSWORD = "Erika Muster", "correct horse battery"


@pytest.fixture
def page_factory(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    yield from patient_pages(browser, live_server)


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


def with_a_plan(staff_watch: Watch, title: str) -> Page:
    """Return the planner's page of a member of staff with a plan of two stops, not yet saved."""
    page = staff_watch.new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, "/tours/planner")
    opened(page)
    add(page, *NAMES[:2])
    planned(page)
    page.locator(".field.is-title .input").fill(title)
    return page


def wait_until_saved(page: Page) -> None:
    """The button cannot be pressed while the save is on its way either."""
    expect(page.locator(".save-state")).to_have_text("Entwurf")


def press(page: Page, verb: str) -> None:
    page.locator(f'[data-verb="{verb}"]:enabled').click()


def publish(page: Page) -> None:
    """Say yes to what everybody will read."""
    press(page, "publish")
    press(page, "publish-now")


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
    wait_until_saved(page)
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
    publish(page)
    page.wait_for_selector('[data-verb="withdraw"]')
    assert stored(page)["status"] == "published"
    opened(page, page.url)
    planned(page)
    expect(page.locator('[data-verb="save"]')).to_be_disabled()
    assert staff_watch.complaints == []


def own_drafts(page: Page) -> Locator:
    page.goto("/changes/saved?lang=de")
    page.wait_for_selector("html[data-drafts-shown]", state="attached")
    return page.locator(".own-drafts li")


def test_a_plan_is_a_draft_until_it_is_saved(staff_watch: Watch) -> None:
    page = with_a_plan(staff_watch, "Angefangen")
    draft = own_drafts(page)
    expect(draft).to_have_count(1)
    expect(draft).to_contain_text("Neuer Rundgang · Angefangen")
    draft.locator("a").click()
    page.wait_for_selector('#planner[aria-busy="false"]')
    planned(page)
    assert len(rows(page)) == 2
    expect(page.locator(".field.is-title .input")).to_have_value("Angefangen")
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    wait_until_saved(page)
    expect(own_drafts(page)).to_have_count(0)
    assert staff_watch.complaints == []


def test_a_draft_is_deleted_after_a_question(staff_watch: Watch) -> None:
    page = with_a_plan(staff_watch, "Kann weg")
    assert page.locator('[data-verb="delete"]').count() == 0, "nothing is stored yet"
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    publish(page)
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
    page = with_a_plan(staff_watch, "Zwei schreiben daran")
    press(page, "save")
    page.wait_for_url(re.compile(r"/tours/planner/[\w-]+$"))
    other = page.context.new_page()
    opened(other, page.url)
    other.locator(".field.is-title .input").fill("Der andere war schneller")
    press(other, "save")
    wait_until_saved(other)
    row(page, "Scheer").locator(".cell-dwell .input").fill("33")
    planned(page)
    press(page, "save")
    page.wait_for_selector(".save-notes .notice.is-wrong")
    assert row(page, "Scheer").locator(".cell-dwell .input").input_value() == "33"
    # Who has saved has a newer version: what is typed into the old one is none of it.
    assert row(other, "Scheer").locator(".cell-dwell .input").input_value() != "33"
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

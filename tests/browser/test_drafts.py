"""Nothing that was typed is lost: drafts, two people at once, a session that ends meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.domain.kinds import AccessRole
from app.services.people.staff import add_staff
from benchmarks.kills import run_kills
from tests.browser.test_pages import CONTRASTS
from tests.databases import copy_of, loaded
from tests.machine import find_chromium
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ERIKA, BEN, PASSWORD = "Erika Muster", "Ben Beispiel", "correct horse battery"
CORRECT = "/companies/kaufland/attributes/correct"
DEPARTURE = "/companies/kaufland/departure"
PHONE = {"width": 390, "height": 844}

SignIn = Callable[..., "Page"]


@pytest.fixture(scope="module")
def service(settings: Settings, cluster: Cluster) -> Iterator[tuple[str, Engine]]:
    """A service with two accounts of staff, and its database."""
    with copy_of(cluster, loaded) as url, socket.create_server(("127.0.0.1", 0)) as listener:
        engine = make_engine(url)
        with engine.begin() as held:
            for name in (ERIKA, BEN):
                add_staff(held, name, PASSWORD, AccessRole.STAFF, "wmg")
        with serving(settings, listener, url) as started:
            started.wait_for_answer()
            yield started.address, engine
        engine.dispose()


@pytest.fixture
def sign_in(browser: Browser, service: tuple[str, Engine]) -> Iterator[SignIn]:
    watch = Watch(browser, service[0])

    def signed_in(name: str = ERIKA, page: Page | None = None, **options: object) -> Page:
        page = page or watch.new_page(**options)
        page.goto("/login?lang=de")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url("**/tours")
        return page

    yield signed_in
    watch.close()
    # What a browser says of a page that was refused as it should be.
    assert [one for one in watch.complaints if "status of 40" not in one] == []


def type_in(page: Page, label: str, words: str) -> None:
    page.get_by_label(label).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def sign_out(page: Page) -> None:
    page.locator(".menu-button").click()
    page.get_by_role("button", name="Abmelden").click()
    page.wait_for_selector("a.sign-in")


def opened(page: Page, address: str) -> Page:
    """Open a page whose modules have done what they do at first."""
    page.goto(address)
    page.wait_for_selector("html[data-drafts-shown]", state="attached")
    return page


def drafts(page: Page) -> list[str]:
    opened(page, "/changes/saved?lang=de")
    return page.locator(".own-drafts li").all_inner_texts()


def test_a_draft_comes_back_to_its_person_until_it_is_saved(sign_in: SignIn) -> None:
    page = sign_in()
    opened(page, DEPARTURE)
    type_in(page, "Letzter Tag", "31.12.2027")
    type_in(page, "Begründung", "Mietende")
    other = page.context.new_page()
    opened(other, DEPARTURE)
    expect(other.get_by_label("Letzter Tag")).to_have_value("31.12.2027")
    type_in(other, "Begründung", "Ende der Miete")
    expect(page.get_by_label("Begründung")).to_have_value("Ende der Miete")
    other.close()
    sign_out(page)
    sign_in(BEN, page)
    assert drafts(page) == []
    opened(page, DEPARTURE)
    expect(page.get_by_label("Letzter Tag")).to_have_value("")
    sign_out(page)
    sign_in(ERIKA, page)
    [line] = drafts(page)
    assert "Weggang" in line
    assert "Kaufland" in line
    expect(page.locator("#draft-count")).to_have_text("1 Entwurf")
    page.locator(".own-drafts a").click()
    expect(page.get_by_label("Letzter Tag")).to_have_value("31.12.2027")
    expect(page.get_by_label("Begründung")).to_have_value("Ende der Miete")
    page.get_by_role("button", name="Folgen ansehen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
    assert len(drafts(page)) == 1, "nothing is saved yet"
    page.locator(".own-drafts a").click()
    page.get_by_role("button", name="Folgen ansehen").click()
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator(".alert-success")).to_have_text("Gespeichert: Weggang.")
    assert drafts(page) == [], "the page after saving removed it, or this one"
    page.locator(".changes").get_by_role("button", name="Rückgängig").first.click()


def test_two_people_change_the_same_field_and_choose(sign_in: SignIn) -> None:
    erika, ben = sign_in(), sign_in(BEN, viewport=PHONE, color_scheme="dark")
    for page, name, sector in ((erika, "Kaufland Ost", "Handel"), (ben, "Kaufland West", "")):
        opened(page, CORRECT)
        type_in(page, "Name", name)
        if sector:
            type_in(page, "Branche", sector)
        page.get_by_role("button", name="Folgen ansehen").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
    erika.get_by_role("button", name="Speichern").click()
    expect(erika.locator(".alert-success")).to_have_count(1)
    ben.get_by_role("button", name="Speichern").click()
    chooser = ben.locator(".chooser")
    expect(chooser).to_contain_text("Kaufland Ost")
    expect(chooser).to_contain_text(ERIKA)
    assert ben.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [one for one in ben.evaluate(CONTRASTS) if one[0] < 4.5] == []
    chooser.get_by_label("Mein Wert").check()
    ben.get_by_role("button", name="Folgen ansehen").click()
    expect(ben.locator("main")).to_contain_text("Branche Supermarkt → Handel")
    ben.get_by_role("button", name="Speichern").click()
    expect(ben.locator(".alert-success").last).to_contain_text("Branche Supermarkt → Handel")
    expect(ben.get_by_role("heading", level=1)).to_have_text("Kaufland West")


def test_a_killed_browser_loses_at_most_one_gesture(service: tuple[str, Engine]) -> None:
    """`python -m benchmarks.editing --kills 100` kills more of them."""
    program = find_chromium()
    assert program
    # Another thread: this one drives a browser already.
    with ThreadPoolExecutor(1) as other:
        tally = other.submit(run_kills, program, service[0], (ERIKA, PASSWORD), 1, seed=1).result()
    assert tally["gestures"] > 0
    assert tally["lost"] <= 1


def test_a_session_that_has_ended_begins_anew_in_place(sign_in: SignIn, service: tuple[str, Engine]) -> None:
    page = sign_in()
    opened(page, DEPARTURE)
    type_in(page, "Letzter Tag", "31.12.2028")
    with service[1].begin() as held:
        held.execute(text("DELETE FROM staff_session"))
    page.get_by_role("button", name="Folgen ansehen").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Passwort").fill("falsch")
    dialog.get_by_role("button", name="Anmelden").click()
    expect(dialog.get_by_role("alert")).to_contain_text("falsch")
    dialog.get_by_label("Passwort").fill(PASSWORD)
    dialog.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
    expect(page.locator("main")).to_contain_text("31.12.2028")

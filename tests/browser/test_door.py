"""The door on real phones: three browsers without a network and back, in any order, come to one state."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Connection, Engine, text
from werkzeug.serving import make_server

from app import create_app
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.db.meetings.planned import planned_meeting
from app.domain.meetings import EventKind
from app.services.meetings.door.links import make_link, token_of_link
from app.services.meetings.participation import record_by_staff
from tests.browser.test_accessibility import BREACHES
from tests.browser.test_pages import CONTRASTS
from tests.databases import copy_of, migrated
from tests.db.meetings.mail_scene import KEY, SECRET, store_meeting
from tests.machine import node_package
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = pytest.mark.browser

DAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
STATUS, SEARCH, HIT = "#door-status", "#door-search", ".door-hit"
DONE, AWAY = "alles übertragen", "ohne Verbindung"


@dataclass
class Place:
    """A meeting on its day, served by an application of its own, whose clock stands still."""

    engine: Engine
    address: str
    meeting_id: int

    @property
    def door(self) -> str:
        """The address of the door."""
        with self.engine.connect() as held:
            meeting = planned_meeting(held, KEY)
            assert meeting is not None
            return f"{self.address}/door/{token_of_link(held, meeting, NOON, SECRET)}"

    def make_link(self) -> str:
        with self.engine.begin() as held:
            _link(held)
        return self.door

    def revoke(self) -> None:
        with self.engine.begin() as held:
            held.execute(text("UPDATE door_link SET revoked_at = now()"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as held:
            return [tuple(row) for row in held.execute(text(query))]

    def present(self) -> list[str]:
        query = "SELECT key FROM participation JOIN company USING (company_id) WHERE presence = 'present'"
        return [key for (key,) in self.rows(f"{query} ORDER BY key")]

    def n_noted(self) -> int:
        return int(self.rows("SELECT count(*) FROM participation_event WHERE actor = 'door'")[0][0])


def _link(held: Connection) -> None:
    meeting = planned_meeting(held, KEY)
    assert meeting is not None
    make_link(held, meeting, None, NOON, SECRET)  # type: ignore[arg-type]


def _store(held: Connection) -> int:
    """Store a meeting of the day with four guests, of whom one has accepted and one has declined."""
    meeting_id = store_meeting(held, ["alpha", "beta", "gamma", "delta"])
    held.execute(
        text("UPDATE meeting SET held_on = :day, starts_at = :at, ends_at = NULL"), {"day": DAY, "at": NOON}
    )
    keys = {row.key: row.company_id for row in held.execute(text("SELECT key, company_id FROM company"))}
    invited = {number: {"at": "2026-05-01T10:00:00+00:00", "via": "mail"} for number in keys.values()}
    record_by_staff(held, meeting_id, EventKind.INVITE, invited)
    accepted = {"answer": "accepted", "heads": 3, "via": "staff"}
    answers = {keys["alpha"]: accepted, keys["beta"]: {"answer": "declined", "via": "staff"}}
    record_by_staff(held, meeting_id, EventKind.ANSWER, answers)
    _link(held)
    return meeting_id


@pytest.fixture
def place(cluster: Cluster, settings: Settings) -> Iterator[Place]:
    with copy_of(cluster, migrated) as url:
        engine = make_engine(url)
        with engine.begin() as held:
            meeting_id = _store(held)
        app = create_app(replace(settings, database_url=url, secret_key=SECRET))
        app.extensions["clock"] = lambda: NOON
        server = make_server("127.0.0.1", 0, app, threaded=True)
        # Closing waits for what is still being answered.
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Place(engine, f"http://127.0.0.1:{server.port}", meeting_id)
        server.shutdown()
        thread.join()
        server.server_close()
        for name in ("engine", "reading_engine", "past_engine"):
            app.extensions[name].dispose()
        engine.dispose()


MakePhone = Callable[..., "Page"]


@pytest.fixture
def new_phone(browser: Browser, place: Place) -> Iterator[MakePhone]:
    """Open the door's page on another phone, and wait until it is kept there."""
    watch = Watch(browser, place.address)

    def opened(**options: Any) -> Page:
        page = watch.new_page(**PHONE, **options)
        page.goto(f"{place.door}?lang=de")
        page.wait_for_selector('#door-offline[data-kept="true"]')
        return page

    yield opened
    watch.close()
    expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "404 (NOT FOUND)")
    assert [told for told in watch.complaints if not any(each in told for each in expected)] == []


def search(page: Page, typed: str) -> Locator:
    page.fill(SEARCH, typed)
    return page.locator(HIT).first


def here(page: Page, typed: str) -> None:
    search(page, typed).get_by_role("button", name="ist da").tap()
    expect(page.locator(HIT).first).to_have_attribute("data-here", "true")


def back(page: Page, typed: str) -> None:
    search(page, typed).get_by_role("button", name="Rückgängig").tap()
    expect(page.locator(HIT).first).to_have_attribute("data-here", "false")


def test_the_page_is_empty_until_somebody_searches(place: Place, new_phone: MakePhone) -> None:
    page = new_phone()
    assert "GmbH" not in page.inner_text("body")
    page.fill(SEARCH, "a")
    assert page.locator("#door-hits > li").count() == 0
    found = search(page, "alpa")
    expect(found).to_contain_text("alpha GmbH")
    expect(found).to_contain_text("zugesagt, 3 Personen")
    expect(search(page, "beta")).to_contain_text("abgesagt")
    expect(search(page, "gamma")).to_contain_text("eingeladen, keine Antwort")
    assert page.locator(HIT).count() == 1
    here(page, "alpha")
    expect(page.locator(STATUS)).to_have_text(DONE)
    assert place.present() == ["alpha"]
    back(page, "alpha")
    expect(page.locator(STATUS)).to_have_text(DONE)
    assert place.present() == []
    page.get_by_role("button", name="Nächstes Unternehmen").tap()
    expect(page.locator(SEARCH)).to_be_focused()
    assert "GmbH" not in page.inner_text("body")


@pytest.mark.parametrize("order", ["abc", "cab", "bca"])
def test_three_phones_without_a_network_come_to_one_state(
    place: Place, new_phone: MakePhone, order: str
) -> None:
    phones = {name: new_phone() for name in "abc"}
    for page in phones.values():
        page.context.set_offline(True)
        expect(page.locator(STATUS)).to_have_text(AWAY)
    first, second, third = phones.values()
    for typed in ("alpha", "beta"):
        here(first, typed)
    back(first, "beta")
    # The same guest at another door, which takes its own back: the first one's stays.
    here(second, "alpha")
    back(second, "alpha")
    here(third, "gamma")
    third.fill(SEARCH, "Zelte Süd")
    third.get_by_role("button", name="Zelte Süd").tap()
    expect(third.locator(HIT).first).to_contain_text("am Einlass eingetippt")
    for page, n in ((first, 3), (second, 2), (third, 2)):
        expect(page.locator(STATUS)).to_have_text(f"{AWAY} · {n} noch nicht übertragen")
    # A phone that closes and opens the page again has lost nothing.
    third.reload()
    expect(third.locator(STATUS)).to_have_text(f"{AWAY} · 2 noch nicht übertragen")
    expect(search(third, "gamma")).to_have_attribute("data-here", "true")
    assert place.n_noted() == 0
    for name in order:
        phones[name].context.set_offline(False)
        expect(phones[name].locator(STATUS)).to_have_text(DONE)
    for page in phones.values():
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#door-count")).to_have_text("2 Unternehmen sind da")
        for typed, is_here in (("alpha", "true"), ("beta", "false"), ("gamma", "true"), ("Zelte", "true")):
            expect(search(page, typed)).to_have_attribute("data-here", is_here)
    assert place.present() == ["alpha", "gamma"]
    assert place.n_noted() == 7
    # Who knows of both takes both back.
    back(second, "alpha")
    expect(second.locator(STATUS)).to_have_text(DONE)
    assert place.present() == ["gamma"]


def test_an_answer_that_gets_lost_doubles_nothing(place: Place, new_phone: MakePhone) -> None:
    page = new_phone()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/events", lose)
    here(page, "alpha")
    expect(page.locator(STATUS)).to_have_text(f"{AWAY} · 1 noch nicht übertragen")
    assert place.n_noted() == 1
    page.unroute("**/events")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(STATUS)).to_have_text(DONE)
    assert place.n_noted() == 1
    assert place.present() == ["alpha"]


def test_a_revoked_link_is_told_and_nothing_noted_is_lost(place: Place, new_phone: MakePhone) -> None:
    page = new_phone()
    page.context.set_offline(True)
    here(page, "gamma")
    place.revoke()
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("gilt nicht")
    expect(page.locator("#door-problems")).to_contain_text("gamma GmbH")
    assert page.locator(HIT).count() == 0
    # What is still to be sent can be read without a network, too.
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(STATUS)).to_have_text(f"{AWAY} · 1 noch nicht übertragen")
    page.context.set_offline(False)
    page.goto(f"{place.make_link()}?lang=de")
    expect(page.locator(STATUS)).to_have_text(DONE)
    expect(page.locator("#door-count")).to_have_text("1 Unternehmen ist da")
    assert place.present() == ["gamma"]


def test_nothing_stays_on_the_phone_when_the_link_has_ended(place: Place, new_phone: MakePhone) -> None:
    page = new_phone()
    here(page, "gamma")
    expect(page.locator(STATUS)).to_have_text(DONE)
    place.revoke()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("alert")).to_contain_text("gilt nicht")
    page.wait_for_function("async () => (await caches.keys()).length === 0")
    logs = "() => new Promise((done) => { indexedDB.open('door').onsuccess = ({ target }) => {"
    counted = f"{logs} target.result.transaction('logs').objectStore('logs').count().onsuccess = (e) =>"
    assert page.evaluate(f"{counted} done(e.target.result); }}; }})") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_thumbs_and_eyes(new_phone: MakePhone, scheme: str, language: str) -> None:
    page = new_phone(color_scheme=scheme)
    page.goto(f"{page.url.split('?')[0]}?lang={language}")
    page.wait_for_selector('#door-offline[data-kept="true"]')
    page.context.set_offline(True)
    search(page, "alpha").get_by_role("button").tap()
    expect(page.locator(HIT).first).to_have_attribute("data-here", "true")
    assert [one for one in page.evaluate(CONTRASTS) if one[0] < 4.5] == []
    if (folder := node_package("axe-core")) is not None:
        page.evaluate((folder / "axe.min.js").read_text("utf-8"))
        assert page.evaluate(BREACHES, True) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = "all => all.filter((e) => e.offsetParent).map((e) => e.getBoundingClientRect().height)"
    assert min(page.locator("button, input, a").evaluate_all(sizes)) >= 44

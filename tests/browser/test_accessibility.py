"""The rules of axe-core on every page and its states, and every business case without a mouse."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.domain.kinds import AccessRole
from app.services.people.staff import add_staff
from tests.browser import map_steps, planner_steps
from tests.browser.signing_in import signed_state
from tests.browser.test_companies import NewPage
from tests.databases import copy_of, loaded
from tests.machine import node_package
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

NAME, ANALYST, PASSWORD = "Ada Beispiel", "Anna Beispiel", "correct horse battery"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
# Colors are all that differs: forced by the system with the light page, then dark.
LOOKS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "forced_colors": "none"},
    {"color_scheme": "light", "forced_colors": "active"},
    {"color_scheme": "dark", "forced_colors": "none"},
)
WALK = "/tours/rundgang-2024-04-24"
COMPANY, PLACE = "/companies/kaufland", "kaufland-brandgehaege-9"
OPEN = (
    *("/login", "/companies", "/plots", "/tours", WALK, f"{WALK}/walk", "/daten", "/daten/spalten"),
    "/changes?from=2016-01-01&to=2026-06-01",
    *("/help", "/accessibility", "/privacy", "/imprint", "/not-there"),
    *("/api/?f=html", "/api/collections?f=html", "/api/collections/plots?f=html"),
    *("/api/collections/companies/items?f=html&limit=5", "/api/collections/plots/items/HK1-001?f=html"),
    *("/api/conformance?f=html", "/api/openapi.html", "/board", "/meetings"),
)
SIGNED_IN = (
    *(COMPANY, "/arrival", f"{COMPANY}/attributes/change", f"{COMPANY}/attributes/correct"),
    *(f"{COMPANY}/internal/change", f"{COMPANY}/expansion", f"{COMPANY}/departure", f"{COMPANY}/day"),
    *(f"{COMPANY}/places/{PLACE}/succession", f"{COMPANY}/places/{PLACE}/plot/correct"),
    *(f"{COMPANY}/places/{PLACE}/move", f"{COMPANY}/places/{PLACE}/point/correct"),
    *(
        "/companies",
        "/plots",
        "/plots/HK1-001",
        "/plots/HK1-001/use/change",
        "/marketing?plots=HK1-001,HK1-002",
    ),
    "/meetings/reports/2024",
    *("/facilities", "/placing", "/walkways", "/walkways/new", "/changes/saved", "/changes/saved?whose=all"),
    *("/account", "/sessions", "/second-factor", "/account/tokens"),
    *("/accounts", "/accounts/1", "/organizations"),
)
LIST = "Firma;Branche;Grundstück\nNeue Werkstatt;Kfz;HK1-001\nKauflnad;Markt;\n;ohne Namen;\n"
IS_IN_THEME = "(theme) => document.documentElement.dataset.bsTheme === theme"
# What breaks a rule, with the rule; contrast is that of a page at rest, drawn in the colors it has now.
BREACHES = """
async (isFirst) => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  // A rule for everything makes Chromium forget the colors of the look before.
  const all = new CSSStyleSheet();
  all.replaceSync("* { --judged: 1 }");
  document.adoptedStyleSheets = [all];
  for (const each of document.getAnimations())
    if (each.effect.getComputedTiming().endTime !== Infinity) each.finish();
  const { violations } = await axe.run({
    resultTypes: ["violations"],
    ...(isFirst ? {} : { runOnly: ["color-contrast", "link-in-text-block"] }),
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id}: ${target.join(" ")}: ${failureSummary.replace(/\\s+/g, " ")}`));
}
"""
# A page has less to walk through.
MOST_TABS = 200


@pytest.fixture(scope="module")
def rules() -> str:
    """The program of axe-core."""
    if (folder := node_package("axe-core")) is None:
        pytest.skip("no axe-core: run python -m tests.machine")
    return (folder / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def server(settings: Settings, cluster: Cluster) -> Iterator[str]:
    """A service with two accounts, an admin's and an analyst's."""
    with copy_of(cluster, loaded) as url, socket.create_server(("127.0.0.1", 0)) as listener:
        engine = make_engine(url)
        with engine.begin() as held:
            add_staff(held, NAME, PASSWORD, AccessRole.ADMIN, "wmg")
            add_staff(held, ANALYST, PASSWORD, AccessRole.ANALYST, "wag")
        engine.dispose()
        with serving(settings, listener, url) as started:
            started.wait_for_answer()
            yield started.address


@pytest.fixture
def new_page(browser: Browser, server: str) -> Iterator[NewPage]:
    watch = Watch(browser, server)
    yield partial(watch.new_page, viewport=DESKTOP, reduced_motion="reduce")
    watch.close()
    # What a browser says of pages that were refused as they should be.
    assert [one for one in watch.complaints if "status of 40" not in one] == []


@pytest.fixture
def admin_page(new_page: NewPage, browser: Browser, server: str) -> Page:
    return new_page(storage_state=signed_state(browser, server, NAME, PASSWORD))


class Judge:
    """Looks at one page in all looks, and gathers what breaks a rule."""

    def __init__(self, page: Page, rules: str) -> None:
        self.page, self.rules = page, rules
        self.breaches: list[str] = []
        self.n_states = 0

    def look(self, state: str) -> None:
        """Judge the page as it is now."""
        self.page.evaluate(self.rules)
        for look in LOOKS:
            self.page.emulate_media(**look)
            self.page.wait_for_function(IS_IN_THEME, arg=look["color_scheme"])
            self.n_states += 1
            named = f"{state} {look['color_scheme']} {look['forced_colors']}"
            self.breaches += [
                f"{named}: {breach}" for breach in self.page.evaluate(BREACHES, look is LOOKS[0])
            ]
        # The next page opens in the first look.
        self.page.emulate_media(**LOOKS[0])

    def visit(self, *addresses: str) -> None:
        """Judge pages as they open."""
        for address in addresses:
            self.page.goto(address)
            self.look(address)

    def settle(self) -> None:
        """Refuse what was gathered."""
        assert not self.breaches, "\n".join([f"{len(self.breaches)}, {self.n_states} states", *self.breaches])
        print(f"{self.n_states} states, 0 violations")


def test_no_page_that_everybody_reads_breaks_a_rule(new_page: NewPage, rules: str) -> None:
    page = new_page()
    judge = Judge(page, rules)
    judge.visit(*OPEN)
    map_steps.opened(page)
    judge.look("the map")
    page.locator("#legend summary").click()
    page.locator(".menu-button").click()
    judge.look("legend and menu")
    page.goto("/?tab=plots&q=xyzxyz")
    judge.look("nothing found")
    for sel in ("plot:HK1-001", "company:kaufland", "facility:fuel-avia", "tour:rundgang-2024-04-24"):
        map_steps.opened(page, f"/?sel={sel}")
        expect(page.locator("#card")).to_be_visible()
        judge.look(f"the card of {sel}")
    planner_steps.opened(page)
    judge.look("the planner")
    planner_steps.planned(planner_steps.opened(page, planner_steps.ADDRESS + STOPS))
    judge.look("the planner with a plan")
    page.set_viewport_size(PHONE)
    judge.look("the planner on a phone")
    map_steps.opened(page, "/?sel=company:kaufland")
    judge.look("a card on a phone")
    judge.settle()


STOPS = "".join(f"&stop=company:{key}" for key in planner_steps.THREE)


def test_no_page_of_who_signed_in_breaks_a_rule(admin_page: Page, rules: str) -> None:
    page = admin_page
    judge = Judge(page, rules)
    judge.visit(*SIGNED_IN)
    page.locator(".menu-button").click()
    judge.look("the menu")
    page.goto(f"{COMPANY}/departure")
    press(page, "Folgen ansehen")
    judge.look("what is refused")
    page.get_by_label("Letzter Tag").fill("01.03.2027")
    press(page, "Folgen ansehen")
    judge.look("the preview")
    press(page, "Speichern")
    judge.look("a company with a change")
    judge.visit("/changes/saved", "/changes/saved?whose=all", "/changes/1")
    page.goto("/lists")
    page.get_by_label("Datei").set_input_files(
        {"name": "firmen.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    for state, button in (
        ("columns", "Weiter zu den Spalten"),
        ("rows", "Zeilen ansehen"),
        ("list", "Folgen ansehen"),
    ):
        press(page, button)
        judge.look(f"of a list the {state}")
    map_steps.opened(page, "/?sel=plot:HK1-001")
    page.get_by_role("button", name="Stimmt nicht: HK1-002").click()
    judge.look("a decision on neighbors")
    page.set_viewport_size(PHONE)
    judge.visit(COMPANY, "/arrival", "/walkways/new", "/changes/saved?whose=all", "/accounts")
    judge.settle()


def test_an_analyst_reads_in_the_planner_why_nothing_is_saved(
    new_page: NewPage, browser: Browser, server: str, rules: str
) -> None:
    page = new_page(storage_state=signed_state(browser, server, ANALYST, PASSWORD))
    planner_steps.opened(page)
    hint = page.locator(".save-hint")
    expect(hint).to_contain_text("Ihr Konto hat die Rolle „Analyse“")
    expect(hint.get_by_role("link")).to_have_count(0)
    judge = Judge(page, rules)
    judge.look("the planner of an analyst")
    judge.settle()


def press(page: Page, button: str) -> None:
    """Press a button that leads on."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def stored(page: Page, collection: str) -> list[dict[str, Any]]:
    """Return the rows of a collection, without their geometries."""
    found = page.request.get(f"/exports/{collection}.geojson?park=heinenkamp-2").json()["features"]
    return [each["properties"] for each in found]


class Keys:
    """Somebody with a keyboard and nothing else: each step begins where the last one left the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.n_keys = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.n_keys += 1

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.n_keys += len(words)

    def go_to(self, target: Locator) -> None:
        """Press Tab until something has the focus."""
        for _ in range(MOST_TABS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.press("Tab")
        pytest.fail(f"no Tab leads to {target}")

    def follow(self, link: str) -> None:
        self.go_to(self.page.get_by_role("link", name=link, exact=True).first)
        self.press("Enter")

    def find(self, words: str) -> None:
        """Leave a page for the map and open somebody's card by the search."""
        self.follow("Auf der Karte zeigen")
        self.page.wait_for_selector('#map-page[aria-busy="false"]')
        self.press("/")
        self.press("Control+a")
        self.write(words)
        self.press("Enter")
        expect(self.page.locator(".card-name")).to_have_text(words)

    def fill_in(self, case: str, **fields: str) -> None:
        """Fill in fields by their labels, see what follows, and save."""
        for label, words in fields.items():
            self.go_to(self.page.get_by_label(re.compile(f"^{label}( \\(optional\\))?$")))
            if self.page.locator("select:focus").count() == 0:
                self.press("Control+a")
            self.write(words)
        self.press("Enter")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
        self.go_to(self.page.get_by_role("button", name="Speichern"))
        self.press("Enter")
        expect(self.page.get_by_role("status").first).to_have_text(f"Gespeichert: {case}.")


def test_every_business_case_is_done_without_a_mouse(admin_page: Page) -> None:
    """From the map on, all in one go: no click, and no address but the first."""
    page, keys = admin_page, Keys(admin_page)
    first, second, third, *_ = [each["key"] for each in stored(page, "plots") if not each["occupants"]]
    unplaced = next(each["name"] for each in stored(page, "companies") if not each["plot"])
    map_steps.opened(page)
    keys.go_to(page.locator(".menu-button"))
    keys.press("Enter")
    keys.follow("Neues Unternehmen")
    keys.fill_in("Neues Unternehmen", Name="Taste GmbH", Grundstück=first, **{"Erster Tag": "01.02.2026"})
    keys.follow("Erweiterung")
    keys.fill_in("Erweiterung", Grundstück=second, **{"Erster Tag dort": "03.2026"})
    keys.follow("Umzug")
    keys.fill_in("Umzug im Park", Grundstück=third, **{"Erster Tag am neuen Standort": "01.04.2026"})
    keys.follow("Ändern")
    keys.fill_in("Angaben ändern", Name="Taste & Sohn", **{"Seit wann ist es so\\?": "01.05.2026"})
    keys.follow("Nachfolge")
    keys.fill_in(
        "Nachfolge",
        Nachfolger="Feder AG",
        **{"Art der Nachfolge": "Ü", "Erster Tag der Nachfolge": "01.06.2026"},
    )
    keys.follow("Weggang")
    keys.fill_in("Weggang", **{"Letzter Tag": "30.06.2026"})
    keys.find("HK1-001")
    keys.follow("Bearbeiten")
    keys.follow("Nutzungsänderung")
    keys.fill_in("Nutzungsänderung", Nutzung="im Bau", **{"Seit wann ist es so\\?": "01.07.2026"})
    keys.find(unplaced)
    keys.follow("Auf Grundstück setzen")
    keys.fill_in("Auf Grundstück setzen: lag schon immer dort", Grundstück=third)
    print(f"8 business cases with {keys.n_keys} keys")

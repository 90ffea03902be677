"""Accounts in a real browser: the menu of every page, a link that becomes a password, tokens, phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.domain.kinds import AccessRole
from tests.browser.signing_in import serving_account, signed_state
from tests.browser.test_pages import CONTRASTS
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

pytestmark = pytest.mark.browser

NAME, PASSWORD, FRESH = "Ada Beispiel-Administratorin", "correct horse battery", "lampe turnt, leise"
INFO = ("/help", "/accessibility", "/privacy", "/imprint")
OWN = ("/account", "/sessions", "/second-factor", "/account/tokens", "/accounts", "/accounts/1")
PHONE = {"width": 390, "height": 844}

NewPage = Callable[..., "Page"]


@pytest.fixture(scope="module")
def server(settings: Settings, cluster: Cluster) -> Iterator[str]:
    """A service with one account, an admin's."""
    with serving_account(settings, cluster, (NAME, PASSWORD, AccessRole.ADMIN, "wmg")) as address:
        yield address


@pytest.fixture
def new_page(browser: Browser, server: str) -> Iterator[NewPage]:
    watch = Watch(browser, server)
    yield watch.new_page
    watch.close()
    assert watch.complaints == []


@pytest.fixture(scope="module")
def admin_state(browser: Browser, server: str) -> StorageState:
    return signed_state(browser, server, NAME, PASSWORD)


@pytest.fixture
def admin_page(new_page: NewPage, admin_state: StorageState) -> NewPage:
    """Open an empty page of the admin's."""
    return partial(new_page, storage_state=admin_state)


def sign_in(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.locator("main button[type=submit]").click()


def open_menu(page: Page) -> None:
    page.locator(".menu-button").click()
    expect(page.locator("#menu")).to_be_visible()


def test_signing_in_leads_back_to_where_one_was(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/daten?on=2021-01-01&park=heinenkamp-1")
    page.get_by_role("link", name="Anmelden").click()
    sign_in(page)
    page.wait_for_url("**/daten?on=2021-01-01&park=heinenkamp-1")
    button = page.locator(".menu-button")
    assert button.inner_text().split("\n") == [NAME, "WMG"]
    open_menu(page)
    page.get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/")
    expect(page.get_by_role("link", name="Anmelden")).to_be_visible()


def test_the_keyboard_opens_walks_and_closes_the_menu(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/tours")
    page.locator(".menu-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#menu")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Unternehmen als Liste"
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    assert page.locator(".menu-button").evaluate("button => button === document.activeElement")


def test_the_map_without_a_foot_has_the_same_links_in_its_menu(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    page.goto("/")
    open_menu(page)
    names = page.locator("#menu a").all_inner_texts()
    lists = ["Unternehmen als Liste", "Grundstücke als Liste", "Treffen", "Was hat sich geändert?"]
    assert names == ["Anmelden", *lists, "Hilfe", "Barrierefreiheit", "Datenschutz", "Impressum"]
    heights = [box["height"] for link in page.locator("#menu a").all() if (box := link.bounding_box())]
    assert min(heights) >= 44
    page.get_by_role("link", name="Impressum").click()
    page.wait_for_url("**/imprint")


def test_the_menu_needs_no_scripts(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/tours")
    open_menu(page)
    page.locator("#menu").get_by_role("link", name="Hilfe").click()
    page.wait_for_url("**/help")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_top_bar_has_room_for_who_signed_in(admin_page: NewPage, lang: str) -> None:
    page = admin_page()
    for width, address in product((320, 390, 768, 1280), ("/tours", "/")):
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(f"{address}?lang={lang}")
        box = page.locator(".menu-button").bounding_box()
        assert box
        assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        last = page.locator(".top-nav a").last.bounding_box()
        assert last
        assert last["x"] + last["width"] <= box["x"]


def test_from_an_account_over_its_link_to_a_token(admin_page: NewPage, new_page: NewPage) -> None:
    page = admin_page()
    page.goto("/accounts")
    page.get_by_label("Name").fill("Neu Beispiel")
    page.get_by_label("Rolle").select_option("analyst")
    page.get_by_label("Organisation").select_option("wag")
    page.get_by_role("button", name="Konto anlegen").click()
    link = page.locator(".secret-text").inner_text()
    other = new_page()
    other.goto(link)
    other.get_by_label("Neues Passwort", exact=True).fill(FRESH)
    other.get_by_label("Neues Passwort wiederholen").fill(FRESH)
    other.get_by_role("button", name="Passwort setzen").click()
    other.wait_for_url("**/login")
    expect(other.get_by_role("status")).to_contain_text("Das Passwort ist gesetzt.")
    sign_in(other, "Neu Beispiel", FRESH)
    other.wait_for_url("**/tours")
    open_menu(other)
    expect(other.locator(".menu-head")).to_contain_text("Wolfsburg AG · Analyse")
    assert other.locator("#menu").get_by_role("link", name="Konten").count() == 0
    other.get_by_role("link", name="API-Token").click()
    other.get_by_label("Wofür ist es?").fill("QGIS")
    other.get_by_role("button", name="Token erstellen").click()
    token = other.locator(".secret-text").inner_text()
    headers = {"Authorization": f"Bearer {token}"}
    assert other.request.get("/api/collections", headers=headers).status == 200
    other.get_by_role("button", name="„QGIS“ widerrufen").click()
    expect(other.get_by_role("status")).to_contain_text("Das Token ist widerrufen.")
    assert other.request.get("/api/collections", headers=headers).status == 401


def test_pages_fit_phones_and_can_be_read_in_both_themes(admin_page: NewPage) -> None:
    for theme in ("light", "dark"):
        page = admin_page(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=theme)
        for address in (*OWN, *INFO):
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
            poor = [(round(ratio, 2), words) for ratio, words in page.evaluate(CONTRASTS) if ratio < 4.5]
            assert poor == [], (theme, address)
            targets = page.locator(
                "main .btn, main .form-control, main .form-select, .foot-links a, .sub-nav a"
            )
            heights = [box["height"] for each in targets.all() if (box := each.bounding_box())]
            assert min(heights) >= 44, address
            assert page.locator("h1").count() == 1


def test_paper_shows_content_only(admin_page: NewPage) -> None:
    page = admin_page(viewport={"width": 680, "height": 960})
    page.emulate_media(media="print", color_scheme="dark")
    for address in (*OWN, *INFO):
        page.goto(address)
        gone = page.locator(".top-nav, .account, .sub-nav, .foot-links, .btn").filter(visible=True)
        expect(gone, address).to_have_count(0)
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)", address
        assert page.evaluate("document.documentElement.scrollWidth") <= 680, address

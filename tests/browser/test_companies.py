"""Staff at work in a real browser: a company moves, what follows is seen, saved, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
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

NAME, PASSWORD = "Erika Muster", "correct horse battery"
KAUFLAND, ITS_PLACE = "/companies/kaufland", "kaufland-brandgehaege-9"
MOVE = f"{KAUFLAND}/places/{ITS_PLACE}/move"
PAGES = (
    KAUFLAND,
    MOVE,
    f"{KAUFLAND}/attributes/change",
    "/arrival",
    "/changes/saved?whose=all",
    "/plots?park=heinenkamp-2",
    "/plots/HK1-001",
    "/marketing?plots=HK1-001,HK1-002",
    "/lists",
    "/walkways/new",
)
PHONE = {"width": 390, "height": 844}

NewPage = Callable[..., "Page"]


@pytest.fixture(scope="module")
def server(settings: Settings, cluster: Cluster) -> Iterator[str]:
    """A service with one account, of staff."""
    with serving_account(settings, cluster, (NAME, PASSWORD, AccessRole.STAFF, "wmg")) as address:
        yield address


@pytest.fixture(scope="module")
def staff_state(browser: Browser, server: str) -> StorageState:
    return signed_state(browser, server, NAME, PASSWORD)


@pytest.fixture
def new_page(browser: Browser, server: str, staff_state: StorageState) -> Iterator[NewPage]:
    watch = Watch(browser, server)
    yield partial(watch.new_page, storage_state=staff_state)
    watch.close()
    # What a browser says of a page that was refused as it should be.
    assert [one for one in watch.complaints if "status of 400" not in one] == []


def free_plot(page: Page) -> str:
    """Return a plot of the second park that nobody uses."""
    plots = page.request.get("/exports/plots.geojson?park=heinenkamp-2").json()["features"]
    return str(next(one["properties"]["key"] for one in plots if not one["properties"]["occupants"]))


def test_a_move_from_the_card_and_its_undo_by_keyboard(new_page: NewPage) -> None:
    page = new_page()
    plot = free_plot(page)
    page.goto("/?sel=company:kaufland")
    page.locator("#card").get_by_role("link", name="Bearbeiten").click()
    page.wait_for_url(f"**{KAUFLAND}")
    page.get_by_role("link", name="Umzug", exact=True).press("Enter")
    page.wait_for_url(f"**{MOVE}")
    for label, typed in [("Grundstück", plot), ("Erster Tag am neuen Standort", "01.03.2027")]:
        field = page.get_by_label(label)
        field.focus()
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
    expect(page.locator("main")).to_contain_text("Kaufland verliert")
    page.get_by_role("button", name="Zurück zum Formular").press("Enter")
    assert page.get_by_label("Grundstück").input_value() == plot
    page.get_by_role("button", name="Folgen ansehen").press("Enter")
    page.get_by_role("button", name="Speichern").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Gespeichert: Umzug im Park.")
    expect(page.locator("main")).to_contain_text("geplant ab 01.03.2027")
    page.locator(".changes").get_by_role("button", name="Rückgängig").first.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Rückgängig gemacht")
    page.goto(KAUFLAND)
    expect(page.locator("main")).not_to_contain_text("geplant ab")
    expect(page.locator(".changes .is-undone")).to_have_count(1)


LIST = "Firmenliste;;\nFirma;Branche;Grundstück\nNeue Werkstatt GmbH;Kfz;{plot}\nKauflnad;Markt;\n"


def test_a_list_is_uploaded_looked_at_saved_and_undone(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    # More than other requests may hold.
    content = LIST.format(plot=free_plot(page)).encode("cp1252") + b";;\n" * 400_000
    page.goto("/companies")
    page.get_by_role("link", name="Liste hochladen").press("Enter")
    page.get_by_label("Datei").set_input_files(
        {"name": "firmen.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Weiter zu den Spalten").press("Enter")
    expect(page.get_by_label("Grundstück")).to_have_value("plot")
    page.get_by_role("button", name="Zeilen ansehen").press("Enter")
    expect(page.locator(".list-counts")).to_contain_text("1 Vielleicht schon vorhanden")
    page.get_by_label("Was ist „Kauflnad“?").select_option(label="ist „Kaufland“, dessen Name bleibt")
    page.get_by_role("button", name="Folgen ansehen").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
    expect(page.locator("main")).to_contain_text("Neue Werkstatt GmbH")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Speichern").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Liste: Kaufland, Neue Werkstatt GmbH")
    page.get_by_role("button", name="Diese Änderung rückgängig machen").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Rückgängig gemacht")
    page.goto("/companies")
    expect(page.locator("main")).not_to_contain_text("Neue Werkstatt GmbH")


def test_the_card_of_a_tour_leads_to_its_page(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/?on=2024-04-24&sel=tour:rundgang-2024-04-24")
    page.locator("#card a[href='/tours/rundgang-2024-04-24']").click()
    page.wait_for_url("**/tours/rundgang-2024-04-24")


def test_a_company_leaves_without_scripts(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False, viewport=PHONE)
    page.goto(KAUFLAND)
    page.get_by_role("link", name="Weggang").click()
    page.get_by_label("Letzter Tag").fill("gestern")
    page.get_by_role("button", name="Folgen ansehen").click()
    expect(page.locator("#problem-last_day")).to_contain_text("„gestern“ ist kein Tag")
    page.get_by_label("Letzter Tag").fill("31.12.2027")
    page.get_by_role("button", name="Folgen ansehen").click()
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_have_text("Gespeichert: Weggang.")
    page.locator(".changes").get_by_role("button", name="Rückgängig").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Rückgängig gemacht")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_pages_can_be_read_and_fit_a_phone(new_page: NewPage, theme: str, lang: str) -> None:
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=theme)
    for address in PAGES:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
        contrasts = page.evaluate(CONTRASTS)
        assert [(round(ratio, 2), words) for ratio, words in contrasts if ratio < 4.5] == [], address
        targets = page.locator("main .btn, main .form-control:not(.day-box *), main .day-box, main select")
        heights = [box["height"] for one in targets.all() if (box := one.bounding_box())]
        assert min(heights) >= 44, address


def test_plots_in_a_box_are_reserved_seen_on_the_map_and_given_back(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto("/?tab=plots&park=heinenkamp-2")
    page.wait_for_selector('#map-page[aria-busy="false"]')
    page.get_by_role("button", name="Mehrere auswählen").click()
    frame = page.locator(".folium-map").bounding_box()
    assert frame is not None
    left, top = frame["x"] + frame["width"] * 0.45, frame["y"] + frame["height"] * 0.25
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 150, top + 150, steps=4)
    page.mouse.move(left + 330, top + 330, steps=4)
    page.mouse.up()
    told = page.locator(".plot-selection [role=status]")
    expect(told).to_contain_text("Grundstücke ausgewählt: ")
    n = page.locator(".plot.is-ticked").count()
    expect(told).to_contain_text(f"{n} Grundstücke ausgewählt: ")
    # By keyboard, too: one in the list is chosen besides, and no longer.
    one = page.locator("#list .record").first
    one.focus()
    before = told.inner_text()
    page.keyboard.press("Enter")
    expect(told).not_to_have_text(before)
    page.keyboard.press("Enter")
    expect(told).to_have_text(before)
    page.locator(".plot-selection").get_by_role("link", name="Vermarktungsstand setzen").click()
    page.wait_for_url("**/marketing?plots=*")
    page.get_by_label("Vermarktungsstand").select_option(label="reserviert")
    page.get_by_label("Seit wann").fill("01.02.2026")
    page.get_by_role("button", name="Folgen ansehen").click()
    expect(page.locator("main")).to_contain_text("Vermarktungsstand des Grundstücks")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status").first).to_contain_text("Gespeichert: Vermarktungsstand setzen.")
    page.goto("/?tab=plots&by=marketing")
    page.wait_for_selector('#map-page[aria-busy="false"]')
    expect(page.locator('.plot[fill="url(#pattern-reserved)"]')).to_have_count(n)
    page.locator('#filters [data-value="reserved"]').click()
    expect(page.locator("#list .record")).to_have_count(n)
    page.goto("/changes/saved")
    page.locator(".changes").get_by_role("button", name="Rückgängig").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Rückgängig gemacht")
    page.goto("/?tab=plots&by=marketing")
    page.wait_for_selector('#map-page[aria-busy="false"]')
    expect(page.locator('.plot[fill="url(#pattern-reserved)"]')).to_have_count(0)

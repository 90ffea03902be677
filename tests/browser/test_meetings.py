"""From a host to the sent list of invitations: three actions in a browser, as people do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.domain.kinds import AccessRole
from tests.browser.signing_in import serving_account, signed_state
from tests.browser.test_pages import CONTRASTS
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from app.config import Settings
    from app.db.cluster.embedded import Cluster

pytestmark = pytest.mark.browser

ERIKA, PASSWORD = "Erika Muster", "correct horse battery"


@pytest.fixture
def page(browser: Browser, settings: Settings, cluster: Cluster) -> Iterator[Page]:
    """A page of somebody of the staff."""
    account = (ERIKA, PASSWORD, AccessRole.STAFF, "wmg")
    with serving_account(settings, cluster, account) as address:
        state = signed_state(browser, address, ERIKA, PASSWORD)
        watch = Watch(browser, address)
        yield watch.new_page(storage_state=state, viewport={"width": 1100, "height": 900})
        watch.close()
        assert watch.complaints == []


def test_three_actions_lead_from_a_host_to_the_sent_list(page: Page) -> None:
    page.goto("/companies/hornbach?lang=de")
    page.get_by_role("link", name="Nachbarn einladen").click()
    expect(page.get_by_label("Gastgeber")).to_have_value("HORNBACH")
    page.get_by_label("Titel").fill("Treffen im Frühjahr")
    page.get_by_label("Tag", exact=True).fill("22.04.2027")
    page.get_by_label("Beginn").fill("14:00")
    page.get_by_role("button", name="Speichern und Gäste auswählen").click()
    expect(page.locator("input[name=tick]:checked")).not_to_have_count(0)
    assert [one for one in page.evaluate(CONTRASTS) if one[0] < 4.5] == []
    n_guests = page.locator("input[name=tick]").count()
    page.get_by_role("button", name="Angekreuzte einladen").click()
    expect(page.get_by_role("heading", name="Wie versendet")).to_be_visible()
    expect(page.locator("#sent ~ .table-responsive tbody tr")).to_have_count(n_guests)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

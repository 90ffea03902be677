"""Signing in by an OpenID Connect provider in a real browser: by the button, and anew beside a form."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.cli.server.webserver import serving
from app.config import OpenIdProvider, Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.domain.kinds import AccessRole
from app.services.people.identities import Identity, connect
from app.services.people.staff import add_staff
from tests.databases import copy_of, loaded
from tests.openid.provider import serving_openid
from tests.watching import new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Service = tuple[str, Engine, OpenIdProvider]


@pytest.fixture(scope="module")
def service(settings: Settings, cluster: Cluster) -> Iterator[Service]:
    """A service with one account, which is known by its subject at the provider."""
    with copy_of(cluster, loaded) as url, socket.create_server(("127.0.0.1", 0)) as listener:
        engine = make_engine(url)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with (
            serving_openid(f"{address}login/openid/return") as provider,
            pytest.MonkeyPatch.context() as given,
        ):
            with engine.begin() as held:
                person = add_staff(held, "Ada", "correct horse battery", AccessRole.STAFF, "wmg")
                connect(held, person, Identity(provider.issuer, "u-1", None))
            given.setenv("OIDC_ISSUER", provider.issuer)
            given.setenv("OIDC_CLIENT_ID", provider.client_id)
            given.setenv("OIDC_CLIENT_SECRET", provider.client_secret)
            given.setenv("OIDC_NAME", provider.name)
            with serving(settings, listener, url) as started:
                started.wait_for_answer()
                yield address, engine, provider
        engine.dispose()


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """A page of the service; the provider's own pages get nothing from elsewhere."""
    context = new_context(browser, base_url=service[0])
    own = (service[0], service[2].issuer)
    context.route(lambda url: not url.startswith(own), lambda route: route.abort())
    yield context.new_page()
    context.close()


def sign_in_there(page: Page, subject: str) -> None:
    """Fill in the provider's pages, as far as it asks."""
    page.fill("[name=login]", subject)
    page.fill("[name=password]", "any")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()


def test_the_button_leads_there_and_back_to_what_was_wanted(page: Page, service: Service) -> None:
    page.goto("/walkways?lang=de")
    page.get_by_role("link", name="Mit Park-Konto anmelden").click()
    sign_in_there(page, "u-2")
    expect(page.get_by_role("alert")).to_contain_text("sie braucht dafür Ihre Kennung dort: u-2")
    assert "code=" not in page.url
    page.context.clear_cookies()
    page.goto("/walkways?lang=de")
    page.get_by_role("link", name="Mit Park-Konto anmelden").click()
    sign_in_there(page, "u-1")
    page.wait_for_url("**/walkways?lang=de")
    expect(page.locator(".menu-button")).to_contain_text("Ada")


def test_a_session_that_has_ended_begins_anew_in_another_tab(page: Page, service: Service) -> None:
    page.goto("/login?lang=de")
    page.get_by_role("link", name="Mit Park-Konto anmelden").click()
    sign_in_there(page, "u-1")
    page.wait_for_url("**/tours")
    page.goto("/companies/kaufland/departure?lang=de")
    page.get_by_label("Letzter Tag").fill("31.12.2028")
    with service[1].begin() as held:
        held.execute(text("DELETE FROM staff_session"))
    page.get_by_role("button", name="Folgen ansehen").click()
    with page.context.expect_page() as opened:
        page.get_by_role("dialog").get_by_role("link", name="Mit Park-Konto anmelden").click()
    # Who is still signed in there is asked nothing.
    opened.value.wait_for_url("**/tours")
    opened.value.close()
    page.evaluate("dispatchEvent(new Event('focus'))")  # a headless browser has all tabs in focus
    expect(page.get_by_role("heading", level=1)).to_have_text("Was daraus folgt")
    expect(page.locator("main")).to_contain_text("31.12.2028")

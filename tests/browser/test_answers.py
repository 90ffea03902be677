"""An invitation in a real browser: opened with all its scripts it changes nothing; a person answers it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.services.meetings.invitation_links import invitation_token
from tests.databases import copy_of, migrated
from tests.db.meetings.mail_scene import SECRET, store_meeting
from tests.waiting import wait_until_at_rest
from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[Engine]:
    with copy_of(cluster, migrated) as url:
        made = make_engine(url)
        with made.begin() as connection:
            store_meeting(connection, ["alpha"])
        yield made
        made.dispose()


@pytest.fixture(scope="module")
def address(engine: Engine, settings: Settings) -> Iterator[str]:
    """Where a service of its own answers."""
    url = engine.url.render_as_string(hide_password=False)
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        patch.setenv("SECRET_KEY", SECRET)
        with serving(settings, listener, url) as server:
            yield server.address


def stored(engine: Engine) -> list[tuple[str, int | None]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT answer, heads FROM participation"))]  # type: ignore[misc]


def test_a_browser_that_opens_the_link_answers_nothing_and_a_person_does(
    browser: Browser, engine: Engine, address: str
) -> None:
    with engine.connect() as connection:
        number = connection.execute(text("SELECT invitation_id FROM invitation")).scalar_one()
    link = f"{address}answer/{invitation_token(number, SECRET)}"
    watch = Watch(browser, address)
    page = watch.new_page(viewport={"width": 390, "height": 844}, locale="de-DE")
    for opened in (link, f"{link}/unsubscribe"):
        page.goto(opened)
        wait_until_at_rest(page)
    # As a program does that presses every button: nothing is chosen, so nothing is sent.
    page.goto(link)
    for button in page.get_by_role("main").get_by_role("button").all():
        button.click()
    assert stored(engine) == []
    page.goto(link)
    page.get_by_label("Ja, wir kommen").check()
    page.get_by_label("Anzahl der Personen").fill("2")
    page.get_by_role("button", name="Antwort speichern").click()
    page.get_by_role("status").filter(has_text="Danke").wait_for()
    assert stored(engine) == [("accepted", 2)]
    watch.close()
    # The one is about the form in which nothing was written.
    assert [complaint for complaint in watch.complaints if "400 (BAD REQUEST)" not in complaint] == []

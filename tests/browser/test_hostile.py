"""Whatever text is stored, page and file show it as text: nothing of it runs, loads or shapes the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.domain.localizer import localizer_for
from app.request import today
from app.services.features.map_contents import map_file
from tests.browser.map_steps import opened
from tests.databases import copy_of, loaded
from tests.waiting import wait_until_at_rest
from tests.watching import Watch, new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=\"window.ran='img'\"></script><script>window.ran='script'</script>"
    "${window.ran='dollar'}`+(window.ran='tick')+`\\u0027;window.ran='quote';//'\""
)
# Columns whose values are a closed list, a key, or checked by form; none of them is free text.
FORMAL = {"key", "kind", "use_status", "quality", "location_quality", "starts_precision", "precision"}
FORMAL |= {
    "wz_code",
    "wz_edition",
    "wz_basis",
    "access",
    "relation",
    "role",
    "time_basis",
    "engine",
    "kerb",
    "opening_hours",
    "status",
    "business_case",
    "intent",
    "plot_key",
    "state",
    "uid",
    "series_key",
    "attendance_known",
    "presence",
    "presence_basis",
    "answer",
    "answer_via",
    "invited_via",
    "part",
    "basis",
}
UNTOUCHED = {"alembic_version", "spatial_ref_sys", "audit_entry", "data_version"}
# What no page shows to anybody: secrets, and who may sign in.
UNTOUCHED |= {"participation_event"}  # only added to
UNTOUCHED |= {"organization", "staff", "api_token", "password_link", "sign_in_failure", "tour_share"}


def free_text_columns(connection: Connection) -> list[tuple[str, str, bool]]:
    """Return table, column and whether it is a list, of every column that takes free text."""
    rows = connection.execute(
        text(
            "SELECT c.table_name, c.column_name, c.data_type = 'ARRAY' FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'"
            " AND (c.data_type IN ('text', 'character varying') OR c.udt_name IN ('_text', '_varchar'))"
        )
    )
    return [
        (table, column, is_list)
        for table, column, is_list in rows
        if table not in UNTOUCHED and column not in FORMAL
    ]


def planted(connection: Connection) -> None:
    """Fill a template: the shipped data with the hostile text in every free text."""
    loaded(connection)
    for table, column, is_list in free_text_columns(connection):
        # Unique columns stay unique, and every value tells which column it came from.
        value = f"'{table}.{column} ' || ctid::text || ' ' || :hostile"
        value = f"ARRAY[{value}]" if is_list else value
        connection.execute(text(f"UPDATE {table} SET {column} = {value}"), {"hostile": HOSTILE})


@pytest.fixture(scope="module")
def planted_url(cluster: Cluster) -> Iterator[str]:
    with copy_of(cluster, planted) as url:
        yield url


@pytest.fixture(scope="module")
def hostile_server(settings: Settings, planted_url: str) -> Iterator[str]:
    """The service on the planted data."""
    own = replace(settings, database_url=planted_url)
    with create_server(("127.0.0.1", 0)) as listener, serving(own, listener, planted_url) as server:
        server.wait_for_answer()
        yield server.address


@pytest.fixture
def hostile_page(browser: Browser, hostile_server: str) -> Iterator[Callable[..., Page]]:
    watch = Watch(browser, hostile_server)
    yield watch.new_page
    watch.close()
    assert watch.complaints == []


def test_every_text_column_was_planted(planted_url: str) -> None:
    engine = make_engine(planted_url)
    with engine.connect() as connection:
        found = {(table, column) for table, column, _ in free_text_columns(connection)}
        for table, column in (("company_version", "name"), ("tour_stop", "name"), ("facility", "amenities")):
            assert (table, column) in found
        names = connection.execute(text("SELECT name FROM company_version")).scalars().all()
    engine.dispose()
    assert all(HOSTILE in name for name in names)


def look_at_everything(page: Page) -> set[str]:
    """Open each kind of list, card and tip; return the columns whose planted text was seen."""
    seen = ""
    for tab in ("companies", "plots", "facilities", "tours"):
        page.click(f"#tab-{tab}")
        seen += page.inner_text("#list")
        ids = page.locator(".record").evaluate_all("(all) => all.map((one) => one.dataset.id)")
        known = [one for one in ids if one in {"company:kaufland", "plot:HK1-001", "facility:truck-parking"}]
        for one in known or ids[:1]:
            page.locator(f'.record[data-id="{one}"]').click()
            page.wait_for_selector("#card:visible")
            if one.split(":")[0] in {"company", "plot"}:
                page.wait_for_selector(".neighbor-reason")
            wait_until_at_rest(page)
            seen += page.inner_text("#card")
            page.click(".card-close")
    page.click("#tab-companies")
    page.locator(".record").first.hover()
    page.evaluate(
        "() => document.querySelector('.sign-place').parentElement.dispatchEvent(new Event('mouseover'))"
    )
    seen += " ".join(page.locator("text.label").all_text_contents())
    assert HOSTILE in seen
    return {word for word in seen.split() if "." in word and word.split(".")[0].isidentifier()}


def check_nothing_ran(page: Page) -> None:
    assert page.evaluate("typeof window.ran") == "undefined"
    assert page.locator("img[src=x]").count() == 0
    scripts = page.locator("script").evaluate_all("(all) => all.map((one) => one.textContent)")
    assert [script for script in scripts if script.startswith("window.ran")] == []


SHOWN = {
    "company_version.name",
    "company_version.sector",
    "occupancy.street",
    "occupancy.note",
    "facility.name",
    "tour.title",
}
SHOWN |= {"plot_version.label", "facility.amenities", "facility.fee", "tour_stop.name", "source.title"}


def test_the_page_shows_hostile_text_as_text(hostile_page: Callable[..., Page]) -> None:
    page = hostile_page(viewport={"width": 1280, "height": 800})
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    opened(page)
    assert look_at_everything(page) >= SHOWN
    check_nothing_ran(page)


def test_hostile_addresses_are_taken_as_text(hostile_page: Callable[..., Page]) -> None:
    page = hostile_page()
    opened(
        page, "/?sel=company:%3Cimg%20src=x%20onerror=window.ran=1%3E&q=%24%7Bwindow.ran=1%7D%60&only=%3Cb%3E"
    )
    assert "<img src=x" in page.inner_text("#card")
    check_nothing_ran(page)


def test_the_file_shows_hostile_text_as_text(browser: Browser, planted_url: str, tmp_path: Path) -> None:
    out = tmp_path / "map.html"
    engine = make_engine(planted_url)
    with engine.connect() as connection:
        out.write_text(map_file(connection, today(), None, localizer_for("de")), encoding="utf-8")
    engine.dispose()
    with ExitStack() as stack:
        context = new_context(browser, offline=True, viewport={"width": 1280, "height": 800})
        stack.callback(context.close)
        complaints: list[str] = []
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda note: complaints.append(note.text) if note.type == "error" else None)
        page = opened(context.new_page(), out.as_uri())
        assert look_at_everything(page) >= SHOWN
        check_nothing_ran(page)
    assert complaints == []

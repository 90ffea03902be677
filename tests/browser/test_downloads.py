"""„Herunterladen“ on the map: exactly what is listed, in the form chosen."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


def downloaded(page: Page, menu: Locator, form: str) -> tuple[str, Path]:
    """Choose a form in a menu; return the file's name, and where it is."""
    menu.get_by_role("button").click()
    with page.expect_download() as download:
        menu.get_by_role("link").filter(has=page.get_by_text(form, exact=True)).click()
    return download.value.suggested_filename, download.value.path()


def listed(page: Page) -> set[str]:
    return set(page.locator("#list > .records .record-name").all_inner_texts())


def test_the_list_is_downloaded_as_it_is_narrowed(page: Page) -> None:
    page.goto("/?on=2024-04-24&tab=plots&park=heinenkamp-1&only=facility,unknown")
    page.wait_for_selector("#list .record")
    name, path = downloaded(page, page.locator("#filters .downloads"), "CSV")
    assert name == "plots-heinenkamp-1-2024-04-24-selection.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["label"] or row["key"] for row in rows} == listed(page)
    assert {row["use_status"] for row in rows} <= {"facility", "unknown"}


def test_what_was_searched_for_is_downloaded(page: Page) -> None:
    page.goto("/?on=2024-04-24&tab=companies&q=stu")
    page.wait_for_selector("#list .record")
    _, path = downloaded(page, page.locator("#filters .downloads"), "GeoJSON")
    features = json.loads(path.read_text("utf-8"))["features"]
    assert {feature["properties"]["name"] for feature in features} == listed(page)
    assert features
    page.locator("#q").fill("nirgends zu finden")
    page.wait_for_selector("#list .empty")
    assert page.locator("#filters .downloads").count() == 0


def test_a_card_downloads_its_own_row(page: Page) -> None:
    page.goto("/?on=2024-04-24&sel=plot:HK1-003")
    page.wait_for_selector("#card .downloads")
    _, path = downloaded(page, page.locator("#card .downloads"), "Excel")
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    assert [row[0] for row in book["plots"].values] == ["id", "HK1-003"]


def test_on_a_phone_the_menu_fits(page_factory: Callable[..., Page]) -> None:
    """Everything in it can be tapped, and nothing makes the page wider."""
    page = page_factory(viewport=PHONE, has_touch=True, is_mobile=True)
    for address, menu in (
        ("/daten", ".is-file .downloads"),
        ("/tours", ".downloads"),
        ("/", "#filters .downloads"),
    ):
        page.goto(address)
        button = page.locator(f"{menu} > .btn").first
        button.scroll_into_view_if_needed()
        button.tap()
        links = page.locator(f"{menu} .dropdown-menu.show a")
        links.first.wait_for()
        boxes = [box for link in links.all() if (box := link.bounding_box())]
        assert len(boxes) >= 8
        assert min(box["height"] for box in boxes) >= 44
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] for box in boxes)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_download_that_is_refused_is_told_on_a_page(browser: Browser, live_server: str) -> None:
    """A link of the kind that only ever saves would do nothing that can be seen."""
    watch = Watch(browser, live_server)
    page = watch.new_page()
    for address, links in (
        ("/tours", "a.download"),
        ("/?on=2024-04-24&sel=plot:HK1-003", "#card .downloads a"),
    ):
        page.goto(address)
        page.locator(links).first.wait_for(state="attached")
        page.locator(links).first.evaluate("link => { link.search += '&bbox=1'; link.click(); }")
        page.wait_for_url("**/exports/*")
        assert "ist kein gültiges Rechteck" in page.get_by_role("alert").inner_text()
        page.go_back()
    watch.close()
    assert [one for one in watch.complaints if "400" not in one] == []

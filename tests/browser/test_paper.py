"""Pages as they come out of the printer on A4: what they are, headings with what they head, full sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from tests.browser.map_steps import opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def printed(page: Page) -> list[list[tuple[float, str]]]:
    """Return the lines of each sheet with their heights above its lower edge, as shares of the sheet."""
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    try:
        return [lines_of(sheet) for sheet in document]
    finally:
        document.close()


def lines_of(sheet: pypdfium2.PdfPage) -> list[tuple[float, str]]:
    text = sheet.get_textpage()
    height = sheet.get_height()
    found, start = [], 0
    for line in text.get_text_range().split("\r\n"):
        if line.strip():
            found.append((text.get_charbox(start)[1] / height, line.strip()))
        start += len(line) + 2
    return found


def words(sheet: list[tuple[float, str]]) -> list[str]:
    return [line for _, line in sheet]


def is_half_empty(sheet: list[tuple[float, str]], foot: str = "Grundstücke schematisch") -> bool:
    return min(at for at, line in sheet if foot not in line) > 0.5


def test_the_map_has_title_and_legend_on_paper(page: Page) -> None:
    """On one sheet with the list of all companies; afterwards the page is as it was."""
    opened(page, "/?on=2024-04-24&park=heinenkamp-2&q=a")
    (sheet,) = printed(page)
    told = " ".join(words(sheet))
    for part in ("Karte der Gewerbegebiete", "Stand 24.04.2024 · Heinenkamp II · gesucht: „a“"):
        assert part in told
    for part in ("Nutzung unbekannt", "Handel", "Lkw-Stellplatz", "gemeinsame Grenze", "Lage ungefähr"):
        assert part in told
    assert page.locator("#legend").get_attribute("open") is None
    assert page.locator(".map-area > #legend").count() == 1
    opened(page, "/")
    (sheet,) = printed(page)
    assert "XXXLutz Buhl" in words(sheet)


def test_no_heading_of_a_card_stands_alone_on_paper(page: Page) -> None:
    opened(page, "/?sel=company:kaufland")
    page.wait_for_selector(".neighbor")
    (sheet,) = printed(page)
    told = words(sheet)
    assert told[0] == "Kaufland"
    first = {
        start: next(n for n, line in enumerate(told) if line.startswith(start))
        for start in ("Nachbarn", "gegenüber", "Boels Rental")
    }
    assert sorted(first, key=lambda start: first[start]) == list(first)
    assert any("Rundgang Heinenkamp I" in line for line in told)


@pytest.mark.parametrize("address", ["/tours", "/tours/rundgang-2024-04-24", "/companies", "/daten"])
def test_short_pages_are_full_sheets(page: Page, address: str) -> None:
    """A page that needs a second sheet fills half of it at least; its last heading has lines below it."""
    page.goto(address)
    sheets = printed(page)
    # How long the data's page is depends on how many sources there are.
    assert address == "/daten" or not any(is_half_empty(sheet) for sheet in sheets[1:])
    if address == "/tours/rundgang-2024-04-24":
        assert len(sheets) == 1
        assert any(line.startswith("Weg") for line in words(sheets[0]))
    for sheet in sheets:
        headings = {line.inner_text().split("\n")[0] for line in page.locator("h1, h2").all()}
        assert words(sheet)[-1] not in headings


def test_columns_and_codes_are_a_handy_reference(page: Page) -> None:
    """Six sheets at most, all but the last of them full."""
    for language in ("de", "en"):
        page.goto(f"/daten/spalten?lang={language}")
        sheets = printed(page)
        assert len(sheets) <= 6
        assert not any(min(at for at, _ in sheet) > 0.15 for sheet in sheets[:-1])


def test_a_long_walk_prints_each_stop_with_the_way_on(page_factory: Callable[..., Page]) -> None:
    """No sheet ends between a stop and its walk."""
    page = page_factory()
    page.goto("/tours/rundgang-heinenkamp-1-brandgehaege")
    sheets = printed(page)
    assert all("Uhr" not in words(sheet)[-1] or "·" in words(sheet)[-1] for sheet in sheets[:-1])
    assert not any(is_half_empty(sheet) for sheet in sheets[1:])

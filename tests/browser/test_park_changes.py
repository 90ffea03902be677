"""“What has changed?” as the opening slide of a meeting: one sheet of A4 with map, numbers and sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

A4_POINTS = (595, 842)


def test_the_changes_fill_a_sheet(page: Page) -> None:
    page.goto("/changes?from=2016-01-01&to=2026-06-01&lang=de")
    listed = page.locator(".changed-list li")
    numbers = listed.evaluate_all("items => items.map((item) => item.value)")
    assert numbers == list(range(1, len(numbers) + 1))
    marks = "·".join(page.locator(".sketch-number").all_text_contents()).split("·")
    assert sorted(map(int, marks)) == numbers
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    try:
        assert len(document) == 1
        [sheet] = document
        assert tuple(map(round, sheet.get_size())) == A4_POINTS
        words = re.sub(r"\s+", " ", sheet.get_textpage().get_text_range())
    finally:
        document.close()
    for sentence in ("Was hat sich geändert?", "01.06.2026 · alle Gewerbegebiete", "Kaufland folgt auf real"):
        assert sentence in words
    # Forms and links to files are for the screen.
    assert "Anwenden" not in words
    assert "Atom" not in words

"""Letters and labels: nothing runs over its room, whatever the names; each letter has its own code."""

from __future__ import annotations

import pypdfium2
import pytest

from app.exchange.meetings.letters import Letter, labels_pdf, letters_pdf

LONG = "Gesellschaft für außergewöhnlich lange Firmennamen und Dienstleistungen mbH & Co"
ADDRESSES = [
    [LONG, "Dr. Anna-Lena Mustermann-Beispielhausen", "Abteilung Standort", "Brandgehaege 12", "38442 Ort"],
    ["W" * 80, "M" * 80, "X" * 80, "Y" * 80, "Straße der sehr langen Namen 100a", "38442 Ort Z"],
    ["OBI", "Heinenkamp 3 Z"],
]
MM_PER_PT = 25.4 / 72


def boxes(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float, str]]:
    """Return the texts of a page with their edges in mm: left, upper, right, lower."""
    text, high = page.get_textpage(), page.get_height()
    found = []
    for n in range(text.count_rects()):
        left, low, right, up = text.get_rect(n)
        edges = (left, high - up, right, high - low)
        found.append((*(edge * MM_PER_PT for edge in edges), text.get_text_bounded(left, low, right, up)))
    return found


@pytest.fixture(scope="module")
def letters() -> pypdfium2.PdfDocument:
    facts = [("Ort", LONG), ("Gastgeber", "Z" * 80)]
    made = [
        Letter(address, "Guten Tag,", ["wir laden Sie ein."], facts, f"https://example.org/answer/{n}")
        for n, address in enumerate(ADDRESSES)
    ]
    return pypdfium2.PdfDocument(letters_pdf("Stelle für Wirtschaft", "01.12.2026", "Einladung", made))


def test_each_letter_is_one_page_with_its_own_link(letters: pypdfium2.PdfDocument) -> None:
    assert len(letters) == len(ADDRESSES)
    for n in range(len(letters)):
        assert f"answer/{n}" in letters[n].get_textpage().get_text_range()


def test_addresses_stay_in_the_window(letters: pypdfium2.PdfDocument) -> None:
    for n, address in enumerate(ADDRESSES):
        inside = [
            box
            for box in boxes(letters[n])
            if box[1] >= 62 and box[3] <= 90.5 and box[0] >= 24.5 and box[2] <= 105.5
        ]
        shown = "".join(box[4] for box in inside)
        assert "".join("".join(address).split()) == "".join(shown.split())


def test_labels_hold_all_of_an_address() -> None:
    document = pypdfium2.PdfDocument(labels_pdf(ADDRESSES * 9))
    assert len(document) == 2
    for n, address in enumerate(ADDRESSES):
        left, up = 70 * n, 0.5
        inside = [box for box in boxes(document[0]) if left <= box[0] < left + 70 and up <= box[1] < up + 37]
        assert all(box[2] <= left + 70 - 3 and box[3] <= up + 37 - 1 for box in inside)
        assert "".join("".join(address).split()) == "".join("".join(box[4] for box in inside).split())

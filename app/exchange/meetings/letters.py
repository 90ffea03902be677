"""Serial letters (DIN 5008, form B) and address labels as PDF; each letter with the QR code of its link."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.exchange.tours.paper_parts import address_code, paper_template
from app.exchange.tours.printing import printed

_FOLDER = Path(__file__).parent / "templates"
# The room of an address in millimeters: in the window of a letter, on a label.
WINDOW, LABEL = (80.0, 27.3), (59.0, 28.0)
_SIZES_PT = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0)
_MM_PER_PT = 25.4 / 72
_LINE_HEIGHT = 1.2
# Widths of letters in parts of their size, rather too wide than too narrow.
_WIDE, _NARROW = 0.8, 0.58


@dataclass(frozen=True)
class Letter:
    """A letter: its address line by line, its text by paragraphs, and the link of its answer.

    Attributes
    ----------
    address : sequence of str
        At most six lines, as DIN 5008 has room for.
    greeting : str
    paragraphs : sequence of str
    facts : sequence of tuple of str
        What, when, where: name and text.
    link : str or None
    """

    address: Sequence[str]
    greeting: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]
    link: str | None = None


def letters_pdf(sender: str, place_and_day: str, subject: str, letters: Sequence[Letter]) -> bytes:
    """Return serial letters as one PDF, each beginning on a page of its own."""
    html = paper_template(_FOLDER, "letters.html").render(
        sender=sender,
        place_and_day=place_and_day,
        subject=subject,
        letters=letters,
        qr=address_code,
        size=_window_pt,
    )
    return printed(html).pdf


def labels_pdf(addresses: Sequence[Sequence[str]]) -> bytes:
    """Return address labels as a PDF: 24 of 70 x 37 mm on a page (as Zweckform 3474)."""
    html = paper_template(_FOLDER, "labels.html").render(addresses=addresses, size=_label_pt)
    return printed(html).pdf


def font_pt(lines: Sequence[str], room_mm: tuple[float, float]) -> float:
    """Return the largest size at which an address stays within its room, long lines broken.

    At the smallest one six lines of 80 capitals do.
    """
    return next((size for size in _SIZES_PT if fits(lines, room_mm, size)), _SIZES_PT[-1])


def fits(lines: Sequence[str], room_mm: tuple[float, float], size_pt: float) -> bool:
    """Return whether lines stay within their room at a size, long ones broken."""
    wide_mm, high_mm = room_mm
    em_mm = size_pt * _MM_PER_PT
    n_lines = sum(n_rows(line, wide_mm / em_mm) for line in lines)
    return n_lines * _LINE_HEIGHT * em_mm <= high_mm


def n_rows(line: str, room_em: float) -> int:
    """Return on how many rows a line is set when it is broken between words, and long words within."""
    rows, left = 1, room_em
    for word in line.split():
        width = sum(_NARROW if sign.islower() or not sign.isalpha() else _WIDE for sign in f"{word} ")
        if width > left:
            rows, left = rows + 1, room_em
        if width > room_em:
            rows += math.ceil(width / room_em) - 1
            width = width % room_em
        left -= width
    return rows


def _window_pt(lines: Sequence[str]) -> float:
    return font_pt(lines, WINDOW)


def _label_pt(lines: Sequence[str]) -> float:
    return font_pt(lines, LABEL)

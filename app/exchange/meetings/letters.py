"""Serial letters (DIN 5008, form B) and address labels as PDF; each letter with the QR code of its own link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.exchange.tours.printing import printed

_FOLDER = Path(__file__).parent / "templates"
# Of a label: what is longer is set smaller, and at the end broken within words; it never runs over.
_LINE, _SMALL_LINE = 34, 46
_MOST_LINES = 6


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
    html = _template("letters.html").render(
        sender=sender, place_and_day=place_and_day, subject=subject, letters=letters, qr=_qr, size=line_size
    )
    return printed(html).pdf


def labels_pdf(addresses: Sequence[Sequence[str]]) -> bytes:
    """Return address labels as a PDF: 24 of 70 x 37 mm on a page (as Zweckform 3474)."""
    html = _template("labels.html").render(addresses=addresses, size=line_size)
    return printed(html).pdf


def line_size(lines: Sequence[str]) -> str:
    """Return how large an address is set, so that it stays within its field: normal, small or smallest."""
    longest = max(map(len, lines), default=0)
    n_lines = len(lines)
    if longest <= _LINE and n_lines < _MOST_LINES:
        return "normal"
    return "small" if longest <= _SMALL_LINE and n_lines <= _MOST_LINES else "smallest"


def _qr(link: str) -> Markup:
    code = segno.make(link, error="m", micro=False)
    # Its own drawing, of which nothing is typed by persons.
    return Markup(code.svg_inline(border=0, omitsize=True, svgclass="qr"))  # noqa: S704


def _template(name: str):  # type: ignore[no-untyped-def]
    return _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)

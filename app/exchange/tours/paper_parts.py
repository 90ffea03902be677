"""What all papers are made with: templates of a folder, and codes of addresses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup


def paper_template(folder: Path, name: str) -> Template:
    """Return a template of a paper; a value that is missing is an error, and every text is escaped."""
    return _environment(folder).get_template(name)


def address_code(address: str, title: str | None = None) -> Markup:
    """Return the QR code of an address as an SVG element, with a title for who does not see it."""
    code = segno.make(address, error="m", micro=False)
    # Its own drawing; the address is encoded in it and written nowhere.
    return Markup(code.svg_inline(border=0, omitsize=True, svgclass="qr", lineclass=None, title=title))  # noqa: S704


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

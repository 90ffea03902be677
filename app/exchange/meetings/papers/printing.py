"""What all papers share: templates, the words and days of their language, and codes of addresses."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from markupsafe import Markup

from app.domain.localizer import Localizer, localizer_for
from app.errors import N_
from app.exchange.tours.paper_parts import address_code, paper_template
from app.exchange.tours.printing import printed

MEDIA_TYPE = "application/pdf"
_FOLDER = Path(__file__).parent / "templates"
# The drawing of a park has the style of a walk's drawing, and its numbers.
_WALK_MAP = Path(__file__).parents[2] / "tours" / "templates" / "walk_map.css"


def paper_pdf(template: str, language: str, **values: object) -> bytes:
    """Return a template with values as a PDF, its words in `language`.

    Raises
    ------
    SetupError
        When it cannot be printed on this machine.
    """
    localizer = localizer_for(language)
    html = paper_template(_FOLDER, template).render(
        language=language, _=localizer.translate, day=localizer.day, metres=localizer.metres,
        weekday=lambda on: format_date(on, "EEEE", language), **values,
    )  # fmt: skip
    return printed(html).pdf


@lru_cache(maxsize=1)
def map_style() -> str:
    """Return the style sheet of a drawing on paper."""
    return _WALK_MAP.read_text("utf-8") + (_FOLDER / "park_map.css").read_text("utf-8")


def qr_code(address: str, localizer: Localizer) -> Markup:
    """Return the code of an address as an SVG element."""
    return address_code(address, localizer.translate(N_("QR code of the meeting's page")))

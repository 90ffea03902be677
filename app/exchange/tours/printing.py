"""HTML to PDF, in a process of its own: ``python -m app.exchange.tours.printing`` reads and writes its pipes.

Printing takes up to 300 MB and a second; the process gives both back, and a document that takes
much longer ends with it instead of holding up a worker.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from app.config import PROJECT_DIR
from app.domain.failure_reasons import quoted
from app.errors import N_, SetupError
from app.machine.printing import missing_libraries

SECONDS = 45
_LARGEST_BYTES = 2 * 1024**3
# Tagged for screen readers, with language, title and reading order (PDF/UA-1).
_VARIANT = "pdf/ua-1"
# Before what the process reports of the sheet on its standard error, where libraries may write, too.
_MEASURES = "measures of the sheet: "
_MM_PER_PX = 25.4 / 96


@dataclass(frozen=True)
class Sheet:
    """A printed document.

    Attributes
    ----------
    pdf : bytes
    rows_mm : tuple of float
        Height of each group of rows (``tbody``) of its tables, which no page's end cuts.
    room_mm : float
        What the first page has for these rows and the figure above them together.
    lacking : str
        Characters that no font of this machine has, in order; boxes stand in their places.
    """

    pdf: bytes
    rows_mm: tuple[float, ...]
    room_mm: float
    lacking: str


def printed(html: str, seconds: float = SECONDS) -> Sheet:
    """Return an HTML document as a PDF with what came out; whatever it refers to is not fetched.

    Raises
    ------
    SetupError
        When a system library is missing, or printing fails or takes longer than `seconds`.
    """
    command = [sys.executable, "-m", "app.exchange.tours.printing"]
    try:
        done = subprocess.run(
            command, input=html.encode(), cwd=PROJECT_DIR, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise SetupError(
            N_("The sheet could not be printed within %(seconds)s seconds."), seconds=round(seconds)
        ) from None
    output = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise _refusal(output)
    (measures,) = (line.removeprefix(_MEASURES) for line in output.splitlines() if line.startswith(_MEASURES))
    rows_mm, room_mm, lacking = json.loads(measures)
    return Sheet(done.stdout, tuple(rows_mm), room_mm, lacking)


def _refusal(output: str) -> SetupError:
    if missing := missing_libraries():
        return SetupError(
            N_("A PDF cannot be made here: install the packages %(packages)s."), packages=" ".join(missing)
        )
    reason = (output.strip().splitlines() or ["?"])[-1]
    return SetupError(N_("The sheet could not be printed: %(reason)s."), reason=quoted("WeasyPrint", reason))


def main() -> None:
    """Print standard input on standard output, within limits of time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_LARGEST_BYTES, _LARGEST_BYTES))
    pdf, measures = _pdf(sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(pdf)
    sys.stderr.write(f"\n{_MEASURES}{json.dumps(measures)}\n")


def _pdf(html: str) -> tuple[bytes, tuple[list[float], float, str]]:
    # Slow, and needs system libraries: only the process that prints imports it.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.logger import LOGGER  # noqa: PLC0415
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415

    class RefusingFetcher(URLFetcher):  # type: ignore[misc]
        """Refuses every address: a sheet holds all it shows."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FatalURLFetchingError(f"refused: {url[:80]}")

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    lacking = _Lacking()
    LOGGER.addHandler(lacking)
    document = HTML(string=html, url_fetcher=RefusingFetcher()).render(pdf_variant=_VARIANT)
    pdf: bytes = document.write_pdf(pdf_variant=_VARIANT)
    return pdf, (*_heights([page._page_box for page in document.pages]), "".join(lacking.characters))


class _Lacking(logging.Handler):
    """Gathers the characters that no font has, as the printer reports."""

    def __init__(self) -> None:
        super().__init__()
        self.characters: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the character of a warning about one."""
        if ".notdef" in str(record.msg) and isinstance(record.args, tuple):
            self.characters[str(record.args[0])] = None


def _heights(pages: list[Any]) -> tuple[list[float], float]:
    """Return the heights of all groups of rows, and the room of the first page for them and the figure."""
    rows = [[box for box in page.descendants() if box.element_tag == "tbody"] for page in pages]
    first = pages[0]
    heights_mm = [box.height * _MM_PER_PX for boxes in rows for box in boxes]
    if not rows[0]:
        return heights_mm, 0.0
    figures = [box.height for box in first.descendants() if box.element_tag == "figure"]
    used = rows[0][-1].position_y + rows[0][-1].height - first.content_box_y()
    fixed = used - sum(box.height for box in rows[0]) - sum(figures)
    return heights_mm, (first.height - fixed) * _MM_PER_PX


if __name__ == "__main__":
    main()

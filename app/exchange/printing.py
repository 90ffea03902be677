"""HTML to PDF, in a process of its own: ``python -m app.exchange.printing`` reads and writes its pipes.

Printing takes up to 300 MB and a second; the process gives both back, and a document that takes
much longer ends with it instead of holding up a worker.
"""

from __future__ import annotations

import logging
import resource
import subprocess
import sys
from typing import Any

from app.config import PROJECT_DIR
from app.errors import N_, SetupError
from app.machine.printing import missing_libraries

SECONDS = 45
_LARGEST_BYTES = 2 * 1024**3
# Tagged for screen readers, with language, title and reading order (PDF/UA-1).
_VARIANT = "pdf/ua-1"


def printed(html: str, seconds: float = SECONDS) -> bytes:
    """Return an HTML document as a PDF; whatever it refers to is not fetched.

    Raises
    ------
    SetupError
        When a system library is missing, or printing fails or takes longer than `seconds`.
    """
    command = [sys.executable, "-m", "app.exchange.printing"]
    try:
        done = subprocess.run(
            command, input=html.encode(), cwd=PROJECT_DIR, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise SetupError(
            N_("The sheet could not be printed within %(seconds)s seconds."), seconds=round(seconds)
        ) from None
    if done.returncode == 0 and done.stdout.startswith(b"%PDF-"):
        return done.stdout
    raise _refusal(done.stderr.decode("utf-8", "replace"))


def _refusal(said: str) -> SetupError:
    if missing := missing_libraries():
        return SetupError(
            N_("A PDF cannot be made here: install the packages %(packages)s."), packages=" ".join(missing)
        )
    reason = (said.strip().splitlines() or ["?"])[-1]
    return SetupError(N_("The sheet could not be printed: “%(reason)s”."), reason=reason[:200])


def main() -> None:
    """Print standard input on standard output, within limits of time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_LARGEST_BYTES, _LARGEST_BYTES))
    html = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(_pdf(html))


def _pdf(html: str) -> bytes:
    # Slow, and needs system libraries: only the process that prints imports it.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415

    class Refusal(URLFetcher):  # type: ignore[misc]
        """Refuses every address: a sheet holds all it shows."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise FatalURLFetchingError(f"refused: {url[:80]}")

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    pdf: bytes = HTML(string=html, url_fetcher=Refusal()).write_pdf(pdf_variant=_VARIANT)
    return pdf


if __name__ == "__main__":
    main()

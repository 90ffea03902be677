"""Browser pages under watch: whatever goes wrong in them is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.waiting import LAST_RESORT_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

_TELL_BREACHES = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy breach: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


class Watch:
    """Pages of one browser on one server, and what went wrong in them.

    Parameters
    ----------
    browser : Browser
        Where pages are opened.
    address : str
        The only server that pages may ask.

    Attributes
    ----------
    complaints : list of str
        Console errors, uncaught exceptions, policy breaches and requests to other servers.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._address = address
        self._contexts: list[BrowserContext] = []

    def new_page(self, **options: Any) -> Page:
        """Open an empty page in a context of its own with Playwright's context `options`."""
        context = new_context(self._browser, base_url=self._address, **options)
        self._contexts.append(context)
        context.add_init_script(_TELL_BREACHES)
        context.on("request", self._note_request)
        context.on("console", self._note_message)
        context.on("weberror", lambda error: self.complaints.append(f"exception: {error.error}"))
        return context.new_page()

    def close(self) -> None:
        """Close all pages."""
        for context in self._contexts:
            context.close()

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self._address, "data:", "blob:", "about:")):
            self.complaints.append(f"foreign request: {request.url}")

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """Return a German reader's context with Playwright's context `options`, patient on a busy machine."""
    context = browser.new_context(**{"locale": "de-DE", **options})
    context.set_default_timeout(LAST_RESORT_MS)
    return context

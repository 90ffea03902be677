"""Signing in once for many pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.watching import new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState


def signed_state(browser: Browser, address: str, name: str, password: str) -> StorageState:
    """Sign somebody in by the form; return what a context's ``storage_state`` takes, to be signed in, too."""
    context = new_context(browser, base_url=address)
    page = context.new_page()
    page.goto("/login?lang=de")
    page.fill("#name", name)
    page.fill("#password", password)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/tours")
    state = context.storage_state()
    context.close()
    return state

"""A service with somebody who may sign in, and signing in once for many pages."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.cluster.embedded import Cluster
from app.db.engine import make_engine
from app.domain.kinds import AccessRole
from app.services.people.staff import add_staff
from tests.databases import copy_of, loaded
from tests.watching import new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState


@contextmanager
def serving_account(
    settings: Settings, cluster: Cluster, account: tuple[str, str, AccessRole, str]
) -> Iterator[str]:
    """Yield the address of a service on the shipped data with one account, as `add_staff` takes it."""
    with copy_of(cluster, loaded) as url, socket.create_server(("127.0.0.1", 0)) as listener:
        engine = make_engine(url)
        with engine.begin() as held:
            add_staff(held, *account)
        engine.dispose()
        with serving(settings, listener, url) as started:
            started.wait_for_answer()
            yield started.address


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

"""Notebooks on the shipped data, and pages without a network for their maps."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.notebooks.running import Run, executed
from tests.watching import new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def run_notebook() -> Iterator[Callable[..., Run]]:
    """Run a notebook with variables of the environment; the test fails if it warned."""
    with ExitStack() as stack:

        def run(name: str, **given: str) -> Run:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nb-")))
            made = stack.enter_context(executed(name, scratch, given))
            assert made.complaints == []
            return made

        yield run


@pytest.fixture
def offline_page(browser: Browser) -> Iterator[Page]:
    """A page without any network; the test fails on an error in it, and on any request that leaves it."""
    context = new_context(browser, offline=True, viewport={"width": 1000, "height": 700})
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda note: complaints.append(note.text) if note.type == "error" else None)
    context.on("request", lambda request: complaints.append(request.url) if is_foreign(request.url) else None)
    yield context.new_page()
    context.close()
    assert complaints == []


def is_foreign(address: str) -> bool:
    """Say whether an address leads out of the page."""
    return address.split(":", maxsplit=1)[0] not in {"file", "data", "blob", "about"}

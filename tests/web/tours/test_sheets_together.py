"""Many ask for a sheet at the same time: printing takes a second, and must not take the service."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from app.services.tours import papers
from tests.waiting import LAST_RESORT_S, wait_until

if TYPE_CHECKING:
    from flask import Flask

SHEET = "/tours/rundgang-2024-04-24/tour.pdf"
# As many as a process of the web server has.
N_THREADS = 4


@pytest.fixture
def may_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Until it is set, no sheet that is being printed comes to its end."""
    event, printed_sheet = Event(), papers.visit_sheet.printed_sheet

    def held(*given: Any) -> bytes:
        assert event.wait(LAST_RESORT_S)
        return printed_sheet(*given)

    monkeypatch.setattr(papers.visit_sheet, "printed_sheet", held)
    monkeypatch.setattr(papers.PRINTER, "within_s", LAST_RESORT_S)
    yield event
    event.set()


def test_sheets_that_are_printed_hold_up_nobody_else(app: Flask, may_end: Event) -> None:
    """One prints, one waits, the others are told to come again; pages come while those two have nothing."""

    def status(path: str) -> int:
        return app.test_client().get(path).status_code

    with ThreadPoolExecutor(N_THREADS) as server:
        sheets = [server.submit(status, SHEET) for _ in range(16)]
        try:
            wait_until(lambda: sum(sheet.done() for sheet in sheets) == 14, "all but two are refused")
            pages = [server.submit(status, "/healthz") for _ in range(5)]
            assert {page.result(LAST_RESORT_S) for page in pages} == {200}
            assert sum(sheet.done() for sheet in sheets) == 14
        finally:
            may_end.set()
    assert sorted(sheet.result() for sheet in sheets) == [200] * 2 + [503] * 14

"""Work ends when the page is gone or its time is over, and nobody else waits for it.

The planner has an hour here (`unhurried_planner`): where it ends, it was made to.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from app.api import concurrency
from app.api.tours import planning
from app.services.tours.planning import reasons
from tests.waiting import LAST_RESORT_S, wait_until
from tests.web.server.serving_here import asked, hang_up, serving_here
from tests.web.tours.tour_requests import a_wish

if TYPE_CHECKING:
    from http.client import HTTPConnection

    from flask import Flask

# So many stops with so many windows that only the limit of time would end the search.
HARD = a_wish(
    *(
        {
            "name": f"S{n}",
            "lon": 10.7490 + 0.004 * math.cos(2.4 * n) * math.sqrt(n / 50),
            "lat": 52.3730 + 0.002 * math.sin(2.4 * n) * math.sqrt(n / 50),
            "dwell_min": 1,
            "is_optional": True,
            "value": 1 + n % 7,
            "windows": [["13:00", "13:40"], ["14:10", "15:00"]] if n % 2 else [],
        }
        for n in range(50)
    ),
    objective="value",
    latest="14:30",
)
WORK = {"plan": "solve_task", "explain": "plan_explanation"}


class Watched:
    """Counts the calls of the planner that have begun and that have ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n_begun = self.n_ended = 0
        for name in WORK.values():
            monkeypatch.setattr(planning, name, self._counted(getattr(planning, name)))

    def _counted(self, work: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            self.n_begun += 1
            try:
                return work(*given, **named)
            finally:
                self.n_ended += 1

        return counted


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What the planner does."""
    return Watched(monkeypatch)


@pytest.fixture(scope="module")
def server(app: Flask) -> Iterator[str]:
    with serving_here(app) as address:
        yield address


def ask(server: str, what: str, wish: object = HARD) -> HTTPConnection:
    """Send a wish and do not wait for the answer."""
    return asked(server, "POST", f"/api/tours/{what}?lang=en", json.dumps(wish))


def answered(connection: HTTPConnection) -> tuple[int, Any]:
    """Return status and body."""
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body


def test_a_hard_wish_takes_its_time_and_no_more(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "EXPLAIN_LIMIT_S", 0.5)
    monkeypatch.setattr(reasons, "PLAN_LIMIT_S", 0.5)
    assert answered(ask(server, "explain"))[0] == 200


@pytest.mark.parametrize("what", WORK)
def test_when_the_page_is_closed_the_work_ends(
    server: str, work: Watched, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one may explain at a time: that the next one is let in shows that the first's place is free."""
    monkeypatch.setattr(concurrency, "_WITHIN_S", LAST_RESORT_S)
    for n in range(3):
        gone = ask(server, what)
        wait_until(lambda n=n: work.n_begun == n + 1, "the work begins")
        hang_up(gone)
        wait_until(lambda n=n: work.n_ended == n + 1, "the work ends")
    assert answered(ask(server, what, a_wish()))[0] == 200


def test_others_are_served_while_some_solve(server: str, work: Watched) -> None:
    """Who asks for long work besides is told to come again, and a page comes without waiting for it."""
    first = ask(server, "explain")
    wait_until(lambda: work.n_begun == 1, "the work begins")
    others = [ask(server, "explain") for _ in range(3)]
    assert answered(asked(server, "GET", "/healthz"))[0] == 200
    busy = "The planner is busy with other tours; please try again in a moment."
    assert [(status, told["error"]) for status, told in map(answered, others)] == [(503, busy)] * 3
    assert answered(ask(server, "plan", a_wish()))[0] == 200
    assert (work.n_begun, work.n_ended) == (2, 1)
    hang_up(first)
    wait_until(lambda: work.n_ended == 2, "the work ends")

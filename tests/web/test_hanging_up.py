"""The real server: work ends when the page is gone, and nobody else waits for it."""

from __future__ import annotations

import http.client
import json
import math
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.web.tour_wishes import a_wish

# So many stops with so many windows that the limit of time ends the search, not its end.
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
STARTED_S = 0.4


def ask(server: str, what: str, wish: object = HARD) -> http.client.HTTPConnection:
    """Send a wish and do not wait for the answer."""
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", f"/api/tours/{what}?lang=en", json.dumps(wish), headers)
    return connection


def answered(connection: http.client.HTTPConnection) -> tuple[int, bytes, float]:
    """Return status, body and how long it took."""
    started = time.monotonic()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body, time.monotonic() - started


@pytest.fixture(scope="module")
def warm(live_server: str) -> str:
    """A server whose planner is compiled and whose network is read."""
    for _ in range(3):
        status, _, _ = answered(ask(live_server, "plan"))
        assert status == 200
    return live_server


def test_a_hard_wish_takes_its_time_and_no_more(warm: str) -> None:
    """Otherwise the tests below would prove nothing."""
    status, body, took_s = answered(ask(warm, "explain"))
    assert status == 200
    assert json.loads(body)["left_out"]
    assert 2 * STARTED_S < took_s < 12


def test_when_the_page_is_closed_the_work_ends(warm: str) -> None:
    """Only one may explain at a time: that the next one is let in at once shows that the first has ended."""
    for _ in range(3):
        gone = ask(warm, "explain")
        time.sleep(STARTED_S)
        assert gone.sock is not None
        gone.sock.shutdown(socket.SHUT_RDWR)
        gone.close()
        time.sleep(0.6)
        kept = ask(warm, "explain", a_wish())
        status, _, _ = answered(kept)
        assert status == 200


def test_others_are_served_while_some_solve(warm: str) -> None:
    """Four ask for long work at once: too many are told so, and a page comes without waiting for them."""
    asked = [ask(warm, "explain") for _ in range(4)]
    time.sleep(STARTED_S)
    parts = urlsplit(warm)
    page = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    started = time.monotonic()
    page.request("GET", "/healthz")
    assert page.getresponse().status == 200
    assert time.monotonic() - started < 1.5
    page.close()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(answered, asked))
    codes = sorted(status for status, _, _ in results)
    assert set(codes) == {200, 503}
    assert all(
        json.loads(body)["error"] == "The planner is busy with other tours; please try again in a moment."
        for status, body, _ in results
        if status == 503
    )

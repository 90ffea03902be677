"""Attack a running service with slow sockets: ``python -m benchmarks.slow_clients http://127.0.0.1:8000/``.

Ordinary readers ask beside each attack, each with a connection of its own, and give up after some seconds.
What is printed: the share of them that was answered, and how long the answers took.
"""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import numpy as np

from benchmarks.measured import seconds, table

N_READERS, ASKING_S, GIVE_UP_S = 4, 8.0, 8.0
PATHS = ("/healthz", "/api/collections/plots/items?limit=10", "/")
_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Unfinished: "
_POST = b"POST /api/tours/plan HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_BODY = _POST + b"Content-Length: 99\r\n\r\n{"
_ITEMS = b"GET /api/collections/walkways/items?limit=10000 HTTP/1.1\r\nHost: x\r\n\r\n"

ATTACKS = {
    "none": (0, b""),
    "8 unfinished headers": (8, _HEAD),
    "200 unfinished headers": (200, _HEAD),
    "8 unfinished bodies": (8, _BODY),
    "200 unfinished bodies": (200, _BODY),
    "24 readers that take nothing": (24, _ITEMS),
    "24 readers that take nothing and ask 50 times": (24, 50 * _ITEMS),
}


def main(address: str) -> None:
    """Print a row for each attack."""
    print(f"load {os.getloadavg()[0]:.1f} before\n")
    rows = []
    for name, (n, sent) in ATTACKS.items():
        with _held(address, n, sent):
            rows.append((name, *_asked(address)))
    print(table(("attack", "requests", "answered", "p50 s", "p95 s"), rows))


@contextmanager
def _held(address: str, n: int, sent: bytes) -> Iterator[None]:
    """Hold connections over which something was sent, and which take nothing."""
    parts = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(n):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**15)
            client.settimeout(GIVE_UP_S)
            with suppress(OSError):
                client.connect((parts.hostname, parts.port))
                client.sendall(sent)
        time.sleep(1)
        yield


def _asked(address: str) -> tuple[object, ...]:
    with ThreadPoolExecutor(N_READERS) as pool:
        took = [each for some in pool.map(_ask_on, [address] * N_READERS) for each in some]
    answered = np.array([each for each in took if each is not None])
    share = f"{len(answered) / len(took):.0%}"
    if not len(answered):
        return (len(took), share, "–", "–")
    return (len(took), share, *(seconds(float(each)) for each in np.percentile(answered, (50, 95))))


def _ask_on(address: str) -> list[float | None]:
    """Ask for some seconds; return how long each answer took, None where there was none."""
    took: list[float | None] = []
    until_s = time.perf_counter() + ASKING_S
    while time.perf_counter() < until_s:
        took.append(_ask(address, PATHS[len(took) % len(PATHS)]))
    return took


def _ask(address: str, path: str) -> float | None:
    parts = urlsplit(address)
    began_s = time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=GIVE_UP_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return time.perf_counter() - began_s if response.status == http.HTTPStatus.OK else None


if __name__ == "__main__":
    main(sys.argv[1])

"""The real server: what is no request is refused in words, and what is sent cannot write into the log."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.cli.server.webserver import serving
from app.config import Settings

POSTED = ["/api/tours/plan", "/api/tours/explain", "/api/collections/plots/search", "/sign-in", "/nowhere"]

MALFORMED = {
    "no size": b"\r\n{}\r\n0\r\n\r\n",
    "no number": b"zz\r\n{}\r\n0\r\n\r\n",
    "a sign": b"-2\r\n{}\r\n0\r\n\r\n",
    "a prefix": b"0x2\r\n{}\r\n0\r\n\r\n",
    "an underscore": b"1_0\r\n{}\r\n0\r\n\r\n",
    "too short": b"1\r\n{}\r\n0\r\n\r\n",
    "no end of a chunk": b"2\r\n{}2\r\n{}\r\n0\r\n\r\n",
    "a bad extension": b"2;\x00\r\n{}\r\n0\r\n\r\n",
}

SENT = b"POST /api/tours/plan HTTP/1.1\r\nHost: x\r\n"
# Where a request ends, or for whom it is, could be read in two ways: what lets one request hide in another.
AMBIGUOUS = {
    "two lengths": SENT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "the same length twice": SENT + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a list of lengths": SENT + b"Content-Length: 2, 2\r\n\r\n{}",
    "a length with a sign": SENT + b"Content-Length: +2\r\n\r\n{}",
    "a length and chunks": SENT + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": SENT + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another encoding": SENT + b"Transfer-Encoding: identity\r\n\r\n{}",
    "chunked before": SENT + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": SENT + b"Content-Length : 2\r\n\r\n{}",
    "a folded header": SENT + b"X-A: b\r\n Content-Length: 2\r\n\r\n{}",
    "a bare line feed": SENT + b"X-A: b\nContent-Length: 2\r\n\r\n{}",
    "a bare carriage return": SENT + b"X-A: b\rContent-Length: 2\r\n\r\n{}",
    "a zero sign": SENT + b"X-A: b\x00c\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a sign in the method": b"GE\x1bT / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.fixture(scope="module")
def started(
    settings: Settings, loaded_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The service's address and the file with its log."""
    log = tmp_path_factory.mktemp("log") / "log"
    with (
        error_output_in(log),
        socket.create_server(("127.0.0.1", 0)) as listener,
        serving(replace(settings, log_level="info"), listener, loaded_url) as server,
    ):
        server.wait_for_answer()
        yield server.address, log


@contextmanager
def error_output_in(file: Path) -> Iterator[None]:
    """Have what child processes write to the standard error in a file."""
    kept = os.dup(2)
    with file.open("wb") as opened:
        os.dup2(opened.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@pytest.fixture
def sent(started: tuple[str, Path]) -> Callable[[bytes], tuple[bytes, bytes]]:
    """A function that sends bytes as they are and returns head and body of the answer."""
    parts = urlsplit(started[0])

    def answer(request: bytes) -> tuple[bytes, bytes]:
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as client:
            client.sendall(request)
            got = b""
            while piece := client.recv(2**16):
                got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        return head, body

    return answer


@pytest.fixture
def logged(started: tuple[str, Path]) -> Callable[[], list[str]]:
    """A function that returns the lines logged since the test began."""
    log = started[1]
    before = log.stat().st_size
    # That it has begun, and that who asked whether it has is gone, is told beside.
    return lambda: [
        line
        for line in log.read_bytes()[before:].decode().splitlines()
        if not re.match(r"[\d-]+ [\d:,]+ INFO ", line)
    ]


def assert_refused(answer: tuple[bytes, bytes], status: bytes = b"400") -> str:
    """Check that a refusal is one in our words, and return them."""
    head, body = answer
    assert head.startswith((b"HTTP/1.1 " + status, b"HTTP/1.0 " + status)), head
    assert b"\r\nContent-Type: application/json" in head
    told = json.loads(body)
    assert set(told) == {"code", "description", "error"}
    return str(told["error"])


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("body", MALFORMED.values(), ids=list(MALFORMED))
def test_malformed_chunks_are_a_bad_request(
    sent: Callable[[bytes], tuple[bytes, bytes]], logged: Callable[[], list[str]], path: str, body: bytes
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    told = assert_refused(sent(head.encode() + b"\r\n\r\n" + body))
    assert told == "Die Anfrage ist nicht lesbar."
    [line] = logged()
    assert "WARNING app.http" in line
    assert "400" in line


@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=list(AMBIGUOUS))
def test_what_can_be_read_in_two_ways_is_refused(
    sent: Callable[[bytes], tuple[bytes, bytes]], logged: Callable[[], list[str]], request_: bytes
) -> None:
    status = b"501" if b"identity" in request_ or b"gzip" in request_ else b"400"
    assert_refused(sent(request_), status)
    assert len(logged()) == 1


def test_well_formed_chunks_are_read(sent: Callable[[bytes], tuple[bytes, bytes]]) -> None:
    head = b"Content-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer, body = sent(SENT + head + b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: a\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 422 ", b"HTTP/1.1 400 "))
    assert json.loads(body)["error"] != "Die Anfrage ist nicht lesbar."


LONG = b"x" * 8200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + LONG + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (b"GET /" + 9 * LONG + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + LONG + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + 101 * b"X-A: b\r\n" + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + 9 * LONG + b"\r\n\r\n", b"431"),
        (SENT + b"Transfer-Encoding: chunked\r\n\r\n" + 140 * (b"2008\r\n" + LONG + b"\r\n"), b"413"),
    ],
    ids=["address", "endless address", "header", "headers", "endless header", "chunks"],
)
def test_what_is_too_large_is_told_so(
    sent: Callable[[bytes], tuple[bytes, bytes]], request_: bytes, status: bytes
) -> None:
    assert_refused(sent(request_), status)


@pytest.mark.parametrize("expects", [b"", b"Expect: 100-continue\r\n"])
def test_a_too_large_body_is_refused_before_it_is_sent(
    sent: Callable[[bytes], tuple[bytes, bytes]], expects: bytes
) -> None:
    head = b"Content-Type: application/json\r\n" + expects + b"Content-Length: 2000000\r\n\r\n"
    answer = sent(SENT + head)
    assert assert_refused(answer, b"413") == "Die Anfrage ist größer, als der Dienst annimmt."


def test_only_the_head_is_sent_to_who_asks_for_it(sent: Callable[[bytes], tuple[bytes, bytes]]) -> None:
    for path in (b"/healthz", b"/exports/plots.geojson", b"/"):
        head, body = sent(b"HEAD " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert body == b""
        assert b"\r\nServer: " not in head


LINE = re.compile(r"[\d-]+ [\d:,]+ (WARNING|ERROR|INFO) [\w.]+ \[\d+\] ")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /api/%0a2026-01-01%2000:00:00,000%20ERROR%20app%20[1]%20forged HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%1b[31m%0d%c2%85forged HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX\x1b[31m: forged\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\rforged\r\n\r\n",
        b"G\x1b[31m / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["line", "terminal", "name", "value", "method"],
)
def test_nothing_that_is_sent_begins_a_line_of_the_log(
    sent: Callable[[bytes], tuple[bytes, bytes]], logged: Callable[[], list[str]], request_: bytes
) -> None:
    sent(request_.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    for line in logged():
        assert LINE.match(line)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)

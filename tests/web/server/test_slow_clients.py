"""The real server: who sends or takes slowly holds up nobody, and is let go in the end."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from app.cli.server.webserver import serving
from app.config import Settings
from app.db.engine import make_engine

# More than threads there are, and more than connections one would hold threads for.
N_FEW, N_MANY = 8, 200
# More rows than lie between server and client, less than a download needs a turn for.
N_PLOTS = 9_000

HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Unfinished: "
POST = b"POST /api/tours/plan HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = POST + b"Content-Length: 99\r\n\r\n{"
CHUNKS = POST + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{"
NOTHING = b""
ITEMS = b"GET /api/collections/plots/items?limit=10000 HTTP/1.1\r\nHost: x\r\n\r\n"
EXPORT = b"GET /exports/plots.geojson HTTP/1.1\r\nHost: x\r\n\r\n"
PIPELINED = ITEMS + ITEMS[:30]
FILL = """
WITH made AS (INSERT INTO park (key) VALUES ('p') RETURNING park_id)
INSERT INTO park_version (park_id, name, geometry, valid)
SELECT park_id, 'P', ST_MakeEnvelope(600000, 5800000, 610000, 5810000, 25832), '(,)' FROM made;
INSERT INTO plot (park_id, key) SELECT park_id, 'P' || n FROM park, generate_series(1, {n}) AS n;
ALTER TABLE plot_version DISABLE TRIGGER USER;
INSERT INTO plot_version (plot_id, plot_key, park_key, geometry, use_status, quality, label,
                          starts_precision, valid)
SELECT plot_id, key, 'p', ST_MakeEnvelope(6e5 + plot_id, 58e5, 6e5 + plot_id + 1, 58e5 + 9, 25832),
       'vacant', 'schematic', repeat(chr(120), 600), 'unknown', '(,)'
FROM plot;
"""


@pytest.fixture
def large_url(fresh_database_url: str) -> str:
    """A database with so many plots that an answer with all of them does not lie on the way."""
    engine = make_engine(fresh_database_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in FILL.format(n=N_PLOTS).split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return fresh_database_url


@contextmanager
def served(settings: Settings, url: str, patience_s: int) -> Iterator[str]:
    """The service with one process, which is patient for so long; its address."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        serving(replace(settings, patience_s=patience_s), listener, url) as server,
    ):
        server.wait_for_answer()
        yield server.address


@pytest.fixture(scope="module")
def patient(settings: Settings, loaded_url: str) -> Iterator[str]:
    """A server that lets nobody go while a test runs."""
    with served(settings, loaded_url, 3600) as address:
        yield address


@pytest.fixture(scope="module")
def hasty(settings: Settings, loaded_url: str) -> Iterator[str]:
    """A server that lets go after a second."""
    with served(settings, loaded_url, 1) as address:
        yield address


def connected(address: str, sent: bytes) -> socket.socket:
    """Return a connection over which something was sent, and which takes little at a time."""
    parts = urlsplit(address)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**15)
    client.connect((parts.hostname, parts.port))
    client.sendall(sent)
    return client


def is_alive(address: str) -> bool:
    """Say whether a page and the map's data are served."""
    parts = urlsplit(address)
    for path in ("/healthz", "/api/collections/plots/items?limit=1"):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        connection.request("GET", path)
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)
        connection.close()
    return True


@pytest.mark.parametrize("n", [N_FEW, N_MANY])
@pytest.mark.parametrize("sent", [NOTHING, HEAD, BODY, CHUNKS], ids=["nothing", "head", "body", "chunks"])
def test_unfinished_requests_hold_up_nobody(patient: str, sent: bytes, n: int) -> None:
    with ExitStack() as held:
        clients = [held.enter_context(connected(patient, sent)) for _ in range(n)]
        assert is_alive(patient)
        # They were not just thrown out.
        for client in clients:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):
                client.recv(1)


def test_a_slow_request_that_ends_is_answered_as_any(patient: str) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connected(patient, request[:1]) as client:
        for place in range(1, len(request)):
            client.sendall(request[place : place + 1])
        assert all_of(client).startswith(b"HTTP/1.1 200 ")


def test_readers_who_take_nothing_hold_up_nobody(settings: Settings, large_url: str) -> None:
    with served(settings, large_url, 3600) as address, ExitStack() as held:
        clients = []
        for sent in (ITEMS, EXPORT, PIPELINED):
            clients += [held.enter_context(connected(address, sent)) for _ in range(N_FEW // 2)]
        # Each of their answers has begun.
        assert all(client.recv(12) == b"HTTP/1.1 200" for client in clients)
        assert is_alive(address)
        # And is whole when it is taken at last.
        assert len(json.loads(body_of(clients[0]))["features"]) == N_PLOTS


def test_of_many_requests_sent_together_only_the_first_are_worked_on(patient: str) -> None:
    """Who takes nothing could else have as much worked out as fits into one packet."""
    kept = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(patient, 50 * kept) as client:
        # One more where the first was answered while the others were read.
        assert all_of(client).count(b"HTTP/1.1 200") in (2, 3)
    for n in (1, 2):
        with connected(patient, n * kept) as client:
            got = b""
            while got.count(b"HTTP/1.1 200") < n:
                got += client.recv(4096)


def body_of(client: socket.socket) -> bytes:
    """Return the body of an answer that tells its length."""
    head, _, begun = read_until(client, b"\r\n\r\n").partition(b"\r\n\r\n")
    n_bytes = length_told(head)
    body = bytearray(begun)
    while len(body) < n_bytes:
        piece = client.recv(2**16)
        assert piece
        body += piece
    return bytes(body)


def length_told(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])


def read_until(client: socket.socket, end: bytes) -> bytes:
    got = b""
    while end not in got and (piece := client.recv(4096)):
        got += piece
    return got


def all_of(client: socket.socket) -> bytes:
    """Return what comes until the server closes; that it does is waited for as long as it takes."""
    got = b""
    while True:
        try:
            piece = client.recv(2**16)
        except ConnectionResetError:
            return got
        if not piece:
            return got
        got += piece


@pytest.mark.parametrize("sent", [NOTHING, HEAD, BODY, CHUNKS], ids=["nothing", "head", "body", "chunks"])
def test_an_unfinished_request_is_let_go(hasty: str, sent: bytes) -> None:
    with connected(hasty, sent) as client:
        assert all_of(client) == b""


def test_a_request_sent_drop_by_drop_is_let_go(hasty: str) -> None:
    """That something comes all the time does not help."""
    with connected(hasty, HEAD) as client:
        while is_open(client):
            with suppress(OSError):
                client.sendall(b"x")
            time.sleep(0.01)
        assert all_of(client) == b""


def test_a_kept_connection_is_let_go_when_nothing_is_asked(hasty: str) -> None:
    with connected(hasty, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        assert all_of(client).count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize("takes", [lambda client: None, lambda client: client.recv(1)], ids=["0", "drops"])
def test_who_takes_nothing_or_next_to_it_is_let_go(
    settings: Settings, large_url: str, takes: Callable[[socket.socket], object]
) -> None:
    """The answer is cut off: its length was told, and less came."""
    with served(settings, large_url, 1) as address, connected(address, ITEMS) as client:
        told = length_told(read_until(client, b"\r\n\r\n"))
        other = http.client.HTTPConnection(urlsplit(address).hostname or "", urlsplit(address).port)
        # Seen from the other side: nothing is owed any more when the connection is gone.
        while is_open(client):
            takes(client)
            other.request("GET", "/healthz")
            assert other.getresponse().read()
        assert len(all_of(client)) < told
        other.close()


def is_open(client: socket.socket) -> bool:
    """Say whether the server still holds a connection, without taking anything of it."""
    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)
    established = 1
    return info[0] == established


def test_who_takes_steadily_gets_it_all(settings: Settings, large_url: str) -> None:
    with served(settings, large_url, 1) as address, connected(address, ITEMS) as client:
        body = body_of(client)
    assert len(json.loads(body)["features"]) == N_PLOTS

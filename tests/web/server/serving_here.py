"""The web server's own loop in the test's process, so that a test sees from inside what goes on."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.cli.server.http_connections import make_server
from app.cli.server.webserver import THREADS
from tests.waiting import LAST_RESORT_S

if TYPE_CHECKING:
    from flask import Flask


@contextmanager
def serving_here(app: Flask) -> Iterator[str]:
    """Serve an application as a process of the web server does; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(app, listener, THREADS, patience_s=3600)
        is_over = Event()

        def serve() -> None:
            while not is_over.is_set():
                server.run_once(1)

        thread = Thread(target=serve)
        thread.start()
        host, port = listener.getsockname()
        try:
            yield f"http://{host}:{port}/"
        finally:
            is_over.set()
            server.pull_trigger()
            thread.join()
            server.task_dispatcher.shutdown()
            server.asyncore.close_all(server._map)


def asked(server: str, method: str, path: str, body: str | None = None) -> http.client.HTTPConnection:
    """Send a request and do not wait for the answer."""
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=LAST_RESORT_S)
    # Little lies between server and client that neither has to wait for.
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    connection.sock.settimeout(LAST_RESORT_S)
    connection.sock.connect((parts.hostname, parts.port))
    connection.request(method, path, body, {} if body is None else {"Content-Type": "application/json"})
    return connection


def hang_up(connection: http.client.HTTPConnection) -> None:
    """Close a connection without waiting for what is still to come."""
    assert connection.sock is not None
    connection.sock.shutdown(socket.SHUT_RDWR)
    connection.sock.close()

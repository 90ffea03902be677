"""The connections of a process: read and written in one loop, and closed where a client is too slow."""

from __future__ import annotations

import logging
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from waitress.adjustments import Adjustments  # type: ignore[import-untyped]
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.server import TcpWSGIServer  # type: ignore[import-untyped]
from waitress.task import ThreadedTaskDispatcher  # type: ignore[import-untyped]

from app import LARGEST_REQUEST_BYTES
from app.cli.server.http_requests import LARGEST_HEAD_BYTES, HttpAnswer, HttpRequest, RefusedRequest

# Each may need three descriptors, and a process usually has 1024.
MOST_CONNECTIONS = 300
# More than that of answers that wait to be taken lies not on the disk.
MOST_WAITING_BYTES = 2**28
# Who takes less while an answer waits takes nothing.
LEAST_BYTES_PER_S = 1024
# So much lies between the system and a client beside what waits here: what was taken shows soon.
_SEND_BUFFER_BYTES = 2**17
# So long, and so much, is taken of what a client still sends when its last answer is out: a connection that
# is closed before is reset, and the answer lost with it.
_LINGER_S = 1.0
_LINGER_BYTES = 2**20
# One that is being answered, or was a moment ago, and the next.
_MOST_REQUESTS = 2


class Connection(HTTPChannel):  # type: ignore[misc]
    """A client's connection.

    Attributes
    ----------
    waits_since : float
        Since when the client is expected to do what it is expected to do.
    """

    parser_class = HttpRequest
    task_class = HttpAnswer
    error_task_class = RefusedRequest
    close_when_flushed: bool = False
    _is_last: bool = False

    def __init__(self, *args: Any, **named: Any) -> None:
        self._n_sent = self._n_sent_before = 0
        self._lingers_for_bytes = 0
        self._expected: object = None
        self.waits_since = time.time()
        super().__init__(*args, **named)

    def is_overdue(self, now: float, patience_s: float) -> bool:
        """Return whether the client's time is over; to be asked about once a second.

        It has `patience_s` seconds for a whole request, for the next one, and to take at least some of an
        answer, again and again. While an answer is made there is no hurry.
        """
        expected = self._what_is_expected()
        if expected != self._expected:
            self._expected = expected
            self._wait_from(now)
        waited_s = now - self.waits_since
        if expected == "end":
            return waited_s > _LINGER_S
        if expected == "nothing" or waited_s <= patience_s:
            return False
        if self._n_sent - self._n_sent_before >= LEAST_BYTES_PER_S * waited_s:
            self._wait_from(now)
            return False
        return True

    def _what_is_expected(self) -> object:
        if self._lingers_for_bytes:
            return "end"
        if self.total_outbufs_len:
            return "taking"
        if self.requests:
            return "nothing"
        # The rest of this request; or the next one after what was last.
        return self.request or self.last_activity

    def _wait_from(self, now: float) -> None:
        self.waits_since, self._n_sent_before = now, self._n_sent

    def let_go(self) -> None:
        """Close the connection, whatever is still to come or to go."""
        if self.total_outbufs_len:
            # Else the system would wait for the client to take what it was given.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handle_close()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what can be sent of `data`."""
        n_sent: int = super().send(data, do_close)
        self._n_sent += n_sent
        return n_sent

    def handle_write(self) -> None:
        """Send what is left; after the last answer wait for the client's end before closing."""
        is_last = self.close_when_flushed
        if is_last:
            # Else waitress closes at once.
            self.close_when_flushed = False
        super().handle_write()
        if is_last and self.connected:
            if self.total_outbufs_len:
                self.close_when_flushed = True
            else:
                self._linger()

    def received(self, data: bytes) -> bool:
        """Take what came; of many requests at once only the first are answered, then the connection ends.

        Else each would be worked on although nothing is taken of the answers. Who sent more sends it again.
        """
        is_taken: bool = super().received(data)
        with self.requests_lock:
            self._is_last = self._is_last or len(self.requests) > _MOST_REQUESTS
            for each in self.requests[_MOST_REQUESTS:]:
                each.close()
            del self.requests[_MOST_REQUESTS:]
        return is_taken

    def service(self) -> None:
        """Answer a request."""
        super().service()
        if self._is_last and not self.requests:
            self.close_when_flushed = True
            self.server.pull_trigger()

    def _linger(self) -> None:
        self._lingers_for_bytes = _LINGER_BYTES
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    def handle_read(self) -> None:
        """Take what comes; nothing of it counts after the last answer."""
        if not self._lingers_for_bytes:
            super().handle_read()
            return
        self._lingers_for_bytes -= len(self.recv(self.adj.recv_bytes))
        if self._lingers_for_bytes <= 0:
            self.handle_close()


class ConnectionLoop(TcpWSGIServer):  # type: ignore[misc]
    """The loop that waits for all connections of a process at once; see `make_server`."""

    channel_class = Connection
    patience_s: float

    def run_once(self, within_s: float) -> None:
        """Do what there is to do; wait for it so long."""
        self.asyncore.loop(timeout=within_s, map=self._map, use_poll=True, count=1)

    def is_busy(self) -> bool:
        """Return whether answers are being made or sent."""
        return any(each.requests or each.total_outbufs_len for each in self.active_channels.values())

    def readable(self) -> bool:
        """Return whether to take another connection: another process may have a thread free for it."""
        is_open: bool = super().readable()
        return is_open and not self.task_dispatcher.queue

    def set_socket_options(self, conn: socket.socket) -> None:
        """Keep little between the system and the client."""
        super().set_socket_options(conn)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)

    def maintenance(self, now: float) -> None:
        """Close what is overdue; where too much waits, what waits longest."""
        for each in list(self.active_channels.values()):
            if each.is_overdue(now, self.patience_s):
                each.let_go()
        while sum(each.total_outbufs_len for each in self.active_channels.values()) > MOST_WAITING_BYTES:
            self._close_longest(lambda each: each.total_outbufs_len)

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, in place of the client that is waited for longest."""
        if len(self.active_channels) >= MOST_CONNECTIONS:
            self._close_longest(lambda each: not each.requests)
        super().handle_accept()

    def _close_longest(self, chosen: Callable[[Connection], object]) -> None:
        found = [each for each in self.active_channels.values() if chosen(each)]
        if found:
            min(found, key=lambda each: each.waits_since).let_go()


def make_server(
    application: Any, listener: socket.socket, n_threads: int, patience_s: float
) -> ConnectionLoop:
    """Return a server that has not begun; each `run_once` goes on.

    Parameters
    ----------
    application : callable
        The WSGI application.
    listener : socket
        Listens already; other processes may take connections from it, too.
    n_threads : int
        How many answers are made at a time.
    patience_s : float
        See `Connection.is_overdue`.
    """
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    adjustments = Adjustments(
        sockets=[listener],
        # Without a name in the head.
        ident="",
        # What a proxy states is the application's to believe or not.
        clear_untrusted_proxy_headers=False,
        cleanup_interval=1,
        # Above ours, at which room is made.
        connection_limit=2 * MOST_CONNECTIONS,
        # Reading goes on while an answer is made, so that it is seen when the client hangs up.
        channel_request_lookahead=1,
        max_request_header_size=LARGEST_HEAD_BYTES,
        # At the limit the application still reads, and refuses in its own way.
        max_request_body_size=LARGEST_REQUEST_BYTES + 1,
        log_socket_errors=False,
        server_name=listener.getsockname()[0],
    )
    threads = ThreadedTaskDispatcher()
    threads.set_thread_count(n_threads)
    sockinfo = (listener.family, listener.type, listener.proto, listener.getsockname())
    server = ConnectionLoop(
        application,
        {},
        True,
        listener,
        dispatcher=threads,
        adj=adjustments,
        sockinfo=sockinfo,
        bind_socket=False,
    )
    server.patience_s = patience_s
    return server

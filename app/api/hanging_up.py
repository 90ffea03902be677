"""Clients that hang up: what is done for them ends, in the database, too."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.db.canceling import cancel_statement

# What proxies note for a reader who hung up; nobody reads the answer.
HUNG_UP = 499

# So long a client may pause in the middle of an answer.
SLEEPS_S = 60

_LOOK_EVERY_S = 0.25

T = TypeVar("T")


def let_go_of_sleepers(environ: dict[str, Any], after_s: int = SLEEPS_S) -> None:
    """Have the connection broken where its client takes nothing of the answer for so long.

    Else who stops reading keeps a thread, a connection to the database and a turn for as long as it likes.
    """
    client: socket.socket | None = environ.get("gunicorn.socket")
    if client is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", after_s, 0))


class HungUpError(Exception):
    """Nobody waits for the answer any more."""


def hung_up(environ: dict[str, Any]) -> Callable[[], bool]:
    """Return a function that says whether the client closed its connection.

    The web server gives the connection's socket; without one nobody hangs up. Nothing is taken from
    it: a client may have sent its next request already.
    """
    client: socket.socket | None = environ.get("gunicorn.socket")

    def has_hung_up() -> bool:
        if client is None:
            return False
        try:
            return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    return has_hung_up


class Served:
    """A database connection that works for one client, and stops when that one is gone.

    A thread looks whether the client is still there, for a statement that runs long gives no occasion to.

    Parameters
    ----------
    connection : Connection
        Closed by `close`.
    has_hung_up : callable
        As `hung_up` returns it.

    Attributes
    ----------
    held : ExitStack
        What is held besides as long as there is work: a turn; closed by `close`.
    is_gone : bool
        Whether the client was seen to have gone.
    """

    def __init__(self, connection: Connection, has_hung_up: Callable[[], bool]) -> None:
        self.connection = connection
        self.held = ExitStack()
        self.is_gone = False
        self._has_hung_up = has_hung_up
        self._is_done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while not self._is_done.wait(_LOOK_EVERY_S):
            if self.is_gone or self._has_hung_up():
                self.is_gone = True
                # Between two statements there is nothing to cancel: the next look meets another.
                cancel_statement(self.connection)

    def heard(self, items: Iterator[T]) -> Iterator[T]:
        """Yield items as long as somebody waits for them.

        Raises
        ------
        HungUpError
            When the client is gone.
        """
        for item in items:
            if self.is_gone:
                raise HungUpError
            yield item

    def close(self) -> None:
        """Stop looking, and give the connection and what is held back; once more does nothing."""
        self._is_done.set()
        # The next user of the connection must not be cancelled in place of this one.
        self._watch.join()
        with self.held:
            self.connection.close()

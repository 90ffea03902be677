"""Clients that disconnect: what is done for them ends, in the database, too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.db.raw_sql import cancel_statement
from app.request import close

# What proxies note for a client that disconnected; nobody reads the answer.
CLIENT_CLOSED_REQUEST = 499

_LOOK_EVERY_S = 0.25

T = TypeVar("T")


class ClientDisconnectedError(Exception):
    """Nobody waits for the answer any more."""


def disconnect_check(environ: dict[str, Any]) -> Callable[[], bool]:
    """Return a function that returns whether the client has disconnected, or is too slow to be waited for.

    The web server gives it, for it reads on while an answer is made; without one nobody disconnects.
    """
    check: Callable[[], bool] = environ.get("waitress.client_disconnected", lambda: False)
    return check


class Served:
    """A database connection that works for one client, and stops when that one is gone.

    A thread looks whether the client is still there, for a statement that runs long gives no occasion to.

    Parameters
    ----------
    connection : Connection
        Closed by `close`.
    is_disconnected : callable
        As `disconnect_check` returns it.

    Attributes
    ----------
    held : ExitStack
        What is held besides as long as there is work, such as a slot; closed by `close`.
    is_gone : bool
        Whether the client was seen to have gone.
    """

    def __init__(self, connection: Connection, is_disconnected: Callable[[], bool]) -> None:
        self.connection = connection
        self.held = ExitStack()
        self.is_gone = False
        self._is_disconnected = is_disconnected
        self._is_done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while not self._is_done.wait(_LOOK_EVERY_S):
            if self.is_gone or self._is_disconnected():
                self.is_gone = True
                # Between two statements there is nothing to cancel: the next look meets another.
                cancel_statement(self.connection)

    def heard(self, items: Iterator[T]) -> Iterator[T]:
        """Yield items as long as somebody waits for them.

        Raises
        ------
        ClientDisconnectedError
            When the client is gone.
        """
        for item in items:
            if self.is_gone:
                raise ClientDisconnectedError
            yield item

    def close(self) -> None:
        """Stop looking, and give the connection and what is held back; once more does nothing."""
        self._is_done.set()
        # The next user of the connection must not be cancelled in place of this one.
        self._watch.join()
        with self.held:
            close(self.connection)

"""A process of the web server that refuses what it cannot read as the API refuses: one sentence, as JSON."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import (  # type: ignore[import-untyped]
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from app.config import LANGUAGES
from app.domain.voice import voice
from app.errors import N_

# The longest first line of a request that gunicorn takes: the address, and a method before it.
LONGEST_LINE = 8190
_TOO_LONG = N_(
    "The address is longer than %(longest)s characters. A long filter can be sent in the body instead: "
    "POST /api/collections/COLLECTION/search."
)
_TOO_MUCH = N_("The request has too many or too long header lines.")
_UNREADABLE = N_("The request cannot be read.")
# So long, and so much, is taken of what a client still sends, so that it gets to reading the answer.
_LINGER_S = 1.0
_LINGER_BYTES = 2**20


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker with the refusals of this service."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read; anything else as gunicorn does."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("request that cannot be read, from %s: %s", (addr or ("",))[0], exc)
        with suppress(OSError):
            client.sendall(refusal_bytes(exc))
            _linger(client)


def refusal_bytes(error: ParseException) -> bytes:
    """Return the answer to a request that cannot be read, head and body, in the service's language."""
    status, template = _told(error)
    asked = os.environ.get("APP_LANGUAGE", "").strip().lower()
    spoken = voice(asked if asked in LANGUAGES else LANGUAGES[0])
    sentence = spoken.say(template, longest=LONGEST_LINE)
    told = {"code": "InvalidParameterValue", "description": sentence, "error": sentence}
    body = json.dumps(told, ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Access-Control-Allow-Origin: *\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n"
    )
    return head.encode("ascii") + body


def _told(error: ParseException) -> tuple[HTTPStatus, str]:
    if isinstance(error, LimitRequestLine):
        return HTTPStatus.REQUEST_URI_TOO_LONG, _TOO_LONG
    if isinstance(error, LimitRequestHeaders):
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _TOO_MUCH
    return HTTPStatus.BAD_REQUEST, _UNREADABLE


def _linger(client: socket.socket) -> None:
    """Take the rest of a request: a connection closed before is reset, and the answer lost with it."""
    client.shutdown(socket.SHUT_WR)
    client.settimeout(_LINGER_S)
    until_s, n_bytes = time.monotonic() + _LINGER_S, 0
    while n_bytes < _LINGER_BYTES and time.monotonic() < until_s:
        piece = client.recv(2**16)
        if not piece:
            return
        n_bytes += len(piece)

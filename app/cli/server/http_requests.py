"""What is taken for an HTTP request; anything else is refused as the API refuses: a sentence, as JSON."""

from __future__ import annotations

import json
import logging
import os
from copy import copy
from http import HTTPStatus

from waitress.adjustments import Adjustments  # type: ignore[import-untyped]
from waitress.parser import HTTPRequestParser, ParsingError  # type: ignore[import-untyped]
from waitress.task import ErrorTask, WSGITask  # type: ignore[import-untyped]
from waitress.utilities import Error, RequestEntityTooLarge  # type: ignore[import-untyped]

from app import LARGEST_UPLOAD_BYTES
from app.config import LANGUAGES
from app.domain.localizer import localizer_for
from app.errors import N_

# The longest first line (the address, and a method before it) and header line, and how many of these.
LONGEST_LINE = 8190
MOST_HEADERS = 100
LARGEST_HEAD_BYTES = 2**16
# Where files are uploaded, bodies may be larger than elsewhere.
UPLOADS = "/lists"

_SENTENCES = {
    HTTPStatus.BAD_REQUEST: N_("The request cannot be read."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("The request is larger than the service accepts."),
    HTTPStatus.REQUEST_URI_TOO_LONG: N_(
        "The address is longer than %(longest)s characters. A long filter can be sent in the body instead: "
        "POST /api/collections/COLLECTION/search."
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: N_("The request has too many or too long header lines."),
    HTTPStatus.NOT_IMPLEMENTED: N_("The request cannot be read."),
    HTTPStatus.INTERNAL_SERVER_ERROR: N_("An error on our side"),
}

_log = logging.getLogger("app.http")


class UriTooLongError(Error):  # type: ignore[misc]
    """The first line of a request is longer than is read."""

    code = 414
    reason = "URI Too Long"


class HeadersTooLargeError(Error):  # type: ignore[misc]
    """A request has more header lines than are read, or longer ones."""

    code = 431
    reason = "Request Header Fields Too Large"


class HttpRequest(HTTPRequestParser):  # type: ignore[misc]
    """A request as it comes in; `error` holds why it is none.

    Beyond what waitress asks for, its lines have the lengths above, and nothing about where it ends or for
    which host it is may be read in two ways.
    """

    error: Error | None = None
    _refusal: Error | None = None

    def received(self, data: bytes) -> int:
        """Take what came, and return how many bytes of it belong to this request."""
        is_in_head = not self.headers_finished
        begun = self.header_plus + data if is_in_head else b""
        n_taken: int = super().received(data)
        if self.error is not None:
            self.error = self._refusal or self.error
            if is_in_head and self.error.code == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
                is_one_line = b"\r\n" not in begun.lstrip()[: LONGEST_LINE + 2]
                self.error = UriTooLongError("") if is_one_line else self.error
            self._let_the_application_refuse_large_bodies()
            # Whoever is refused is not asked to go on.
            self.expect_continue = False
        return n_taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request; raise `ParsingError` where it is none."""
        first, *fields = header_plus.removesuffix(b"\r\n\r\n").split(b"\r\n")
        if len(first) > LONGEST_LINE:
            self._refuse(UriTooLongError("the first line is too long"))
        if len(fields) > MOST_HEADERS or any(len(field) > LONGEST_LINE for field in fields):
            self._refuse(HeadersTooLargeError("too many or too long header lines"))
        names = [field.partition(b":")[0].lower() for field in fields]
        if any(names.count(name) > 1 for name in (b"host", b"content-length", b"transfer-encoding")):
            raise ParsingError("a header that may stand once stands twice")
        if b"content-length" in names and b"transfer-encoding" in names:
            raise ParsingError("two lengths of one body")
        if any(field[:1] in (b" ", b"\t") for field in fields):
            raise ParsingError("a header goes on in the next line")
        super().parse_header(header_plus)
        if self.version not in {"1.0", "1.1"}:
            raise ParsingError("neither HTTP/1.0 nor HTTP/1.1")
        if self.version == "1.0" and b"transfer-encoding" in names:
            raise ParsingError("HTTP/1.0 knows no transfer encoding")
        if self.command == "POST" and self.path.endswith(UPLOADS):
            self.adj: Adjustments = copy(self.adj)
            self.adj.max_request_body_size = LARGEST_UPLOAD_BYTES + 1

    def _refuse(self, refusal: Error) -> None:
        self._refusal = refusal
        raise ParsingError(refusal.body)

    def _let_the_application_refuse_large_bodies(self) -> None:
        """Pass on a request that announces a too large body without the body: the page reports it."""
        if isinstance(self.error, RequestEntityTooLarge) and not self.chunked:
            self.error = None
            self.body_rcv = None
            self.headers["CONNECTION"] = "close"


class RefusedRequest(ErrorTask):  # type: ignore[misc]
    """The answer to a request that cannot be read."""

    def execute(self) -> None:
        """Write the answer and one line into the log."""
        error = self.request.error
        _log.warning("request refused with %s, from %s: %s", error.code, self.channel.addr[0], error.body)
        self.status, body = refused(error.code)
        self.response_headers += [
            ("Content-Type", "application/json"),
            ("Access-Control-Allow-Origin", "*"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def refused(code: int) -> tuple[str, bytes]:
    """Return the status line and the body for a request that cannot be read, in the service's language."""
    status = HTTPStatus(code)
    asked = os.environ.get("APP_LANGUAGE", "").strip().lower()
    localizer = localizer_for(asked if asked in LANGUAGES else LANGUAGES[0])
    sentence = localizer.translate(_SENTENCES[status], longest=LONGEST_LINE)
    ogc_code = "InvalidParameterValue" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "ServerError"
    answer = {"code": ogc_code, "description": sentence, "error": sentence}
    return f"{status.value} {status.phrase}", json.dumps(answer, ensure_ascii=False).encode()


class HttpAnswer(WSGITask):  # type: ignore[misc]
    """The answer of the application."""

    def finish(self) -> None:
        """Write what is left; whoever asks for the head alone gets no body, not even an end of it."""
        if self.request.command == "HEAD":
            self.write(b"")
            self.chunked_response = False
        super().finish()

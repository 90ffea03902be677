"""Smaller answers: text is compressed on its way out; what has not changed is answered with 304."""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress

COMPRESSED = (
    "text/html",
    "text/css",
    "text/plain",
    "text/csv",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "application/graphml+xml",
    "application/manifest+json",
    "application/vnd.mapbox-vector-tile",
    "image/svg+xml",
)
METHODS = ["br", "gzip"]


class _Compress(Compress):
    def after_request(self, response: Response | None) -> Response:
        # A part is one of the bytes as they are, which compressed would be none any more.
        if response is not None and response.status_code == 206:
            return response
        return super().after_request(response)


def init_app(app: Flask) -> None:
    """Compress text and tiles with Brotli or gzip, whichever the client asks for, streams included."""
    app.config.update(
        COMPRESS_MIMETYPES=list(COMPRESSED),
        COMPRESS_ALGORITHM=METHODS,
        COMPRESS_ALGORITHM_STREAMING=METHODS,
    )
    _Compress(app)

    # Registered after Compress and so run before it.
    @app.after_request
    def prepare(response: Response) -> Response:
        if response.mimetype in COMPRESSED:
            _weaken_etag(response)
            _read_file(response)
        return response


def _weaken_etag(response: Response) -> None:
    # A strong ETag promises the same bytes under every encoding: Compress would rename it,
    # and no view would know it again.
    etag, is_weak = response.get_etag()
    if etag and not is_weak:
        response.set_etag(etag, weak=True)


def _read_file(response: Response) -> None:
    # Compress replaces the body of a file that is passed through, and then nobody closes the file.
    if response.direct_passthrough:
        response.direct_passthrough = False
        response.make_sequence()

"""Smaller answers: text is compressed on its way out; what has not changed is answered with 304."""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress

COMPRESSED = (
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "application/manifest+json",
    "image/svg+xml",
)
METHODS = ["br", "gzip"]


def init_app(app: Flask) -> None:
    """Compress text with Brotli or gzip, whichever the client asks for, streams included."""
    app.config.update(
        COMPRESS_MIMETYPES=list(COMPRESSED),
        COMPRESS_ALGORITHM=METHODS,
        COMPRESS_ALGORITHM_STREAMING=METHODS,
    )
    Compress(app)

    # Registered after Compress and so run before it. A strong ETag would promise the same bytes
    # under every encoding; Compress would therefore rename it, and no view would know it again.
    @app.after_request
    def weaken_etag(response: Response) -> Response:
        etag, is_weak = response.get_etag()
        if etag and not is_weak and response.mimetype in COMPRESSED:
            response.set_etag(etag, weak=True)
        return response

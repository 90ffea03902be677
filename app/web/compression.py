"""Smaller answers: text is compressed on its way out; what has not changed is answered with 304."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress

COMPRESSED = [
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "application/manifest+json",
    "image/svg+xml",
]


def init_app(app: Flask) -> None:
    """Compress with Brotli or gzip, whichever the client asks for.

    A streamed answer is compressed by Brotli while it is made. gzip is allowed for streams,
    too: GIS clients speak nothing else.
    """
    app.config.update(
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
    )
    Compress(app)

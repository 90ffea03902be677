"""How papers are answered: shown by the browser, or downloaded."""

from __future__ import annotations

from flask import Response

from app.web.language import language


def shown_file(content: bytes, media_type: str, name: str) -> Response:
    """Return a file that a browser may show, and stores under a name."""
    return _file(content, media_type, name, "inline")


def downloaded_file(content: bytes, media_type: str, name: str) -> Response:
    """Return a file that a browser stores."""
    return _file(content, media_type, name, "attachment")


def _file(content: bytes, media_type: str, name: str, way: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers.set("Content-Disposition", way, filename=name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language()
    return response

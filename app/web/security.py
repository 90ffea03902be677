"""What browsers are told to refuse: foreign hosts, unknown scripts, framing."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

# A year, as browsers ask for; of hosts below this one nothing is known.
TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")

# Public data: pages of others may read them, without whatever signs a person in.
OPEN_PATHS = ("/api/", "/exports/")
OPEN_METHODS = ("GET", "HEAD", "OPTIONS")
# What reads, too, although it takes a body.
OPEN_POSTS = ("features.search", "exports.download")
OPEN_HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, If-None-Match, If-Modified-Since, If-Range, Range"
    ),
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Crs, Content-Range, ETag, Link, Memento-Datetime"
    ),
}


def csp_nonce() -> str:
    """Return the response's nonce; inline scripts and styles of our own templates carry it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def tile_origin(basemap_url: str | None) -> str | None:
    """Return scheme and host of a configured base map, the only foreign host a page may show.

    A ``{s}`` in the host stands for its mirrors and becomes a wildcard.
    """
    if basemap_url is None:
        return None
    parts = urlsplit(basemap_url)
    return f"{parts.scheme}://{parts.netloc}".replace("{s}", "*")


def content_policy(nonce: str | None, basemap_origin: str | None) -> str:
    """Return the Content-Security-Policy of a response; `nonce` is that of its inline parts, if any."""
    own = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    images = " ".join(filter(None, ("'self'", "data:", basemap_origin)))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            f"img-src {images}",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def init_app(app: Flask, basemap_url: str | None) -> None:
    """Put the policy on every response, errors and files included."""
    origin = tile_origin(basemap_url)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    # Data are asked for most often: what they carry is made once, and added without a look for each.
    policy = ("Content-Security-Policy", content_policy(None, origin))
    of_open_data = [policy, *(FIXED_HEADERS | OPEN_HEADERS).items()]

    @app.after_request
    def protect(response: Response) -> Response:
        if request.is_secure:
            response.headers.add(*TRANSPORT)
        is_reading = request.method in OPEN_METHODS or request.endpoint in OPEN_POSTS
        is_open = is_reading and f"{request.path}/".startswith(OPEN_PATHS)
        if is_open and response.mimetype != "text/html":
            response.headers.extend(of_open_data)
            return response
        response.headers["Content-Security-Policy"] = content_policy(g.get("csp_nonce"), origin)
        for name, value in FIXED_HEADERS.items():
            response.headers.setdefault(name, value)
        if is_open:
            response.headers.update(OPEN_HEADERS)
        if response.mimetype == "text/html":
            # A page holds its own nonce and the reader's language: nobody else's, and never reused.
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

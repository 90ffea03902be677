"""Behind a proxy: what it says of the reader's address, host, scheme and path, and nobody else's word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Network

Answer = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TrustedProxies:
    """A WSGI application whose ``X-Forwarded-*`` headers count where they come from certain addresses.

    Parameters
    ----------
    answer : callable
        The application.
    trusted : sequence of IPv4Network or IPv6Network
        From where a request must come. One proxy is believed: of several addresses that a header lists, the
        last counts, which the trusted one wrote itself.
    """

    def __init__(self, answer: Answer, trusted: Sequence[Network]) -> None:
        self._answer = answer
        self._trusted = tuple(trusted)
        self._forwarded = ProxyFix(answer, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if not self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self._answer(environ, start_response)
        if prefix := environ.get("HTTP_X_FORWARDED_PREFIX"):
            # “/hk/” and “/hk” say the same, and two slashes would name a host.
            environ["HTTP_X_FORWARDED_PREFIX"] = f"/{prefix.strip('/')}".rstrip("/")
        return self._forwarded(environ, start_response)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def init_app(app: Flask, trusted: Sequence[Network]) -> None:
    """Believe the proxies of these addresses; without any, none is."""
    if trusted:
        app.wsgi_app = TrustedProxies(app.wsgi_app, trusted)  # type: ignore[method-assign]

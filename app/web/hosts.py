"""The names under which the service answers: whoever asks for another one is told so."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, request
from werkzeug.sansio.utils import host_is_trusted

from app.errors import N_, InputError


def init_app(app: Flask, trusted: Sequence[str]) -> None:
    """Answer only where the ``Host`` of a request is one of these names; without any, to every name.

    What a trusted proxy says of the host counts as such. Flask's own setting leaves no way to make a page of
    the refusal: there are no addresses then.
    """
    if not trusted:
        return

    @app.before_request
    def check_host() -> None:
        if not host_is_trusted(request.host.lower(), trusted):
            shown = request.headers.get("Host", "")[:100]
            raise InputError(N_("This service does not answer under the name “%(host)s”."), host=shown)

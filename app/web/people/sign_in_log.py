"""What the log holds of signing in: one line an event, never what was typed."""

from __future__ import annotations

import json
import logging

from flask import Flask

_LOG = logging.getLogger("app.sign_in")


def init_app(app: Flask) -> None:
    """Write every event, however little else is logged."""
    # A child of the application's own logger, which has the handlers.
    app.logger.getChild("sign_in").setLevel(logging.INFO)


def log_event(event: str, **values: str | None) -> None:
    """Write an event and its values as ``name="value"``; a value of None is left out.

    Line breaks and all else that could make one line look like another are escaped.
    """
    told = (f"{name}={json.dumps(value)}" for name, value in values.items() if value is not None)
    _LOG.info("%s", " ".join((event, *told)))

"""How the service writes its log: one event begins one line, whatever is in it."""

from __future__ import annotations

import logging
import re
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(process)d] %(message)s"


class LineFormatter(logging.Formatter):
    r"""Writes an event as one line, and its trace, if it has one, in lines that are set in.

    What clients send (paths, names of headers, words in errors) reaches the log: signs that would begin
    another line, steer a terminal or turn the direction of reading are written out, as ``\n`` and ``\x1b``.
    """

    def __init__(self) -> None:
        super().__init__(_FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  as logging has it
        """Return the line of an event."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  as logging has it
        """Return the lines of a trace."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"  {escaped(line)}" for line in lines)


def escaped(text: str) -> str:
    """Return `text` with its control signs written out."""
    return _CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def log_settings() -> dict[str, Any]:
    """Return the settings for `logging.config.dictConfig`: all to the standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": LineFormatter}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": "WARNING", "handlers": ["lines"]},
        "loggers": {"gunicorn.error": {"handlers": []}, "gunicorn.access": {"handlers": []}},
    }

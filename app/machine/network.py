"""A machine without a network, told in one sentence wherever an installer meets it."""

from __future__ import annotations

from app.errors import N_

# What installers print when no registry answers: pip, npm, apt.
_OFFLINE_WORDS = (
    "NewConnectionError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "Temporary failure resolving",
    "Could not resolve",
    "Network is unreachable",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ENETUNREACH",
    "ECONNREFUSED",
    "ConnectTimeoutError",
    "ETIMEDOUT",
    "ReadTimeoutError",
    "ProxyError",
    "Could not connect to",
    "Unable to connect to",
)
SENTENCE = N_("The first set-up needs the internet, and no package registry answers: connect and try again.")


def reports_offline(output: str) -> bool:
    """Return whether an installer's output says that it reached nobody."""
    return any(words in output for words in _OFFLINE_WORDS)

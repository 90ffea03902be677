"""The language of the prompt."""

from __future__ import annotations

import os


def prompt_language() -> str:
    """Return German where the environment asks for it, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "de" if spoken.startswith("de") else "en"

"""What the service says of drafts, which a browser keeps."""

from __future__ import annotations

from flask import session


def note_saved(form_id: str, base: int = 0) -> None:
    """Let the browser learn with the next page which draft it need not hold any more."""
    session["saved_forms"] = [*session.get("saved_forms", []), [form_id, str(base)]]

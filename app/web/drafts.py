"""What the service says of drafts, which a browser keeps."""

from __future__ import annotations

from flask import request, session

# A session travels with every request.
_MOST = 8


def note_saved(form_id: str, base: int = 0) -> None:
    """Let the browser learn with the pages that follow which drafts it need not hold any more.

    Each page says it again, for whoever leaves one before its modules have run. What is typed after the
    form was sent, by the browser's own clock, is another draft.
    """
    if (sent_at := request.form.get("sent_at", type=int)) is not None:
        session["saved_forms"] = [*session.get("saved_forms", []), [form_id, str(base), sent_at]][-_MOST:]

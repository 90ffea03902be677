"""What the service says of drafts, which a browser keeps."""

from __future__ import annotations

from flask import session


def note_saved(form_id: str, base: int = 0) -> None:
    """Let the browser learn with the next page which draft it need not hold any more."""
    session["saved_forms"] = [*session.get("saved_forms", []), [form_id, str(base)]]


def saved_forms() -> list[list[str]]:
    """Return the forms and versions that were saved, each on two pages: the first may be left too early."""
    noted = session.pop("saved_forms", [])
    again = [[*saved, "again"] for saved in noted if len(saved) == 2]
    if again:
        session["saved_forms"] = again
    return [saved[:2] for saved in noted]

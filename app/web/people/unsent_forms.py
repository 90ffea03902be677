"""What a form sent whose session had ended: it goes through the pages of signing in, and is sent again then.

With scripts the page asks before it sends; this is for those without.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer

from app.services.people.staff import Person

FIELD = "unsent"
_HOLDS_S = 3600
_OF_THE_PAGE = {"csrf_token", FIELD}


@dataclass(frozen=True)
class UnsentForm:
    """Where a form went, whose it was as far as the ended session says it, and what it held."""

    address: str
    person: int | None
    fields: list[list[str]]


def signed_form() -> str | None:
    """Return what the form at hand holds, signed; None where it does not come from a page of our own."""
    if request.files or request.headers.get("Origin") != request.host_url.rstrip("/"):
        return None
    fields = [[name, text] for name, text in request.form.items(multi=True) if name not in _OF_THE_PAGE]
    address = f"{request.script_root}{request.full_path}".rstrip("?")
    found = UnsentForm(address, session.get("account", {}).get("id"), fields)
    return str(_signer().dumps(asdict(found)))


def unsent_form(person: Person) -> UnsentForm | None:
    """Return the form that came with that of signing in; None without one, and for another person's."""
    try:
        found = UnsentForm(**_signer().loads(request.form.get(FIELD, ""), max_age=_HOLDS_S))
    except BadData:
        return None
    return found if found.person in (None, person.staff_id) else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="unsent form")

"""Keys by which tours are known in addresses, files and calendars."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.tours.saved import first_sequence, free_key
from app.db.tours.shares import was_shared
from app.domain.kinds import TourStatus

_LONGEST_SLUG = 40
_DRAFT_BYTES = 4


def wanted_key(title: str, on: date) -> str:
    """Return the key that a title and a day ask for."""
    return f"{slug(title)}-{on}"


def draft_key() -> str:
    """Return a key of no meaning, which no other tour has or had: calendars take it for a tour of its own."""
    return f"entwurf-{secrets.token_hex(_DRAFT_BYTES)}"


def changed_key(connection: Connection, stored: RowMapping, title: str, on: date) -> dict[str, Any]:
    """Return the columns that give a tour the key its title and day ask for; none where it has it.

    Once somebody else may know a tour by its key, because it was published or shared, it keeps that.
    """
    wanted = wanted_key(title, on)
    is_known = stored["status"] != TourStatus.DRAFT or was_shared(connection, stored["tour_id"])
    if is_known or re.fullmatch(rf"{re.escape(wanted)}(-\d+)?", stored["key"]):
        return {}
    return {"key": free_key(connection, wanted), "sequence": first_sequence()}


def slug(title: str, otherwise: str = "tour") -> str:
    """Return a title as the beginning of a key: small letters, digits and hyphens; `otherwise` of none."""
    folded = title.lower().replace("ß", "ss")
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        folded = folded.replace(letter, letters)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-") or otherwise

"""What the codes of closed lists are called on pages; in the data they stay codes."""

from __future__ import annotations

from flask_babel import gettext

from app.api.features.texts import VALUES
from app.services.features.column_guide import NAMES


def value_name(collection: str, column: str, value: str) -> str:
    """Return what a column's code is called in the reader's language; any other text as it is."""
    kind = VALUES.get((collection, column))
    name = None if kind is None else NAMES.get(kind, {}).get(value)
    return value if name is None else gettext(name)

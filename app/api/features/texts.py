"""What collections, their columns and their values are called, in English; readers get them translated.

What the codes of closed lists are called on pages; in the data they stay codes.
"""

from __future__ import annotations

from flask_babel import gettext

from app.domain.column_words import COLUMNS, VALUES, title_of
from app.domain.frames import CONTRACTS
from app.errors import N_
from app.services.features.column_guide import NAMES

__all__ = ["COLUMNS", "GEOMETRY", "VALUES", "VERSIONED", "title_of", "values_of"]

VERSIONED = frozenset(name for name, contract in CONTRACTS.items() if "valid_from" in contract.columns)


def values_of(collection: str, column: str) -> tuple[str, ...] | None:
    """Return the only values a column may hold, None where any text is possible."""
    known = VALUES.get((collection, column))
    return None if known is None else tuple(each.value for each in known)


GEOMETRY = N_("Geometry")


def value_name(collection: str, column: str, value: str) -> str:
    """Return what a column's code is called in the reader's language; any other text as it is."""
    kind = VALUES.get((collection, column))
    name = None if kind is None else NAMES.get(kind, {}).get(value)
    return value if name is None else gettext(name)

"""What collections, their columns and their values are called, in English; readers get them translated."""

from __future__ import annotations

from app.domain.column_words import COLUMNS, VALUES, title_of
from app.domain.frames import CONTRACTS
from app.errors import N_

__all__ = ["COLUMNS", "GEOMETRY", "VALUES", "VERSIONED", "title_of", "values_of"]

VERSIONED = frozenset(name for name, contract in CONTRACTS.items() if "valid_from" in contract.columns)


def values_of(collection: str, column: str) -> tuple[str, ...] | None:
    """Return the only values a column may hold, None where any text is possible."""
    known = VALUES.get((collection, column))
    return None if known is None else tuple(each.value for each in known)


GEOMETRY = N_("Geometry")

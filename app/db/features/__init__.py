"""Features of all collections, of any day, leaving the database as finished text."""

from app.db.features.extents import Extent, extent
from app.db.features.pages import Page, VersionRow, count, feature, page, versions
from app.db.features.selection import Selection, selection
from app.db.features.streams import chunks, texts

__all__ = [
    "Extent",
    "Page",
    "Selection",
    "VersionRow",
    "chunks",
    "count",
    "extent",
    "feature",
    "page",
    "selection",
    "texts",
    "versions",
]

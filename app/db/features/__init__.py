"""Features of all collections, of any day, leaving the database as finished text."""

from app.db.features.pages import Page, VersionRow, count, feature, page, texts, versions
from app.db.features.selection import Selection, selection

__all__ = ["Page", "Selection", "VersionRow", "count", "feature", "page", "selection", "texts", "versions"]

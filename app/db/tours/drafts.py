"""Tours that only staff see: drafts, and those taken back."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from app.db.models import Park, Tour
from app.domain.kinds import TourStatus


def unpublished_tours(connection: Connection) -> list[RowMapping]:
    """Return the tours that are not public, latest day first.

    Each has `key`, `title`, `park` (its name), `starts_at`, `status`.
    """
    statement = (
        select(Tour.key, Tour.title, Park.name.label("park"), Tour.starts_at, Tour.status)
        .join(Park, Park.park_id == Tour.park_id)
        .where(Tour.status != TourStatus.PUBLISHED)
        .order_by(Tour.starts_at.desc(), Tour.key)
    )
    return list(connection.execute(statement).mappings())

"""Share links: made, found, revoked."""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, insert, select, update

from app.db.models import TourShare


def open_token(connection: Connection, tour_id: int) -> str | None:
    """Return the token of a tour's share link; None when it has none that is open."""
    statement = select(TourShare.token).where(TourShare.tour_id == tour_id, TourShare.revoked_at.is_(None))
    return connection.execute(statement).scalar_one_or_none()


def was_shared(connection: Connection, tour_id: int) -> bool:
    """Return whether a tour ever had a share link."""
    statement = select(exists().where(TourShare.tour_id == tour_id))
    return bool(connection.execute(statement).scalar_one())


def store_token(connection: Connection, tour_id: int, token: str) -> None:
    """Open a share link."""
    connection.execute(insert(TourShare).values(tour_id=tour_id, token=token))


def revoke_tokens(connection: Connection, tour_id: int) -> int:
    """Close a tour's share link; return how many were open."""
    statement = (
        update(TourShare)
        .where(TourShare.tour_id == tour_id, TourShare.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    return connection.execute(statement).rowcount

"""What papers of a tour show beside its timetable, and who may read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from app.db.models import Tour, TourShare
from app.domain.kinds import TourStatus
from app.errors import N_, NotFoundError

# What the database lets be stored.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,200}")


@dataclass(frozen=True)
class TourState:
    """Who sees a tour, and its last change: `sequence` counts changes for calendars.

    `called_off` is what calendars knew of one that was withdrawn: `title`, `starts_at`, `ends_at`.
    """

    status: TourStatus
    sequence: int
    changed_at: datetime
    called_off: Mapping[str, str] | None = None


def tour_state(connection: Connection, key: str) -> TourState:
    """Return the state of a tour.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    statement = select(Tour.status, Tour.sequence, Tour.changed_at, Tour.called_off).where(Tour.key == key)
    # PostgreSQL has no texts with this sign, and does not like to be asked for one.
    row = None if "\x00" in key else connection.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(N_("There is no tour “%(key)s”."), key=key[:60])
    return TourState(TourStatus(row.status), row.sequence, row.changed_at, row.called_off)


def shared_tour(connection: Connection, token: str) -> str | None:
    """Return the key of the tour that a share link opens; None when it never did or was revoked."""
    if not _TOKEN.fullmatch(token):
        return None
    statement = (
        select(Tour.key)
        .join(TourShare, TourShare.tour_id == Tour.tour_id)
        .where(TourShare.token == token, TourShare.revoked_at.is_(None))
    )
    return connection.execute(statement).scalar_one_or_none()

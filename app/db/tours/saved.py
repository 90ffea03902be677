"""Tours that staff plan: stored with their request, changed only by who has seen the last version.

Tours that only staff see: drafts, and those taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from app.db.changes import lock_tours, version_now
from app.db.land.parks import name_at
from app.db.models import Meeting, Park, Tour
from app.db.versions import refusals_in_words
from app.domain.kinds import TourStatus
from app.errors import N_, NotFoundError


def saved_row(connection: Connection, key: str, *, is_to_change: bool = False) -> RowMapping:
    """Return a tour's own columns and its `park`'s key; with `is_to_change` nobody else changes it meanwhile.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    statement = select(Tour.__table__, Park.key.label("park")).join(Park, Park.park_id == Tour.park_id)
    statement = statement.where(Tour.key == key)
    if is_to_change:
        lock_tours(connection)
        statement = statement.with_for_update(of=Tour)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFoundError(N_("There is no tour “%(key)s”."), key=key[:60])
    return row


def insert_tour(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a new tour, a draft; return its id."""
    with refusals_in_words("tour"):
        statement = (
            insert(Tour)
            .values(**values, status=TourStatus.DRAFT.value, sequence=first_sequence())
            .returning(Tour.tour_id)
        )
        tour_id: int = connection.execute(statement).scalar_one()
    return tour_id


def first_sequence() -> ColumnElement[int]:
    """Return where the sequence of a new tour begins: above that of any tour whose key it may have got.

    Else calendars that know a deleted tour by that key would take the new one for an older state.
    No sequence rises faster than the data's version.
    """
    return version_now()


def change_tour(connection: Connection, tour_id: int, **values: Any) -> int:
    """Change columns of a tour; its version and its sequence rise. Return the version."""
    risen = {"sequence": Tour.sequence + 1, **values, "version": Tour.version + 1, "changed_at": func.now()}
    with refusals_in_words("tour"):
        statement = update(Tour).where(Tour.tour_id == tour_id).values(**risen)
        version: int = connection.execute(statement.returning(Tour.version)).scalar_one()
    return version


def delete_stored(connection: Connection, tour_id: int) -> None:
    """Delete a tour with its stops, legs, share links and the permissions that were its alone."""
    connection.execute(delete(Tour).where(Tour.tour_id == tour_id))


def meeting_of(connection: Connection, tour_id: int) -> str | None:
    """Return the title of a meeting that the tour belonged to; None without one."""
    statement = select(Meeting.title).where(Meeting.tour_id == tour_id).order_by(Meeting.held_on)
    return connection.execute(statement).scalars().first()


def free_key(connection: Connection, wanted: str) -> str:
    """Return `wanted`, or with the lowest number behind it that no tour has; see `lock_tours`."""
    taken = set(connection.execute(select(Tour.key).where(Tour.key.startswith(wanted))).scalars())
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(key for key in (wanted, *numbered) if key not in taken)


def draft_tours(connection: Connection) -> list[RowMapping]:
    """Return the tours that are not public, latest day first.

    Each has `key`, `title`, `park` (its name), `starts_at`, `status`.
    """
    statement = (
        select(
            Tour.key,
            Tour.title,
            name_at(Tour.park_id, Tour.starts_at).label("park"),
            Tour.starts_at,
            Tour.status,
        )
        .where(Tour.status != TourStatus.PUBLISHED)
        .order_by(Tour.starts_at.desc(), Tour.key)
    )
    return list(connection.execute(statement).mappings())

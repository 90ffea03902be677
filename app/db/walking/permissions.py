"""Permissions to use walkways: stored, listed, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import aliased

from app.db.models import Tour, Walkway, WalkwayPermission
from app.db.row_frames import life
from app.db.versions import refusals_in_words


def permissions(connection: Connection) -> Sequence[RowMapping]:
    """Return all access permissions, the latest granted first.

    Each has `number`, the walkway's key as `walkway`, its `name` and `kind`, the `tour`'s key (None: any),
    `granted_by`, `granted_on`, `opens_at`, `closes_at`, `valid_from`, `valid_to` and `note`.
    """
    permission = WalkwayPermission
    statement = (
        select(
            permission.walkway_permission_id.label("number"),
            Walkway.key.label("walkway"),
            Walkway.name,
            Walkway.kind,
            Tour.key.label("tour"),
            permission.granted_by,
            permission.granted_on,
            permission.opens_at,
            permission.closes_at,
            *life(permission.valid),
            permission.note,
        )
        .join(Walkway, Walkway.walkway_id == permission.walkway_id)
        .outerjoin(Tour, Tour.tour_id == permission.tour_id)
        .order_by(permission.granted_on.desc(), permission.walkway_permission_id.desc())
    )
    return connection.execute(statement).mappings().all()


def walkway_rows(connection: Connection, key: str) -> Sequence[RowMapping]:
    """Return the rows of a walkway in order of time: `walkway_id`, `access`, `valid`."""
    statement = select(Walkway.walkway_id, Walkway.access, Walkway.valid).where(Walkway.key == key)
    return connection.execute(statement.order_by(func.lower(Walkway.valid).nulls_first())).mappings().all()


def store_permission(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store an access permission; return its number."""
    with refusals_in_words("walkway_permission"):
        statement = insert(WalkwayPermission).values(values)
        returned = connection.execute(statement.returning(WalkwayPermission.walkway_permission_id))
        number: int = returned.scalar_one()
    return number


def delete_permission(connection: Connection, number: int) -> bool:
    """Delete an access permission; return whether there was any of that number.

    A walkway that changes in the time of a permission has it once for each of its rows: all of them go.
    """
    given, twin = aliased(WalkwayPermission), WalkwayPermission
    own, other = aliased(Walkway), aliased(Walkway)
    columns = ("tour_id", "granted_by", "granted_on", "opens_at", "closes_at", "valid", "note")
    same = [getattr(twin, name).is_not_distinct_from(getattr(given, name)) for name in columns]
    numbers = (
        select(twin.walkway_permission_id)
        .join(other, other.walkway_id == twin.walkway_id)
        .join(own, own.key == other.key)
        .join(given, given.walkway_id == own.walkway_id)
        .where(given.walkway_permission_id == number, *same)
    )
    found = connection.execute(numbers).scalars().all()
    connection.execute(delete(twin).where(twin.walkway_permission_id.in_(found)))
    return bool(found)

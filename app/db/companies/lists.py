"""Uploaded lists of companies until they are decided on, and what columns were said to mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.models import CompanyList, ListColumns, Organization, Staff
from app.errors import N_, NotFoundError


@dataclass(frozen=True)
class StoredList:
    """A list as it is stored; see `app.db.models.CompanyList`."""

    company_list_id: int
    name: str
    content: bytes
    answers: Mapping[str, Any] | None
    choices: Mapping[str, str]
    created_at: datetime
    expires_at: datetime


def store_list(  # noqa: PLR0913, PLR0917  the columns of a row
    connection: Connection,
    staff_id: int,
    name: str,
    content: bytes,
    created_at: datetime,
    expires_at: datetime,
) -> int:
    """Keep a list; return its number."""
    values = {"staff_id": staff_id, "name": name, "content": content}
    times = {"created_at": created_at, "expires_at": expires_at}
    statement = insert(CompanyList).values(**values, **times).returning(CompanyList.company_list_id)
    return int(connection.execute(statement).scalar_one())


def own_lists(connection: Connection, staff_id: int, at: datetime) -> Sequence[StoredList]:
    """Return the lists of a person that have not expired, the latest first."""
    statement = (
        select(CompanyList.__table__)
        .where(CompanyList.staff_id == staff_id, CompanyList.expires_at > at)
        .order_by(CompanyList.company_list_id.desc())
    )
    return [_stored(row) for row in connection.execute(statement).mappings()]


def own_list(connection: Connection, staff_id: int, number: int, at: datetime) -> StoredList:
    """Return a list of a person.

    Raises
    ------
    NotFoundError
        When there is none of the number, it is somebody else's, was decided on or has expired.
    """
    found = next((one for one in own_lists(connection, staff_id, at) if one.company_list_id == number), None)
    if found is None:
        raise NotFoundError(N_("This list is not here any more: upload it again."))
    return found


def _stored(row: Mapping[Any, Any]) -> StoredList:
    return StoredList(**{name: row[name] for name in StoredList.__dataclass_fields__})


def change_list(connection: Connection, number: int, **values: Any) -> None:
    """Note what was said of a list: `answers` or `choices`."""
    statement = update(CompanyList).where(CompanyList.company_list_id == number)
    connection.execute(statement.values(**values))


def remove_list(connection: Connection, number: int) -> None:
    """Remove a list."""
    connection.execute(delete(CompanyList).where(CompanyList.company_list_id == number))


def remove_expired(connection: Connection, at: datetime) -> None:
    """Remove all lists that have expired."""
    connection.execute(delete(CompanyList).where(CompanyList.expires_at <= at))


def remembered_columns(connection: Connection, staff_id: int) -> dict[str, str]:
    """Return what a person's organization said that columns mean."""
    own = select(Staff.organization_id).where(Staff.staff_id == staff_id).scalar_subquery()
    is_same = ListColumns.organization_id.is_not_distinct_from(own)
    return dict(connection.execute(select(ListColumns.fields).where(is_same)).scalar() or {})


def remember_columns(connection: Connection, staff_id: int, fields: Mapping[str, str]) -> None:
    """Note what a person's organization says that columns mean, beside what it said before."""
    own = select(Organization.organization_id).join(Staff).where(Staff.staff_id == staff_id)
    values = {"organization_id": own.scalar_subquery(), "fields": dict(fields)}
    statement = upsert(ListColumns).values(**values)
    both = ListColumns.fields.op("||")(statement.excluded.fields)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["organization_id"], set_={"fields": both})
    )

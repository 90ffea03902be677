"""What was proposed to correct of companies' data, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.engine import RowMapping

from app.db.models import Company, Correction
from app.errors import N_, NotFoundError

_OPEN = "open"


def put_correction(  # noqa: PLR0913, PLR0917  the columns of a row
    connection: Connection,
    company_id: int,
    field: str,
    proposed: str,
    at: datetime,
    invitation_id: int | None,
    *,
    is_done: bool = False,
) -> None:
    """Put a proposal into the queue; one that `is_done` is only written down."""
    values = {
        "company_id": company_id,
        "field": field,
        "proposed": proposed,
        "received_at": at,
        "said_by": invitation_id,
        "state": "accepted" if is_done else _OPEN,
    }
    connection.execute(insert(Correction).values(values))


def open_corrections(connection: Connection) -> Sequence[RowMapping]:
    """Return what waits for a decision, the oldest first."""
    statement = _columns().where(Correction.state == _OPEN).order_by(Correction.correction_id)
    return connection.execute(statement).mappings().all()


def correction(connection: Connection, number: int) -> RowMapping:
    """Return a proposal.

    Raises
    ------
    NotFoundError
    """
    row = connection.execute(_columns().where(Correction.correction_id == number)).mappings().first()
    if row is None:
        raise NotFoundError(N_("There is no proposal of number %(number)s."), number=number)
    return row


def decide(connection: Connection, number: int, state: str, staff_id: int, change_set_id: int | None) -> bool:
    """Write down what became of a proposal; return False where it was decided on already."""
    statement = (
        update(Correction)
        .where(Correction.correction_id == number, Correction.state == _OPEN)
        .values(state=state, staff_id=staff_id, change_set_id=change_set_id)
    )
    return connection.execute(statement).rowcount > 0


def _columns() -> Select[Any]:
    joined = select(Correction.__table__, Company.key.label("company"))
    return joined.join(Company, Company.company_id == Correction.company_id)

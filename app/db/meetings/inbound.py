"""Mails that came in: stored once each, matched with invitations, done when a person or a rule says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import Inbound
from app.domain.meetings import InboundKind, InboundState


def put_inbound(connection: Connection, **values: Any) -> int | None:
    """Store a mail that came in and return its number; None for one that is stored already."""
    statement = upsert(Inbound).values(values).on_conflict_do_nothing(index_elements=["message_key"])
    return connection.execute(statement.returning(Inbound.inbound_id)).scalar()


def change_inbound(connection: Connection, number: int, **values: Any) -> None:
    """Change columns of a mail that came in."""
    connection.execute(update(Inbound).where(Inbound.inbound_id == number).values(values))


def open_inbound(connection: Connection, meeting_id: int) -> Sequence[RowMapping]:
    """Return what waits for a person: of a meeting, and of none that is known."""
    statement = (
        select(Inbound.__table__)
        .where(
            Inbound.state == InboundState.OPEN,
            or_(Inbound.meeting_id == meeting_id, Inbound.meeting_id.is_(None)),
        )
        .order_by(Inbound.inbound_id)
    )
    return connection.execute(statement).mappings().all()


def inbound(connection: Connection, number: int) -> RowMapping | None:
    """Return a mail that came in and waits for a person; nobody else decides on it meanwhile."""
    mine = Inbound.inbound_id == number, Inbound.state == InboundState.OPEN
    return connection.execute(select(Inbound.__table__).where(*mine).with_for_update()).mappings().first()


def n_soft_bounces(connection: Connection, invitation_id: int, at: datetime, within: timedelta) -> int:
    """Return how many mails of an invitation came back within some days before an instant."""
    statement = select(func.count()).where(
        Inbound.matched_invitation_id == invitation_id,
        Inbound.kind == InboundKind.BOUNCE,
        Inbound.received_at > at - within,
    )
    return connection.execute(statement).scalar_one()

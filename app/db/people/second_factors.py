"""Second factors of staff. Their secrets leave the database for nothing but comparing codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, any_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import RowMapping

from app.db.models import SecondFactor


def factor_of(connection: Connection, staff_id: int) -> RowMapping | None:
    """Return the row of a person's second factor; None without one."""
    statement = select(SecondFactor.__table__).where(SecondFactor.staff_id == staff_id)
    return connection.execute(statement).mappings().first()


def store_factor(connection: Connection, staff_id: int, secret: str) -> bool:
    """Store a secret that is to be confirmed; return False where one is confirmed already."""
    values: dict[str, object] = {"secret": secret, "last_step": None, "recovery_hashes": []}
    statement = upsert(SecondFactor).values(staff_id=staff_id, **values)
    changed = statement.on_conflict_do_update(
        index_elements=["staff_id"], set_=values, where=SecondFactor.confirmed_at.is_(None)
    )
    return connection.execute(changed.returning(SecondFactor.staff_id)).first() is not None


def confirm_factor(connection: Connection, staff_id: int, hashes: Sequence[str], at: datetime) -> None:
    """Ask for the second factor from now on, and take these codes instead, each once."""
    values = {"confirmed_at": at, "recovery_hashes": list(hashes)}
    connection.execute(update(SecondFactor).where(SecondFactor.staff_id == staff_id).values(values))


def use_step(connection: Connection, staff_id: int, step: int) -> bool:
    """Take the code of a step of time; return False where it, or a later one, was taken already."""
    is_fresh = or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step)
    statement = update(SecondFactor).where(SecondFactor.staff_id == staff_id, is_fresh).values(last_step=step)
    return connection.execute(statement).rowcount > 0


def use_recovery(connection: Connection, staff_id: int, code_hash: str) -> bool:
    """Take a recovery code, which is none any more then; return False where it is none."""
    hashes = SecondFactor.recovery_hashes
    statement = (
        update(SecondFactor)
        .where(SecondFactor.staff_id == staff_id, literal(code_hash) == any_(hashes))
        .values(recovery_hashes=func.array_remove(hashes, code_hash))
    )
    return connection.execute(statement).rowcount > 0


def remove_factor(connection: Connection, staff_id: int) -> bool:
    """Remove a person's second factor; return False without one."""
    statement = delete(SecondFactor).where(SecondFactor.staff_id == staff_id)
    return connection.execute(statement).rowcount > 0

"""When the data changed: its version now, and the days on which the parks did."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, func, select, text, union

from app.db.models import DataVersion, Facility, Occupancy, PlotVersion
from app.db.quick import quick_rows

# The state of the data as a value in a statement: known in the same moment as all else that it reads.
STATE = "(SELECT version || '-' || round(extract(epoch FROM changed_at)::numeric, 6)::text FROM data_version)"


def data_version(connection: Connection) -> int:
    """Return the number that rises with every change of data."""
    return connection.execute(select(DataVersion.version)).scalar_one()


def state_of_data(connection: Connection) -> str:
    """Return a text that differs between any two states of the data, those of two databases included."""
    [(state,)] = quick_rows(connection, f"SELECT {STATE}", {}, is_kept=True)
    return str(state)


def changed_at(state: str) -> datetime:
    """Return when the data came into a state, as `state_of_data` gives it."""
    return datetime.fromtimestamp(float(state.partition("-")[2]), UTC)


def data_changed_at(connection: Connection) -> datetime:
    """Return when the data changed last."""
    return connection.execute(select(DataVersion.changed_at)).scalar_one()


def change_days(connection: Connection) -> list[date]:
    """Return the days, in order, on which a plot, company or facility came, changed or went."""
    periods = [table.valid for table in (PlotVersion, Occupancy, Facility)]
    bounds = union(
        *(select(bound(valid).label("day")) for valid in periods for bound in (func.lower, func.upper))
    )
    days = bounds.subquery()
    statement = select(days.c.day).where(days.c.day.is_not(None)).order_by(days.c.day)
    return list(connection.execute(statement).scalars())


def lock_data(connection: Connection) -> None:
    """Let nobody else change data until this transaction ends; who wants to, waits.

    Every change counts the version up, so writers wait for one another in any case. Who locks a row
    before it and changes something after it must wait here first: else two of them, the one with the
    row and the other with the version, wait for each other for ever.
    """
    connection.execute(select(DataVersion.version).with_for_update())


def act_as(connection: Connection, actor: str) -> None:
    """Name the person behind the changes of this transaction; the audit triggers write it down."""
    connection.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": actor})

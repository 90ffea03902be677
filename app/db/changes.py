"""When the data changed: its version now, and the days on which the parks did."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, func, select, text, union

from app.db.models import DataVersion, Facility, Occupancy, PlotVersion


def data_version(connection: Connection) -> int:
    """Return the number that rises with every change of data."""
    return connection.execute(select(DataVersion.version)).scalar_one()


def state_of_data(connection: Connection) -> str:
    """Return a text that differs between any two states of the data, those of two databases included."""
    return last_change(connection)[0]


def last_change(connection: Connection) -> tuple[str, datetime]:
    """Return the text of `state_of_data`, and when the data changed last."""
    version, changed_at = connection.exec_driver_sql("SELECT version, changed_at FROM data_version").one()
    return f"{version}-{changed_at.timestamp():.6f}", changed_at


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


def act_as(connection: Connection, actor: str) -> None:
    """Name the person behind the changes of this transaction; the audit triggers write it down."""
    connection.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": actor})

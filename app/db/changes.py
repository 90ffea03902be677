"""When the data changed: its version now, and the days on which the parks did."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Connection, func, select, text, union

from app.db.models import DataChange, DataVersion, Facility, Occupancy, PlotVersion
from app.db.raw_sql import raw_rows

# The state of the data as a value in a statement: known in the same moment as all else that it reads. Who has
# changed something sees states of its own until its transaction ends; nobody else will ever see those.
STATE = (
    "(SELECT version || '-' || round(extract(epoch FROM changed_at)::numeric, 6)::text || coalesce(("
    "SELECT '-' || transaction_id::text || '.' || n_changes::text FROM data_change"
    " WHERE transaction_id = pg_current_xact_id_if_assigned()), '') FROM data_version)"
)


def version_now() -> ColumnElement[int]:
    """Return the data's version, this transaction's own changes counted, as a value in a statement."""
    own = select(DataChange.n_changes).where(
        DataChange.transaction_id == func.pg_current_xact_id_if_assigned()
    )
    return select(DataVersion.version).scalar_subquery() + func.coalesce(own.scalar_subquery(), 0)


def data_version(connection: Connection) -> int:
    """Return the number that rises with every change of data, this transaction's own counted."""
    return int(connection.execute(select(version_now())).scalar_one())


def state_of_data(connection: Connection) -> str:
    """Return a text that differs between any two states of the data, those of two databases included.

    A transaction that has changed something sees states of its own, which nobody will see again.
    """
    [(state,)] = raw_rows(connection, f"SELECT {STATE}", {}, is_prepared=True)
    return str(state)


def changed_at(state: str) -> datetime:
    """Return when the data came into a state, as `state_of_data` gives it; own changes are not over yet."""
    return datetime.fromtimestamp(float(state.split("-")[1]), UTC)


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


def lock_tours(connection: Connection) -> None:
    """Let nobody else change tours until this transaction ends; who wants to, waits.

    Whoever changes several tours, or looks at a tour's row and changes it later, waits here first: else two
    of them, each with a row that the other wants, wait for each other for ever.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('tours'))"))


def act_as(connection: Connection, actor: str) -> None:
    """Name the person behind the changes of this transaction; the audit triggers write it down."""
    connection.execute(text("SELECT set_config('app.actor', :actor, true)"), {"actor": actor})

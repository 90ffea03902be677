"""When the data changed: its version now, and the days on which the parks did."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, text, union

from app.db.models import ChangeSet, CompanyVersion, DataChange, DataVersion, Facility, Occupancy, PlotVersion
from app.db.raw_sql import raw_rows
from app.domain.kinds import BusinessCase, Intent

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
    periods = [table.valid for table in (PlotVersion, Occupancy, CompanyVersion, Facility)]
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


def lock_histories(connection: Connection) -> None:
    """Let nobody else edit things over time until this transaction ends; who wants to, waits.

    What a thing shall be is worked out from all of its versions.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('histories'))"))


def act_as(connection: Connection, actor: str, business_case: BusinessCase = BusinessCase.OTHER) -> None:
    """Name the person behind the changes of this transaction; the audit triggers write it down.

    With the first change a change set is made, of which all of them are a part.
    """
    _set(connection, actor=actor, business_case=business_case, change_set="")


def _set(connection: Connection, **settings: str) -> None:
    """Set what the triggers read until the transaction ends."""
    chosen = [func.set_config(f"app.{name}", str(value), True) for name, value in settings.items()]
    connection.execute(select(*chosen))


@dataclass(frozen=True)
class Change:
    """What a person says of a save: who, what for, with which intent, from which day on, and why.

    `organization` is its name at that time; `undoes` the change set that this one takes back.
    """

    person: str
    business_case: BusinessCase
    intent: Intent | None = None
    day: date | None = None
    reason: str | None = None
    organization: str | None = None
    undoes: int | None = None


def begin_change_set(connection: Connection, change: Change) -> int:
    """Make a change set, of which all changes of this transaction are a part from now on; return its id."""
    statement = insert(ChangeSet).values(**asdict(change)).returning(ChangeSet.change_set_id)
    made: int = connection.execute(statement).scalar_one()
    _set(connection, actor=change.person, change_set=str(made))
    return made

"""Which plot came from which."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from app.db.models import Lineage, PlotVersion
from app.domain.kinds import LineageKind
from app.domain.lifetimes import Descent


def descents(connection: Connection, first: date, last: date) -> list[Descent]:
    """Return which plots came from which after a day up to and including another one."""
    parent, child = aliased(PlotVersion), aliased(PlotVersion)
    day = func.lower(child.valid)
    statement = (
        select(day, Lineage.kind, parent.plot_key, child.plot_key)
        .join(parent, parent.plot_version_id == Lineage.parent_version_id)
        .join(child, child.plot_version_id == Lineage.child_version_id)
        .where(day > first, day <= last)
        .order_by(day, parent.plot_key, child.plot_key)
    )
    return [
        Descent(at, LineageKind(kind), came_from, key)
        for at, kind, came_from, key in connection.execute(statement)
    ]

"""Persons' overrides of pairs of plots."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select
from sqlalchemy.orm import aliased

from app.db.models import AdjacencyOverride, Plot
from app.db.row_frames import life
from app.db.versions import date_range
from app.domain.period import Period


def plot_id(connection: Connection, key: str) -> int | None:
    """Return the id of the plot named `key`, None where there is none."""
    return connection.execute(select(Plot.plot_id).where(Plot.key == key)).scalar_one_or_none()


def store_override(connection: Connection, values: dict[str, Any], period: Period) -> None:
    """Store one override; an exclusion constraint refuses a second one for the same pair and day."""
    connection.execute(insert(AdjacencyOverride).values(**values, valid=date_range(period)))


def delete_overrides(connection: Connection, one_id: int, other_id: int) -> int:
    """Delete all overrides of a pair; return how many there were."""
    pair = AdjacencyOverride.focal_plot_id, AdjacencyOverride.neighbor_plot_id
    smaller, larger = sorted((one_id, other_id))
    statement = delete(AdjacencyOverride).where(func.least(*pair) == smaller, func.greatest(*pair) == larger)
    return connection.execute(statement).rowcount


def delete_override(connection: Connection, number: int) -> bool:
    """Delete one override; return whether there was any of that number."""
    statement = delete(AdjacencyOverride).where(AdjacencyOverride.adjacency_override_id == number)
    return bool(connection.execute(statement).rowcount)


def overrides(connection: Connection, on: date | None = None, plot: str | None = None) -> list[RowMapping]:
    """Return the overrides that hold on a day (None: all), of one plot or of all, by pair."""
    focal, neighbor = aliased(Plot), aliased(Plot)
    statement = (
        select(
            AdjacencyOverride.adjacency_override_id.label("number"),
            focal.key.label("focal"),
            neighbor.key.label("neighbor"),
            AdjacencyOverride.relation,
            AdjacencyOverride.reason,
            AdjacencyOverride.decided_by,
            AdjacencyOverride.decided_on,
            *life(AdjacencyOverride.valid),
        )
        .join(focal, focal.plot_id == AdjacencyOverride.focal_plot_id)
        .join(neighbor, neighbor.plot_id == AdjacencyOverride.neighbor_plot_id)
        .order_by(focal.key, neighbor.key)
    )
    if on is not None:
        statement = statement.where(AdjacencyOverride.valid.op("@>")(on))
    if plot is not None:
        statement = statement.where(or_(focal.key == plot, neighbor.key == plot))
    return list(connection.execute(statement).mappings())

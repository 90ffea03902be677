"""Which company followed which, where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import aliased

from app.db.companies.companies import company_ids
from app.db.land.plots import plot_ids
from app.db.models import Company, Plot, Source, Succession
from app.db.sources import source_ids
from app.db.versions import Tally, refusals_in_words, resolve
from app.errors import N_

COLUMNS = ("predecessor", "successor", "plot", "kind", "happened_on", "precision", "source")
UNKNOWN_COMPANY = N_("Succession %(row)s names the company “%(key)s”, which is not stored.")
UNKNOWN_PLOT = N_("Succession %(row)s names the plot “%(key)s”, which is not stored.")


def successions(connection: Connection) -> list[dict[str, Any]]:
    """Return every succession with `COLUMNS` (keys, not ids), the oldest first."""
    before, after = aliased(Company), aliased(Company)
    statement = (
        select(
            before.key.label("predecessor"),
            after.key.label("successor"),
            Plot.key.label("plot"),
            Succession.kind,
            Succession.happened_on,
            Succession.precision,
            Source.title.label("source"),
        )
        .join(before, before.company_id == Succession.predecessor_id)
        .join(after, after.company_id == Succession.successor_id)
        .outerjoin(Plot, Plot.plot_id == Succession.plot_id)
        .outerjoin(Source, Source.source_id == Succession.source_id)
        .order_by(Succession.happened_on, before.key, after.key)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def store_successions(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Tally:
    """Store successions that are not stored yet.

    Raises
    ------
    NotFoundError
        When a company or plot is not stored.
    ConflictError
        When the same two companies follow each other on the same plot already, told differently.
    """
    stored = successions(connection)
    fresh = [row for row in rows if {name: row[name] for name in COLUMNS} not in stored]
    firms, plots, sources = company_ids(connection), plot_ids(connection), source_ids(connection)
    with refusals_in_words("succession"):
        for row in fresh:
            name = f"{row['predecessor']} → {row['successor']}"
            values = {
                "predecessor_id": resolve(firms, row["predecessor"], name, UNKNOWN_COMPANY),
                "successor_id": resolve(firms, row["successor"], name, UNKNOWN_COMPANY),
                "plot_id": resolve(plots, row["plot"], name, UNKNOWN_PLOT),
                "source_id": sources.get(row["source"]),
                **{column: row[column] for column in ("kind", "happened_on", "precision")},
            }
            connection.execute(insert(Succession).values(values))
    return Tally(n_new=len(fresh), n_unchanged=len(rows) - len(fresh))

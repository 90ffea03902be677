"""What has changed in the parks between two days, of public facts only."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection

from app.analysis.park_changes import History, ParkChange, park_changes
from app.db.companies.companies import companies_on
from app.db.companies.successions import successions
from app.db.features.keyset import ordering
from app.db.features.readers import frame_of_selection
from app.db.features.selection import selection
from app.db.land.lineage import descents
from app.db.versions import records
from app.domain.feature_query import ALL_TIME, FeatureQuery


def changes_between(
    connection: Connection, first: date, last: date, park: str | None = None
) -> list[ParkChange]:
    """Return what has changed after a day up to and including another one, by business case.

    With a park, only what begins or ends in it: who moves from one park to another is in both.
    """
    history = History(
        records(companies_on(connection, None)),
        records(_rows_changed(connection, "plots", first, last)),
        records(_rows_changed(connection, "facilities", first, last)),
        [row for row in successions(connection) if row["happened_on"] is not None],
        descents(connection, first, last),
    )
    found = park_changes(history, first, last)
    return [one for one in found if park is None or park in {row["park"] for row in one.before + one.after}]


def _rows_changed(connection: Connection, collection: str, first: date, last: date) -> gpd.GeoDataFrame:
    """Return the rows that begin or end after a day up to another one: no others can have changed."""
    bounds = [
        {"op": op, "args": [{"property": name}, {"date": day.isoformat()}]}
        for name in ("valid_from", "valid_to")
        for op, day in ((">", first), ("<=", last))
    ]
    either = [{"op": "and", "args": bounds[n : n + 2]} for n in (0, 2)]
    query = FeatureQuery(collection, span=ALL_TIME, filter={"op": "or", "args": either})
    chosen = selection(query)
    return frame_of_selection(connection, chosen, ordering(chosen.rows, query))

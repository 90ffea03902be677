"""Buildings and car parks of the base drawing."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection

from app.db.features.readers import frame_on
from app.db.models import Footprint
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, StoreOptions, Tally, period, records, store_versions


def footprints_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the footprints of a day (None: of all history) with the columns of `FOOTPRINTS`.

    With `park`, those that touch its outline: footprints belong to no park.
    """
    return frame_on(connection, "footprints", on, park)


def store_footprints(
    connection: Connection, frame: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN
) -> Tally:
    """Store the rows of a `FOOTPRINTS` frame; see `app.db.versions.store_versions` for what is refused."""
    sources = source_ids(connection)
    rows = [
        {
            "row": row["key"],
            **{name: row[name] for name in ("key", "kind", "name", "geometry")},
            "valid": period(row),
            "source_id": sources.get(row["source"]),
        }
        for row in records(frame)
    ]
    return store_versions(connection, Footprint, "key", rows, options)

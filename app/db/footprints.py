"""Buildings and car parks of the base drawing."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
from sqlalchemy import Connection, exists, func, select

from app.db.models import Footprint, Park, Source
from app.db.reading import holds, life, read_frame, wkb
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, Tally, Way, period, records, store_versions
from app.domain.frames import FOOTPRINTS


def footprints_on(connection: Connection, on: date | None, park: str | None = None) -> gpd.GeoDataFrame:
    """Return the footprints of a day (None: of all history) with the columns of `FOOTPRINTS`.

    With `park`, those that touch its outline: footprints belong to no park.
    """
    near = exists().where(Park.key == park, func.ST_Intersects(Park.geometry, Footprint.geometry))
    statement = (
        select(
            Footprint.key,
            Footprint.kind,
            Footprint.name,
            *life(Footprint.valid),
            Source.title.label("source"),
            wkb(Footprint.geometry),
        )
        .outerjoin(Source, Source.source_id == Footprint.source_id)
        .where(*holds(Footprint.valid, on), *([] if park is None else [near]))
        .order_by(Footprint.key, func.lower(Footprint.valid).nulls_first())
    )
    return read_frame(connection, statement, FOOTPRINTS)


def store_footprints(connection: Connection, frame: gpd.GeoDataFrame, way: Way = AS_GIVEN) -> Tally:
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
    return store_versions(connection, Footprint, "key", rows, way)

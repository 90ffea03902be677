"""Plots over time: boundary and state of each piece of land on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import geopandas as gpd
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import Connection, Date, cast, func, insert, select, union, update

from app.db.features.readers import frame_on
from app.db.land.parks import park_ids
from app.db.models import Facility, Occupancy, Park, Plot, PlotVersion
from app.db.row_frames import holds, is_one_of
from app.db.sources import source_ids
from app.db.versions import AS_GIVEN, StoreOptions, Tally, period, records, resolve, store_versions
from app.domain.crs import STORAGE_SRID
from app.errors import N_, ConflictError

UNKNOWN_PARK = N_("Plot %(row)s lies in the park “%(key)s”, which is not stored.")


def plots_on(
    connection: Connection, on: date | None, park: str | None = None, keys: Collection[str] | None = None
) -> gpd.GeoDataFrame:
    """Return the plots of a day (None: all versions) with the columns of `PLOTS`, in order of their keys.

    Of all of them, or of those of `keys`.
    """
    return frame_on(connection, "plots", on, park, {} if keys is None else {"key": keys})


def plot_at(connection: Connection, point: Point, on: date) -> str | None:
    """Return the key of the plot of a day in which a point in EPSG:25832 lies; None where there is none."""
    statement = select(PlotVersion.plot_key).where(
        *holds(PlotVersion.valid, on),
        func.ST_Contains(PlotVersion.geometry, from_shape(point, srid=STORAGE_SRID)),
    )
    return connection.execute(statement.order_by(PlotVersion.plot_key).limit(1)).scalar()


def plot_ids(connection: Connection, keys: Collection[str] | None = None) -> dict[str, int]:
    """Return the id of every plot, or of those of `keys`, by its key."""
    statement = select(Plot.key, Plot.plot_id)
    wanted = statement if keys is None else statement.where(is_one_of(Plot.key, keys))
    return {row.key: row.plot_id for row in connection.execute(wanted)}


def plot_keys(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the keys of plots by their ids."""
    statement = select(Plot.plot_id, Plot.key).where(is_one_of(Plot.plot_id, ids))
    return {row.plot_id: row.key for row in connection.execute(statement)}


def plot_parks(connection: Connection) -> dict[str, str]:
    """Return the park's key of every plot by the plot's key."""
    statement = select(Plot.key, Park.key.label("park")).join(Park, Park.park_id == Plot.park_id)
    return {row.key: row.park for row in connection.execute(statement)}


def store_plots(connection: Connection, frame: gpd.GeoDataFrame, options: StoreOptions = AS_GIVEN) -> Tally:
    """Store the rows of a `PLOTS` frame as plot versions, plots being made where a key is new.

    Raises
    ------
    NotFoundError
        When a park is not stored.
    ConflictError
        When a plot is stored in another park, or for what `store_versions` refuses.
    """
    given = records(frame)
    _store_identities(connection, {row["key"]: row["park"] for row in given})
    plots, sources = plot_ids(connection), source_ids(connection)
    rows = [
        {
            "row": row["key"],
            "plot_id": plots[row["key"]],
            "geometry": row["geometry"],
            "label": row["label"],
            "street": row["street"],
            "use_status": row["use_status"],
            "parcel_number": row["parcel_number"],
            "official_area_m2": _thousandths(row["official_area_m2"]),
            "quality": row["quality"],
            # Of a day that is given with a delivery it is exactly known, whatever the rows say of theirs.
            "starts_precision": row["starts_precision"] if options.since is None else None,
            "valid": period(row),
            "source_id": sources.get(row["source"]),
        }
        for row in given
    ]
    return store_versions(connection, PlotVersion, "plot_id", rows, options)


def _thousandths(area_m2: float | None) -> float | None:
    """Round an official area to what every export writes, so that it comes back as the same row."""
    return None if area_m2 is None else round(area_m2, 3)


def _store_identities(connection: Connection, parks: dict[str, str]) -> None:
    known, stored = park_ids(connection), plot_parks(connection)
    moved = next((key for key, park in parks.items() if stored.get(key, park) != park), None)
    if moved is not None:
        raise ConflictError(
            N_("Plot %(plot)s is stored in park %(stored)s, not %(park)s: a plot does not change its park."),
            plot=moved,
            stored=stored[moved],
            park=parks[moved],
        )
    fresh = [
        {"key": key, "park_id": resolve(known, park, key, UNKNOWN_PARK)}
        for key, park in parks.items()
        if key not in stored
    ]
    if fresh:
        connection.execute(insert(Plot), fresh)


def other_keys(connection: Connection, park: str, on: date, keys: Iterable[str]) -> list[str]:
    """Return the plots of a park on a day that are not among `keys`, in order."""
    return sorted(set(plots_on(connection, on, park)["key"]) - set(keys))


def end_plots(connection: Connection, keys: Sequence[str], on: date) -> None:
    """End plots on a day: what held before it stays, what was to hold later goes on as it is.

    Raises
    ------
    ConflictError
        When a plot begins on that very day, so that nothing would be left to end.
    """
    held = PlotVersion.valid.op("@>")(cast(on, Date))
    among = PlotVersion.plot_id.in_(select(Plot.plot_id).where(Plot.key.in_(keys)))
    statement = select(Plot.key).join(PlotVersion, PlotVersion.plot_id == Plot.plot_id)
    fresh = connection.execute(
        statement.where(held, among, func.lower(PlotVersion.valid) == on).order_by(Plot.key)
    ).scalar()
    if fresh is not None:
        raise ConflictError(
            N_("Plot %(plot)s begins on %(day)s, the day on which it should end."), plot=fresh, day=on
        )
    ended = func.daterange(func.lower(PlotVersion.valid), on)
    connection.execute(update(PlotVersion).where(held, among).values(valid=ended))


def places_without_plot(connection: Connection, keys: Sequence[str], on: date) -> list[str]:
    """Return the keys, in order, of company places and facilities of a day that lie on one of some plots."""
    plots = select(Plot.plot_id).where(Plot.key.in_(keys))
    found = union(
        *(
            select(place.key).where(place.plot_id.in_(plots), place.valid.op("@>")(cast(on, Date)))
            for place in (Occupancy, Facility)
        )
    )
    return sorted(connection.execute(found).scalars())

"""Tours as rows: what planning reads, and storing tours, stops and legs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Connection, Float, Label, cast, delete, func, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.engine import RowMapping

from app.db.land.parks import name_at
from app.db.models import Facility, Occupancy, Park, Source, Tour, TourLeg, TourStop
from app.db.row_frames import wkb
from app.db.tours.saved import change_tour, first_sequence
from app.db.versions import refusals_in_words
from app.domain.crs import STORAGE_SRID
from app.domain.kinds import TourStatus
from app.errors import N_, NotFoundError

_SAME_M = 0.05
_TOUR_VALUES = (
    Tour.park_id,
    Tour.title,
    Tour.starts_at,
    Tour.time_basis,
    Tour.pace_m_s,
    Tour.is_round,
    Tour.group_size,
    Tour.status,
    Tour.wish,
    Tour.note,
    Tour.source_id,
)
_STOP_VALUES = (
    TourStop.position,
    TourStop.name,
    TourStop.occupancy_id,
    TourStop.facility_id,
    TourStop.location_quality,
    TourStop.dwell_min,
    TourStop.note,
    TourStop.request_stop,
)
_STOP_TIMES = (
    TourStop.pause_min,
    TourStop.arrives_at,
    TourStop.begins_at,
    TourStop.ends_at,
    TourStop.departs_at,
    TourStop.pauses_at,
)


def tour_keys(connection: Connection, *, is_public: bool = False) -> list[str]:
    """Return the keys of all tours (with `is_public` of the published ones), in order of time."""
    statement = select(Tour.key).order_by(Tour.starts_at, Tour.key)
    if is_public:
        statement = statement.where(Tour.status == TourStatus.PUBLISHED)
    return list(connection.execute(statement).scalars())


def unplanned(connection: Connection, engine: str, since: datetime) -> list[str]:
    """Return the keys of tours that are to be planned, in order of time.

    These are published tours without legs, and those with legs of another version of the engine that begin
    at `since` or later and are not called off: an older tour stays as it was walked.
    """
    is_bare = Tour.tour_id.not_in(select(TourLeg.tour_id)) & (Tour.status == TourStatus.PUBLISHED)
    is_other = Tour.tour_id.in_(select(TourLeg.tour_id).where(TourLeg.engine != engine))
    is_ahead = (Tour.starts_at >= since) & (Tour.status != TourStatus.WITHDRAWN)
    statement = select(Tour.key).where(is_bare | (is_other & is_ahead))
    return list(connection.execute(statement.order_by(Tour.starts_at, Tour.key)).scalars())


def tour_row(connection: Connection, key: str) -> RowMapping:
    """Return a tour's own columns, with its park's key and name and its source's title and address.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    statement = (
        select(
            Tour.tour_id,
            Tour.key,
            *_TOUR_VALUES,
            Park.key.label("park"),
            name_at(Tour.park_id, Tour.starts_at).label("park_name"),
            Source.title.label("source"),
            Source.url.label("source_url"),
        )
        .join(Park, Park.park_id == Tour.park_id)
        .outerjoin(Source, Source.source_id == Tour.source_id)
        .where(Tour.key == key)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFoundError(N_("There is no tour “%(key)s”."), key=key[:60])
    return row


def stop_rows(connection: Connection, tour_id: int) -> list[dict[str, Any]]:
    """Return a tour's stops in walking order: `TourStop` columns, `geometry` a Point in EPSG:25832.

    `company` is the key of the occupancy and `facility` that of the facility.
    """
    statement = (
        select(
            *_STOP_VALUES,
            *_STOP_TIMES,
            wkb(TourStop.geometry),
            Occupancy.key.label("company"),
            Facility.key.label("facility"),
        )
        .outerjoin(Occupancy, Occupancy.occupancy_id == TourStop.occupancy_id)
        .outerjoin(Facility, Facility.facility_id == TourStop.facility_id)
        .where(TourStop.tour_id == tour_id)
        .order_by(TourStop.position)
    )
    rows = connection.execute(statement).mappings()
    return [{**row, "geometry": shapely.from_wkb(row["geometry"])} for row in rows]


def stop_times(connection: Connection, tour_id: int) -> tuple[list[object], list[object]]:
    """Return what a calendar shows of a tour: when it is where, and how long it walks."""
    times = connection.execute(
        select(*_STOP_TIMES).where(TourStop.tour_id == tour_id).order_by(TourStop.position)
    )
    return [tuple(row) for row in times], [row["walk_s"] for row in leg_rows(connection, tour_id)]


def leg_rows(connection: Connection, tour_id: int) -> Sequence[RowMapping]:
    """Return a tour's legs in walking order, without their geometry; none when it is not planned."""
    statement = select(
        TourLeg.position,
        TourLeg.length_m,
        off_network_m(),
        TourLeg.walk_s,
        TourLeg.turns,
        TourLeg.detours,
    ).where(TourLeg.tour_id == tour_id)
    return connection.execute(statement.order_by(TourLeg.position)).mappings().all()


def off_network_m() -> Label[float]:
    """Return the length of a leg's straight parts beside the network, as a column of that name."""
    part = func.unnest(TourLeg.network_m).column_valued("part")
    on_m = select(func.coalesce(func.sum(func.upper(part) - func.lower(part)), 0)).scalar_subquery()
    return func.greatest(TourLeg.length_m - cast(on_m, Float), 0).label("off_network_m")


def store_tour(connection: Connection, tour: Mapping[str, Any], stops: Sequence[Mapping[str, Any]]) -> bool:
    """Store a tour under its key, new or in the place of an older state, and its stops in order.

    Parameters
    ----------
    connection : Connection
    tour : mapping
        `Tour` columns without its id.
    stops : sequence of mapping
        `TourStop` columns without tour; `geometry` a Point in EPSG:25832.

    Returns
    -------
    bool
        Whether anything changed; then the version and the sequence of a stored tour have risen, and
        its legs are gone.

    Raises
    ------
    DataError, ConflictError
        When the database refuses a value.
    """
    with refusals_in_words("tour"):
        tour_id, is_changed = _store_own(connection, dict(tour))
        if not is_changed and _are_same(stop_rows(connection, tour_id), stops):
            return False
        if not is_changed:
            change_tour(connection, tour_id)
        replace_stops(connection, tour_id, stops)
    return True


def _are_same(stored: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether stops are the same; a file has places in degrees with 7 decimals."""
    names = [column.key for column in _STOP_VALUES]
    return len(stored) == len(given) and all(
        all(one[name] == other[name] for name in names)
        and one["geometry"].distance(other["geometry"]) < _SAME_M
        for one, other in zip(stored, given, strict=True)
    )


def _store_own(connection: Connection, tour: dict[str, Any]) -> tuple[int, bool]:
    """Store the tour's own columns; return its id and whether they changed."""
    stored = connection.execute(
        select(Tour.tour_id, *_TOUR_VALUES).where(Tour.key == tour["key"]).with_for_update()
    ).mappings().first()  # fmt: skip
    if stored is None:
        return connection.execute(
            insert(Tour).values(**tour, sequence=first_sequence()).returning(Tour.tour_id)
        ).scalar_one(), True
    tour_id: int = stored["tour_id"]
    if all(stored[name] == tour[name] for name in stored if name != "tour_id"):
        return tour_id, False
    change_tour(connection, tour_id, **tour)
    return tour_id, True


def replace_stops(connection: Connection, tour_id: int, stops: Sequence[Mapping[str, Any]]) -> None:
    """Put `stops` (`TourStop` columns, `geometry` a Point) in the place of a tour's; its legs go."""
    replace_legs(connection, tour_id, [])
    connection.execute(delete(TourStop).where(TourStop.tour_id == tour_id))
    connection.execute(insert(TourStop), [_stored(stop, tour_id) for stop in stops])


def replace_legs(connection: Connection, tour_id: int, legs: Sequence[Mapping[str, Any]]) -> None:
    """Put `legs` in the place of a tour's.

    They are `TourLeg` columns, `geometry` a LineString and `network_m` pairs of measures on it.
    """
    connection.execute(delete(TourLeg).where(TourLeg.tour_id == tour_id))
    if legs:
        rows = [{**_stored(leg, tour_id), "network_m": _ranges(leg["network_m"])} for leg in legs]
        connection.execute(insert(TourLeg), rows)


def _ranges(measures: Sequence[tuple[float, float]]) -> list[Range[Decimal]]:
    return [
        Range(Decimal(repr(float(begins_m))), Decimal(repr(float(ends_m)))) for begins_m, ends_m in measures
    ]


def _stored(row: Mapping[str, Any], tour_id: int) -> dict[str, Any]:
    return {**row, "tour_id": tour_id, "geometry": from_shape(row["geometry"], srid=STORAGE_SRID)}

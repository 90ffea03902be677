"""Tours: stored with their places resolved, walked along the network, shown as a timetable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from shapely import Point
from sqlalchemy import Connection

from app.analysis.walking.walk import Walk
from app.analysis.walking.walks import shortest_walks
from app.db.changes import lock_tours
from app.db.land.parks import check_park, park_ids
from app.db.sources import source_ids, store_sources
from app.db.tours.records import store_tour, tour_keys
from app.domain.kinds import TourStatus
from app.domain.tour_requests import RequestedStop, TourRequest
from app.errors import N_, DataError, InputError, NotFoundError
from app.exchange.tours.stored import RecordedStop, TourRecord, parse_record
from app.services.land.near_parks import check_near_parks
from app.services.tours.plan_rows import place_values
from app.services.tours.planning.request_places import ResolvedPlace, request_places
from app.services.tours.replanning import replan_tour
from app.services.walking.networks import network_on

# Coordinates that went through degrees and back.
_SAME_M = 0.5


def store_tours(connection: Connection, tours: Sequence[Mapping[str, Any]]) -> int:
    """Store tours, their stops resolved to places on the tour's day, and plan their legs.

    A facility with an area is entered where its border comes nearest to the walk network.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    tours : sequence of mapping
        As `app.exchange.tours.stored.parse_record` reads them. A stored tour of the same key is replaced.

    Returns
    -------
    int
        How many were new or changed.

    Raises
    ------
    DataError
        Naming tour, field and what was expected; for a park, company or facility that is not
        stored, or not there on that day; for two tours of one key. Nothing should be committed then.
    """
    drafts = [parse_record(tour) for tour in tours]
    keys = [draft.key for draft in drafts]
    for key in keys:
        if keys.count(key) > 1:
            raise DataError(N_("The tour “%(key)s” is given twice."), key=key)
    return sum(_store(connection, draft) for draft in drafts)


def _store(connection: Connection, record: TourRecord) -> bool:
    """Store a tour, and plan it: from what is asked of it, or where that is not possible, just in order."""
    request = record.request
    try:
        check_park(connection, record.park)
        subgraph = network_on(connection, request.on).subgraph()
        places = request_places(connection, request, subgraph, is_near=False)
        order = _order(record, request, places)
        tour = _tour_values(connection, record, request)
        stops = _stop_values(request, places, order)
        names = [f"{record.key}: {stop['name']}" for stop in stops]
        check_near_parks(connection, np.array([stop["geometry"] for stop in stops], dtype=object), names)
        # Before any row, as everybody who changes tours.
        lock_tours(connection)
        is_changed = store_tour(connection, tour, stops)
        if is_changed:
            replan_tour(connection, record.key, is_new=True)
    except (NotFoundError, InputError) as error:
        raise DataError(N_("Tour %(tour)s: %(reason)s"), tour=record.key, reason=error) from error
    return is_changed


def _order(record: TourRecord, request: TourRequest, places: Sequence[ResolvedPlace]) -> list[int]:
    """Return which stops are asked for in which order."""
    if record.wish is None:
        return [*range(len(record.stops))]
    order: list[int] = []
    for stop in record.stops:
        order.append(_asked(stop, request, places, order) if stop.request_stop is None else stop.request_stop)
    return order


def _asked(
    stop: RecordedStop, request: TourRequest, places: Sequence[ResolvedPlace], taken: Sequence[int]
) -> int:
    """Return which stop of a request one of a file is that does not state it: the likeliest at its place.

    Of those that are alike it is the one with the first time window: a file has its stops in walking order.
    """
    found = [
        (
            one.dwell_s != round(60 * stop.dwell_min),
            one.note != stop.note,
            min(one.windows, default=(0, 0)),
            i,
        )
        for i, (one, place) in enumerate(zip(request.stops, places, strict=False))
        if i not in taken and _is_at(stop, one, place)
    ]
    if not found:
        raise NotFoundError(
            N_("There is no longer a place “%(key)s”."), key=stop.company or stop.facility or stop.name
        )
    return min(found)[-1]


def _is_at(stop: RecordedStop, one: RequestedStop, place: ResolvedPlace) -> bool:
    if stop.point is not None:
        return one.point is not None and one.name == stop.name and one.point.distance(stop.point) < _SAME_M
    is_company = stop.company is not None and stop.company in (one.company, place.company)
    return is_company or (stop.facility is not None and stop.facility == one.facility)


def _tour_values(connection: Connection, record: TourRecord, request: TourRequest) -> dict[str, Any]:
    if record.source is not None:
        store_sources(connection, [{"title": record.source}])
    return {
        "key": record.key,
        "park_id": park_ids(connection)[record.park],
        "title": record.title,
        "starts_at": record.starts_at,
        "time_basis": record.time_basis.value,
        "pace_m_s": record.pace_m_s,
        "is_round": record.is_round,
        "status": TourStatus.PUBLISHED.value,
        "wish": dict(request.given),
        "group_size": 1 if record.wish is None else request.group_size,
        "note": record.note,
        "source_id": None if record.source is None else source_ids(connection)[record.source],
    }


def _stop_values(
    request: TourRequest, places: Sequence[ResolvedPlace], order: Sequence[int]
) -> list[dict[str, Any]]:
    stops = [
        {**place_values(request, places, i), "position": n, "request_stop": i} for n, i in enumerate(order, 1)
    ]
    if request.meeting is None:
        return stops
    meeting = place_values(request, places, len(request.stops))
    return [{**meeting, "position": 0, "request_stop": None}, *stops]


def plan_legs(connection: Connection, key: str | None = None) -> int:
    """Rebuild the legs of one tour (None: of all), along the walk network of the tour's day.

    A round tour has a last leg back to its first stop. A leg of which one end is not served by
    the network is marked so, and is a straight line as a picture only, of no metres and no minutes.

    Returns
    -------
    int
        How many legs there are now.

    Raises
    ------
    NotFoundError
        When there is no tour of this key.
    """
    lock_tours(connection)
    return sum(replan_tour(connection, each) for each in (tour_keys(connection) if key is None else [key]))


def walk_between(connection: Connection, start: Point, end: Point, on: date) -> Walk:
    """Return the shortest walk between two points (EPSG:25832) along the network of a day."""
    return shortest_walks(network_on(connection, on).subgraph(), np.array([start, end], dtype=object)).walk(
        0, 1
    )

"""Tours: stored with their places resolved, walked along the network, told as a timetable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from shapely import Point
from sqlalchemy import Connection

from app.analysis.walking.directions import directions
from app.analysis.walking.snapping import entrances
from app.analysis.walking.unreachable import no_way
from app.analysis.walking.walk import Walk
from app.analysis.walking.walks import Walks, shortest_walks
from app.db.changes import lock_tours
from app.db.parks import park_ids
from app.db.saved_tours import change_tour, stop_keys
from app.db.sources import source_ids, store_sources
from app.db.tour_records import (
    company_place,
    facility_place,
    replace_legs,
    stop_rows,
    store_tour,
    told_times,
    tour_keys,
    tour_row,
)
from app.domain.kinds import LocationQuality, TourStatus
from app.domain.period import PARK_ZONE
from app.domain.tours import MeetingPlace, RecordedStop, TourRecord, TourRequest, parse_record
from app.errors import N_, AppError, DataError, InputError, NotFoundError
from app.services.leg_records import detour_records, turn_records
from app.services.near_parks import check_near_parks
from app.services.networks import network_on
from app.services.plan_rows import ENGINE
from app.services.replanning import replan_tour
from app.services.timetabling import LegPlan, StopPlan, TourPlan, tour_plan
from app.services.wished_stops import wished_order

__all__ = [
    "ENGINE",
    "LegPlan",
    "StopPlan",
    "TourPlan",
    "plan_in_order",
    "plan_legs",
    "stop_walks",
    "store_tours",
    "tour_plan",
    "walk_between",
]


def store_tours(connection: Connection, tours: Sequence[Mapping[str, Any]]) -> int:
    """Store tours, their stops resolved to places on the tour's day, and plan their legs.

    A facility with an area is entered where its border comes nearest to the walk network.

    Parameters
    ----------
    connection : Connection
        Its transaction is the caller's to commit.
    tours : sequence of mapping
        As `app.domain.tours.parse_record` reads them. A stored tour of the same key is replaced.

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


def _store(connection: Connection, draft: TourRecord) -> bool:
    on = draft.starts_at.astimezone(PARK_ZONE).date()
    first = 1 if draft.meeting is None else 0
    stops = [_stop_values(connection, draft, n, stop, on) for n, stop in enumerate(draft.places, first)]
    places = np.array([stop["geometry"] for stop in stops], dtype=object)
    check_near_parks(connection, places, [f"{draft.key}: {stop['name']}" for stop in stops])
    for stop, entrance in zip(stops, entrances(network_on(connection, on), places), strict=True):
        stop["geometry"] = entrance
    # Before any row, as everybody who changes tours.
    lock_tours(connection)
    is_changed = store_tour(connection, _tour_values(connection, draft, draft.wish), stops)
    if is_changed:
        _plan_stored(connection, draft, draft.wish)
    return is_changed


def _refused(draft: TourRecord, error: AppError) -> DataError:
    return DataError(N_("Tour %(tour)s: %(reason)s"), tour=draft.key, reason=error)


def _plan_stored(connection: Connection, draft: TourRecord, wish: TourRequest | None) -> None:
    """Plan the legs of a tour just stored: from its wish, or where that is not possible, just in order."""
    if wish is not None:
        tour_id = tour_row(connection, draft.key)["tour_id"]
        try:
            wished_order(stop_keys(connection, tour_id), wish)
            n_legs = replan_tour(connection, draft.key, is_new=True)
        except (NotFoundError, InputError) as error:
            raise _refused(draft, error) from error
        if n_legs:
            return
    plan_in_order(connection, draft.key, is_new=True)


def _tour_values(connection: Connection, draft: TourRecord, wish: TourRequest | None) -> dict[str, Any]:
    parks = park_ids(connection)
    if draft.park not in parks:
        raise DataError(N_("Tour %(tour)s: there is no park “%(key)s”."), tour=draft.key, key=draft.park[:60])
    if draft.source is not None:
        store_sources(connection, [{"title": draft.source}])
    return {
        "key": draft.key,
        "park_id": parks[draft.park],
        "title": draft.title,
        "starts_at": draft.starts_at,
        "time_basis": draft.time_basis.value,
        "pace_m_s": draft.pace_m_s,
        "is_round": draft.is_round,
        "status": TourStatus.PUBLISHED.value,
        "wish": None if wish is None else dict(wish.given),
        "group_size": 1 if wish is None else wish.group_size,
        "note": draft.note,
        "source_id": None if draft.source is None else source_ids(connection)[draft.source],
    }


def _stop_values(
    connection: Connection, tour: TourRecord, n: int, stop: RecordedStop | MeetingPlace, on: date
) -> dict[str, Any]:
    place: dict[str, Any] | None = {
        "name": stop.name,
        "geometry": stop.point,
        "location_quality": LocationQuality.MAPPED.value,
    }
    if stop.company is not None:
        place = company_place(connection, stop.company, on)
    elif stop.facility is not None:
        place = facility_place(connection, stop.facility, on)
    if place is None:
        raise DataError(
            N_("Tour %(tour)s, stop %(n)s: there is no place “%(key)s” on %(on)s."),
            tour=tour.key,
            n=n,
            key=(stop.company or stop.facility or "")[:80],
            on=on,
        )
    return {**place, "position": n, "dwell_min": stop.dwell_min, "note": stop.note}


def plan_legs(connection: Connection, key: str | None = None) -> int:
    """Rebuild the legs of one tour (None: of all), along the walk network of the tour's day.

    A round tour has a last leg back to its first stop. A leg of which one end is not served by
    the network says so, and is a straight line as a picture only, of no metres and no minutes.

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
    return sum(_plan(connection, each) for each in (tour_keys(connection) if key is None else [key]))


def _plan(connection: Connection, key: str) -> int:
    if tour_row(connection, key)["wish"] is not None:
        return replan_tour(connection, key)
    return plan_in_order(connection, key)


def plan_in_order(connection: Connection, key: str, *, is_new: bool = False) -> int:
    """Give a tour the shortest walks between its stops as they are.

    Who took the tour into a calendar gets it anew where its times change, unless it `is_new`.
    """
    tour = tour_row(connection, key)
    before = told_times(connection, tour["tour_id"])
    walks = stop_walks(connection, key)
    first = stop_rows(connection, tour["tour_id"])[0]["position"]
    n = len(walks.places)
    following = [*range(1, n), 0] if tour["is_round"] else range(1, n)
    legs = [
        {"position": i + first, **_leg_values(walks, (i, j), tour["pace_m_s"])}
        for i, j in enumerate(following)
    ]
    replace_legs(connection, tour["tour_id"], legs)
    if not is_new and before != told_times(connection, tour["tour_id"]):
        change_tour(connection, tour["tour_id"])
    return len(legs)


def _leg_values(walks: Walks, ends: tuple[int, int], pace_m_s: float) -> dict[str, Any]:
    walk, missing = walks.walk(*ends), no_way(walks, *ends)
    return {
        "detours": detour_records(() if missing is None else (missing,)),
        "geometry": walk.line,
        "network_m": walk.on_network,
        "walk_s": walk.walk_s(pace_m_s),
        "turns": turn_records(directions(walks.ground, walk)),
        "engine": ENGINE,
    }


def stop_walks(connection: Connection, key: str) -> Walks:
    """Return the shortest walks between a tour's stops."""
    tour = tour_row(connection, key)
    places = np.array([stop["geometry"] for stop in stop_rows(connection, tour["tour_id"])], dtype=object)
    return shortest_walks(network_on(connection, tour["starts_at"].astimezone(PARK_ZONE).date()), places)


def walk_between(connection: Connection, start: Point, end: Point, on: date) -> Walk:
    """Return the shortest walk between two points (EPSG:25832) along the network of a day."""
    return shortest_walks(network_on(connection, on), np.array([start, end], dtype=object)).walk(0, 1)

"""What planning a request reads: places by their keys, permissions of a day, who was never visited."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import shapely
from shapely import Geometry
from sqlalchemy import Connection, exists, func, or_, select
from sqlalchemy.engine import RowMapping

from app.db.models import (
    Company,
    CompanyVersion,
    Facility,
    Meeting,
    Occupancy,
    Park,
    ParkVersion,
    Participation,
    Tour,
    TourStop,
    Walkway,
    WalkwayPermission,
)
from app.db.row_frames import holds, wkb
from app.domain.kinds import TourStatus
from app.domain.meetings import Part
from app.domain.period import PARK_ZONE


def company_places(connection: Connection, keys: Collection[str], on: date) -> list[dict[str, Any]]:
    """Return the places on a day of which `keys` names the place or its firm.

    Each has `key`, `company` (the firm's), `park`, `occupancy_id`, `name`, `location_quality` and
    `geometry`, a Point in EPSG:25832; in order of the keys.
    """
    statement = (
        select(
            Occupancy.key,
            Company.key.label("company"),
            Park.key.label("park"),
            Occupancy.occupancy_id,
            CompanyVersion.name,
            Occupancy.location_quality,
            wkb(Occupancy.geometry),
        )
        .join(Company, Company.company_id == Occupancy.company_id)
        .join(CompanyVersion, CompanyVersion.company_id == Occupancy.company_id)
        .join(Park, Park.park_id == Occupancy.park_id)
        .where(or_(Occupancy.key.in_(keys), Company.key.in_(keys)))
        .where(*holds(Occupancy.valid, on), *holds(CompanyVersion.valid, on))
        .order_by(Occupancy.key)
    )
    return _with_shapes(connection.execute(statement).mappings().all())


def facility_places(connection: Connection, keys: Collection[str], on: date) -> list[dict[str, Any]]:
    """Return the facilities of `keys` on a day, as `company_places` does, with `facility_id`."""
    statement = (
        select(
            Facility.key,
            Facility.facility_id,
            Facility.name,
            Facility.location_quality,
            wkb(Facility.geometry),
        )
        .where(Facility.key.in_(keys), *holds(Facility.valid, on))
        .order_by(Facility.key)
    )
    return _with_shapes(connection.execute(statement).mappings().all())


def _with_shapes(rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    return [{**row, "geometry": shapely.from_wkb(row["geometry"])} for row in rows]


def park_outline(connection: Connection, park: str, on: date) -> Geometry | None:
    """Return the outline of a park on a day in EPSG:25832; None when it is not there then."""
    version = ParkVersion
    statement = (
        select(wkb(version.geometry))
        .join(Park, Park.park_id == version.park_id)
        .where(Park.key == park, *holds(version.valid, on))
    )
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else shapely.from_wkb(found)


def permissions_on(
    connection: Connection, on: date, tour: str | None = None, walked_on: date | None = None
) -> Sequence[RowMapping]:
    """Return the permissions that everybody, and the tour of key `tour`, has on a day.

    Each has the walkway's `key`, `granted_by`, and `opens_at` and `closes_at`, None where it holds
    from the first or to the last moment of the day; one that closes before it opens closes on the
    next day. The walkways are those of day `walked_on`, of the same day without.
    """
    permission = WalkwayPermission
    statement = (
        select(Walkway.key, permission.granted_by, permission.opens_at, permission.closes_at)
        .join(Walkway, Walkway.walkway_id == permission.walkway_id)
        .outerjoin(Tour, Tour.tour_id == permission.tour_id)
        .where(*holds(permission.valid, on), *holds(Walkway.valid, walked_on or on))
        .where(permission.tour_id.is_(None) | (Tour.key == tour))
        .order_by(Walkway.key, permission.opens_at, permission.walkway_permission_id)
    )
    return connection.execute(statement).mappings().all()


def public_opening_hours(connection: Connection, on: date) -> dict[str, str]:
    """Return when walkways that need a permission are open to everybody, by key, on a day."""
    statement = select(Walkway.key, Walkway.opening_hours).where(
        Walkway.opening_hours.is_not(None), *holds(Walkway.valid, on)
    )
    return {row["key"]: row["opening_hours"] for row in connection.execute(statement).mappings()}


def never_visited(connection: Connection, park: str, on: date) -> list[str]:
    """Return the keys of the places, on a day, of firms that no tour and no meeting before that day visited.

    Visited is a firm where a published tour had a stop, or that hosted a meeting.
    """
    firm = Occupancy.company_id
    # The session's own clock is that of Greenwich.
    toured_on = func.date(func.timezone(PARK_ZONE.key, Tour.starts_at))
    toured = (
        select(firm)
        .join(TourStop, TourStop.occupancy_id == Occupancy.occupancy_id)
        .join(Tour, Tour.tour_id == TourStop.tour_id)
        .where(Tour.status == TourStatus.PUBLISHED, TourStop.position > 0, toured_on < on)
    )
    hosted = exists().where(
        Participation.company_id == firm,
        Participation.part.in_((Part.HOST, Part.COHOST)),
        Participation.meeting_id == Meeting.meeting_id,
        Meeting.held_on < on,
    )
    statement = (
        select(Occupancy.key)
        .join(Park, Park.park_id == Occupancy.park_id)
        .where(Park.key == park, *holds(Occupancy.valid, on), firm.not_in(toured), ~hosted)
        .order_by(Occupancy.key)
    )
    return list(connection.execute(statement).scalars())

"""Where the stops of a tour request are: their keys resolved on its day, none far outside the park."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Point
from sqlalchemy import Connection

from app.analysis.walking.snapping import entrances
from app.analysis.walking.walkable import WalkableSubgraph
from app.db.land.parks import check_park
from app.db.tours.request_data import company_places, facility_places, park_outline
from app.domain.kinds import LocationQuality
from app.domain.tour_requests import NamedPlace, TourRequest
from app.errors import N_, DataError, NotFoundError, Phrase
from app.services.land.near_parks import swapped

# A stop farther from the park's outline than this is a slip of the mouse, or another town.
FARTHEST_M = 500.0


@dataclass(frozen=True)
class ResolvedPlace:
    """A stop's place: a company's (by the key of its occupancy), a facility, or any named point.

    `point` is where it is entered, EPSG:25832.
    """

    name: str
    company: str | None
    facility: str | None
    occupancy_id: int | None
    facility_id: int | None
    location_quality: LocationQuality
    point: Point


def request_places(
    connection: Connection, request: TourRequest, subgraph: WalkableSubgraph, *, is_near: bool = True
) -> tuple[ResolvedPlace, ...]:
    """Return the places of a request's stops, in its order, and behind them where people meet.

    A facility with an area is entered where its border comes nearest to what may be walked. With `is_near`
    all of them must be in the park or near it.

    Raises
    ------
    NotFoundError
        For an unknown park, and a company or facility that is not there on that day.
    DataError
        For a company with several places, and a stop far outside the park.
    """
    check_park(connection, request.park)
    rows = _rows(connection, request)
    shapes: np.ndarray[Any, Any] = np.array([row["geometry"] for row in rows], dtype=object)
    if is_near:
        _check_near(connection, request, rows)
    points = entrances(subgraph, shapes)
    return tuple(
        ResolvedPlace(
            row["name"],
            row.get("key") if "occupancy_id" in row else None,
            row.get("key") if "facility_id" in row else None,
            row.get("occupancy_id"),
            row.get("facility_id"),
            LocationQuality(row["location_quality"]),
            point,
        )
        for row, point in zip(rows, points, strict=True)
    )


def _rows(connection: Connection, request: TourRequest) -> list[Mapping[str, Any]]:
    company_keys = {stop.company for stop in request.places if stop.company}
    facility_keys = {stop.facility for stop in request.places if stop.facility}
    companies = company_places(connection, company_keys, request.on) if company_keys else []
    facilities = facility_places(connection, facility_keys, request.on) if facility_keys else []
    rows: list[Mapping[str, Any]] = []
    for n, stop in zip(_numbers(request), request.places, strict=True):
        if stop.company is not None:
            rows.append(_company(companies, n, stop.company, request))
        elif stop.facility is not None:
            found = [row for row in facilities if row["key"] == stop.facility]
            rows.append(found[0] if found else _refuse_unknown(n, stop.facility, request))
        else:
            rows.append(_free(stop))
    return rows


def _numbers(request: TourRequest) -> list[int | Phrase]:
    """Return what refusals call each place: its number among the stops, or what it is for."""
    numbers: list[int | Phrase] = [*range(1, len(request.stops) + 1)]
    return numbers if request.meeting is None else [*numbers, Phrase(N_("(meeting point)"))]


def _company(
    companies: list[dict[str, Any]], n: int | Phrase, key: str, request: TourRequest
) -> Mapping[str, Any]:
    """Return the place of that key, else the one place in the park of the firm of that key."""
    if same := [row for row in companies if row["key"] == key]:
        return same[0]
    own = [row for row in companies if row["company"] == key]
    inside = [row for row in own if row["park"] == request.park] or own
    if len(inside) > 1:
        raise DataError(
            N_("Stop %(n)s: “%(name)s” has several places; name one of %(keys)s."),
            n=n,
            name=inside[0]["name"],
            keys=", ".join(row["key"] for row in inside),
        )
    return inside[0] if inside else _refuse_unknown(n, key, request)


def _refuse_unknown(n: int | Phrase, key: str, request: TourRequest) -> Mapping[str, Any]:
    raise NotFoundError(
        N_("Stop %(n)s: there is no place “%(key)s” in the parks on %(on)s."),
        n=n,
        key=key[:80],
        on=request.on,
    )


def _free(stop: NamedPlace) -> Mapping[str, Any]:
    quality = LocationQuality.MAPPED.value
    return {"name": stop.name, "geometry": stop.point, "location_quality": quality}


def _check_near(connection: Connection, request: TourRequest, rows: list[Mapping[str, Any]]) -> None:
    outline = park_outline(connection, request.park, request.on)
    if outline is None:
        raise NotFoundError(
            N_("The park “%(park)s” does not exist on %(on)s."), park=request.park, on=request.on
        )
    for n, row in zip(_numbers(request), rows, strict=True):
        away_m = float(shapely.distance(outline, row["geometry"]))
        if away_m <= FARTHEST_M:
            continue
        for other, text in swapped(shapely.centroid(row["geometry"])):
            if shapely.distance(outline, other) <= FARTHEST_M:
                raise DataError(
                    N_(
                        "Stop %(n)s: “%(name)s” lies far outside the park; with the coordinates "
                        "swapped (%(text)s) it would lie there."
                    ),
                    n=n,
                    name=row["name"],
                    text=text,
                )
        raise DataError(
            N_("Stop %(n)s: “%(name)s” lies %(away)s km outside the park; at most 0.5 km are possible."),
            n=n,
            name=row["name"],
            away=round(away_m / 1000, 1),
        )

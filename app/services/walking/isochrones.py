"""Who is within some minutes' walk of a place, and which facility is nearest to each company."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point
from sqlalchemy import Connection

from app.analysis.walking.isochrones import isochrone
from app.analysis.walking.network import Array
from app.analysis.walking.paces import WalkProfile
from app.analysis.walking.snapping import entrances
from app.analysis.walking.walkable import WalkableSubgraph
from app.db.companies.companies import companies_on
from app.db.land.facilities import facilities_on
from app.db.land.parks import check_park
from app.errors import N_, DataError, NotFoundError
from app.exchange.collections.geojson import rounded
from app.services.walking.networks import network_on

_ALONE = WalkProfile()


def place_of(
    connection: Connection, on: date, *, company: str | None = None, facility: str | None = None
) -> Point:
    """Return where a company or a facility is entered on a day, EPSG:25832.

    Parameters
    ----------
    connection : Connection
    on : date
    company : str, optional
        Key of an occupancy, or of a company with one place only.
    facility : str, optional

    Raises
    ------
    NotFoundError
        When there is none of that key on that day.
    DataError
        For a company with several places.
    """
    if company is not None:
        frame = companies_on(connection, on)
        rows = frame[frame["key"] == company]
        rows = frame[frame["company"] == company] if rows.empty else rows
    else:
        frame = facilities_on(connection, on)
        rows = frame[frame["key"] == facility]
    key = (company or facility or "")[:80]
    if rows.empty:
        raise NotFoundError(N_("There is no place “%(key)s” on %(on)s."), key=key, on=on)
    if len(rows) > 1:
        keys = ", ".join(rows["key"])
        raise DataError(N_("“%(key)s” has several places; name one of %(keys)s."), key=key, keys=keys)
    point: Point = _entrances(network_on(connection, on).subgraph(), rows)[0]
    return point


@dataclass(frozen=True)
class IsochroneQuery:
    """For which day, for whom and among whom walking times are query.

    Attributes
    ----------
    on : date
    park : str or None
        Only companies and facilities of this park.
    profile : WalkProfile
        Who walks.
    """

    on: date
    park: str | None = None
    profile: WalkProfile = _ALONE


def service_areas(
    connection: Connection, start: Point, minutes: Sequence[float], query: IsochroneQuery
) -> dict[str, Any]:
    """Return who is within some minutes' walk of a place, and the areas, JSON-ready.

    No permission is made use of. Who is within them is decided by the walk along the network; the areas
    are pictures, drawn so that they hold the entrances of exactly those places.

    Parameters
    ----------
    connection : Connection
    start : Point
        EPSG:25832.
    minutes : sequence of float
    query : IsochroneQuery

    Returns
    -------
    dict
        `places`: kind (company or the facility's kind), key, name, minutes (rounded up to a tenth), nearest
        first, none farther than the most minutes; `areas`: a FeatureCollection with one area for
        each of `minutes`, the largest first, so that the others are drawn over it.

    Raises
    ------
    NotFoundError
        For a park that does not exist.
    """
    check_park(connection, query.park)
    network = network_on(connection, query.on)
    rows = _places(connection, query.on, query.park)
    doors = _entrances(network.subgraph(), rows)
    found = isochrone(network.subgraph(query.profile), start, query.profile.pace_m_s, doors)
    times_min = found.times_s(doors) / 60
    places = [
        {**row, "minutes": _tenth(time_min)}
        for row, time_min in zip(rows[["kind", "key", "name"]].to_dict("records"), times_min, strict=True)
        if time_min <= max(minutes)
    ]
    places.sort(key=lambda place: (place["minutes"], place["name"], place["key"]))
    steps = sorted(set(minutes), reverse=True)
    areas = [_area(found.area(step, doors), {"minutes": step}) for step in steps]
    return {"places": places, "areas": {"type": "FeatureCollection", "features": areas}}


def nearest_facilities(connection: Connection, kind: str, query: IsochroneQuery) -> list[dict[str, Any]]:
    """Return the nearest facility of a kind to each company of a day, on foot, nearest first.

    Parameters
    ----------
    connection : Connection
    kind : str
        Of `FacilityKind`; facilities are looked for in all parks.
    query : IsochroneQuery

    Returns
    -------
    list of dict
        `company` and `facility` (key and name each), `minutes`; facility and minutes are None where none
        is reachable on ways. Empty when there is no such facility on that day.

    Raises
    ------
    NotFoundError
        For a park that does not exist.
    """
    check_park(connection, query.park)
    network = network_on(connection, query.on)
    companies, facilities = (
        companies_on(connection, query.on, query.park),
        facilities_on(connection, query.on),
    )
    facilities = facilities[facilities["kind"] == kind]
    if facilities.empty or companies.empty:
        return []
    doors, there = (_entrances(network.subgraph(), frame) for frame in (companies, facilities))
    subgraph, pace_m_s = network.subgraph(query.profile), query.profile.pace_m_s
    times_s = np.array([isochrone(subgraph, point, pace_m_s, doors).times_s(doors) for point in there])
    nearest = times_s.argmin(axis=0)
    named = [frame[["key", "name"]].to_dict("records") for frame in (companies, facilities)]
    rows = [
        {"company": company, "facility": named[1][n], "minutes": _tenth(times_s[n, i] / 60)}
        if np.isfinite(times_s[n, i])
        else {"company": company, "facility": None, "minutes": None}
        for i, (company, n) in enumerate(zip(named[0], nearest.tolist(), strict=True))
    ]
    return sorted(rows, key=_by_time)


def _by_time(row: dict[str, Any]) -> tuple[Any, ...]:
    minutes = row["minutes"]
    return minutes is None, minutes, row["company"]["name"], row["company"]["key"]


def _places(connection: Connection, on: date, park: str | None) -> gpd.GeoDataFrame:
    companies = companies_on(connection, on, park).assign(kind="company")
    facilities = facilities_on(connection, on, park)
    columns = ["kind", "key", "name", "geometry"]
    records = [*companies[columns].to_dict("records"), *facilities[columns].to_dict("records")]
    return gpd.GeoDataFrame(records, columns=columns, geometry="geometry", crs=companies.crs)


def _entrances(subgraph: WalkableSubgraph, rows: gpd.GeoDataFrame) -> Array:
    return entrances(subgraph, np.asarray(rows.geometry.to_numpy(), dtype=object))


def _area(area: Any, properties: dict[str, Any]) -> dict[str, Any]:
    (shape,) = shapely.to_geojson(rounded([area]))
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shape)}


def _tenth(time_min: float) -> float:
    """Return minutes rounded up to a tenth, but for a last bit in a sum."""
    return math.ceil(round(time_min * 10, 6)) / 10

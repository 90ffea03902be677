"""Whether a place lies near a business park: what lies far from all of them was typed or read wrongly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod
from shapely import Geometry, Point
from sqlalchemy import Connection

from app.db.land.parks import parks_on
from app.domain.crs import STORAGE_CRS, to_storage, to_wgs84
from app.errors import N_, AppError, DataError, InputError

# What lies farther from every park belongs to another town.
FARTHEST_M = 20_000.0

# Parks themselves may lie as far beside the zone that is stored in; lengths still come out within 0.2 %.
_BESIDE_ZONE_DEG = 5.0
_GEOD = Geod(ellps="GRS80")
_FARTHEST_ON_EARTH_M = 20_000_000.0


def parse_point(text: str) -> Point:
    """Read ``LON,LAT`` in degrees; return the point in EPSG:25832.

    Raises
    ------
    InputError
        For anything else.
    """
    try:
        lon, lat = map(float, text.split(","))
        point = to_storage(Point(lon, lat)) if abs(lon) <= 180 and abs(lat) <= 90 else Point()
    except ValueError:
        point = Point()
    if point.is_empty or not math.isfinite(point.x + point.y):
        raise InputError(
            N_("“%(text)s” is not a valid point; expected LON,LAT in degrees, for example 10.7276,52.3731."),
            text=text.strip()[:40],
        )
    return point


def check_places(connection: Connection, collection: str, frame: gpd.GeoDataFrame) -> None:
    """Raise DataError for the first row of a collection that lies far from every park.

    Parks, and everything while none is stored, must lie where EPSG:25832 is made for.
    """
    check_near_parks(
        connection,
        frame.geometry.to_numpy(),
        [f"{collection}: {key}" for key in frame["key"]],
        is_park=collection == "parks",
    )


def check_near_parks(
    connection: Connection,
    geometries: Sequence[Geometry] | np.ndarray[Any, Any],
    names: Sequence[str],
    error: type[AppError] = DataError,
    *,
    is_park: bool = False,
) -> None:
    """Raise for the first geometry that lies more than `FARTHEST_M` from every park of all times.

    Parameters
    ----------
    connection : Connection
    geometries : sequence of Geometry
        EPSG:25832.
    names : sequence of str
        What each is called in the sentence.
    error : type of AppError
        DataError for what is read, InputError for what is typed.
    is_park : bool
        Whether these are parks, which need not lie near others.

    Raises
    ------
    AppError
        Of the type `error`. Where both coordinates swapped would lie near a park, that is offered.
    """
    shapes: np.ndarray[Any, Any] = np.asarray(geometries, dtype=object)
    parks = parks_on(connection, None)
    if is_park or parks.empty:
        _check_in_zone(shapes, names, error)
        return
    outlines = parks.geometry.to_numpy()
    with np.errstate(invalid="ignore"):  # what lies nowhere on Earth has no distance, and is far
        away_m = np.min([shapely.distance(outline, shapes) for outline in outlines], axis=0)
    for row in np.flatnonzero(~(away_m <= FARTHEST_M)):
        raise far_refusal(parks, shapely.centroid(shapes[row]), names[int(row)], error)


def swapped(place: Point) -> Iterator[tuple[Point, str]]:
    """Yield where a place lies with its degrees, or its meters, swapped; with the coordinates as text."""
    degrees = to_wgs84(place)
    if abs(degrees.x) <= 90:
        turned = to_storage(Point(degrees.y, degrees.x))
        if math.isfinite(turned.x + turned.y):
            yield turned, f"{degrees.y:.6g}, {degrees.x:.6g}"
    if math.isfinite(place.x + place.y):
        yield Point(place.y, place.x), f"{place.y:.0f}, {place.x:.0f}"


def far_refusal(
    parks: gpd.GeoDataFrame, place: Point, name: str, error: type[AppError] = DataError
) -> AppError:
    """Return the refusal of a place in EPSG:25832 that lies far from every park; see `check_near_parks`."""
    km = float(round(_away_m(parks, place) / 1000))
    for other, text in swapped(place):
        away_m = shapely.distance(parks.geometry.to_numpy(), other)
        if away_m.min() <= FARTHEST_M:
            return error(
                N_(
                    "“%(name)s” lies %(km)s km from the nearest business park; with the "
                    "coordinates swapped (%(text)s) it would lie at %(park)s."
                ),
                name=name,
                km=km,
                text=text,
                park=parks["name"].iloc[int(away_m.argmin())],
            )
    return error(
        N_("“%(name)s” lies %(km)s km from the nearest business park; expected at most %(most)s km."),
        name=name,
        km=km,
        most=float(FARTHEST_M / 1000),
    )


def _away_m(parks: gpd.GeoDataFrame, place: Point) -> float:
    """Return how far over the ground a far place is from the nearest park's middle."""
    spot, middles = to_wgs84(place), to_wgs84(shapely.centroid(parks.geometry.to_numpy()))
    if not math.isfinite(spot.x + spot.y):
        return _FARTHEST_ON_EARTH_M
    return min(float(_GEOD.inv(spot.x, spot.y, middle.x, middle.y)[2]) for middle in middles)


def _check_in_zone(shapes: np.ndarray[Any, Any], names: Sequence[str], error: type[AppError]) -> None:
    middles = np.atleast_1d(shapely.centroid(shapes))
    outside = np.flatnonzero(~_is_in_zone(middles))
    if not outside.size:
        return
    place = middles[outside[0]]
    spot = to_wgs84(place)
    params = {"name": names[int(outside[0])], "lon": f"{spot.x:.5g}", "lat": f"{spot.y:.5g}"}
    for other, text in swapped(place):
        if _is_in_zone(np.array([other], dtype=object)).all():
            raise error(
                N_(
                    "“%(name)s” (%(lon)s, %(lat)s) lies outside the area of EPSG:25832; with the "
                    "coordinates swapped (%(text)s) it would lie inside."
                ),
                text=text,
                **params,
            )
    raise error(N_("“%(name)s” (%(lon)s, %(lat)s) lies outside the area of EPSG:25832."), **params)


def _is_in_zone(places: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    lon, lat = shapely.get_coordinates(to_wgs84(places)).T
    west, south, east, north = CRS.from_user_input(STORAGE_CRS).area_of_use.bounds  # type: ignore[union-attr]
    is_beside = (west - _BESIDE_ZONE_DEG <= lon) & (lon <= east + _BESIDE_ZONE_DEG)
    return np.asarray(is_beside & (south <= lat) & (lat <= north))

"""Who reaches a place on foot, and the nearest bus stop or truck parking area of each company, as JSON."""

from __future__ import annotations

import math

from flask import Blueprint, Response, jsonify, request
from shapely import Point

from app.analysis.walking.paces import WalkProfile
from app.domain.crs import to_storage
from app.domain.kinds import FacilityKind
from app.errors import N_, InputError
from app.request import connection, requested_day, requested_park
from app.services.reaching import Asked, nearest_facilities, place_of, reached

blueprint = Blueprint("reach", __name__, url_prefix="/api/reach")

DEFAULT_MINUTES = (5.0, 10.0, 15.0)
MOST_MINUTES = 60
MOST_STEPS = 6


@blueprint.get("")
def places() -> Response:
    """Return who is within ``?minutes=5,10,15`` of ``?lon=&lat=``, ``?company=`` or ``?facility=``.

    As of ``?on=``, of ``?park=`` or of all parks; ``?step_free=1`` without steps and raised kerbs.
    """
    minutes, asked = requested_minutes(), requested()
    return jsonify(reached(connection(), requested_start(), minutes, asked))


@blueprint.get("/nearest")
def nearest() -> Response:
    """Return the facility of the kind ``?to=`` that is nearest to each company, with minutes."""
    kind = request.args.get("to", "").strip()
    if kind not in set(FacilityKind):
        known = ", ".join(FacilityKind)
        raise InputError(
            N_("There is no facility of the kind “%(kind)s”; there are: %(known)s."),
            kind=kind[:40],
            known=known,
        )
    return jsonify(to=kind, companies=nearest_facilities(connection(), kind, requested()))


def requested_minutes() -> tuple[float, ...]:
    """Return the minutes of ``?minutes=``, 5, 10 and 15 without it.

    Raises
    ------
    InputError
        For anything but up to `MOST_STEPS` numbers above 0 and up to `MOST_MINUTES`.
    """
    given = request.args.get("minutes", "").strip()
    if not given:
        return DEFAULT_MINUTES
    minutes = tuple(_number(part) for part in given.split(","))
    if len(minutes) > MOST_STEPS or not all(0 < each <= MOST_MINUTES for each in minutes):
        raise InputError(
            N_("“%(text)s” are no minutes; expected up to %(n)s numbers from 1 to %(most)s, as in 5,10,15."),
            text=given[:40],
            n=MOST_STEPS,
            most=MOST_MINUTES,
        )
    return minutes


def requested() -> Asked:
    """Return the day, the park, and who walks: alone; ``?step_free=1`` without steps and raised kerbs."""
    profile = WalkProfile(is_step_free=request.args.get("step_free") == "1")
    return Asked(requested_day(), requested_park(), profile)


def requested_start() -> Point:
    """Return the place of ``?lon=&lat=``, ``?company=`` or ``?facility=``, EPSG:25832.

    Raises
    ------
    InputError
        When not exactly one of the three is given, or the coordinates are none.
    """
    given = {name: request.args[name].strip() for name in ("company", "facility") if request.args.get(name)}
    has_point = "lon" in request.args or "lat" in request.args
    if len(given) + has_point != 1:
        raise InputError(N_("Name one place: ?lon=&lat=, ?company= or ?facility=."))
    if has_point:
        return _point(request.args.get("lon", ""), request.args.get("lat", ""))
    return place_of(connection(), requested_day(), **given)


def _point(lon: str, lat: str) -> Point:
    x, y = _number(lon), _number(lat)
    if not (abs(x) <= 180 and abs(y) <= 90):
        raise InputError(
            N_("“%(lon)s, %(lat)s” is no place; expected longitude and latitude in degrees."),
            lon=lon[:20],
            lat=lat[:20],
        )
    point: Point = to_storage(Point(x, y))
    if not (math.isfinite(point.x) and math.isfinite(point.y)):
        raise InputError(N_("“%(lon)s, %(lat)s” is too far from the parks."), lon=lon[:20], lat=lat[:20])
    return point


def _number(text: str) -> float:
    """Return the number a text says; NaN where it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan

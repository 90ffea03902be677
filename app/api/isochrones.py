"""Who is within some minutes of a place, and the nearest facility of each company, as JSON."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify, request
from shapely import Point

from app.analysis.walking.paces import WalkProfile
from app.api.features.description.other_routes import MOST_MINUTES, MOST_STEPS, NEAREST, PLACE, REACH
from app.api.features.parameters.values import number
from app.domain.crs import to_storage
from app.domain.kinds import FacilityKind
from app.errors import N_, InputError, NotFoundError
from app.request import connection, requested_day, requested_park
from app.services.land.near_parks import check_near_parks
from app.services.walking.isochrones import IsochroneQuery, nearest_facilities, place_of, service_areas

blueprint = Blueprint("reach", __name__, url_prefix="/api/reach")

DEFAULT_MINUTES = (5.0, 10.0, 15.0)
_IS_PLACE = re.compile(PLACE["pattern"]).search


@blueprint.get("")
def places() -> Response:
    """Return who is within ``?minutes=5,10,15`` of the place ``?from=``.

    As of ``?on=``, of ``?park=`` or of all parks; ``?step_free=1`` without steps and raised kerbs.
    """
    REACH.check()
    minutes, query = requested_minutes(), requested()
    return jsonify(service_areas(connection(), requested_start(), minutes, query))


@blueprint.get("/nearest")
def nearest() -> Response:
    """Return the facility of the kind ``?to=`` that is nearest to each company, with minutes."""
    NEAREST.check()
    kind = request.args.get("to", "")
    if kind not in set(FacilityKind):
        known = ", ".join(FacilityKind)
        raise InputError(
            N_("There is no facility of the kind “%(kind)s”; available: %(known)s."),
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
    given = request.args.get("minutes", "")
    if not given:
        return DEFAULT_MINUTES
    minutes = tuple(number(part) for part in given.split(","))
    if len(minutes) > MOST_STEPS or not all(0 < each <= MOST_MINUTES for each in minutes):
        raise InputError(
            N_(
                "“%(text)s” is not a valid list of minutes; expected up to %(n)s numbers from 1 to "
                "%(most)s, as in 5,10,15."
            ),
            text=given[:40],
            n=MOST_STEPS,
            most=MOST_MINUTES,
        )
    return minutes


def requested() -> IsochroneQuery:
    """Return the day, the park, and who walks: alone; ``?step_free=1`` without steps and raised kerbs.

    Raises
    ------
    InputError
        For a `step_free` that is neither 0 nor 1, and a day that is none.
    """
    step_free = request.args.get("step_free", "0")
    if step_free not in ("0", "1"):
        raise InputError(
            N_("“%(text)s” is not a valid value of “%(name)s”; available: %(known)s."),
            text=step_free[:40],
            name="step_free",
            known="0, 1",
        )
    return IsochroneQuery(requested_day(), requested_park(), WalkProfile(is_step_free=step_free == "1"))


def requested_start() -> Point:
    """Return the place of ``?from=``, EPSG:25832: of a company or facility by its key, or of degrees.

    Raises
    ------
    InputError
        When none is given, or it is none.
    NotFoundError
        When it lies far from every park.
    """
    given = request.args.get("from", "")
    if not _IS_PLACE(given):
        raise InputError(
            N_(
                "“%(text)s” is not a valid place; expected ?from=company:KEY, ?from=facility:KEY, "
                "or longitude and latitude near the parks, as in ?from=10.76,52.38."
            ),
            text=given[:60],
        )
    kind, colon, key = given.partition(":")
    if colon:
        return place_of(connection(), requested_day(), **{kind: key})
    point: Point = to_storage(Point(*map(float, given.split(","))))
    # The place may be one, but nothing can be reached from there.
    check_near_parks(connection(), [point], [given], NotFoundError)
    return point

"""The collections as GeoJSON files: ``/exports/<collection>.geojson?on=&park=``."""

from __future__ import annotations

import hashlib
from datetime import date

from flask import Blueprint, Response, request

from app.db.changes import state_of_data
from app.db.parks import check_park
from app.errors import N_, InputError
from app.exchange.geojson import MEDIA_TYPE
from app.request import connection, requested_day, requested_park
from app.services.exporting import FORM, find_collection, take_out

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

PARAMETERS = ("on", "park", "download")


@blueprint.get("/<collection>.geojson")
def geojson(collection: str) -> Response:
    """Return a collection as of ``?on=`` (today without it), of ``?park=`` or of all parks.

    With ``?download=1`` a browser saves it under a telling name. The answer may be kept and must
    be asked for again: unchanged data are answered with 304.
    """
    check_parameters()
    on, park = requested_day(), requested_park()
    find_collection(collection)
    check_park(connection(), park)
    etag = _etag(collection, on, park)
    response = Response(mimetype=MEDIA_TYPE)
    response.set_etag(etag)
    response.cache_control.no_cache = True
    response.cache_control.public = True
    if request.args.get("download") == "1":
        response.headers.set("Content-Disposition", "attachment", filename=file_name(collection, on, park))
    if not request.if_none_match.contains_weak(etag):
        response.response = take_out(connection(), collection, on, park).lines("geojson")
    response.make_conditional(request)
    return response


def check_parameters() -> None:
    """Refuse a parameter that nobody would regard, such as a misspelt one."""
    unknown = next((name for name in request.args if name not in PARAMETERS), None)
    if unknown is not None:
        raise InputError(
            N_("There is no parameter “%(name)s”; there are: %(known)s."),
            name=unknown[:60],
            known=", ".join(PARAMETERS),
        )


def file_name(collection: str, on: date, park: str | None) -> str:
    """Return the name under which a download is saved."""
    return "-".join(part for part in (collection, park, on.isoformat()) if part) + ".geojson"


def _etag(collection: str, on: date, park: str | None) -> str:
    told = "\n".join((state_of_data(connection()), collection, on.isoformat(), park or "", FORM))
    return hashlib.sha256(told.encode()).hexdigest()[:32]

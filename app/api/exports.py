"""The collections as files: ``/exports/<collection>.<form>`` with the parameters of the items resource.

Text is sent while it is read from the database. Other files are made first, so that a refusal is still a
refusal, and kept for a while: clients such as GDAL's ``/vsicurl/`` ask for their length and then for parts.

Licences by the names that sources give them, and where their texts stand.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import IO

from flask import Blueprint, Response, make_response, request
from sqlalchemy.exc import OperationalError
from werkzeug.wsgi import FileWrapper

from app.api.cached_files import cached_files
from app.api.client_disconnect import CLIENT_CLOSED_REQUEST, ClientDisconnectedError, Served, disconnect_check
from app.api.concurrency import exporting_slot
from app.api.features.parameters.bodies import requested_body
from app.api.features.parameters.table import DOWNLOAD, SEARCH_DOWNLOAD, requested_query
from app.db.changes import state_of_data
from app.db.features import count
from app.db.land.parks import check_park
from app.db.sources import notice
from app.domain.feature_query import FeatureQuery
from app.domain.frames import find_contract
from app.exchange.collections.files import Export
from app.exchange.collections.forms import Form, find_form
from app.request import connection, detached_connection
from app.services.features.exporting import FORM, selection_of, state_of, take_out

ADDRESSES: Mapping[str, str] = {
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "dl-de/by-2-0": "https://www.govdata.de/dl-de/by-2-0",
    "dl-de/zero-2-0": "https://www.govdata.de/dl-de/zero-2-0",
}

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

_PIECE_BYTES = 2**18
# What has more rows waits for a turn; less is done in a second or two.
LARGE_ROWS = 10_000


@blueprint.route("/<file>", methods=["GET", "POST"])
def download(file: str) -> Response:
    """Return a collection in a form: ``plots.gpkg``, ``adjacency.edges.csv``.

    Which rows, says the query as it does for the items of the collection. GeoJSON is shown unless
    ``?download=1``, all else is saved under a telling name. The answer may be kept and must be asked
    for again: unchanged data are answered with 304. Of what is made whole, a part can be asked for.
    POST takes a filter that is too long for an address in its body.
    """
    collection, _, ending = file.partition(".")
    find_contract(collection)
    form = find_form(collection, ending)
    query = _requested(collection)
    check_park(connection(), query.park)
    mark = _mark(query, form)
    licences = addresses_of(notice(connection()).licence)
    known = _known_tag(mark)
    response = Response(status=304) if known else _answer(query, form, mark)
    _describe(response, query, form, licences)
    if known:
        response.set_etag(*known)
    elif form.is_text:
        # Weak, for it is compressed on its way out; not by `make_conditional`, which would gather all of
        # a stream to count its bytes.
        response.set_etag(mark, weak=True)
    return response


def _requested(collection: str) -> FeatureQuery:
    if request.method == "POST":
        return requested_query(collection, SEARCH_DOWNLOAD, requested_body())
    return requested_query(collection, DOWNLOAD)


def _known_tag(mark: str) -> tuple[str, bool] | None:
    """Return the tag by which the client knows this answer, and whether it is weak; None without one."""
    told = request.if_none_match
    if request.method == "POST":
        return None
    if told.star_tag:
        return mark, True
    found = (tag for tag in told.as_set(include_weak=True) if tag.partition("-")[0] == mark)
    tag = next(found, None)
    return None if tag is None else (tag, not told.is_strong(tag))


def _describe(response: Response, query: FeatureQuery, form: Form, licences: list[str]) -> None:
    response.headers["Content-Type"] = form.media_type
    response.headers.setdefault("Accept-Ranges", "none" if form.is_text else "bytes")
    response.cache_control.no_cache = True
    response.cache_control.public = True
    if form.name != "geojson" or request.args.get("download") == "1":
        response.headers.set("Content-Disposition", "attachment", filename=file_name(query, form))
    for address in licences:
        response.headers.add("Link", f'<{address}>; rel="license"')


def file_name(query: FeatureQuery, form: Form) -> str:
    """Return the name under which a download is saved: collection, park, days, whether it is a part."""
    days = state_of(query.span).replace("/", "_").replace("..", "open")
    chosen = "selection" if selection_of(query) else None
    return "-".join(part for part in (query.collection, query.park, days, chosen) if part) + f".{form.name}"


def _mark(query: FeatureQuery, form: Form) -> str:
    """Return what is the same as long as the answer says the same."""
    told = "\n".join((state_of_data(connection()), repr(query), form.name, FORM))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _answer(query: FeatureQuery, form: Form, mark: str) -> Response:
    """Return the answer with its body; an empty one where nobody waits for it any more.

    Raises
    ------
    BusyError
        Where much is asked for, and others are given as much already.
    RequestedRangeNotSatisfiable
        For a part that the file does not have.
    """
    if form.is_text and request.method == "HEAD":
        # Without a body nobody knows its length, and nothing is said of it.
        return Response(iter(()))
    if not form.is_text and (file := cached_files().find(_cached_name(mark, form))):
        return _sent(file, mark)
    return _worked_out(query, form, mark)


def _worked_out(query: FeatureQuery, form: Form, mark: str) -> Response:
    served = Served(detached_connection(), disconnect_check(request.environ))
    try:
        if count(served.connection, query) > LARGE_ROWS:
            served.held.enter_context(exporting_slot())
        export = take_out(served.connection, query)
        heard = replace(
            export,
            features=lambda: served.heard(export.features()),
            parts=lambda: served.heard(export.parts()),
            plots=lambda: served.heard(export.plots()),
        )
        return _streamed(heard, form, served) if form.is_text else _made(heard, form, served, mark)
    except (ClientDisconnectedError, OperationalError):
        served.close()
        if not served.is_gone:
            raise
        return make_response("", CLIENT_CLOSED_REQUEST)
    except BaseException:
        served.close()
        raise


def _streamed(export: Export, form: Form, served: Served) -> Response:
    """Return text that is read from the database while it is sent."""
    lines = _until_gone(export.lines(form.name), served)
    # Once begun it ends properly, even where nobody closes the response.
    response = Response(chain([next(lines, "")], lines))
    response.call_on_close(lines.close)
    response.call_on_close(served.close)
    return response


def _until_gone(lines: Iterator[str], served: Served) -> Generator[str, None, None]:
    try:
        yield from lines
    except (ClientDisconnectedError, OperationalError):
        if not served.is_gone:
            raise
    finally:
        served.close()


def _made(export: Export, form: Form, served: Served, mark: str) -> Response:
    """Return a file, made on the disk."""
    kept = cached_files()
    with kept.making() as folder:
        path = folder / f"{export.contract.name}.{form.name}"
        export.write(path, form.name)
        served.close()
        file = kept.keep(_cached_name(mark, form), path)
    return _sent(file, mark)


def _cached_name(mark: str, form: Form) -> str:
    return f"{mark}.{form.name}"


def _sent(file: IO[bytes], mark: str) -> Response:
    """Return a file, or the part of it that is asked for."""
    state = os.fstat(file.fileno())
    is_part = request.method == "GET" and request.range is not None and len(request.range.ranges) == 1
    response = Response(_body(file, is_part=is_part), direct_passthrough=True)
    response.call_on_close(file.close)
    response.content_length = state.st_size
    # A file made twice from the same data holds two times of making: its bytes are known by its own.
    response.set_etag(f"{mark}-{state.st_mtime_ns:x}")
    if is_part:
        try:
            response.make_conditional(request, accept_ranges=True, complete_length=state.st_size)
        except BaseException:
            file.close()
            raise
    return response


def _body(file: IO[bytes], *, is_part: bool) -> Iterable[bytes]:
    if request.method == "HEAD":
        file.close()
        return iter(())
    return FileWrapper(file, _PIECE_BYTES) if is_part else _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def addresses_of(licence: str) -> list[str]:
    """Return the addresses of licences named one after the other (``; ``); those not known are left out."""
    return [ADDRESSES[name] for name in licence.split("; ") if name in ADDRESSES]

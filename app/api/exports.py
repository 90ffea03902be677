"""The collections as files: ``/exports/<collection>.<form>`` with the parameters of the items resource.

Text is sent while it is read from the database. Other files are made first, so that a refusal is still a
refusal, and are gone from the disk before they are sent.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO

from flask import Blueprint, Response, make_response, request
from sqlalchemy.exc import OperationalError

from app.api.features.parameters import DOWNLOAD, requested_query
from app.api.hanging_up import HUNG_UP, HungUpError, Served, hung_up, let_go_of_sleepers
from app.api.turns import turn_to_export
from app.db.changes import state_of_data
from app.db.features import count
from app.db.parks import check_park
from app.db.sources import notice
from app.domain.feature_query import FeatureQuery
from app.domain.frames import find_contract
from app.domain.licences import addresses_of
from app.exchange.files import Export
from app.exchange.forms import Form, find_form
from app.request import connection, kept_connection
from app.services.exporting import FORM, selection_of, state_of, take_out

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

# What the folders of files in the making are called, for whoever looks after the disk.
TEMPORARY = "nachbarschaft-export-"
_PIECE_BYTES = 2**18
# What has more rows waits for a turn; less is done in a second or two.
LARGE_ROWS = 10_000


@blueprint.get("/<file>")
def download(file: str) -> Response:
    """Return a collection in a form: ``plots.gpkg``, ``adjacency.edges.csv``.

    Which rows, says the query as it does for the items of the collection. GeoJSON is shown unless
    ``?download=1``, all else is saved under a telling name. The answer may be kept and must be asked
    for again: unchanged data are answered with 304.
    """
    collection, _, ending = file.partition(".")
    find_contract(collection)
    form = find_form(collection, ending)
    query = requested_query(collection, DOWNLOAD)
    check_park(connection(), query.park)
    etag = _etag(query, form)
    is_known = request.if_none_match.contains_weak(etag)
    licences = addresses_of(notice(connection()).licence)
    response = Response() if is_known or request.method == "HEAD" else _answer(query, form)
    _describe(response, query, form, licences)
    # Weak, for a file made twice from the same data holds two times of making.
    response.set_etag(etag, weak=True)
    # Not by `make_conditional`, which would gather all of a stream to count its bytes.
    response.status_code = 304 if is_known else response.status_code
    return response


def _describe(response: Response, query: FeatureQuery, form: Form, licences: list[str]) -> None:
    response.headers["Content-Type"] = form.media_type
    response.headers["Accept-Ranges"] = "none"
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


def _etag(query: FeatureQuery, form: Form) -> str:
    told = "\n".join((state_of_data(connection()), repr(query), form.name, FORM))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _answer(query: FeatureQuery, form: Form) -> Response:
    """Return the answer with its body; an empty one where nobody waits for it any more.

    Raises
    ------
    BusyError
        Where much is asked for, and others are given as much already.
    """
    let_go_of_sleepers(request.environ)
    served = Served(kept_connection(), hung_up(request.environ))
    try:
        if count(served.connection, query) > LARGE_ROWS:
            served.held.enter_context(turn_to_export())
        export = take_out(served.connection, query)
        heard = replace(
            export,
            features=lambda: served.heard(export.features()),
            parts=lambda: served.heard(export.parts()),
            plots=lambda: served.heard(export.plots()),
        )
        return _streamed(heard, form, served) if form.is_text else _made(heard, form, served)
    except (HungUpError, OperationalError):
        served.close()
        if not served.is_gone:
            raise
        return make_response("", HUNG_UP)
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
    except (HungUpError, OperationalError):
        if not served.is_gone:
            raise
    finally:
        served.close()


def _made(export: Export, form: Form, served: Served) -> Response:
    """Return a file, made on the disk and held open only."""
    with tempfile.TemporaryDirectory(prefix=TEMPORARY) as folder:
        path = Path(folder) / f"{export.contract.name}.{form.name}"
        export.write(path, form.name)
        served.close()
        file = path.open("rb")
    response = Response(_pieces(file))
    response.content_length = os.fstat(file.fileno()).st_size
    response.call_on_close(file.close)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece

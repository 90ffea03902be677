"""How answers leave: in which representation, known again by ETag and Last-Modified, open to every page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from flask import Response, render_template, request
from flask_babel import get_locale
from werkzeug.http import http_date

from app.api.features.links import HTML
from app.api.features.parameters import values
from app.db.changes import changed_at, state_of_data
from app.domain.feature_query import FeatureQuery
from app.domain.period import PARK_ZONE, today
from app.errors import N_, InputError
from app.request import autocommit_connection

# Raised when the form of the answers changes, so that caches ask again.
FORM = "features 1"


def language() -> str:
    """Return the reader's language, ``de`` or ``en``."""
    return str(get_locale() or "en")


def requested_form(media_types: Mapping[str, str]) -> str:
    """Return the name of the representation asked for: by ``?f=``, else by Accept, else the first.

    Raises
    ------
    InputError
        When ``f`` names none of them.
    """
    asked = request.args.get("f")
    if asked is None:
        return "html" if "html" in media_types and _prefers_pages() else next(iter(media_types))
    if asked not in media_types:
        raise InputError(
            N_("“%(text)s” is not a valid value of “%(name)s”; available: %(known)s."),
            text=values.shown(asked),
            name="f",
            known=", ".join(media_types),
        )
    return asked


def _prefers_pages() -> bool:
    accepted = request.environ.get("HTTP_ACCEPT", "")
    if HTML not in accepted:
        return False
    data = max(request.accept_mimetypes[kind] for kind in ("application/json", "application/geo+json"))
    return bool(request.accept_mimetypes[HTML] > data or accepted.startswith(HTML))


@dataclass(frozen=True)
class CacheValidator:
    """By what an answer is known again: it stays the same as long as both do."""

    etag: str
    changed_at: datetime

    @property
    def is_known(self) -> bool:
        """Whether the client has this answer already."""
        if "HTTP_IF_NONE_MATCH" in request.environ:
            return request.if_none_match.contains_weak(self.etag)
        since = request.if_modified_since
        return since is not None and self.changed_at.replace(microsecond=0) <= since

    def unchanged(self) -> Response:
        """Return the answer that says so."""
        return self.stamped(Response(status=304))

    def stamped(self, response: Response) -> Response:
        """Return a response with this mark: it may be kept and must be asked for again."""
        response.headers.extend(
            [
                ("ETag", f'W/"{self.etag}"'),
                ("Last-Modified", http_date(self.changed_at)),
                ("Cache-Control", "no-cache, public"),
                ("Vary", "Accept"),
            ]
        )
        return response


def unchanged(query: FeatureQuery, *parts: str) -> Response | None:
    """Return the answer to a client that has it already; None to one that has not, or does not say so."""
    if not _CONDITIONS & request.environ.keys():
        return None
    mark = data_mark(state_of_data(autocommit_connection()), query, *parts)
    return mark.unchanged() if mark.is_known else None


_CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"})


def data_mark(state: str, query: FeatureQuery, *parts: str) -> CacheValidator:
    """Return the mark of the answer to a query in a state of the data."""
    days = f"{query.span.first}/{query.span.last} {query.is_internal}"
    is_of_today = "datetime" not in request.args
    return _mark(state, days, request.full_path, request.root_url, *parts, is_of_today=is_of_today)


def document_mark(*parts: str) -> CacheValidator:
    """Return the mark of a document about the data, in the reader's language."""
    state = state_of_data(autocommit_connection())
    return _mark(state, request.full_path, request.root_url, language(), *parts, is_of_today=False)


def _mark(state: str, *parts: str, is_of_today: bool) -> CacheValidator:
    since = changed_at(state)
    if is_of_today:
        # What is asked of "today" changes at midnight without any change of data.
        midnight = datetime.combine(today(), time(), PARK_ZONE)
        since = max(since, midnight.astimezone(UTC))
    text = "\n".join((state, FORM, *parts))
    return CacheValidator(hashlib.blake2b(text.encode(), digest_size=16).hexdigest(), since)


def json_answer(document: Any, media_type: str) -> Response:
    """Return a document in the reader's language."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, content_type=media_type)
    response.headers["Content-Language"] = language()
    return response


def plain(response: Response) -> Response:
    """Return a document that no data change; it may be kept for an hour by whoever reads this language."""
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Vary"] = "Accept, Cookie"
    return response


def page_answer(template: str, **context: Any) -> Response:
    """Return a page; it holds a nonce of its own, so nobody keeps it."""
    response = Response(render_template(f"api/{template}", **context), mimetype=HTML)
    response.headers["Vary"] = "Accept"
    return response

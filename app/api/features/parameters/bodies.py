"""Filters that come in the body of a request, where an address would be too long for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from app.api.features.parameters.filters import CQL2_JSON, CQL2_TEXT
from app.errors import N_, InputError, Phrase


@dataclass(frozen=True)
class Body:
    """A filter in the body of a request: its text, and the one of `filters.LANGUAGES` that it is in."""

    text: str
    lang: str


# What a body is called -> what its filter is in.
BODIES: Mapping[str, str] = {
    "text/plain": CQL2_TEXT,
    "application/json": CQL2_JSON,
    "application/cql2+json": CQL2_JSON,
}


_EXPECTED = Phrase(
    N_("The body must be a filter in CQL2: text with Content-Type text/plain, or JSON with application/json.")
)


def requested_body() -> Body:
    """Return the filter in the body of the request.

    Raises
    ------
    UnsupportedMediaType
        When it is called neither text nor JSON.
    InputError
        When it is no text.
    """
    if request.mimetype not in BODIES:
        raise UnsupportedMediaType(_EXPECTED)
    try:
        body = Body(request.get_data().decode("utf-8"), BODIES[request.mimetype])
    except UnicodeDecodeError:
        raise InputError(N_("The filter is not UTF-8 text.")) from None
    _check_form(body)
    return body


def _check_form(body: Body) -> None:
    """Refuse what is sent where a filter is expected: an object with the filter in it, JSON called text."""
    try:
        parsed = json.loads(body.text) if body.text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return
    if isinstance(parsed, dict) and "filter" in parsed:
        raise InputError(
            N_(
                "The body must be the filter itself, such as %(example)s, not an object with a "
                "member “filter”; all other parameters (%(names)s ...) stay in the address."
            ),
            example='{"op": "=", "args": [{"property": "key"}, "…"]}',
            names="limit, bbox, datetime",
        )
    if parsed is not None and body.lang == CQL2_TEXT:
        raise InputError(N_("The body must be JSON; send it with Content-Type application/json."))

"""Filters that come in the body of a request, where an address would be too long for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from app.api.features.filters import CQL2_JSON, CQL2_TEXT
from app.errors import N_, InputError


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
        raise UnsupportedMediaType
    try:
        return Body(request.get_data().decode("utf-8"), BODIES[request.mimetype])
    except UnicodeDecodeError:
        raise InputError(N_("The filter is no text in UTF-8.")) from None

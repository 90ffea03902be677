"""Tours that staff save: read with their request, changed, copied, published, withdrawn, shared, deleted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from app.api.concurrency import solving_slot
from app.api.neighbors import reader_localizer
from app.api.tours.planning import requested_json
from app.errors import N_, InputError, PreconditionRequiredError
from app.request import connection, writing
from app.services.tours.saving import (
    copy_tour,
    delete_tour,
    publish_tour,
    resave_tour,
    save_tour,
    saved_tour,
    withdraw_tour,
)
from app.services.tours.sharing import revoke_share, share_token, share_tour

_MOST_DIGITS = 10

blueprint = Blueprint("saved_tours", __name__, url_prefix="/api/tours")


@blueprint.post("")
def save() -> Response:
    """Save a tour request as a new tour."""
    given = _fields("wish", "title")
    with writing() as held:
        saved = save_tour(held, given["wish"], given["title"], capacity=solving_slot)
    return make_response(jsonify(key=saved.key, version=saved.version), 201)


@blueprint.put("/<key>")
def resave(key: str) -> Response:
    """Save a changed request in the place of the version it was made from, which ``If-Match`` names."""
    given = _fields("wish", "title")
    values = given["wish"], given["title"], _seen_version()
    with writing() as held:
        saved = resave_tour(held, key, *values, capacity=solving_slot)
    return jsonify(version=saved.version)


@blueprint.delete("/<key>")
def delete(key: str) -> Response:
    """Delete a tour that is not public, for good, if it is still as it was seen."""
    seen = _seen_version()
    with writing() as held:
        delete_tour(held, key, seen)
    return make_response("", 204)


@blueprint.get("/<key>/wish")
def saved_request(key: str) -> Response:
    """Return a tour as its planner goes on with it."""
    saved = saved_tour(connection(), key)
    token = share_token(connection(), key)
    return jsonify(
        wish=dict(saved.request),
        title=saved.title,
        status=saved.status,
        version=saved.version,
        note=saved.note,
        share=None if token is None else _share_address(token),
    )


@blueprint.post("/<key>/copy")
def copy(key: str) -> Response:
    """Save a tour's request as a new draft."""
    title = reader_localizer().translate(N_("Copy of %(title)s"), title=saved_tour(connection(), key).title)
    with writing() as held:
        saved = copy_tour(held, key, title, capacity=solving_slot)
    return make_response(jsonify(key=saved.key), 201)


@blueprint.post("/<key>/publish")
def publish(key: str) -> Response:
    """Show a tour to everybody, if it is still as it was seen."""
    seen = _seen_version()
    with writing() as held:
        saved = publish_tour(held, key, seen)
    return jsonify(key=saved.key, status=saved.status, version=saved.version)


@blueprint.post("/<key>/withdraw")
def withdraw(key: str) -> Response:
    """Call a tour off, if it is still as it was seen."""
    seen = _seen_version()
    with writing() as held:
        saved = withdraw_tour(held, key, seen)
    return jsonify(key=saved.key, status=saved.status, version=saved.version)


@blueprint.post("/<key>/share")
def share(key: str) -> Response:
    """Return the link by which anybody who has it reads the tour."""
    with writing() as held:
        token = share_tour(held, key)
    return jsonify(url=_share_address(token))


@blueprint.delete("/<key>/share")
def revoke(key: str) -> Response:
    """Close the link for good."""
    with writing() as held:
        revoke_share(held, key)
    return make_response("", 204)


def _seen_version() -> int:
    """Return the version that ``If-Match`` names: who changes something says what was seen of it.

    Raises
    ------
    PreconditionRequiredError
        Without one: it might write over what somebody else has saved.
    InputError
        For one that is no version.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequiredError(N_("Name in If-Match the version that you have seen."))
    version = given.strip('"')
    if not (version.isascii() and version.isdecimal() and len(version) < _MOST_DIGITS):
        raise InputError(N_("Name the version of the tour that was changed."))
    return int(version)


def _fields(*names: str) -> dict[str, Any]:
    """Return the named fields of the JSON object in the request."""
    given = requested_json()
    if not isinstance(given, dict) or set(given) != set(names):
        raise InputError(N_("Send a JSON object with the fields %(names)s."), names=", ".join(names))
    return given


def _share_address(token: str) -> str:
    return f"{request.host_url}s/{token}"

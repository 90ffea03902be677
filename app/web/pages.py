"""What belongs to no page: whether the service is well, and the icon browsers ask for by themselves."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from app.db.changes import data_version
from app.request import connection

blueprint = Blueprint("pages", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer 200 when the database answers and is set up, 503 when it does not answer."""
    data_version(connection())
    response = jsonify(status="ok")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Serve the icon to browsers that ask for it without reading the page."""
    return current_app.send_static_file("img/mark.svg")

"""What belongs to no page: whether the service is well, the browsers' icon, whom to tell of weaknesses."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, jsonify, url_for

from app.config import Settings
from app.db.changes import data_version
from app.request import connection, now

blueprint = Blueprint("pages", __name__)

# Whoever keeps the file longer looks again (RFC 9116 asks for less than a year).
_CONTACT_HOLDS = timedelta(days=90)


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


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Name whom to inform of weaknesses (RFC 9116); 404 where nobody is named."""
    settings: Settings = current_app.extensions["settings"]
    if settings.security_contact is None:
        abort(404)
    until = (now() + _CONTACT_HOLDS).replace(hour=0, minute=0, second=0, microsecond=0)
    fields = {
        "Contact": settings.security_contact,
        "Expires": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Preferred-Languages": "de, en",
        "Canonical": url_for("pages.security_txt", _external=True),
    }
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return Response(lines, mimetype="text/plain")

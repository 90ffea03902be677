"""Neighbors of a company or plot, and the days on which something changed, as JSON."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask_babel import get_locale

from app.api.features.description.other_routes import CHANGES, NEIGHBORS_OF_COMPANY, NEIGHBORS_OF_PLOT
from app.db.changes import change_days
from app.domain.localizer import Localizer, localizer_for
from app.request import connection, requested_day, today
from app.services.neighbors.neighborhood import neighbors_of_company, neighbors_of_plot

blueprint = Blueprint("neighbors", __name__, url_prefix="/api")


@blueprint.get("/companies/<key>/neighbors")
def of_company(key: str) -> Response:
    """Return a company's neighbors on ``?on=``, grouped by relation, with the reason in words."""
    NEIGHBORS_OF_COMPANY.check()
    return jsonify(neighbors_of_company(connection(), key, requested_day(), reader_localizer()))


@blueprint.get("/plots/<key>/neighbors")
def of_plot(key: str) -> Response:
    """Return a plot's neighboring plots on ``?on=``, with the companies on them."""
    NEIGHBORS_OF_PLOT.check()
    return jsonify(neighbors_of_plot(connection(), key, requested_day(), reader_localizer()))


@blueprint.get("/changes")
def changes() -> Response:
    """Return the days on which a plot, company or facility came, changed or went; and today."""
    CHANGES.check()
    days = [day.isoformat() for day in change_days(connection())]
    return jsonify(days=days, today=today().isoformat())


def reader_localizer() -> Localizer:
    """Return the localizer of the request's language."""
    return localizer_for(str(get_locale() or "en"))

"""Plans of walking tours as JSON: asked for, explained, given up when the page is gone."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.exceptions import UnsupportedMediaType

from app.api.client_disconnect import CLIENT_CLOSED_REQUEST, disconnect_check
from app.api.concurrency import solving_slot
from app.api.neighbors import reader_localizer
from app.db.land.parks import check_park
from app.db.tours.request_data import never_visited
from app.domain.tour_requests import parse_request
from app.errors import N_, InputError
from app.request import connection, is_staff, requested_day, requested_park
from app.services.tours.planning.plan_json import plan_answer
from app.services.tours.planning.plans import (
    EXPLAIN_LIMIT_S,
    FIRST_LIMIT_S,
    PLAN_LIMIT_S,
    PlanningTask,
    make_task,
    solve_task,
)
from app.services.tours.planning.reasons import plan_explanation

blueprint = Blueprint("planning", __name__, url_prefix="/api/tours")


@blueprint.post("/plan")
def plan() -> Response:
    """Return the best tour for a request; with ``?quick=1`` the best that is found at once."""
    is_disconnected = disconnect_check(request.environ)
    limit_s = FIRST_LIMIT_S if request.args.get("quick") == "1" else PLAN_LIMIT_S
    with solving_slot():
        task = requested_task()
        found = solve_task(task, limit_s=limit_s, cancelled=is_disconnected)
        if is_disconnected():
            return make_response("", CLIENT_CLOSED_REQUEST)
        return jsonify(plan_answer(task, found, reader_localizer()))


@blueprint.post("/explain")
def explain() -> Response:
    """Return why stops are left out, what contradicts what, permissions that would help, other tours."""
    is_disconnected = disconnect_check(request.environ)
    with solving_slot(is_long=True):
        task = requested_task()
        explanation = plan_explanation(
            task, reader_localizer(), limit_s=EXPLAIN_LIMIT_S, cancelled=is_disconnected
        )
        return make_response("", CLIENT_CLOSED_REQUEST) if is_disconnected() else jsonify(explanation)


@blueprint.get("/suggestions")
def suggestions() -> Response:
    """Return the companies in ``?park=`` that were never visited before ``?on=``."""
    park = requested_park()
    if park is None:
        raise InputError(N_("Name the park: ?park=KEY."))
    check_park(connection(), park)
    return jsonify(never_visited=never_visited(connection(), park, requested_day()))


def requested_json() -> Any:
    """Return the JSON value of the request's body.

    Raises
    ------
    InputError
        When it is none.
    UnsupportedMediaType
        When it is not called so: then a page of another site could have sent it unasked.
    """
    if not request.is_json:
        raise UnsupportedMediaType
    return _read_json(request.get_data())


def _read_json(body: bytes) -> Any:
    """Return a JSON value; NaN and infinity are none."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(N_("The request is not valid JSON.")) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def requested_task() -> PlanningTask:
    """Return the task of the tour request in the body; ``?tour=`` names the stored tour it is of.

    Only staff plan stored tours: nobody else learns which permissions a tour has, or that there is one.
    """
    tour = request.args.get("tour", "").strip() or None
    tour = tour if tour is not None and is_staff() else None
    return make_task(connection(), parse_request(requested_json()), tour)

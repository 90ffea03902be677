"""Forms for staff: walkways, gates and yards to add, permissions to record and to withdraw."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.db.tours.records import tour_keys
from app.db.walking.permissions import permissions
from app.db.walking.walkways import walkways_on
from app.domain.kinds import Kerb, WalkwayAccess, WalkwayKind
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome
from app.request import connection, today, writing
from app.services.walking.permissions import (
    add_permission,
    add_walkway,
    read_permission,
    read_walkway,
    withdraw_permission,
)
from app.web.language import language

blueprint = Blueprint("walkways", __name__, url_prefix="/walkways")

View = str | Response | tuple[str, int]


@blueprint.get("")
def index() -> str:
    """Show the permissions there are, and the forms."""
    return _page()


@blueprint.post("")
def add() -> View:
    """Add a walkway; what was typed stays when it is refused."""
    try:
        draft = read_walkway(request.form)
        with writing() as held:
            add_walkway(held, draft)
    except AppError as error:
        return _page(walkway_problem=localizer_for(language()).error_text(error)), outcome(error).http_status
    return _done(gettext("The way “%(key)s” has been added.", key=draft.key))


@blueprint.post("/permissions")
def permit() -> View:
    """Record a permission; what was typed stays when it is refused."""
    try:
        with writing() as held:
            add_permission(held, read_permission(request.form))
    except AppError as error:
        return _page(permission_problem=localizer_for(language()).error_text(error)), outcome(
            error
        ).http_status
    return _done(gettext("The permission has been recorded."))


@blueprint.post("/permissions/<int:number>/withdraw")
def withdraw(number: int) -> Response:
    """Withdraw a permission."""
    with writing() as held:
        withdraw_permission(held, number)
    return _done(gettext("The permission has been withdrawn."))


def _done(sentence: str) -> Response:
    flash(sentence)
    return redirect(url_for("walkways.index"))


def _page(walkway_problem: str | None = None, permission_problem: str | None = None) -> str:
    held = connection()
    walkways = walkways_on(held, None)
    needing = walkways[walkways["access"] == WalkwayAccess.PERMISSION]
    return render_template(
        "walking/walkways.html",
        permissions=permissions(held),
        needing=sorted(set(needing["key"])),
        tours=tour_keys(held),
        kinds=list(WalkwayKind),
        kerbs=list(Kerb),
        kind_names=_kind_names(),
        kerb_names=_kerb_names(),
        today=today(),
        one_day=timedelta(days=1),
        walkway_problem=walkway_problem,
        permission_problem=permission_problem,
        typed_walkway=request.form if walkway_problem else {},
        typed_permission=request.form if permission_problem else {},
    )


def _kind_names() -> dict[str, str]:
    return {
        WalkwayKind.STREET: gettext("Street"),
        WalkwayKind.FOOTWAY: gettext("Footway"),
        WalkwayKind.PATH: gettext("Path"),
        WalkwayKind.STEPS: gettext("Steps"),
        WalkwayKind.CROSSING: gettext("Crossing"),
        WalkwayKind.GATE: gettext("Gate"),
        WalkwayKind.YARD: gettext("Yard"),
    }


def _kerb_names() -> dict[str, str]:
    return {
        Kerb.FLUSH: gettext("flush"),
        Kerb.LOWERED: gettext("lowered"),
        Kerb.RAISED: gettext("raised"),
    }

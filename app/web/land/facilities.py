"""Facilities for staff: the list, a facility's page over time, and the forms that change it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user

from app.db.land.facilities import facilities_on
from app.db.listed_changes import Wanted, listed_changes
from app.db.versions import records
from app.domain.kinds import Intent
from app.maps.styles import FACILITY_STYLES
from app.request import connection, requested_day, today
from app.services.companies.conflicts import SEPARATOR
from app.web.companies.changes import lines_of
from app.web.companies.histories import day_in, held, line_of
from app.web.companies.saving import View, answered
from app.web.land import facility_forms as forms

blueprint = Blueprint("facilities", __name__)

_N_CHANGES = 10
_BOTH = ("GET", "POST")


@blueprint.get("/facilities")
def index() -> str:
    """List the facilities of today."""
    return render_template(
        "land/facilities.html", rows=records(facilities_on(connection(), today())), styles=_styles()
    )


@blueprint.get("/facilities/<key>")
def show(key: str) -> str:
    """Show a facility over time, what can be done with it, and what was done last."""
    connected = connection()
    history = forms.facility_history(connected, key)
    return render_template(
        "land/facility.html",
        history=history,
        key=key,
        lines=[line_of(version, version.values) for version in reversed(history.versions)],
        seen_on=day_in(held(history.versions, requested_day()), requested_day()),
        styles=_styles(),
        separator=SEPARATOR,
        changes=lines_of(connected, listed_changes(connected, Wanted(facility=key), _N_CHANGES)),
        person=current_user.name,
    )


def _styles() -> dict[str, object]:
    return {str(kind): style for kind, style in FACILITY_STYLES.items()}


@blueprint.route("/new-facility", methods=_BOTH)
def add() -> View:
    """Let there be a new facility."""
    return answered(forms.new_form(connection()))


@blueprint.route("/facilities/<key>/details/<any(correct, change):intent>", methods=_BOTH)
def details(key: str, intent: str) -> View:
    """Put right or change what is known of a facility."""
    connected = connection()
    history = forms.facility_history(connected, key)
    return answered(forms.details_form(connected, history, Intent(intent), requested_day()))


@blueprint.route("/facilities/<key>/<any(end, day):case>", methods=_BOTH)
def case(key: str, case: str) -> View:
    """End a facility, or put a day of it right."""
    history = forms.facility_history(connection(), key)
    return answered(forms.end_form(history) if case == "end" else forms.day_form(history))

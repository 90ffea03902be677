"""A company's page for staff: what is known of it over time, and the forms that change it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from app.db.companies.occupants import without_plot
from app.db.listed_changes import Wanted, listed_changes
from app.domain.kinds import Intent
from app.exchange.companies.wz import wz_name
from app.request import connection, requested_day, today
from app.web.companies import cases, details
from app.web.companies.changes import lines_of
from app.web.companies.forms import Queue
from app.web.companies.histories import attribute_lines, company_history, place_lines
from app.web.companies.saving import View, answered

blueprint = Blueprint("companies", __name__)

_N_CHANGES = 10
_ACTS = "/<any(correct, change):intent>"
_BOTH = ("GET", "POST")


@blueprint.get("/companies/<key>")
def show(key: str) -> str:
    """Show a company over time, what can be done with it, and what was done last."""
    held = connection()
    history = company_history(held, key)
    changes = listed_changes(held, Wanted(company=key), _N_CHANGES)
    return render_template(
        "companies/company.html",
        history=history,
        key=key,
        attributes=attribute_lines(history),
        places=place_lines(held, history),
        changes=lines_of(held, changes),
        person=current_user.name,
        wz_name=wz_name,
    )


@blueprint.route("/arrival", methods=_BOTH)
def arrive() -> View:
    """Let a new company come, to the plot of ``?plot=``."""
    return answered(cases.arrival_form(connection(), request.args.get("plot", "")))


@blueprint.route(f"/companies/<key>/attributes{_ACTS}", methods=_BOTH)
def attributes(key: str, intent: str) -> View:
    """Put right or change the attributes of a company."""
    held, on = connection(), requested_day()
    return answered(details.attributes_form(held, company_history(held, key), Intent(intent), on))


@blueprint.route(f"/companies/<key>/internal{_ACTS}", methods=_BOTH)
def internal(key: str, intent: str) -> View:
    """Put right or change what only staff may read of a company."""
    history = company_history(connection(), key)
    return answered(details.internal_form(history, Intent(intent), requested_day()))


@blueprint.route("/companies/<key>/<any(expansion, departure, day):case>", methods=_BOTH)
def case(key: str, case: str) -> View:
    """Let a company use one more place, or leave all of them; put a day right."""
    history = company_history(connection(), key)
    if case == "expansion":
        return answered(cases.expansion_form(connection(), history))
    return answered(cases.departure_form(history) if case == "departure" else cases.day_form(history))


@blueprint.route("/companies/<key>/places/<place>/<any(move, succession):case>", methods=_BOTH)
def place_case(key: str, place: str, case: str) -> View:
    """Let a company move from a place, or another one follow there."""
    history = company_history(connection(), key)
    make = cases.move_form if case == "move" else cases.succession_form
    return answered(make(connection(), history, place))


@blueprint.route(f"/companies/<key>/places/<place>/<any(plot, point, address):what>{_ACTS}", methods=_BOTH)
def place_details(key: str, place: str, what: str, intent: str) -> View:
    """Put right or change on which plot a place lies, or its address."""
    history, on = company_history(connection(), key), requested_day()
    if what == "plot":
        return answered(details.plot_form(connection(), history, place, Intent(intent), on))
    if what == "point":
        return answered(details.point_form(connection(), history, place, Intent(intent), on))
    return answered(details.address_form(connection(), history, place, Intent(intent), on))


@blueprint.get("/placing")
def place_all() -> View:
    """Lead to the first of the companies that are on no plot; ``?after=`` to the next one behind a place."""
    after = request.args.get("after", "")
    waiting = [place for place, _ in without_plot(connection(), today())]
    following = waiting if after not in waiting else waiting[waiting.index(after) + 1 :]
    if following:
        return redirect(url_for("companies.place_next", place=following[0]))
    flash(gettext("All companies are on a plot.") if not waiting else gettext("That was the last one."))
    return redirect(url_for("map.companies"))


@blueprint.route("/placing/<place>", methods=_BOTH)
def place_next(place: str) -> View:
    """Put a company on a plot, and go on to the next one that is on none."""
    waiting = without_plot(connection(), today())
    places = [key for key, _ in waiting]
    if place not in places:
        return redirect(url_for("companies.place_all"))
    position = places.index(place)
    following = places[position + 1 :]
    address = (
        url_for("companies.place_next", place=following[0])
        if following
        else url_for("companies.place_all", after=place)
    )
    history = company_history(connection(), dict(waiting)[place])
    queue = Queue(position + 1, len(places), address)
    return answered(
        details.plot_form(connection(), history, place, Intent.CORRECT, requested_day(), queue=queue)
    )

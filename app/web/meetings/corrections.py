"""What others propose to correct of companies: a form for everybody, the queue for staff."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.db.companies.attributes import company_names
from app.db.meetings.corrections import open_corrections
from app.domain.kinds import BusinessCase, Intent
from app.domain.localizer import localizer_for
from app.errors import AppError, outcome
from app.request import connection, now, staff_change, writing, writing_by_link
from app.services.meetings.correcting import ATTRIBUTES, accept, company_facts, propose, refuse
from app.web.language import language
from app.web.people.attempts import count_request

blueprint = Blueprint("corrections", __name__)

View = Response | tuple[str, int]


@blueprint.get("/companies/<key>/correction")
def form(key: str) -> View:
    """Show what is stored of a company, to be changed into what should be."""
    return _form(key)


@blueprint.post("/companies/<key>/correction")
def send(key: str) -> View:
    """Put what was written into the queue."""
    try:
        count_request("correction", key)
        with writing_by_link() as held:
            propose(held, key, request.form, now())
    except AppError as error:
        return _form(key, error)
    flash(gettext("Thank you. The agency looks at it before anything changes."))
    return redirect(url_for("corrections.form", key=key), 303)


@blueprint.get("/corrections")
def index() -> View:
    """List what waits for a decision."""
    return _queue()


@blueprint.post("/corrections/<int:number>/<any(correct, change, refuse):decision>")
def decide(number: int, decision: str) -> View:
    """Accept a proposal as a correction or as a change since it came, or refuse it."""
    staff_id = current_user.person.staff_id
    try:
        with writing() as held:
            if decision == "refuse":
                refuse(held, number, staff_id)
            else:
                change = staff_change(BusinessCase.ATTRIBUTES)
                accept(held, number, Intent(decision), change, staff_id)
    except AppError as error:
        return _queue(error)
    flash(gettext("Left as it is.") if decision == "refuse" else gettext("Done."))
    return redirect(url_for("corrections.index"), 303)


def _form(key: str, error: AppError | None = None) -> View:
    page = render_template(
        "meetings/correction.html", facts=company_facts(connection(), key), problem=_problem_text(error)
    )
    return page, 200 if error is None else outcome(error).http_status


def _queue(error: AppError | None = None) -> View:
    held = connection()
    rows = [(row, _stored(row["company"], row["field"])) for row in open_corrections(held)]
    page = render_template(
        "meetings/corrections.html",
        rows=rows,
        names=company_names(held),
        attributes=ATTRIBUTES,
        problem=_problem_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status


def _stored(key: str, field: str) -> str:
    """Return what is stored now; nothing of a company that is gone."""
    try:
        return company_facts(connection(), key).value(field)
    except AppError:
        return ""


def _problem_text(error: AppError | None) -> str | None:
    return None if error is None else localizer_for(language()).error_text(error)

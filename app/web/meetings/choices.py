"""Whom to bring together next: the best host and guests with their proof, and who is kept apart."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app.db.companies.companies import companies_on
from app.db.land.parks import check_park, park_names
from app.db.meetings.choosing import kept_apart
from app.domain.kinds import BusinessCase
from app.domain.localizer import localizer_for
from app.errors import N_, AppError, InputError, outcome
from app.request import connection, requested_day, requested_park, staff_change, today, writing
from app.services.meetings.choices.keeping_apart import end_keeping_apart, keep_apart
from app.services.meetings.choices.next_meeting import NextChoice, NextQuestion, next_meetings
from app.web.language import language

blueprint = Blueprint("choices", __name__, url_prefix="/meetings/next")

View = Response | str | tuple[str, int]
_RANGES = {"guests": (1.0, 40.0), "fairness": (0.0, 10.0), "walk": (1.0, 600.0), "dwell": (0.0, 120.0)}


@blueprint.get("")
def index() -> View:
    """Show the best choices of host and guests of a park, what each is worth, and whether that is proved."""
    held, park = connection(), requested_park()
    check_park(held, park)
    asked = park or next(iter(park_names(held)), None)
    found: tuple[NextChoice, ...] = ()
    error: AppError | None = None
    question = None
    try:
        if asked:
            question = _question(asked)
            found = next_meetings(held, question)
    except AppError as refusal:
        error = refusal
    return _page(asked, question, found, error)


@blueprint.post("/apart")
def part() -> View:
    """Keep two companies apart, or end that."""
    companies = request.form.get("one", ""), request.form.get("other", "")
    try:
        with writing() as held:
            change = staff_change(BusinessCase.MEETING, " ".join(request.form.get("note", "").split())[:200])
            if request.form.get("act") == "end":
                end_keeping_apart(held, companies, change)
            else:
                keep_apart(held, companies, today(), change, current_user.person.staff_id)
    except AppError as error:
        flash(localizer_for(language()).error_text(error), "danger")
    else:
        flash(gettext("Saved."))
    return redirect(f"{url_for('choices.index')}?{request.query_string.decode()}")


def _question(park: str) -> NextQuestion:
    numbers = {name: _number(name) for name in _RANGES}
    given = {
        "n_guests": None if numbers["guests"] is None else int(numbers["guests"]),
        "fairness": numbers["fairness"],
        "walk_min": numbers["walk"],
        "dwell_min": numbers["dwell"],
        "host": request.args.get("host") or None,
    }
    lists: dict[str, Any] = {
        "required": tuple(filter(None, request.args.getlist("with"))),
        "excluded": tuple(filter(None, request.args.getlist("without"))),
    }
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return NextQuestion(requested_day(), park, **known, **lists)


def _number(name: str) -> float | None:
    typed = request.args.get(name, "").strip().replace(",", ".")
    if not typed:
        return None
    least, most = _RANGES[name]
    try:
        number = float(typed)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise InputError(
            N_("%(name)s: a number from %(least)s to %(most)s is expected."),
            name=gettext(_NAMES[name]), least=f"{least:g}", most=f"{most:g}",
        )  # fmt: skip
    return number


_NAMES = {
    "guests": N_("Guests beside the host"),
    "fairness": N_("Weight of fairness"),
    "walk": N_("Longest walk (minutes)"),
    "dwell": N_("Minutes a visit"),
}


def _page(
    park: str | None, question: NextQuestion | None, found: tuple[NextChoice, ...], error: AppError | None
) -> View:
    held, on = connection(), requested_day()
    there = companies_on(held, on, park).drop_duplicates("company").sort_values("name")
    page = render_template(
        "meetings/next.html",
        question=question or NextQuestion(on, park or ""),
        choices=found,
        companies=list(zip(there["company"], there["name"], strict=True)),
        apart=kept_apart(held),
        park=park,
        parks=park_names(held),
        on=on,
        problem=None if error is None else localizer_for(language()).error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status

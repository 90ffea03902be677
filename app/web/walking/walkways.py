"""Ways and permissions for staff: the ways on a map to choose from, permissions recorded and withdrawn."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.db.changes import begin_change_set
from app.db.tours.records import tour_keys
from app.db.walking.permissions import permissions
from app.db.walking.walkways import walkways_on
from app.domain.kinds import BusinessCase, WalkwayAccess
from app.domain.localizer import localizer_for
from app.errors import N_, AppError, NotFoundError, outcome
from app.request import connection, staff_change, today, writing
from app.services.walking.permissions import (
    add_permission,
    change_permission,
    read_permission,
    withdraw_permission,
)
from app.web.language import language
from app.web.map.edit_map import edit_map
from app.web.walking.words import kind_names

blueprint = Blueprint("walkways", __name__, url_prefix="/walkways")

View = str | Response | tuple[str, int]
_ONE_DAY = timedelta(days=1)


@blueprint.get("")
def index() -> View:
    """Show the ways on a map, the permissions there are, and the form for one more.

    With ``?permission=`` the form holds one that is stored, to be changed; with ``?way=`` it is for that way.
    """
    return _page()


@blueprint.post("/permissions")
def permit() -> View:
    """Record a permission, or change one; what was typed stays when it is refused."""
    number = request.form.get("number", type=int)
    try:
        draft = read_permission(request.form)
        with writing() as held:
            made = begin_change_set(held, staff_change(BusinessCase.PERMISSION))
            if number is None:
                add_permission(held, draft)
            else:
                change_permission(held, number, draft)
    except AppError as error:
        return _page(error)
    said = (
        gettext("The permission has been recorded.")
        if number is None
        else gettext("The permission has been changed.")
    )
    return _done(said, made)


@blueprint.post("/permissions/<int:number>/withdraw")
def withdraw(number: int) -> Response:
    """Withdraw a permission."""
    with writing() as held:
        made = begin_change_set(held, staff_change(BusinessCase.PERMISSION))
        withdraw_permission(held, number)
    return _done(gettext("The permission has been withdrawn."), made)


def _done(sentence: str, made: int) -> Response:
    flash(sentence)
    return redirect(url_for("walkways.index", saved=made))


def _page(error: AppError | None = None) -> View:
    held = connection()
    ways = walkways_on(held, None)
    needing = ways[ways["access"] == WalkwayAccess.PERMISSION]
    page = render_template(
        "walking/walkways.html",
        permissions=permissions(held),
        needing=sorted(set(needing["key"])),
        ways=sorted({(row.name or row.key, row.key, row.kind) for row in needing.itertuples()}),
        all_ways=sorted(set(ways["key"])),
        tours=tour_keys(held),
        kind_names=kind_names(),
        today=today(),
        one_day=_ONE_DAY,
        problem=None if error is None else localizer_for(language()).error_text(error),
        typed=request.form if error else _given(),
        map=edit_map("ways"),
    )
    return page, 200 if error is None else outcome(error).http_status


def _given() -> dict[str, str]:
    """Return what stands in the form at first."""
    number = request.args.get("permission", type=int)
    if number is None:
        return {"walkway": request.args.get("way", "")}
    found = next((each for each in permissions(connection()) if each["number"] == number), None)
    if found is None:
        raise NotFoundError(N_("There is no permission with the number %(number)s."), number=number)
    names = {
        "walkway": "walkway",
        "by": "granted_by",
        "granted_on": "granted_on",
        "from": "opens_at",
        "until": "closes_at",
        "valid_from": "valid_from",
        "last_day": "valid_to",
        "tour": "tour",
        "note": "note",
    }
    values = {name: found[column] for name, column in names.items()}
    hours = {name: values[name] and f"{values[name]:%H:%M}" for name in ("from", "until")}
    last = {"last_day": found["valid_to"] and found["valid_to"] - _ONE_DAY}
    return {name: str(value or "") for name, value in {**values, **hours, **last, "number": number}.items()}

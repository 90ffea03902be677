"""What persons decided about pairs of plots: read, made after a look at what follows, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from sqlalchemy import Connection, RowMapping

from app.api.neighbors import reader_localizer
from app.api.tours.planning import requested_json
from app.db.companies.attributes import company_names
from app.db.companies.companies import companies_on
from app.db.neighbors.overrides import overrides
from app.domain.kinds import BusinessCase, OverrideRelation
from app.domain.period import Period, parse_day
from app.errors import N_, InputError
from app.request import connection, staff_change, today, writing
from app.services.companies.preview import NeighborChange, preview
from app.services.neighbors.neighborhood import GROUPS
from app.services.neighbors.overrides import Override, add_override, withdraw_override

blueprint = Blueprint("decisions", __name__, url_prefix="/api")

_FIELDS = ("other", "relation", "reason", "from")
_LONGEST = 500
WINS, LOSES = N_("%(company)s wins %(neighbor)s: %(after)s"), N_("%(company)s loses %(neighbor)s: %(before)s")
KEEPS = N_("%(company)s keeps %(neighbor)s: %(before)s → %(after)s")


@blueprint.get("/plots/<key>/decisions")
def of_plot(key: str) -> Response:
    """Return all decisions of which a plot is a part, of all days."""
    return jsonify(decisions=[_json(row, key) for row in overrides(connection(), plot=key)])


def _json(row: RowMapping, plot: str) -> dict[str, Any]:
    days = {name: row[name] and row[name].isoformat() for name in ("decided_on", "valid_from", "valid_to")}
    names = ("number", "relation", "reason", "decided_by")
    other = row["neighbor"] if row["focal"] == plot else row["focal"]
    return {"other": other, **{name: row[name] for name in names}, **days}


@blueprint.post("/plots/<key>/decisions")
def decide(key: str) -> Response:
    """Decide on a plot and another one; with ``?preview=1`` only say which neighbors companies would have."""
    given = _given()
    period = Period(parse_day(given["from"])) if given["from"] else Period()
    change = staff_change(BusinessCase.DECISION)
    decision = Override(_relation(given["relation"]), given["reason"], change.person, today(), period)
    act = partial(
        add_override, pair=(key, given["other"]), override=decision, organization=change.organization
    )
    on = period.starts_on or today()
    with writing() as held:
        if request.args.get("preview"):
            own = sorted(set(companies_on(held, on, plot=[key, given["other"]])["company"]))
            return jsonify(neighbors=_words(held, preview(held, act, own, on).neighbors))
        made = act(held)
    return make_response(_done(made), 201)


@blueprint.delete("/decisions/<int:number>")
def withdraw(number: int) -> Response:
    """Withdraw a decision: what is computed holds again."""
    with writing() as held:
        made = withdraw_override(held, number, staff_change(BusinessCase.DECISION))
    return _done(made)


def _done(made: int) -> Response:
    """Name a change set, and where it is undone."""
    return jsonify(change=made, undo=url_for("changes.take_back", number=made))


def _words(held: Connection, changes: Iterable[NeighborChange]) -> list[str]:
    changes = list(changes)
    localizer, names = reader_localizer(), company_names(held, {one.company for one in changes})
    return [
        localizer.translate(
            WINS if one.before is None else LOSES if one.after is None else KEEPS,
            company=names[one.company],
            neighbor=one.name,
            before=one.before and localizer.translate(GROUPS[one.before]),
            after=one.after and localizer.translate(GROUPS[one.after]),
        )
        for one in changes
    ]


def _given() -> dict[str, str]:
    """Return the fields of the JSON object in the request, texts in one line."""
    given = requested_json()
    is_whole = isinstance(given, dict) and set(given) == set(_FIELDS)
    if not is_whole or not all(isinstance(text, str) and len(text) <= _LONGEST for text in given.values()):
        raise InputError(N_("Send a JSON object with the fields %(names)s."), names=", ".join(_FIELDS))
    return {name: " ".join(text.replace("\x00", " ").split()) for name, text in given.items()}


def _relation(text: str) -> OverrideRelation:
    if text not in list(OverrideRelation):
        raise InputError(
            N_("“%(text)s” is not one of %(known)s."), text=text[:40], known=", ".join(OverrideRelation)
        )
    return OverrideRelation(text)

"""Pages of contacts: those of a company, what is to be reviewed, export and erasure for one person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.engine import RowMapping
from werkzeug.wrappers import Response as AnyResponse

from app.db.companies.attributes import company_names
from app.db.meetings.contacts import to_review
from app.db.meetings.planned import organization_of
from app.domain.localizer import localizer_for
from app.domain.meetings import Basis, Channel
from app.domain.period import parse_known_day
from app.errors import AppError, outcome
from app.request import connection, today, writing
from app.services.meetings.contacts import (
    ChannelDraft,
    ContactDraft,
    Keeper,
    company_contacts,
    erase_contact,
    export_contact,
    own_contact,
    save_contact,
)
from app.web.companies.words import typed_day
from app.web.language import language
from app.web.meetings.planning_words import BASIS_NAMES, CHANNEL_NAMES, COUNT_NAMES

blueprint = Blueprint("contacts", __name__)

View = AnyResponse | str | tuple[str, int]
_REVIEW_AHEAD = timedelta(days=60)
_LONGEST = 500
# The columns of a channel in the form, each with the channel's name before it.
_FIELDS = ("value", "basis", "source", "obtained", "review", "expires")


@blueprint.get("/companies/<key>/contacts")
def index(key: str) -> View:
    """Show the contacts of a company that the own agency may read, and ask for another one."""
    return _page(key, {})


@blueprint.post("/companies/<key>/contacts")
def add(key: str) -> View:
    """Store a contact."""
    return _save(key, None)


@blueprint.route("/companies/<key>/contacts/<int:number>", methods=("GET", "POST"))
def change(key: str, number: int) -> View:
    """Change a contact."""
    if request.method == "POST":
        return _save(key, number)
    return _page(key, _typed(own_contact(connection(), number, _keeper())), number)


@blueprint.get("/contacts/review")
def review() -> View:
    """Show what is to be looked at again or expires soon."""
    rows = to_review(connection(), _keeper().organization_id, today() + _REVIEW_AHEAD)
    return render_template(
        "meetings/contact_review.html",
        rows=rows,
        names=company_names(connection()),
        channels={kind: gettext(words) for kind, words in CHANNEL_NAMES.items()},
        bases={basis: gettext(words) for basis, words in BASIS_NAMES.items()},
        today=today(),
    )


@blueprint.post("/companies/<key>/contacts/<int:number>/export")
def export(key: str, number: int) -> View:
    """Give out all that is stored of a person."""
    with writing() as held:
        found = export_contact(held, number, _keeper())
    text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
    response = Response(text, content_type="application/json; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"contact-{number}.json")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/companies/<key>/contacts/<int:number>/erase")
def erase(key: str, number: int) -> View:
    """Erase all that names a person, and say what was erased."""
    with writing() as held:
        counts = erase_contact(held, number, _keeper())
    listed = ", ".join(f"{n} {gettext(COUNT_NAMES[table])}" for table, n in counts.items() if n)
    flash(gettext("Erased: %(counts)s.", counts=listed))
    return redirect(url_for("contacts.index", key=key))


def _keeper() -> Keeper:
    number = current_user.person.staff_id
    return Keeper(number, organization_of(connection(), number), str(current_app.secret_key))


def _save(key: str, number: int | None) -> View:
    typed = {name: text[:_LONGEST] for name, text in request.form.to_dict().items()}
    try:
        draft = _draft(typed)
        keeper = _keeper()
        with writing() as held:
            save_contact(held, key, number, draft, keeper)
    except AppError as error:
        return _page(key, typed, number, error)
    flash(gettext("Saved: %(what)s.", what=gettext("Contact")))
    return redirect(url_for("contacts.index", key=key))


def _draft(typed: dict[str, str]) -> ContactDraft:
    kinds = [kind for kind in Channel if typed.get(f"{kind}-value", "").strip()]
    return ContactDraft(
        _text(typed, "name"),
        _text(typed, "function"),
        _text(typed, "note"),
        "shared" in typed,
        tuple(_channel(kind, typed) for kind in kinds),
    )


def _channel(kind: Channel, typed: dict[str, str]) -> ChannelDraft:
    basis = typed.get(f"{kind}-basis", "")
    return ChannelDraft(
        kind,
        typed[f"{kind}-value"],
        Basis(basis) if basis in list(Basis) else Basis.NONE,
        typed.get(f"{kind}-source", ""),
        _day(typed.get(f"{kind}-obtained", "")) or today(),
        _day(typed.get(f"{kind}-review", "")),
        _day(typed.get(f"{kind}-expires", "")),
    )


def _text(typed: dict[str, str], name: str) -> str | None:
    return " ".join(typed.get(name, "").split()) or None


def _day(text: str) -> date | None:
    return parse_known_day(text).first if text.strip() else None


def _typed(rows: Sequence[RowMapping]) -> dict[str, str]:
    """Return what is stored of a contact as its form has it."""
    first = rows[0]
    typed = {name: first[name] or "" for name in ("name", "function", "note")}
    typed |= {"shared": "yes"} if first["shared"] else {}
    for row in rows:
        if row["kind"]:
            days = [row[name] for name in ("obtained_on", "review_on", "expires_on")]
            values = (
                row["value"],
                row["basis"],
                row["source"],
                *("" if day is None else typed_day(day) for day in days),
            )
            typed |= {f"{row['kind']}-{name}": value for name, value in zip(_FIELDS, values, strict=True)}
    return typed


def _page(key: str, typed: dict[str, str], number: int | None = None, error: AppError | None = None) -> View:
    held = connection()
    found = company_contacts(held, key, _keeper().organization_id)
    page = render_template(
        "meetings/contacts.html",
        key=key,
        name=company_names(held).get(key, key),
        contacts=found,
        number=number,
        typed=typed,
        kinds=[(kind, gettext(CHANNEL_NAMES[kind])) for kind in Channel],
        channels={kind: gettext(words) for kind, words in CHANNEL_NAMES.items()},
        bases=[(basis, gettext(words)) for basis, words in BASIS_NAMES.items()],
        today=typed_day(today()),
        problem=None if error is None else localizer_for(language()).error_text(error),
    )
    return page, 200 if error is None else outcome(error).http_status

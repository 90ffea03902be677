"""Ways, gates and yards on the map: drawn, put right, otherwise since a day, removed; each can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app.db.change_sets import last_change_set
from app.db.changes import Change, begin_change_set, lock_histories
from app.db.companies.occupants import free_key
from app.db.listed_changes import Wanted, listed_changes
from app.db.tours.visited import tours_along
from app.db.walking.permissions import permissions
from app.domain.kinds import BusinessCase, Intent, WalkwayKind
from app.domain.localizer import localizer_for
from app.domain.period import parse_known_day
from app.errors import N_, AppError, ConflictError, InputError, outcome
from app.request import connection, requested_day, staff_change, today, writing
from app.services.companies.things import WALKWAY, Thing, stored_versions
from app.services.companies.walkways import edit_walkway, line_of, remove_walkway, stored_walkway
from app.services.tours.keys import slug
from app.services.walking.permissions import (
    add_walkway,
    known_corners,
    line_text,
    read_walkway,
    swapped_text,
)
from app.web.companies.cases import boundaries_of, boundary_form
from app.web.companies.saving import answered
from app.web.companies.words import FIELD_NAMES
from app.web.drafts import note_saved
from app.web.language import language
from app.web.map.edit_map import edit_map
from app.web.walking.words import access_names, kerb_names, kind_names

blueprint = Blueprint("ways", __name__, url_prefix="/walkways")

View = str | Response | tuple[str, int]
_STORED = ("kind", "access", "name", "surface", "kerb", "opening_hours")
_COLUMNS = {"line": "geometry"}
NEW: Mapping[str, str] = {"kind": WalkwayKind.GATE}


@blueprint.get("/new")
def new() -> View:
    """Show the form for a way, with the map to draw it on."""
    return _page(NEW)


@blueprint.post("")
def add() -> View:
    """Add a way; what was typed stays when it is refused."""
    typed = request.form
    if "swap" in typed:
        return _page(_swapped(typed))
    try:
        with writing() as held:
            draft = read_walkway({**typed, "key": typed.get("key", "").strip() or _key_for(held, typed)})
            made = begin_change_set(held, staff_change(BusinessCase.WALKWAY))
            snapped = add_walkway(held, draft)
    except AppError as error:
        return _page(typed, error=error)
    note_saved(_form_id(None))
    sentence = gettext("The way “%(key)s” has been added.", key=draft.key)
    return _done(f"{sentence} {snapped.sentences(localizer_for(language()))}", made, draft.key)


@blueprint.get("/ways")
def find() -> Response:
    """Lead to the way of ``?key=``."""
    return redirect(url_for("ways.show", key=request.args.get("key", "").strip() or "-"))


@blueprint.get("/ways/<key>")
def show(key: str) -> View:
    """Show a way as it is on a day, with the map to move its corners on."""
    return _page(_stored(key), key)


@blueprint.post("/ways/<key>")
def save(key: str) -> View:
    """Put a way right, or make it otherwise since a day."""
    typed = {**request.form, "key": key}
    if "swap" in typed:
        return _page(_swapped(typed), key)
    try:
        with writing() as held:
            lock_histories(held)
            theirs = _saved_meanwhile(typed, _stored(key))
            if stale := {name for name in theirs if typed.get(name, "") != typed[_shown(name)]}:
                return _stale_page(typed, key, {name: theirs[name] for name in stale})
            known = known_corners(line_of(stored_walkway(held, key, requested_day())))
            draft = read_walkway({**typed, **theirs}, known)
            made, snapped = edit_walkway(held, draft, _change(typed))
    except AppError as error:
        return _page(typed, key, error)
    note_saved(_form_id(key))
    sentences = [
        gettext("The way “%(key)s” has been changed.", key=key),
        snapped.sentences(localizer_for(language())),
        gettext("What others saved meanwhile stays: %(told)s.", told=_described(theirs)) if theirs else "",
    ]
    return _done(" ".join(filter(None, sentences)), made, key)


def _shown(name: str) -> str:
    """Return the field of a form that remembers what was shown in another one."""
    return f"shown-{name}"


def _saved_meanwhile(typed: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """Return what is stored otherwise than a form showed it, by field; not what was typed just so."""
    return {
        name: stored[name]
        for name in (*_STORED, "line")
        if _shown(name) in typed and stored[name] not in (typed[_shown(name)], typed.get(name, ""))
    }


def _stale_page(typed: Mapping[str, str], key: str, theirs: Mapping[str, str]) -> View:
    """Ask once more where others saved another value of a field that was typed, too."""
    [last] = listed_changes(connection(), Wanted(way=key), 1)
    problem = ConflictError(
        N_(
            "%(person)s has saved this meanwhile: %(told)s. What you typed is still here: save it again to "
            "put it in the place of theirs."
        ),
        person=last.recorded.person,
        told=_described(theirs),
    )
    return _page({**typed, **{_shown(name): value for name, value in theirs.items()}}, key, problem)


def _described(values: Mapping[str, str]) -> str:
    names = {"kind": kind_names(), "access": access_names(), "kerb": kerb_names()}
    return "; ".join(
        gettext(FIELD_NAMES[_COLUMNS[name]])
        if name in _COLUMNS
        else f"{gettext(FIELD_NAMES[name])}: {names.get(name, {}).get(value, value) or '–'}"
        for name, value in values.items()
    )


@blueprint.post("/ways/<key>/remove")
def remove(key: str) -> View:
    """Remove a way: there never was one, or there is none since a day."""
    typed = request.form
    try:
        with writing() as held:
            made = remove_walkway(held, key, _change(typed))
    except AppError as error:
        return _page({**_stored(key), "since": typed.get("since", "")}, key, error)
    return _done(gettext("The way “%(key)s” has been removed.", key=key), made, None)


@blueprint.route("/ways/<key>/day", methods=("GET", "POST"))
def day(key: str) -> View:
    """Put the first or last day of a way right."""
    thing = Thing(WALKWAY, key, key)
    version = stored_walkway(connection(), key, requested_day())
    name = version.values["name"] or key
    form = boundary_form(boundaries_of([(thing, name, stored_versions(connection(), thing))]))
    about, page = Wanted(way=key), url_for("ways.show", key=key)
    return answered(replace(form, name=name, page=page, base=last_change_set(connection()), about=about))


def _change(typed: Mapping[str, str]) -> Change:
    """Return what the person says of the save: which of the buttons, and since when."""
    intent, since = typed.get("intent"), typed.get("since", "").strip()
    if intent != Intent.CHANGE and since:
        # Whoever presses Enter there means the change.
        raise InputError(
            N_("A day is given since when it is so: press “Change”, or empty the day and press “Correct”.")
        )
    intent = Intent.CHANGE if intent == Intent.CHANGE else Intent.CORRECT
    day = parse_known_day(since).first if intent is Intent.CHANGE else requested_day()
    return replace(staff_change(BusinessCase.WALKWAY), intent=intent, day=day)


def _key_for(held: Connection, typed: Mapping[str, str]) -> str:
    """Return a key for a way to which nobody gave one: of its name, else of its kind."""
    return free_key(held, "walkway", slug(typed.get("name", ""), typed.get("kind", "")) or "way")


def _swapped(typed: Mapping[str, str]) -> Mapping[str, str]:
    return {**typed, "line": swapped_text(connection(), typed.get("line", "")) or typed.get("line", "")}


def _stored(key: str) -> Mapping[str, str]:
    """Return a way as a form has it."""
    version = stored_walkway(connection(), key, requested_day())
    values = {name: version.values[name] or "" for name in _STORED}
    return {**values, "line": line_text(line_of(version)), "key": key}


def _done(sentence: str, made: int, key: str | None) -> Response:
    flash(sentence)
    if key is None:
        return redirect(url_for("walkways.index", saved=made))
    return redirect(url_for("ways.show", key=key, saved=made))


def _form_id(key: str | None) -> str:
    """Return the address of a form: it tells its draft from others."""
    return url_for("ways.show", key=key, on=request.args.get("on")) if key else url_for("ways.new")


def _page(typed: Mapping[str, str], key: str | None = None, error: AppError | None = None) -> View:
    held = connection()
    stored = None if key is None else stored_walkway(held, key, requested_day())
    page = render_template(
        "walking/way.html",
        key=key,
        form_id=_form_id(key),
        typed=typed,
        stored=stored,
        has_days=stored is not None and (stored.starts or stored.ends),
        tours=[] if key is None else tours_along(held, key, today()),
        permissions=[each for each in permissions(held) if each["walkway"] == key],
        kinds=kind_names(),
        kerbs=kerb_names(),
        accesses=access_names(),
        is_now=stored is None or stored.holds(today()),
        problem=None if error is None else localizer_for(language()).error_text(error),
        swap=swapped_text(held, typed.get("line", "")) if error is not None else None,
        map=edit_map("line", field="way-line", key=key),
    )
    return page, 200 if error is None else outcome(error).http_status

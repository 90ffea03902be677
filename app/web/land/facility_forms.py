"""Forms of facilities: a new one, what is put right or otherwise of one, a wrong day, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.change_sets import last_change_set
from app.db.listed_changes import Wanted
from app.db.sources import source_titles
from app.domain.checked import whole_number
from app.domain.kinds import FacilityKind, Intent
from app.errors import N_, InputError, NotFoundError
from app.maps.styles import FACILITY_STYLES
from app.request import today
from app.services.companies.cases import location_of
from app.services.companies.conflicts import SEPARATOR, as_shown
from app.services.companies.facilities import add_facility, end_facility
from app.services.companies.things import Thing, facility, stored_versions
from app.web.companies.cases import boundaries_of, boundary_form
from app.web.companies.details import (
    changing,
    check_changed,
    check_website,
    correcting,
    day_hint,
    day_questions,
    reason_question,
    source_question,
    stored_question,
    with_source,
    with_source_id,
)
from app.web.companies.forms import Answers, CaseForm, Question, Save, change_of
from app.web.companies.histories import held
from app.web.companies.sites import point_question, read_point

_COLUMNS = ("name", "kind", "capacity", "capacity_reserve", "amenities", "fee", "security_level", "url")
_MOST = 100_000


@dataclass(frozen=True)
class FacilityHistory:
    """All versions of a facility; `base` is the last change set before they were read."""

    thing: Thing
    versions: Sequence[Version]
    base: int

    @property
    def key(self) -> str:
        """The facility's key."""
        return self.thing.key

    @property
    def name(self) -> str:
        """What it is called at last."""
        return str(self.versions[-1].values["name"])


def facility_history(connection: Connection, key: str) -> FacilityHistory:
    """Return a facility over time; raises NotFoundError when there is none."""
    thing, base = facility(key), last_change_set(connection)
    versions = stored_versions(connection, thing)
    if not versions:
        raise NotFoundError(N_("There is no facility “%(key)s”."), key=key[:60])
    return FacilityHistory(thing, versions, base)


def details_form(connection: Connection, history: FacilityHistory, intent: Intent, on: date) -> CaseForm:
    """Ask what a facility is, where it is and where that is from."""
    titles, is_correction = source_titles(connection), intent is Intent.CORRECT
    version = with_source(held(history.versions, on), titles)
    fields = _questions(version, titles)
    questions = (*fields, *day_questions(intent, history.versions, on), reason_question())

    def read(answers: Answers) -> Save:
        known, changed = answers.known_day("day"), check_changed(answers, fields)
        values = {name: value for name, value in _read(answers).items() if name in changed}
        if "point" in changed:
            day = on if known is None else known.first
            site = read_point(connection, answers, day)
            values |= {} if site is None else location_of(connection, site, day)
        shown = {question.name: answers.shown(question.name) for question in fields}
        shown["geometry"] = shown.pop("point", None)
        change = change_of(answers, known, intent)
        if is_correction:
            return Save(correcting(history.thing, values, change, bool(answers.text("only")), shown))
        return Save(changing(history.thing, values, change, known, shown, _columns(answers.chosen())))

    title = gettext("Correct facility") if is_correction else gettext("Change facility")
    example = (
        gettext("It was never so: there were always 42 spaces, not 24.")
        if is_correction
        else gettext("It is otherwise since a day: since 1 April there are more spaces.")
    )
    drawn = {"mode": "point", "field": "point", "name": history.name}
    form = CaseForm(title, example, questions, read, is_correction=is_correction)
    return _of_facility(replace(form, map=drawn if _is_point(version) else None), history)


def new_form(connection: Connection) -> CaseForm:
    """Ask for a facility that is not stored yet."""
    titles = source_titles(connection)
    blank = Version(None, None, None, {**dict.fromkeys((*_COLUMNS, "source")), "geometry": None})
    fields = [replace(question, stored=None) for question in _questions(blank, titles)]
    first = Question("day", gettext("First day"), "day", day_hint(), is_required=True)
    questions = (*fields, point_question(""), first, reason_question())

    def read(answers: Answers) -> Save:
        known, values = answers.known_day("day"), _read(answers)
        site = read_point(connection, answers, today() if known is None else known.first)
        change = change_of(answers, known)
        return Save(lambda held_: add_facility(held_, with_source_id(held_, values), site, change))

    example = gettext("A truck parking, a bus stop or a fuel station that is not recorded yet.")
    drawn = {"mode": "point", "field": "point", "name": gettext("the new facility")}
    page = url_for("facilities.index")
    return CaseForm(gettext("New facility"), example, questions, read, page=page, map=drawn)


def end_form(history: FacilityHistory) -> CaseForm:
    """Ask for the last day of a facility."""
    last = Question("last_day", gettext("Last day"), "day", day_hint(), is_required=True)

    def read(answers: Answers) -> Save:
        known = answers.known_day("last_day")
        change = change_of(answers, known and replace(known, first=known.after))
        return Save(lambda held_: end_facility(held_, history.key, change))

    example = gettext("The facility is given up; the time before keeps it.")
    form = CaseForm(gettext("End facility"), example, (last, reason_question()), read)
    return _of_facility(form, history)


def day_form(history: FacilityHistory) -> CaseForm:
    """Ask which first or last day of a facility was wrong, and for the right one."""
    found = boundaries_of([(history.thing, history.name, history.versions)])
    return _of_facility(boundary_form(found), history)


def _of_facility(form: CaseForm, history: FacilityHistory) -> CaseForm:
    """Return a form as one of a facility."""
    key = history.key
    page, about = url_for("facilities.show", key=key), Wanted(facility=key)
    return replace(form, name=history.name, page=page, base=history.base, about=about)


def _is_point(version: Version) -> bool:
    """Say whether a facility has a point, and no area, which the map cannot move."""
    geometry = version.values["geometry"]
    return geometry is not None and geometry["type"] == "Point"


def _questions(version: Version, titles: Mapping[int, str]) -> list[Question]:
    kinds = [(str(kind), gettext(str(style["label"]))) for kind, style in FACILITY_STYLES.items()]
    hints = {
        "capacity": gettext("How many vehicles there is room for."),
        "amenities": gettext("Separated by semicolons: showers; toilets."),
        "url": gettext("With https:// in front."),
    }
    asked = [stored_question(name, version, hints.get(name, "")) for name in _COLUMNS]
    must = {"name", "kind"}
    questions = [replace(each, is_required=each.name in must) for each in asked]
    questions[1] = replace(questions[1], kind="choice", options=kinds)
    if _is_point(version):
        at = as_shown(version.values["geometry"])
        questions.append(point_question(at, at))
    return [*questions, source_question(version, titles)]


def _read(answers: Answers) -> dict[str, Any]:
    """Return the columns that were typed, without those of the place; of the source the title."""
    answers.read("url", check_website)
    return {
        "name": answers.required("name"),
        "kind": answers.read("kind", _kind),
        "capacity": answers.read("capacity", _count),
        "capacity_reserve": answers.read("capacity_reserve", _count),
        "amenities": answers.read("amenities", _parts),
        **{name: answers.text(name) for name in ("fee", "security_level", "url", "source")},
    }


def _columns(names: set[str]) -> set[str]:
    """Return the columns of fields."""
    return {"geometry" if name == "point" else name for name in names}


def _kind(typed: str) -> str:
    if typed not in list(FacilityKind):
        raise InputError(N_("Choose one of the list."))
    return typed


def _count(typed: str) -> int | None:
    """Return a number of vehicles; None of an empty field."""
    count = whole_number(typed)
    if typed and (count is None or count > _MOST):
        raise InputError(N_("“%(text)s” is no whole number from 0 to %(most)s."), text=typed[:40], most=_MOST)
    return count


def _parts(typed: str) -> list[str] | None:
    return [part.strip() for part in typed.split(SEPARATOR.strip()) if part.strip()] or None

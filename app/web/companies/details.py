"""Forms that put right or change what is known of a company or a place: two acts, never one field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from flask_babel import gettext
from shapely import Point
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.domain.crs import to_wgs84
from app.domain.kinds import Intent, WzBasis, WzEdition
from app.domain.period import KnownDay
from app.errors import N_, ConflictError, DataError, InputError
from app.services.companies.acts import change_from, correct
from app.services.companies.cases import put_on_plot
from app.services.companies.preview import Act
from app.services.companies.things import Thing, place
from app.services.features.column_guide import NAMES
from app.web.companies.forms import Answers, CaseForm, Question, Queue, Save, change_of
from app.web.companies.histories import CompanyHistory, day_in, held
from app.web.companies.sites import plot_question, plots_of_today, point_question, read_plot, read_point
from app.web.companies.words import FIELD_NAMES, typed_day

WZ = ("wz_code", "wz_edition", "wz_basis")
_EXAMPLES = {
    Intent.CORRECT: N_(
        "It was never so: “Mustre GmbH” was a slip of the pen. What you put right holds for all days "
        "on which the mistake is recorded; no new version begins."
    ),
    Intent.CHANGE: N_(
        "It was so, and is otherwise since a day: “Muster GmbH” is called “Muster & Sohn” since 1 April. The "
        "time before keeps what it has."
    ),
}


def attributes_form(history: CompanyHistory, intent: Intent, on: date) -> CaseForm:
    """Ask for a company's name, group, sector, WZ code and website."""
    version = held(history.versions, on)
    questions = _attribute_questions(version)
    title = gettext("Correct details") if intent is Intent.CORRECT else gettext("Change details")
    return _form(title, history, questions, intent, on)


def address_form(history: CompanyHistory, key: str, intent: Intent, on: date) -> CaseForm:
    """Ask for the address of a place and the note for everybody."""
    version = held(history.place(key), on)
    questions = [
        _stored(name, version, hint)
        for name, hint in (
            ("street", ""),
            ("house_number", ""),
            ("note", gettext("Everybody reads it: no names of persons, nothing internal.")),
        )
    ]
    title = (
        gettext("Correct address and note")
        if intent is Intent.CORRECT
        else gettext("Change address and note")
    )
    return _form(title, history, questions, intent, on, key=key)


def plot_form(  # noqa: PLR0913  what a form asks
    connection: Connection,
    history: CompanyHistory,
    key: str,
    intent: Intent,
    on: date,
    *,
    queue: Queue | None = None,
) -> CaseForm:
    """Ask on which plot a place lies."""
    plots, versions = plots_of_today(connection), history.place(key)
    is_correction = intent is Intent.CORRECT
    questions = (plot_question(plots), *_day_questions(intent, versions, on), reason_question())

    def read(answers: Answers) -> Save:
        site, known = read_plot(answers, plots), answers.known_day("day")
        change = change_of(answers, known, intent)
        return Save(
            lambda held_: put_on_plot(held_, key, site, change, known.precision), (history.thing.key,)
        )

    title = (
        gettext("Put on a plot: it always lay there")
        if is_correction
        else gettext("Lies on another plot since")
    )
    example = (
        gettext("The company was always there, only its plot was not recorded.")
        if is_correction
        else gettext(
            "The plots were made anew around it: the company stayed, the plot is another one since a day."
        )
    )
    shown = {
        "mode": "plot",
        "field": "plot",
        "at": position_of(held(versions, on)),
        "company": history.thing.key,
    }
    return CaseForm(
        title, example, questions, read, history.thing.key, history.name, is_correction, shown, queue
    )


def point_form(
    connection: Connection, history: CompanyHistory, key: str, intent: Intent, on: date
) -> CaseForm:
    """Ask where exactly a place lies."""
    versions, is_correction = history.place(key), intent is Intent.CORRECT
    lon, lat = position_of(held(versions, on))
    given = point_question(f"{lon:.7f}, {lat:.7f}")
    questions = (given, *_day_questions(intent, versions, on)[:1], reason_question())

    def read(answers: Answers) -> Save:
        known = answers.known_day("day")
        site = read_point(connection, answers, on if known is None else known.first)
        change = change_of(answers, known, intent)
        return Save(
            lambda held_: put_on_plot(held_, key, site, change, known.precision), (history.thing.key,)
        )

    title = gettext("Move the point: it was always there") if is_correction else gettext("Is there since")
    example = (
        gettext("The point stood at the wrong place on the map; the company has always been where it is.")
        if is_correction
        else gettext("The company moved a little on its land, such as into another hall, on a day.")
    )
    shown = {"mode": "point", "field": "point", "name": history.name}
    return CaseForm(title, example, questions, read, history.thing.key, history.name, is_correction, shown)


def position_of(version: Version) -> tuple[float, float]:
    """Return longitude and latitude of a place's version."""
    at = to_wgs84(Point(version.values["geometry"]["coordinates"]))
    return at.x, at.y


def _form(  # noqa: PLR0913  what all of these forms have in common
    title: str,
    history: CompanyHistory,
    fields: Sequence[Question],
    intent: Intent,
    on: date,
    *,
    key: str | None = None,
) -> CaseForm:
    """Return the form of a place of a company, or without its key of the company itself."""
    thing = history.thing if key is None else place(key)
    versions = history.versions if key is None else history.place(key)
    is_correction = intent is Intent.CORRECT
    questions = (*fields, *_day_questions(intent, versions, on), reason_question())

    def read(answers: Answers) -> Save:
        known = answers.known_day("day")
        values = _changed_values(answers, fields)
        if known is not None:
            _check_shown(answers, values, held(versions, known.first))
        change = change_of(answers, known, intent)
        is_only = bool(answers.text("only"))
        act = (
            _correcting(thing, values, change, is_only)
            if is_correction
            else _changing(thing, values, change, known)
        )
        return Save(act, (history.thing.key,))

    return CaseForm(
        title, gettext(_EXAMPLES[intent]), questions, read, history.thing.key, history.name, is_correction
    )


def _correcting(thing: Thing, values: Mapping[str, Any], change: Any, is_only: bool) -> Act:
    return lambda held_: correct(held_, thing, values, change, is_this_version_only=is_only)


def _changing(thing: Thing, values: Mapping[str, Any], change: Any, known: KnownDay) -> Act:
    return lambda held_: change_from(held_, {thing: values}, change, precision=known.precision)


def _day_questions(intent: Intent, versions: Sequence[Version], on: date) -> tuple[Question, ...]:
    if intent is Intent.CHANGE:
        return (Question("day", gettext("Since when is it so?"), "day", day_hint(), is_required=True),)
    seen = typed_day(day_in(held(versions, on), on))
    hint = gettext("Any day on which the mistake is recorded.")
    only = gettext("Only in the version of that day, not in those before and after that say the same")
    return (
        Question("day", gettext("Seen on"), "day", hint, is_required=True, given=seen),
        Question("only", only, "tick"),
    )


def day_hint() -> str:
    """Say how a day may be written."""
    return str(
        gettext("24.07.2021, only the month 07.2021, or only the year 2021; a day to come is planned.")
    )


def reason_question() -> Question:
    """Ask why."""
    hint = gettext("For colleagues, in the list of changes.")
    return Question("reason", gettext("Reason"), hint=hint)


def _attribute_questions(version: Version) -> list[Question]:
    editions = [("", gettext("none")), *((str(one), f"WZ {one}") for one in WzEdition)]
    bases = [("", gettext("none")), *((str(one), gettext(NAMES[WzBasis][one])) for one in WzBasis)]
    return [
        _stored("name", version, is_required=True),
        _stored("group_name", version),
        _stored("sector", version),
        _stored("wz_code", version, gettext("Such as 47.11; empty where it is not known.")),
        _stored("wz_edition", version, options=editions),
        _stored("wz_basis", version, options=bases),
        _stored("website", version, gettext("With https:// in front.")),
    ]


def _stored(
    name: str,
    version: Version | None,
    hint: str = "",
    *,
    is_required: bool = False,
    options: Sequence[tuple[str, str]] = (),
) -> Question:
    given = "" if version is None else version.values[name] or ""
    kind = "choice" if options else "text"
    return Question(
        name, gettext(FIELD_NAMES[name]), kind, hint, options, is_required, given, version is not None
    )


def attribute_questions() -> list[Question]:
    """Ask for the attributes of a new company."""
    blank = Version(None, None, None, dict.fromkeys(("name", "group_name", "sector", *WZ, "website")))
    return _attribute_questions(blank)


def read_attributes(answers: Answers) -> dict[str, str | None]:
    """Return the attributes that were typed, checked."""
    answers.required("name")
    answers.read("wz_code", _check_wz)
    answers.read("wz_edition", partial(_check_wz_part, answers))
    answers.read("wz_basis", partial(_check_wz_part, answers))
    answers.read("website", _check_website)
    names = ("name", "group_name", "sector", "website")
    wz = {name: answers.text(name) if answers.text("wz_code") else None for name in WZ}
    return {**{name: answers.text(name) for name in names}, **wz}


def _changed_values(answers: Answers, fields: Sequence[Question]) -> dict[str, str | None]:
    """Return what a person changed in the form; what belongs together comes together."""
    changed = answers.changed(fields)
    whole = (
        read_attributes(answers)
        if any(question.name == "name" for question in fields)
        else {question.name: answers.text(question.name) for question in fields}
    )
    if changed & set(WZ):
        changed |= set(WZ)
    if not changed:
        problem = ConflictError(N_("Nothing is changed yet: everything stands as it is stored."))
        answers.problems.setdefault(fields[0].name, problem)
    return {name: whole[name] for name in whole if name in changed}


def _check_shown(answers: Answers, values: Mapping[str, Any], stored: Version) -> None:
    """Refuse to write over what the form did not show: changed meanwhile, or another on that day."""
    for name, value in values.items():
        found, shown = stored.values[name], answers.shown(name)
        if found not in (shown, value):
            problem = ConflictError(
                N_(
                    "Stored for that day is “%(stored)s”, not “%(shown)s” as shown before; "
                    "your text stays: go on if it is right."
                ),
                stored=found or "–",
                shown=shown or "–",
            )
            answers.problems.setdefault(name, problem)
            answers.stored[name] = found or ""


def _check_wz(typed: str) -> None:
    if typed and not _is_wz(typed):
        raise DataError(
            N_("“%(text)s” is no WZ code; expected two to five digits such as 47.11."), text=typed[:20]
        )


def _is_wz(typed: str) -> bool:
    parts = typed.split(".")
    lengths = [len(part) for part in parts]
    is_formed = lengths[0] == 2 and lengths[1:] in ([], [1], [2], [2, 1])
    return is_formed and all(part.isascii() and part.isdecimal() for part in parts)


def _check_wz_part(answers: Answers, typed: str) -> None:
    if answers.text("wz_code") and not typed:
        raise InputError(N_("A WZ code needs its edition, and how it is known."))


def _check_website(typed: str) -> None:
    if typed and not typed.startswith(("https://", "http://")):
        raise InputError(N_("A website begins with https:// or http://."))

"""Forms that put right or change what is known of a company or a place: two acts, never one field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from flask_babel import gettext
from shapely import Point
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.changes import Change
from app.db.companies.attributes import INTERNAL, sectors
from app.db.land.plots import plot_ids, plot_keys
from app.db.sources import source_ids, source_titles, store_sources
from app.domain.crs import to_wgs84
from app.domain.kinds import Intent, LocationQuality, WzBasis, WzEdition
from app.domain.period import KnownDay
from app.errors import N_, ConflictError, InputError
from app.exchange.companies.wz import find_code, wz_names
from app.services.companies.acts import change_from, correct
from app.services.companies.cases import put_on_plot
from app.services.companies.conflicts import as_shown
from app.services.companies.preview import Act
from app.services.companies.things import Thing, place
from app.services.features.column_guide import NAMES
from app.web.companies.forms import Answers, CaseForm, Question, Queue, Save, change_of
from app.web.companies.histories import CompanyHistory, day_in, held, of_company
from app.web.companies.sites import Plots, plot_question, point_question, read_plot, read_point
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
_INTERNAL_EXAMPLES = {
    Intent.CORRECT: N_("It holds for all days: a first note, or a slip of the pen in one."),
    Intent.CHANGE: N_(
        "It holds from a day on; the time before keeps its note. Somebody else is to be asked since 1 April."
    ),
}


def attributes_form(connection: Connection, history: CompanyHistory, intent: Intent, on: date) -> CaseForm:
    """Ask for a company's name, group, sector, WZ code, website, and where that is from."""
    titles = source_titles(connection)
    version = with_source(held(history.versions, on), titles)
    questions = [*_attribute_questions(version, sectors(connection)), source_question(version, titles)]
    title = gettext("Correct details") if intent is Intent.CORRECT else gettext("Change details")
    return _form(title, history, questions, intent, on, titles=titles)


def internal_form(history: CompanyHistory, intent: Intent, on: date) -> CaseForm:
    """Ask for what only staff may read of a company."""
    version = held(history.versions, on)
    hint = gettext("Only people who are signed in as staff read it; it is in no export, map or sheet.")
    questions = [stored_question(name, version, hint) for name in INTERNAL]
    titles = {
        Intent.CORRECT: gettext("Correct what is internal"),
        Intent.CHANGE: gettext("Change what is internal"),
    }
    form = _form(titles[intent], history, questions, intent, on)
    return replace(form, example=gettext(_INTERNAL_EXAMPLES[intent]))


def address_form(
    connection: Connection, history: CompanyHistory, key: str, intent: Intent, on: date
) -> CaseForm:
    """Ask for the address of a place, the note for everybody, where that is from and how sure it is."""
    titles = source_titles(connection)
    version = with_source(held(history.place(key), on), titles)
    # A point of its own needs a plot.
    placeless = (LocationQuality.STREET, LocationQuality.ADDRESS)
    kinds = placeless if version.values["plot_id"] is None else tuple(LocationQuality)
    known = [(str(one), gettext(NAMES[LocationQuality][one])) for one in kinds]
    questions = [
        stored_question("street", version),
        stored_question("house_number", version),
        stored_question(
            "note", version, gettext("Everybody reads it: no names of persons, nothing internal.")
        ),
        stored_question("location_quality", version, options=known),
        source_question(version, titles),
        stored_question("as_of", version, gettext("As the source says it, such as 2026-05.")),
    ]
    title = (
        gettext("Correct address and note")
        if intent is Intent.CORRECT
        else gettext("Change address and note")
    )
    return _form(title, history, questions, intent, on, key=key, titles=titles)


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
    plots, versions = Plots(connection), history.place(key)
    is_correction = intent is Intent.CORRECT
    plot_id = held(versions, on).values["plot_id"]
    stored = "" if plot_id is None else plot_keys(connection, [plot_id])[plot_id]
    questions = (
        plot_question(plots, stored=stored),
        *day_questions(intent, versions, on),
        reason_question(),
    )

    def read(answers: Answers) -> Save:
        site, known = read_plot(answers, plots), answers.known_day("day")
        shown_key = answers.shown("plot") or ""
        shown = {"plot_id": plot_ids(connection, [shown_key]).get(shown_key)}
        change = change_of(answers, known, intent)
        return Save(
            lambda held_: put_on_plot(
                held_, key, site, change, known.precision, shown=shown, is_chosen="plot" in answers.chosen()
            ),
            (history.thing.key,),
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
    drawn = {
        "mode": "plot",
        "field": "plot",
        "at": position_of(held(versions, on)),
        "company": history.thing.key,
    }
    form = CaseForm(title, example, questions, read, is_correction=is_correction, map=drawn, queue=queue)
    return of_company(form, history)


def point_form(
    connection: Connection, history: CompanyHistory, key: str, intent: Intent, on: date
) -> CaseForm:
    """Ask where exactly a place lies."""
    versions, is_correction = history.place(key), intent is Intent.CORRECT
    given = as_shown(held(versions, on).values["geometry"])
    questions = (point_question(given, given), *day_questions(intent, versions, on)[:1], reason_question())

    def read(answers: Answers) -> Save:
        known = answers.known_day("day")
        site = read_point(connection, answers, on if known is None else known.first)
        change, shown = change_of(answers, known, intent), {"geometry": answers.shown("point")}
        check_changed(answers, questions)
        return Save(
            lambda held_: put_on_plot(
                held_, key, site, change, known.precision, shown=shown, is_chosen="point" in answers.chosen()
            ),
            (history.thing.key,),
        )

    title = gettext("Move the point: it was always there") if is_correction else gettext("Is there since")
    example = (
        gettext("The point stood at the wrong place on the map; the company has always been where it is.")
        if is_correction
        else gettext("The company moved a little on its land, such as into another hall, on a day.")
    )
    drawn = {"mode": "point", "field": "point", "name": history.name}
    form = CaseForm(title, example, questions, read, is_correction=is_correction, map=drawn)
    return of_company(form, history)


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
    titles: Mapping[int, str] = MappingProxyType({}),
) -> CaseForm:
    """Return the form of a place of a company, or without its key of the company itself."""
    thing = history.thing if key is None else place(key)
    stored = history.versions if key is None else history.place(key)
    versions = [with_source(version, titles) for version in stored]
    is_correction = intent is Intent.CORRECT
    questions = (*fields, *day_questions(intent, versions, on), reason_question())

    def read(answers: Answers) -> Save:
        known = answers.known_day("day")
        values = _changed_values(answers, fields)
        shown = {question.name: answers.shown(question.name) for question in fields}
        change = change_of(answers, known, intent)
        is_only = bool(answers.text("only"))
        act = (
            correcting(thing, values, change, is_only, shown)
            if is_correction
            else changing(thing, values, change, known, shown, answers.chosen())
        )
        return Save(act, (history.thing.key,))

    form = CaseForm(title, gettext(_EXAMPLES[intent]), questions, read, is_correction=is_correction)
    return of_company(form, history)


def correcting(
    thing: Thing, values: Mapping[str, Any], change: Change, is_only: bool, shown: Mapping[str, Any]
) -> Act:
    """Return what puts values right; a source is given by its title."""
    return lambda held_: correct(
        held_,
        thing,
        with_source_id(held_, values),
        change,
        is_this_version_only=is_only,
        shown=with_source_id(held_, shown, is_shown=True),
    )


def changing(  # noqa: PLR0913, PLR0917  what the form says
    thing: Thing,
    values: Mapping[str, Any],
    change: Change,
    known: KnownDay,
    shown: Mapping[str, Any],
    chosen: Collection[str],
) -> Act:
    """Return what makes values others from a day on; a source is given by its title."""
    return lambda held_: change_from(
        held_,
        {thing: with_source_id(held_, values)},
        change,
        precision=known.precision,
        shown=with_source_id(held_, shown, is_shown=True),
        chosen={"source_id" if name == "source" else name for name in chosen},
    )


def with_source(version: Version, titles: Mapping[int, str]) -> Version:
    """Return a version with the title of its source."""
    return version.with_values({"source": titles.get(version.values["source_id"])})


def with_source_id(held_: Connection, values: Mapping[str, Any], *, is_shown: bool = False) -> dict[str, Any]:
    """Return values with the number of the source for its title; a new one is stored, unless it was shown."""
    found = dict(values)
    if "source" in found:
        title = found.pop("source")
        if title and not is_shown:
            store_sources(held_, [{"title": title}])
        found["source_id"] = source_ids(held_).get(title) if title else None
    return found


def source_question(version: Version, titles: Mapping[int, str]) -> Question:
    """Ask for the source of what a version holds."""
    hint = gettext("One of those there are, or a new one: a register, a visit. No names of persons.")
    name, options = gettext("Source"), _same(list(titles.values()))
    given = version.values["source"] or ""
    return Question("source", name, "search", hint, options, given=given, stored=given)


def day_questions(intent: Intent, versions: Sequence[Version], on: date) -> tuple[Question, ...]:
    """Ask since when something is so, or on which day a mistake is seen."""
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


def _attribute_questions(version: Version, known_sectors: Sequence[str]) -> list[Question]:
    editions = [("", gettext("not known")), *((str(one), f"WZ {one}") for one in WzEdition)]
    bases = [("", gettext("not known")), *((str(one), gettext(NAMES[WzBasis][one])) for one in WzBasis)]
    return [
        stored_question("name", version, is_required=True),
        stored_question("group_name", version),
        _searched("sector", version, gettext("In words; known ones are proposed."), _same(known_sectors)),
        _searched(
            "wz_code",
            version,
            gettext("Such as 47.11, or a part of its name to search for; empty where it is not known."),
            list(wz_names(WzEdition.WZ2008).items()),
        ),
        stored_question("wz_edition", version, options=editions),
        stored_question("wz_basis", version, options=bases),
        stored_question("website", version, gettext("With https:// in front.")),
    ]


def stored_question(
    name: str,
    version: Version,
    hint: str = "",
    *,
    is_required: bool = False,
    options: Sequence[tuple[str, str]] = (),
) -> Question:
    """Ask for a column of a version, showing what is stored."""
    given = as_shown(version.values[name]) or ""
    kind = "choice" if options else "text"
    return Question(name, gettext(FIELD_NAMES[name]), kind, hint, options, is_required, given, given)


def _searched(name: str, version: Version, hint: str, options: Sequence[tuple[str, str]]) -> Question:
    return replace(stored_question(name, version, hint), kind="search", options=options)


def _same(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(text, text) for text in texts]


def attribute_questions(connection: Connection) -> list[Question]:
    """Ask for the attributes of a new company."""
    blank = Version(None, None, None, dict.fromkeys(("name", "group_name", "sector", *WZ, "website")))
    return _attribute_questions(blank, sectors(connection))


def read_attributes(answers: Answers) -> dict[str, str | None]:
    """Return the attributes that were typed, checked."""
    answers.required("name")
    code = answers.read("wz_code", partial(_wz_code, answers))
    answers.read("wz_edition", partial(_check_wz_part, answers))
    answers.read("wz_basis", partial(_check_wz_part, answers))
    answers.read("website", check_website)
    names = ("name", "group_name", "sector", "website")
    wz = {name: answers.text(name) if code else None for name in WZ} | {"wz_code": code}
    return {**{name: answers.text(name) for name in names}, **wz}


def _changed_values(answers: Answers, fields: Sequence[Question]) -> dict[str, str | None]:
    """Return what a person changed in the form; what belongs together comes together."""
    changed = check_changed(answers, fields)
    whole: dict[str, str | None] = {question.name: answers.text(question.name) for question in fields}
    if "name" in whole:
        whole |= read_attributes(answers)
    if changed & set(WZ):
        changed |= set(WZ)
    return {name: whole[name] for name in whole if name in changed}


def check_changed(answers: Answers, fields: Sequence[Question]) -> set[str]:
    """Return which fields a person changed; refuse a form in which that is none."""
    changed = answers.changed(fields)
    if not changed:
        problem = ConflictError(N_("Nothing is changed yet: everything stands as it is stored."))
        answers.problems.setdefault(fields[0].name, problem)
    return changed


def _wz_code(answers: Answers, typed: str) -> str | None:
    """Return the code of a code or of its name."""
    edition = answers.text("wz_edition")
    known = WzEdition(edition) if edition in list(WzEdition) else WzEdition.WZ2008
    return find_code(typed, known) if typed else None


def _check_wz_part(answers: Answers, typed: str) -> None:
    if answers.text("wz_code") and not typed:
        raise InputError(N_("A WZ code needs its edition, and how it is known."))


def check_website(typed: str) -> None:
    """Raise InputError for what is no address of a website."""
    if typed and not typed.startswith(("https://", "http://")):
        raise InputError(N_("A website begins with https:// or http://."))

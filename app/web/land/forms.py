"""Forms of plots: marketing status of one or many, what was never so of it, a wrong day, and the use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Connection

from app.analysis.histories import Version
from app.db.change_sets import last_change_set
from app.db.land.plots import plots_on
from app.db.listed_changes import Wanted
from app.db.sources import source_ids, source_titles
from app.db.versions import records
from app.domain.kinds import BusinessCase, Intent, MarketingStatus, UseStatus
from app.domain.localizer import localizer_for
from app.errors import N_, InputError, NotFoundError
from app.maps.styles import MARKETING_STYLES, PLOT_STYLES
from app.request import today
from app.services.companies.marketing import MarketingEntry, market
from app.services.companies.things import marketing
from app.web.companies.cases import boundaries_of, boundary_form
from app.web.companies.details import (
    changing,
    check_changed,
    correcting,
    day_hint,
    day_questions,
    reason_question,
)
from app.web.companies.forms import NO, YES, Answers, CaseForm, Question, Save, change_of
from app.web.companies.histories import held
from app.web.land.histories import PlotHistory
from app.web.language import language

MOST_PLOTS = 500
# How many plots a form names.
_N_NAMED = 12
_NONE = "none"


def marketing_form(connection: Connection, typed: Sequence[str]) -> CaseForm:
    """Ask for the marketing status of plots, from a day on.

    Raises
    ------
    InputError, NotFoundError
        When no plots are named, too many, or one that does not exist today.
    """
    keys = list(dict.fromkeys(key.strip() for text in typed for key in text.split(",") if key.strip()))
    plots = _plots(connection, keys)
    none = (_NONE, gettext("no marketing status any more"))
    status = _choice(
        "status", gettext("Marketing status"), [("", gettext("please choose")), *_statuses(), none]
    )
    questions = (
        replace(status, is_required=True),
        Question("day", gettext("Since when is it so?"), "day", day_hint(), is_required=True),
        *_about(connection, {}),
        reason_question(),
    )

    def read(answers: Answers) -> Save:
        wanted = answers.read("status", lambda text: None if text == _NONE else _status(text))
        entry, known = _entry(answers, wanted), answers.known_day("day")
        change = change_of(answers, known)
        return Save(lambda held_: market(held_, keys, entry, change, known.precision))

    if len(keys) == 1:
        name, page, about = keys[0], url_for("land.show", key=keys[0]), Wanted(plot=keys[0])
    else:
        name, page, about = gettext("%(n)s plots", n=len(keys)), url_for("land.index"), None
    example = gettext("%(plots)s: %(area)s in all.", plots=_named(keys), area=_area(plots))
    form = CaseForm(gettext("Set marketing status"), example, questions, read, name=name, page=page)
    return replace(form, base=last_change_set(connection), about=about)


def _plots(connection: Connection, keys: Sequence[str]) -> list[Mapping[str, Any]]:
    if not keys:
        raise InputError(N_("Choose at least one plot."))
    if len(keys) > MOST_PLOTS:
        raise InputError(N_("These are %(n)s plots; at most %(most)s at once."), n=len(keys), most=MOST_PLOTS)
    there = {row["key"]: row for row in records(plots_on(connection, today(), keys=keys))}
    missing = next((key for key in keys if key not in there), None)
    if missing is not None:
        raise NotFoundError(N_("There is no plot “%(key)s”."), key=missing[:60])
    return [there[key] for key in keys]


def _named(keys: Sequence[str]) -> str:
    more = " " + gettext("and %(n)s more", n=len(keys) - _N_NAMED) if len(keys) > _N_NAMED else ""
    return ", ".join(keys[:_N_NAMED]) + more


def _area(plots: Sequence[Mapping[str, Any]]) -> str:
    area_m2 = sum(row["official_area_m2"] or row["area_m2"] for row in plots)
    return areas_in_words(area_m2)


def areas_in_words(area_m2: float) -> str:
    """Return an area in m², and in hectares."""
    return f"{localizer_for(language()).square_metres(area_m2)} ({hectares(area_m2)})"


def hectares(area_m2: float) -> str:
    """Return an area in hectares."""
    return str(localizer_for(language()).translate(N_("%(area)s ha"), area=round(area_m2 / 10_000, 2)))


def marketing_correction_form(connection: Connection, history: PlotHistory, on: date) -> CaseForm:
    """Ask what of a plot's marketing status was never so.

    Raises
    ------
    NotFoundError
        When nothing is recorded of it.
    """
    if not history.marketing:
        raise NotFoundError(N_("Nothing is recorded of the marketing of “%(key)s”."), key=history.key)
    titles = source_titles(connection)
    stored = _texts(held(history.marketing, on), titles)
    fields = (
        _choice("status", gettext("Marketing status"), _statuses(), stored),
        *_about(connection, stored),
    )
    questions = (*fields, *day_questions(Intent.CORRECT, history.marketing, on), reason_question())

    def read(answers: Answers) -> Save:
        known = answers.known_day("day")
        answers.read("status", _status)
        changed = check_changed(answers, fields)
        change = change_of(answers, known, Intent.CORRECT)
        told = replace(change, business_case=BusinessCase.MARKETING)
        values = _values({name: answers.text(name) for name in changed})
        shown = _values({question.name: answers.shown(question.name) for question in fields})
        return Save(correcting(marketing(history.key), values, told, bool(answers.text("only")), shown))

    example = gettext(
        "It was never so: the plot was reserved, not allocated. What you put right holds for all days on "
        "which the mistake is recorded."
    )
    form = CaseForm(gettext("Correct marketing status"), example, questions, read, is_correction=True)
    return _of_plot(form, history)


def marketing_day_form(history: PlotHistory) -> CaseForm:
    """Ask which first or last day of a plot's marketing status was wrong, and for the right one."""
    found = boundaries_of([(marketing(history.key), history.key, history.marketing)])
    return _of_plot(boundary_form(found), history)


def use_form(history: PlotHistory, intent: Intent, on: date) -> CaseForm:
    """Ask what a plot is used for."""
    is_correction = intent is Intent.CORRECT
    given = {"use_status": held(history.versions, on).values["use_status"]}
    uses = [(str(use), gettext(str(style["label"]))) for use, style in PLOT_STYLES.items()]
    use = _choice("use_status", gettext("Use"), uses, given)
    questions = (use, *day_questions(intent, history.versions, on), reason_question())

    def read(answers: Answers) -> Save:
        known, wanted = answers.known_day("day"), answers.read("use_status", _use)
        change = replace(change_of(answers, known, intent), business_case=BusinessCase.USE_CHANGE)
        values, shown = {"use_status": str(wanted)}, {"use_status": answers.shown("use_status")}
        if is_correction:
            return Save(correcting(history.thing, values, change, bool(answers.text("only")), shown))
        return Save(changing(history.thing, values, change, known, shown, answers.chosen()))

    title = gettext("Correct the use") if is_correction else gettext("Change of use")
    example = (
        gettext("The plot was never used so: what you put right holds for all days on which it is recorded.")
        if is_correction
        else gettext("The plot is used otherwise since a day: it was vacant, and is built on since 1 April.")
    )
    return _of_plot(CaseForm(title, example, questions, read, is_correction=is_correction), history)


def _of_plot(form: CaseForm, history: PlotHistory) -> CaseForm:
    """Return a form as one of a plot."""
    key = history.key
    page, about = url_for("land.show", key=key), Wanted(plot=key)
    return replace(form, name=key, page=page, base=history.base, about=about)


def _statuses() -> list[tuple[str, str]]:
    return [(str(status), gettext(str(style["label"]))) for status, style in MARKETING_STYLES.items()]


def _about(connection: Connection, stored: Mapping[str, str]) -> tuple[Question, ...]:
    """Ask who may see a marketing status, what is noted of it, and where it comes from."""
    public = [
        (NO, gettext("only signed-in staff and analysts")),
        (YES, gettext("everybody, on map, lists and exports")),
    ]
    for_all = gettext("As public as the status itself: no names of persons.")
    internal = gettext("Stays internal, whatever is public.")
    sources = [(title, "") for title in source_ids(connection)]
    as_of = gettext("The day or month of the source, as it says it.")
    return (
        _choice("is_public", gettext("Who sees the status?"), public, stored),
        _text("note", gettext("Note"), for_all, stored),
        _text("internal_note", gettext("Internal note"), internal, stored),
        replace(_text("source", gettext("Source"), "", stored), kind="search", options=sources),
        _text("as_of", gettext("State of the source"), as_of, stored),
    )


def _choice(
    name: str, label: str, options: Sequence[tuple[str, str]], stored: Mapping[str, str] | None = None
) -> Question:
    given = (stored or {}).get(name, "")
    return Question(
        name, label, "choice", "", options, is_required=True, given=given, stored=given if stored else None
    )


def _text(name: str, label: str, hint: str, stored: Mapping[str, str]) -> Question:
    given = stored.get(name, "")
    return Question(name, label, hint=hint, given=given, stored=given if stored else None)


def _texts(version: Version, titles: Mapping[int, str]) -> dict[str, str]:
    """Return what is stored of a marketing status as a form has it."""
    values = version.values
    texts = {name: values[name] or "" for name in ("status", "note", "internal_note", "as_of")}
    source = titles.get(values["source_id"], "")
    return {**texts, "is_public": YES if values["is_public"] else NO, "source": source}


def _values(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what is stored for texts of a form."""
    return {name: typed == YES if name == "is_public" else typed for name, typed in texts.items()}


def _entry(answers: Answers, status: MarketingStatus | None) -> MarketingEntry | None:
    if status is None:
        return None
    texts = {name: answers.text(name) for name in ("note", "internal_note", "source", "as_of")}
    return MarketingEntry(status, is_public=answers.text("is_public") == YES, **texts)


def _status(typed: str) -> MarketingStatus:
    return MarketingStatus(_one_of(typed, MarketingStatus))


def _use(typed: str) -> UseStatus:
    return UseStatus(_one_of(typed, UseStatus))


def _one_of(typed: str, kinds: type[StrEnum]) -> str:
    if typed not in list(kinds):
        raise InputError(N_("Choose one of the list."))
    return typed
